import re
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from organizations.models import Organization, QueuedMail, User
from organizations.operations.membership import found_organization
from organizations.second_factor import SecondFactorAdapter
from tests.conftest import NOON, PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def enforced(settings):
    settings.SECOND_FACTOR_ENFORCED = True


@pytest.fixture(autouse=True)
def commits(monkeypatch):
    """What waits for the commit happens in the request, as on a live site; here the test's own transaction stays open."""
    monkeypatch.setattr("django.db.transaction.on_commit", lambda callback, *arguments, **options: callback())


@pytest.fixture
def consultant(db):
    person = User.objects.create_user("carla@advisors.example", PASSWORD, name="Carla")
    found_organization(name="Advisors", slug="advisors", kind=Organization.Kind.CONSULTANCY, by=person, at=NOON)
    return person


def code_of(secret):
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def sign_in(client, person, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": person.email, "password": password})


def set_up(client):
    """Walk from the demand to the recovery codes as a person does; returns the secret and the codes."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": reverse("mfa_activate_totp")})
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    response = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert response.url == reverse("mfa_view_recovery_codes")
    return secret, client.get(response.url).context["unused_codes"]


@pytest.fixture
def protected(alice):
    """Alice with a second factor; its secret."""
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(alice, secret)
    return secret


def test_a_consultant_sees_nothing_before_a_second_factor_is_set_up(client, consultant):
    sign_in(client, consultant)

    for address in (
        reverse("organization", args=["advisors"]),
        reverse("profile"),
        reverse("library"),
        reverse("account_email"),
    ):
        response = client.get(address)
        assert urlsplit(response.url).path == reverse("second_factor")
    page = client.get(client.get(reverse("profile")).url)
    assert reverse("mfa_activate_totp") in page.content.decode()


def test_setting_it_up_opens_the_site_in_the_same_session(client, consultant):
    sign_in(client, consultant)

    set_up(client)

    assert client.get(reverse("members", args=["advisors"])).status_code == 200


def test_signing_in_asks_for_the_code_and_then_opens_the_site(client, alice, acme, protected):
    Organization.objects.update(requires_second_factor=True)

    response = sign_in(client, alice)
    assert response.url == reverse("mfa_authenticate")
    assert client.get(reverse("profile")).status_code == 302
    client.post(reverse("mfa_authenticate"), {"code": code_of(protected)})

    assert client.get(reverse("organization", args=["acme"])).status_code == 200


def test_a_code_works_once(client, alice, protected):
    code = code_of(protected)
    sign_in(client, alice)
    client.post(reverse("mfa_authenticate"), {"code": code})
    client.post(reverse("account_logout"))

    sign_in(client, alice)
    response = client.post(reverse("mfa_authenticate"), {"code": code})

    assert response.status_code == 200
    assert "_auth_user_id" not in client.session


def test_codes_cannot_be_guessed_by_the_dozen(client, alice, protected):
    sign_in(client, alice)
    for guess in range(6):
        client.post(reverse("mfa_authenticate"), {"code": f"00000{guess}"})

    client.post(reverse("mfa_authenticate"), {"code": code_of(protected)})

    assert "_auth_user_id" not in client.session


def test_a_recovery_code_works_once_in_place_of_the_app(client, consultant):
    sign_in(client, consultant)
    codes = set_up(client)[1]
    assert len(codes) == 10

    outcomes = []
    for _ in range(2):
        client.post(reverse("account_logout"))
        sign_in(client, consultant)
        client.post(reverse("mfa_authenticate"), {"code": codes[0]})
        outcomes.append("_auth_user_id" in client.session)

    assert outcomes == [True, False]


def test_recovery_codes_are_shown_once(client, consultant):
    sign_in(client, consultant)
    codes = set_up(client)[1]

    page = client.get(reverse("mfa_view_recovery_codes")).content.decode()

    assert [code for code in codes if code in page] == []
    assert client.get(reverse("mfa_download_recovery_codes")).status_code == 403


def test_resetting_the_password_does_not_skip_the_second_factor(client, alice, protected):
    client.post(reverse("account_reset_password"), {"email": alice.email})
    link = re.search(r"http\S+", QueuedMail.objects.get().text)[0]
    form = client.get(urlsplit(link).path).url

    response = client.post(form, {"password1": PASSWORD + " new", "password2": PASSWORD + " new"})

    assert response.url == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    client.post(reverse("mfa_authenticate"), {"code": code_of(protected)})
    assert "_auth_user_id" in client.session


def test_a_session_from_before_shows_its_code_once(client, alice, acme, protected):
    client.force_login(alice)
    Organization.objects.update(requires_second_factor=True)

    page = client.get(client.get(reverse("organization", args=["acme"])).url).content.decode()

    assert f'href="{reverse("mfa_reauthenticate")}?next=%2Fo%2Facme%2F' in page
    client.post(reverse("mfa_reauthenticate"), {"code": code_of(protected)})
    assert client.get(reverse("organization", args=["acme"])).status_code == 200


@pytest.mark.parametrize("needs", ["consultant", "staff", "organization", "nobody"])
def test_who_needs_a_second_factor(client, alice, acme, needs):
    if needs == "consultant":
        found_organization(name="Advisors", kind=Organization.Kind.CONSULTANCY, by=alice, at=NOON)
    User.objects.filter(pk=alice.pk).update(is_staff=needs == "staff")
    Organization.objects.filter(pk=acme.pk).update(requires_second_factor=needs == "organization")
    client.force_login(alice)

    status = client.get(reverse("organization", args=["acme"])).status_code

    assert status == (200 if needs == "nobody" else 302)


def test_it_is_asked_of_platform_staff_on_their_own_pages(client, alice):
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    client.force_login(alice)

    assert urlsplit(client.get(reverse("import_policy")).url).path == reverse("second_factor")


def test_without_enforcement_the_example_stays_usable(client, consultant, settings):
    settings.SECOND_FACTOR_ENFORCED = False
    client.force_login(consultant)

    assert client.get(reverse("members", args=["advisors"])).status_code == 200


def test_enforcement_costs_no_query(client, alice, acme, settings):
    client.force_login(alice)
    counts = []
    for enforced in (False, True):
        settings.SECOND_FACTOR_ENFORCED = enforced
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("organization", args=["acme"]))
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {"Sec-Fetch-Mode": "cors"}])
def test_a_script_gets_401_in_place_of_a_page_it_cannot_show(client, consultant, headers):
    address = reverse("organization", args=["advisors"])
    assert client.get(address, headers=headers).status_code == 401

    client.force_login(consultant)

    assert client.get(address, headers=headers).status_code == 401
    assert client.get(address).status_code == 302


def test_who_needs_it_cannot_switch_it_off(client, alice, acme, protected):
    Organization.objects.update(requires_second_factor=True)
    sign_in(client, alice)
    client.post(reverse("mfa_authenticate"), {"code": code_of(protected)})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": "/"})

    client.post(reverse("mfa_deactivate_totp"))

    assert Authenticator.objects.filter(user=alice, type="totp").exists()


def test_a_factor_that_was_switched_off_counts_no_more(client, alice, acme):
    client.force_login(alice)
    set_up(client)
    client.post(reverse("mfa_deactivate_totp"))
    Organization.objects.filter(pk=acme.pk).update(requires_second_factor=True)

    response = client.get(acme.get_absolute_url())

    assert not Authenticator.objects.filter(user=alice, type="totp").exists()
    assert response.url.startswith(reverse("second_factor"))


def test_the_secret_is_encrypted_in_the_database(alice, protected, settings):
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert protected not in stored
    old = settings.SECRET_KEY

    settings.SECRET_KEY = "another key " * 5
    assert SecondFactorAdapter().decrypt(stored) != protected
    settings.SECRET_KEY_FALLBACKS = [old]
    assert SecondFactorAdapter().decrypt(stored) == protected


def test_changing_the_factor_ends_the_other_sessions(client, consultant):
    other = type(client)()
    sign_in(other, consultant)
    sign_in(client, consultant)
    assert Session.objects.count() == 2

    set_up(client)

    assert Session.objects.count() == 1
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_way_back_leads_nowhere_else(client, alice, goal):
    client.force_login(alice)

    assert "evil" not in client.get(reverse("second_factor"), {"next": goal}).content.decode().split("<main")[1]
