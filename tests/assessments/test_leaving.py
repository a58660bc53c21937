from django.urls import reverse
from django_scopes import scope

from assessments.models import Assessment, Assignment
from organizations.models import ActivityEntry, Membership
from organizations.operations.membership import remove_member
from tests.conftest import NOON, begin


def hand(assessment, code, person=None, department=None):
    return Assignment.objects.create(
        organization=assessment.organization,
        assessment=assessment,
        item_code=code,
        person=person,
        department=department,
        assigned_at=NOON,
    )


def test_items_of_somebody_who_leaves_go_to_their_department_or_to_nobody(in_acme, alice, bob, eve, data_office, assessment):
    hand(assessment, "DS1", eve)
    hand(assessment, "DS2", eve, data_office)
    hand(assessment, "DS3", alice)

    remove_member(membership=Membership.objects.get(user=eve), by=alice, at=NOON)

    rows = Assignment.objects.order_by("item_code").values_list("item_code", "person", "department")
    assert list(rows) == [("DS2", None, data_office.pk), ("DS3", alice.pk, None)]
    assert f"assessment {assessment.pk} DS1 DS2" in ActivityEntry.objects.values_list("about", flat=True)


def test_a_submitted_assessment_stays_as_it_is(in_acme, alice, eve, assessment):
    hand(assessment, "DS1", eve)
    Assessment.objects.update(state=Assessment.State.SUBMITTED)

    remove_member(membership=Membership.objects.get(user=eve), by=alice, at=NOON)

    assert Assignment.objects.get().person == eve


def test_items_in_another_organization_stay(acme, globex, alice, charlie, eve):
    elsewhere = begin(globex, charlie)
    with scope(organization=globex):
        Membership.objects.create(organization=globex, user=eve, role="respondent")
        hand(elsewhere, "DS1", eve)

    with scope(organization=acme):
        remove_member(membership=Membership.objects.get(user=eve), by=alice, at=NOON)

    with scope(organization=globex):
        assert Assignment.objects.get().person == eve


def test_the_board_and_the_assignments_open_afterwards(as_alice, acme, alice, eve, assessment):
    with scope(organization=acme):
        hand(assessment, "DS1", eve)
        place = Membership.objects.get(user=eve)

    assert as_alice.post(reverse("remove_member", args=["acme", place.pk])).status_code == 302

    assert as_alice.get(assessment.get_absolute_url()).status_code == 200
