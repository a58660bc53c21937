import time
from io import StringIO

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from organizations import session_limits
from organizations.models import QueuedMail, User
from organizations.templatetags.browsers import browser_name
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
LOCKED_OUT = "Too many tries in a short time"


@pytest.fixture
def clock(monkeypatch):
    """Moves the clock of the session limits."""
    start = time.time()

    def move(minutes):
        monkeypatch.setattr(session_limits.time, "time", lambda: start + minutes * 60)

    return move


def sign_in(client, person, password=PASSWORD, **options):
    return client.post(reverse("account_login"), {"login": person.email, "password": password}, **options)


def is_signed_in(client):
    return client.get(reverse("profile")).status_code == 200


def test_a_session_ends_after_half_an_hour_without_a_request(client, alice, clock):
    client.force_login(alice)
    clock(29)
    assert is_signed_in(client)
    clock(58)
    assert is_signed_in(client)

    clock(90)

    assert not is_signed_in(client)
    assert "30" in client.get(reverse("account_login")).content.decode().split("<main")[1]


def test_a_session_ends_twelve_hours_after_signing_in_however_busy(client, alice, clock):
    client.force_login(alice)
    for minutes in range(0, 12 * 60, 20):
        clock(minutes)
        assert is_signed_in(client)

    clock(12 * 60 + 1)

    assert not is_signed_in(client)


def test_the_sentence_about_the_end_is_gone_after_signing_in_again(client, alice, clock):
    client.force_login(alice)
    clock(31)
    client.get(reverse("profile"))

    sign_in(client, alice)

    assert session_limits.ENDED not in client.session
    assert is_signed_in(client)


def test_activity_is_written_every_few_minutes_at_most(client, alice, clock):
    client.force_login(alice)
    writes = []
    for minutes in (0, 1, 2, 4, 5):
        clock(minutes)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("profile"))
        writes.append(sum("UPDATE" in query["sql"] for query in queries))

    assert writes == [0, 0, 0, 1, 0]


def test_signing_in_makes_a_new_session_key(client, alice):
    client.get(reverse("account_login"))
    session = client.session
    session["something"] = "before"
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before

    sign_in(client, alice)

    assert client.session.session_key != before


def test_the_list_shows_the_sessions_and_ends_the_others(client, alice):
    other = Client()
    sign_in(other, alice, headers={"user-agent": "Old laptop"})
    sign_in(client, alice, headers={"user-agent": "Phone"})
    page = client.get(reverse("usersessions_list")).content.decode()
    assert ("Old laptop" in page, "Phone" in page) == (True, True)

    client.post(reverse("usersessions_list"))

    assert is_signed_in(client)
    assert not is_signed_in(other)
    assert [row.user_agent for row in UserSession.objects.all()] == ["Phone"]


def test_nobody_sees_the_sessions_of_others(client, alice, bob):
    other = Client()
    sign_in(other, bob, headers={"user-agent": "Bobs own"})
    sign_in(client, alice)

    page = client.get(reverse("usersessions_list")).content.decode()
    client.post(reverse("usersessions_list"))

    assert "Bobs own" not in page
    assert is_signed_in(other)


def test_changing_the_password_ends_the_other_sessions(client, alice):
    other = Client()
    sign_in(other, alice)
    sign_in(client, alice)

    new = "quite another long one"
    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})

    assert is_signed_in(client)
    assert not is_signed_in(other)


def test_a_closed_account_is_out_at_once(client, alice):
    sign_in(client, alice)

    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert not is_signed_in(client)


def test_attempts_are_counted_in_the_shared_store(alice):
    """Each process has its own client here; the count stands in the table that all share."""
    for _attempt in range(5):
        sign_in(Client(), alice, "wrong wrong wrong")

    page = sign_in(Client(), alice, headers={"accept-language": "en"}).content.decode()

    assert LOCKED_OUT in page
    assert connection.ops.quote_name(cache._table) == '"shared_cache"'


def test_attempts_of_others_do_not_lock_a_person_out_of_their_own_browser(client, alice):
    sign_in(client, alice)
    client.post(reverse("account_logout"))
    for _attempt in range(6):
        sign_in(Client(), alice, "wrong wrong wrong")

    assert sign_in(client, alice).status_code == 302


def test_the_mark_of_a_known_browser_opens_no_other_account(client, alice, bob):
    sign_in(client, alice)
    client.post(reverse("account_logout"))
    for _attempt in range(5):
        sign_in(client, bob, "wrong wrong wrong")

    assert LOCKED_OUT in sign_in(client, bob, headers={"accept-language": "en"}).content.decode()


def test_a_known_browser_has_no_more_attempts_than_others(client, alice):
    sign_in(client, alice)
    client.post(reverse("account_logout"))
    for _attempt in range(5):
        sign_in(client, alice, "wrong wrong wrong")

    assert LOCKED_OUT in sign_in(client, alice, headers={"accept-language": "en"}).content.decode()


def test_attempts_are_counted_by_address_too(client, alice):
    for number in range(20):
        client.post(reverse("account_login"), {"login": f"nobody{number}@acme.example", "password": "wrong wrong"})

    assert LOCKED_OUT in sign_in(client, alice, headers={"accept-language": "en"}).content.decode()


@pytest.mark.parametrize(("proxies", "counted"), [(0, True), (1, False)])
def test_the_address_comes_from_the_proxy_only_where_there_is_one(client, alice, settings, proxies, counted):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    for number in range(20):
        client.post(
            reverse("account_login"),
            {"login": f"nobody{number}@acme.example", "password": "wrong wrong"},
            headers={"x-forwarded-for": f"10.0.0.{number}"},
        )

    page = sign_in(client, alice, headers={"accept-language": "en", "x-forwarded-for": "10.0.0.99"}).content.decode()

    assert (LOCKED_OUT in page) == counted


def test_no_session_is_made_for_who_only_looks(client):
    client.get(reverse("health"))

    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36 Edg/141.0",
            "Edge 141 · Windows",
        ),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile MicroMessenger/8.0.5", "WeChat 8 · Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox 140 · Linux"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)
def test_browsers_are_called_by_their_names(user_agent, name):
    assert browser_name(user_agent) == name


def test_an_operator_removes_the_second_factor_of_who_lost_it(client, alice):
    TOTP.activate(alice, "JBSWY3DPEHPK3PXP")
    assert sign_in(client, alice).url == reverse("mfa_authenticate")

    call_command("remove_second_factor", alice.email.upper(), stdout=StringIO())

    assert sign_in(Client(), alice).url == reverse("home")
    assert [mail.to for mail in QueuedMail.objects.all()] == [alice.email]
    with pytest.raises(CommandError):
        call_command("remove_second_factor", alice.email)
