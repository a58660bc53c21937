import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from organizations.models import ActivityEntry, Department, Membership, Role, User
from organizations.operations.membership import LastOwner, add_member, change_membership, remove_member
from organizations.queries import departments_of, members_of
from tests.conftest import NOON, PASSWORD


def place_of(person, organization):
    with scope(organization=organization):
        return Membership.objects.filter(user=person, organization=organization).first()


def url(name, *ids):
    return reverse(name, args=["acme", *ids])


def members(organization, by, count):
    with scope(organization=organization):
        for number in range(count):
            person = User.objects.create_user(f"p{number}@acme.example", PASSWORD, name=f"员工{number}")
            unit = Department.objects.create(organization=organization, name=f"部门{number}")
            add_member(organization=organization, user=person, role=Role.RESPONDENT, department=unit, by=by, at=NOON)


def test_members_stand_in_the_order_of_their_names(in_acme, alice):
    for name in ("张伟", "陈静", "李强"):
        person = User.objects.create_user(f"{len(name)}{ord(name[0])}@acme.example", PASSWORD, name=name)
        add_member(organization=in_acme, user=person, role=Role.VIEWER, by=alice, at=NOON)

    assert [str(row.user) for row in members_of(in_acme)] == ["Alice", "Bob", "陈静", "李强", "张伟"]


def test_departments_stand_in_the_order_of_their_names(in_acme):
    for name in ("战略部", "财务部", "IT 2", "IT 10"):
        Department.objects.create(organization=in_acme, name=name)

    assert [row.name for row in departments_of(in_acme)] == ["财务部", "IT 2", "IT 10", "战略部"]


def test_the_page_takes_the_same_queries_for_few_and_many(as_alice, acme, alice):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert as_alice.get(url("members")).status_code == 200
        return len(captured)

    queries()
    few = queries()
    members(acme, alice, 12)

    assert queries() == few
    assert few <= 8


def test_nobody_elses_people_are_listed(as_alice, acme, globex):
    page = as_alice.get(url("members")).content.decode()

    assert "bob@acme.example" in page
    assert "charlie" not in page


def test_an_owner_changes_role_and_department(as_alice, acme, bob, data_office):
    place = place_of(bob, acme)

    response = as_alice.post(url("change_membership", place.pk), {"role": "respondent", "department": data_office.pk})

    place = place_of(bob, acme)
    assert response.status_code == 302
    assert (place.role, place.department_id) == (Role.RESPONDENT, data_office.pk)
    with scope(organization=acme):
        assert ActivityEntry.objects.first().verb == "membership.changed"


@pytest.mark.parametrize("values", [{"role": "king"}, {}, {"role": "viewer", "department": "x"}])
def test_a_bad_choice_is_shown_again(as_alice, acme, bob, values):
    response = as_alice.post(url("change_membership", place_of(bob, acme).pk), values)

    assert response.status_code == 422
    assert place_of(bob, acme).role == Role.VIEWER


def test_a_department_of_others_can_not_be_chosen(as_alice, acme, globex, bob):
    with scope(organization=globex):
        theirs = Department.objects.create(organization=globex, name="theirs")

    response = as_alice.post(url("change_membership", place_of(bob, acme).pk), {"role": "respondent", "department": theirs.pk})

    assert response.status_code == 422


def test_the_last_owner_stays(as_alice, acme, alice):
    place = place_of(alice, acme)

    assert as_alice.post(url("change_membership", place.pk), {"role": "viewer"}).status_code == 422
    assert as_alice.post(url("remove_member", place.pk)).status_code == 422
    assert as_alice.post(url("leave_organization")).status_code == 422
    assert place_of(alice, acme).role == Role.OWNER


def test_operations_keep_the_last_owner(in_acme, alice):
    place = place_of(alice, in_acme)

    with pytest.raises(LastOwner):
        change_membership(membership=place, role=Role.VIEWER, department=None, by=alice, at=NOON)
    with pytest.raises(LastOwner):
        remove_member(membership=place, by=alice, at=NOON)


def test_one_of_two_owners_may_go(as_alice, acme, alice, dora):
    as_alice.post(url("change_membership", place_of(dora, acme).pk), {"role": "owner"})

    response = as_alice.post(url("leave_organization"))

    assert response.url == reverse("home")
    assert place_of(alice, acme) is None


def test_rights_end_with_the_next_request(client, as_alice, acme, eve):
    from_eve = type(client)()
    from_eve.force_login(eve)
    assert from_eve.get(url("members")).status_code == 200

    as_alice.post(url("remove_member", place_of(eve, acme).pk))

    assert from_eve.get(url("members")).status_code == 404
    assert from_eve.get(reverse("organization", args=["acme"])).status_code == 404


def test_a_viewer_may_leave(client, acme, bob):
    client.force_login(bob)

    assert client.get(url("leave_organization")).status_code == 200
    assert client.post(url("leave_organization")).status_code == 302
    assert place_of(bob, acme) is None


def test_a_membership_that_has_ended_is_404(as_alice, acme, bob):
    place = place_of(bob, acme)
    as_alice.post(url("remove_member", place.pk))

    assert as_alice.post(url("remove_member", place.pk)).status_code == 404


@pytest.mark.parametrize("role", ["dora", "eve", "bob"])
@pytest.mark.parametrize("name", ["change_membership", "remove_member", "organization_settings"])
def test_only_owners_manage(client, request, acme, bob, role, name):
    client.force_login(request.getfixturevalue(role))
    ids = [] if name == "organization_settings" else [place_of(bob, acme).pk]

    assert client.get(url(name, *ids)).status_code == 403
    assert client.post(url(name, *ids), {"role": "owner", "name": "Mine"}).status_code == 403
    assert place_of(bob, acme).role == Role.VIEWER


@pytest.mark.parametrize("name", ["change_membership", "remove_member"])
def test_a_stranger_meets_404(client, acme, globex, bob, charlie, name):
    client.force_login(charlie)
    place = place_of(bob, acme).pk

    assert client.get(url(name, place)).status_code == 404
    assert client.post(reverse(name, args=["globex", place])).status_code == 404


def test_settings(as_alice, acme):
    values = {"name": "Acme　集团 ", "requires_second_factor": "on"}

    response = as_alice.post(url("organization_settings"), values)

    acme.refresh_from_db()
    assert response.status_code == 302
    assert (acme.name, acme.requires_second_factor) == ("Acme 集团", True)
    with scope(organization=acme):
        assert ActivityEntry.objects.first().about == "second factor on"


@pytest.mark.parametrize("name", ["", " ", "\u202eabc", "x" * 121])
def test_settings_refuse_a_bad_name(as_alice, acme, name):
    assert as_alice.post(url("organization_settings"), {"name": name}).status_code == 422
