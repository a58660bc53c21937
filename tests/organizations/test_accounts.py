import re

import pytest
from django.db import IntegrityError
from django.urls import reverse

from organizations.models import Organization, User
from organizations.queries import organizations_of
from organizations.text import printable
from tests.conftest import PASSWORD


@pytest.mark.django_db
def test_sign_up_found_an_organization_and_arrive(client):
    data = {"email": "Dana@Initech.example", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post(reverse("account_signup"), data).status_code == 302
    assert client.get(reverse("home")).url == reverse("found_organization")

    client.post(reverse("found_organization"), {"name": "伊尼特科技"})

    organization = Organization.objects.get()
    assert organization.slug != ""
    assert list(organizations_of(User.objects.get())) == [organization]
    assert client.get(reverse("home")).url == organization.get_absolute_url()


@pytest.mark.django_db
def test_sign_in_with_the_address_in_any_case(client, alice):
    response = client.post(reverse("account_login"), {"login": "ALICE@acme.example", "password": PASSWORD})

    assert response.status_code == 302


def test_a_wrong_password_and_an_unknown_address_get_the_same_words(client, alice):
    def words(login):
        page = client.post(reverse("account_login"), {"login": login, "password": "wrong wrong wrong"}).content.decode()
        return page.split("<form", 2)[2].replace(login, "")

    def plain(page):
        return re.sub(r'value="[^"]*"', "", page)

    assert plain(words("alice@acme.example")) == plain(words("nobody@acme.example"))


def test_an_address_is_taken_in_any_case(alice):
    with pytest.raises(IntegrityError):
        User(email="Alice@ACME.example", password="x").save()


@pytest.mark.django_db
@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example/", "https://[/", "javascript:alert(1)"])
def test_signing_in_follows_no_foreign_or_broken_address(client, alice, goal):
    data = {"login": "alice@acme.example", "password": PASSWORD, "next": goal}

    assert client.get(reverse("account_login"), {"next": goal}).status_code == 200
    assert client.post(reverse("account_login"), data).url == reverse("home")


@pytest.mark.django_db
@pytest.mark.parametrize("name", [" ", "\u200b", "a\x1bb", "\u202eabc"])
def test_an_organization_needs_a_name(client, alice, name):
    client.force_login(alice)

    response = client.post(reverse("found_organization"), {"name": name})

    assert response.status_code == 422
    assert not Organization.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_language_switch_follows_no_foreign_address(client, goal):
    response = client.post(reverse("set_language"), {"language": "en", "next": goal})

    assert response.url == "/"


@pytest.mark.parametrize("name", ["数据\U00031350公司", "Acme \U0001fae8", "股份 有限"])
def test_rare_characters_are_welcome(name):
    assert printable(name) is None
