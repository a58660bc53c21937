import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from organizations.models import ActivityEntry, QueuedMail, User
from organizations.operations.membership import found_organization
from tests.conftest import NOON, PASSWORD


@pytest.fixture
def stan(db):
    """Platform staff."""
    return User.objects.create_user("stan@platform.example", PASSWORD, name="Stan", is_staff=True)


@pytest.fixture
def as_stan(client, stan):
    client.force_login(stan)
    return client


def signed_in(user):
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    return client


def test_pages_of_staff_do_not_exist_for_others(as_alice, alice, bob):
    pages = ["staff_accounts", "staff_organizations"]
    acts = ["staff_account", "deactivate_account", "reactivate_account", "staff_remove_second_factor"]

    assert {as_alice.get(reverse(name)).status_code for name in pages} == {404}
    assert {as_alice.post(reverse(name, args=[bob.pk])).status_code for name in acts} == {404}
    assert "login" in Client().get(reverse("staff_accounts")).url


def test_accounts_are_found_by_name_and_address(as_stan, alice, bob):
    def found(words):
        return [str(row) for row in as_stan.get(reverse("staff_accounts"), {"q": words}).context["page"].object_list]

    assert found("ALICE@") == ["Alice"]
    assert found("bo") == ["Bob"]
    assert found("nobody") == []
    assert found("\x00") == ["Bob", "Alice", "Stan"] or set(found("")) == {"Alice", "Bob", "Stan"}


def test_deactivation_ends_sessions_at_once_and_stands_in_the_trail(as_stan, stan, acme, bob):
    bobs = signed_in(bob)
    assert bobs.get(acme.get_absolute_url()).status_code == 200

    as_stan.post(reverse("deactivate_account", args=[bob.pk]))

    assert "login" in bobs.get(acme.get_absolute_url()).url
    assert not UserSession.objects.filter(user=bob).exists()
    assert "login" in signed_in(bob).get(acme.get_absolute_url()).url
    as_stan.post(reverse("reactivate_account", args=[bob.pk]))
    assert signed_in(bob).get(acme.get_absolute_url()).status_code == 200
    with scope(organization=acme):
        rows = ActivityEntry.objects.filter(verb__startswith="account.", about=f"user {bob.pk}")
        assert set(rows.values_list("verb", "by_id")) == {
            ("account.deactivated", stan.pk),
            ("account.reactivated", stan.pk),
        }


def test_second_factor_is_removed_and_the_person_told(as_stan, acme, bob):
    Authenticator.objects.create(user=bob, type=Authenticator.Type.TOTP, data={"secret": "x"})
    address = reverse("staff_remove_second_factor", args=[bob.pk])

    as_stan.post(address)

    assert not Authenticator.objects.filter(user=bob).exists()
    assert QueuedMail.objects.filter(to=bob.email).count() == 1
    as_stan.post(address)
    assert QueuedMail.objects.filter(to=bob.email).count() == 1


def test_nobody_acts_on_their_own_account(as_stan, stan):
    for name in ("deactivate_account", "staff_remove_second_factor"):
        as_stan.post(reverse(name, args=[stan.pk]))

    stan.refresh_from_db()
    assert stan.is_active
    assert as_stan.get(reverse("staff_accounts")).status_code == 200


def test_staff_see_names_and_numbers_of_organizations_and_no_page_of_them(as_stan, acme, assessment):
    page = as_stan.get(reverse("staff_organizations"))

    assert [(row.name, members) for row, members in page.context["rows"]] == [(acme.name, 2)]
    assert assessment.name not in page.content.decode()
    assert acme.slug + "/" not in page.content.decode()
    assert as_stan.get(acme.get_absolute_url()).status_code == 404
    assert as_stan.get(reverse("assessment", args=[acme.slug, assessment.pk])).status_code == 404


@pytest.mark.parametrize("name", ["staff_accounts", "staff_organizations"])
def test_lists_cost_the_same_queries_however_long(as_stan, acme, alice, name):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            as_stan.get(reverse(name))
        return len(queries)

    cost()
    before = cost()
    for n in range(5):
        User.objects.create_user(f"person{n}@example.com", PASSWORD)
        found_organization(name=f"Organization {n}", by=alice, at=NOON)
    assert cost() == before
