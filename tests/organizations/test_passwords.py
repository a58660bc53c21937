from datetime import timedelta

import pytest
from django.conf import global_settings, settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from organizations.models import FormerPassword, User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
NAMES = ("ThreeKindsValidator", "FormerPasswordsValidator")
DENGBAO = [{"NAME": f"organizations.passwords.{name}"} for name in NAMES]


@pytest.fixture
def profile():
    with override_settings(AUTH_PASSWORD_VALIDATORS=DENGBAO, PASSWORD_MAX_AGE=timedelta(days=90)):
        yield


@pytest.mark.parametrize("password", ["onlysmallletters", "small and spaces", "12345-67890"])
def test_the_profile_asks_for_three_kinds_of_signs(profile, password):
    with pytest.raises(ValidationError):
        validate_password(password)


@pytest.mark.parametrize("password", ["Small-Capital", "small1other!", "Kapital9letters"])
def test_any_three_kinds_will_do(profile, password):
    assert validate_password(password) is None


def test_none_of_the_last_five_passwords_is_taken_again(profile):
    person = User.objects.create_user("dana@initech.example", "First-0")
    for number in range(1, 6):
        person.set_password(f"Next-{number}")
        person.save()

    assert FormerPassword.objects.count() == 5
    assert validate_password("First-0", person) is None
    with pytest.raises(ValidationError):
        validate_password("Next-1", person)


def test_passwords_are_hashed_as_slowly_as_django_asks():
    """Tests hash fast (tests/conftest.py); nothing in the settings does."""
    assert settings.PASSWORD_HASHERS == global_settings.PASSWORD_HASHERS


def test_without_the_profile_nothing_is_remembered(alice):
    assert not FormerPassword.objects.exists()


def test_a_password_older_than_90_days_opens_only_the_page_to_change_it(profile, client):
    person = User.objects.create_user("dana@initech.example", PASSWORD)
    FormerPassword.objects.update(set_at=timezone.now() - timedelta(days=91))
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})

    assert client.get(reverse("profile")).url == reverse("account_change_password")
    assert client.get(reverse("account_change_password")).status_code == 200
    new = "Quite-another-long-1"
    client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert client.get(reverse("profile")).status_code == 200


def test_a_password_of_yesterday_is_good(profile, client):
    person = User.objects.create_user("dana@initech.example", PASSWORD)
    client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})

    assert client.get(reverse("profile")).status_code == 200
