from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation
from django.utils.translation import override

from dcmm_site import environment
from organizations.account_forms import zone_choices
from organizations.models import User
from tests.conftest import NOON, PASSWORD

pytestmark = pytest.mark.django_db
FIELDS = {"name": "Alice Zhang", "language": "en", "time_zone": "Europe/Berlin", "wants_digest": ""}


@pytest.fixture(autouse=True)
def language_as_before():
    """A page leaves its language active in the thread; live, the next request sets its own."""
    yield
    translation.activate("zh-hans")


def test_the_profile_is_kept_and_the_page_speaks_the_chosen_language(as_alice, alice):
    response = as_alice.post(reverse("profile"), FIELDS)

    alice.refresh_from_db()
    assert response.url == reverse("profile")
    assert (alice.name, alice.language, alice.time_zone, alice.wants_digest) == ("Alice Zhang", "en", "Europe/Berlin", False)
    page = as_alice.get(reverse("profile"), headers={"accept-language": "zh-hans"}).content.decode()
    assert '<html lang="en">' in page
    assert "Saved." in page


@pytest.mark.parametrize(
    "wrong",
    [{"name": "\u202ebob"}, {"name": "a" * 81}, {"language": "fr"}, {"time_zone": "Mars/Base"}, {"time_zone": "../etc"}],
)
def test_a_wrong_value_is_shown_again_and_nothing_is_kept(as_alice, alice, wrong):
    response = as_alice.post(reverse("profile"), FIELDS | wrong)

    alice.refresh_from_db()
    assert response.status_code == 422
    assert (alice.name, alice.language) == ("Alice", "")


def test_a_profile_cannot_be_used_to_take_rights(as_alice, alice):
    as_alice.post(reverse("profile"), FIELDS | {"is_staff": "on", "is_superuser": "on", "email": "root@acme.example"})

    alice.refresh_from_db()
    assert (alice.is_staff, alice.is_superuser, alice.email) == (False, False, "alice@acme.example")


def test_a_name_is_normalised(as_alice, alice):
    as_alice.post(reverse("profile"), FIELDS | {"name": " Zoe\u0301 "})

    alice.refresh_from_db()
    assert alice.name == "Zo\u00e9"


def test_the_switch_of_language_is_kept_for_the_person(as_alice, alice, client):
    as_alice.post(reverse("set_language"), {"language": "en", "next": "/"})
    alice.refresh_from_db()
    assert alice.language == "en"

    as_alice.post(reverse("set_language"), {"language": "tlh"})
    as_alice.post(reverse("set_language"), {})

    alice.refresh_from_db()
    assert alice.language == "en"


def test_times_are_in_the_persons_zone(client, alice):
    alice.time_zone = "America/New_York"
    alice.language = "en"
    alice.save()
    client.post(reverse("account_login"), {"login": alice.email, "password": PASSWORD})
    there = datetime.now(ZoneInfo("America/New_York"))

    page = client.get(reverse("usersessions_list")).content.decode()

    assert any(f"{moment:%Y-%m-%d %H:%M}" in page for moment in (there, there - timedelta(minutes=1)))


def test_time_zones_have_their_distance_and_their_city_in_both_languages():
    with override("zh-hans"):
        assert ("Asia/Shanghai", "UTC+08:00 上海") in zone_choices(at=NOON)
    with override("en"):
        assert ("America/New_York", "UTC−05:00 New York") in zone_choices(at=NOON)
        assert ("Asia/Kathmandu", "UTC+05:45 Kathmandu") in zone_choices("Asia/Kathmandu", at=NOON)


@pytest.mark.parametrize("name", ["profile", "second_factor"])
def test_other_methods_are_refused(as_alice, name):
    assert as_alice.delete(reverse(name)).status_code == 405


@pytest.mark.parametrize("name", ["profile", "second_factor", "usersessions_list", "mfa_index", "account_email"])
def test_nobody_without_signing_in(client, name):
    assert client.get(reverse(name)).url.startswith(reverse("account_login"))


@pytest.mark.parametrize(
    "password", ["dcmm-2026-dcmm", "Password123!2026", "数据管理数据管理123", "qwerty12345678", "1234567890123"]
)
def test_product_words_and_common_words_are_refused_as_a_password(password):
    with pytest.raises(ValidationError):
        validate_password(password)


@pytest.mark.parametrize("password", [PASSWORD, "x8Kd!pq2Lm", "我家门前有两棵树另一棵也是枣树", "long one " * 12])
def test_long_passwords_of_any_kind_are_welcome(password):
    assert validate_password(password) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", ("console", None, None, None)),
        ("smtp://mail.example", ("smtp", 25, False, False)),
        ("smtp+tls://a%40b:p%3Aw@mail.example", ("smtp", 587, True, False)),
        ("smtps://mail.example:4650", ("smtp", 4650, False, True)),
    ],
)
def test_mail_is_set_by_an_address(monkeypatch, url, expected):
    monkeypatch.setenv("EMAIL_URL", url)

    found = environment.mail_settings()

    flags = (found.get("EMAIL_PORT"), found.get("EMAIL_USE_TLS"), found.get("EMAIL_USE_SSL"))
    assert (found["EMAIL_BACKEND"].split(".")[-2], *flags) == expected
    if "%40" in url:
        assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("a@b", "p:w")


@pytest.mark.parametrize(
    ("read", "variables", "named"),
    [
        (environment.mail_settings, {"EMAIL_URL": "http://mail.example"}, "EMAIL_URL"),
        (environment.cache_settings, {"CACHE_URL": "memcached://x"}, "CACHE_URL"),
        (environment.login_providers, {"DCMM_FEISHU_ID": "x"}, "DCMM_FEISHU_SECRET"),
        (environment.login_providers, {"DCMM_OIDC_ID": "x", "DCMM_OIDC_SECRET": "y"}, "DCMM_OIDC_SERVER"),
    ],
)
def test_a_wrong_setting_fails_loudly(monkeypatch, read, variables, named):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(environment.ImproperlyConfigured, match=named):
        read()


def test_nothing_about_other_providers_is_shown_unless_they_are_configured(client):
    assert environment.login_providers() == {}
    assert "3rdparty" not in client.get(reverse("account_login")).content.decode()


def test_the_person_in_the_bar_is_the_stored_one_when_a_form_is_refused(as_alice):
    page = as_alice.post(reverse("profile"), FIELDS | {"name": "\u202ebob"}).content.decode()

    assert User.objects.get().name in page.split("<main")[0]
