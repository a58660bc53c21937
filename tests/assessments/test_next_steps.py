"""What a page offers to somebody who has only begun: the way to the next thing."""

import pytest
from django.urls import reverse
from django_scopes import scope

from organizations.models import Role
from organizations.operations.membership import add_member, found_organization
from tests.conftest import NOON, begin

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.fixture
def alone(client, eve):
    """(client, assessment) of a founder whom nobody has joined."""
    organization = found_organization(name="Newcomer", by=eve, at=NOON)
    client.force_login(eve)
    return client, begin(organization, eve)


def page(client, name, *args):
    return client.get(reverse(name, args=args)).content.decode()


def test_who_is_alone_is_led_to_colleagues_before_handing_out(alone, eve, dora):
    client, assessment = alone
    here = (assessment.organization.slug, assessment.pk)
    invite = f'message warning">Nobody else answers here yet. <a href="{reverse("invite_members", args=here[:1])}"'
    assert invite in page(client, "assign", *here)

    with scope(organization=assessment.organization):
        add_member(organization=assessment.organization, user=dora, role=Role.RESPONDENT, by=eve, at=NOON)
    assert "Nobody else answers here yet" not in page(client, "assign", *here)


def test_who_has_no_name_is_asked_for_it(alone, eve):
    client, _ = alone
    eve.name = ""
    eve.save()
    assert f'<a href="{reverse("profile")}">Set your name</a>' in page(client, "home")

    eve.name = "Eve"
    eve.save()
    assert "Set your name" not in page(client, "home")


def test_the_top_bar_leads_to_the_assessments(alone):
    client, assessment = alone
    home = assessment.organization.get_absolute_url()
    assert f'<a class="top-link" href="{home}">Assessments</a>' in page(client, "members", assessment.organization.slug)
