import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from assessments.models import Answer, Assessment, EngagementScope, Verdict
from organizations.models import Engagement, Organization, TeamRole
from organizations.operations.engagement import end_engagement
from organizations.operations.membership import found_organization
from questionnaires.models import Criterion
from tests.conftest import NOON, begin, engage


def fill(assessment, rating, **others):
    """Every criterion rated alike, but for ``others``: code with _ for . -> rating."""
    special = {code.replace("_", "."): value for code, value in others.items()}
    with scope(organization=assessment.organization):
        Answer.objects.bulk_create(
            Answer(
                organization=assessment.organization,
                assessment=assessment,
                criterion=row,
                rating=special.get(row.code, rating),
                na_reason="not_in_scope" if special.get(row.code) == "na" else "",
                note="no such data" if special.get(row.code) == "na" else "",
                answered_at=NOON,
            )
            for row in Criterion.objects.filter(version=assessment.version)
        )
    return assessment


@pytest.fixture
def cycles(acme, alice):
    """(last, this): DS1.1.1 rose, DS1.1.2 does not apply any more."""
    last, this = begin(acme, alice, name="2025 cycle"), begin(acme, alice, name="2026 cycle")
    return fill(last, "full", DS1_1_1="none", DS1_2_1="none"), fill(this, "full", DS1_1_2="na", DS1_2_1="none")


def compare(assessment, **query):
    return reverse("compare_assessment", args=[assessment.organization.slug, assessment.pk]), query


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def test_cycle_against_cycle_says_what_moved_and_which_criteria_caused_it(cycles, as_alice):
    last, this = cycles

    page = as_alice.get(*compare(this))

    found = page.context["comparison"]
    assert page.context["names"] == ("2025 cycle", "2026 cycle")
    assert [(c.code, c.before, c.after) for c in found.causes] == [("DS1.1.1", "none", "full"), ("DS1.1.2", "full", "na")]
    (item,) = found.moved_items
    assert item.change == sum(cause.effect for cause in item.causes)
    assert "no such data" in text(page)
    assert page.context["method_key"] == this.method


def test_the_earlier_cycle_stands_first_from_whichever_side_one_comes(cycles, as_alice):
    last, this = cycles

    page = as_alice.get(*compare(last, **{"with": this.pk}))

    assert page.context["names"] == ("2025 cycle", "2026 cycle")


def test_another_method_is_used_for_both(cycles, as_alice):
    page = as_alice.get(*compare(cycles[1], method="nplf"))

    assert page.context["comparison"].method.key == "nplf"
    assert as_alice.get(*compare(cycles[1], method="mine")).status_code == 404


def test_unit_against_unit(cycles, acme, alice, data_office, as_alice):
    unit = begin(acme, alice, name="The office")
    with scope(organization=acme):
        Assessment.objects.filter(pk=unit.pk).update(department=data_office)
    fill(unit, "partly")

    page = as_alice.get(*compare(cycles[1], **{"with": unit.pk}))

    assert [row.pk for row in page.context["options"].units] == [unit.pk]
    assert page.context["names"][1] == "The office · Data office"


def test_policy_actions_are_compared_too(acme, alice, as_alice):
    last, this = (fill(begin(acme, alice, "policy-actions", name), rating) for name, rating in (("a", "1"), ("b", "3")))

    page = as_alice.get(*compare(this))

    assert (page.context["comparison"].whole.before, page.context["comparison"].whole.after) == (1, 3)
    assert page.context["highest"] == 4


def test_over_the_bridge_the_change_is_parted_into_standard_and_enterprise(acme, alice, as_alice):
    old = fill(begin(acme, alice, "gbt36073-2018", "2025 cycle"), "full")
    new = fill(begin(acme, alice, name="2026 cycle"), "largely")

    page = as_alice.get(*compare(old, **{"with": new.pk}))

    found = page.context["trend"]
    assert (found.before, page.context["second"].name) == (5, "2026 cycle")
    assert found.by_standard + found.by_enterprise == found.change
    assert page.context["comparison"].whole.before == found.bridged
    assert page.context["comparison"].whole.change == found.by_enterprise


def test_self_against_reviewed_for_those_who_may_see_the_review(cycles, acme, alice, bob, rita, engagement, client):
    this = cycles[1]
    with scope(organization=acme):
        Assessment.objects.filter(pk=this.pk).update(state=Assessment.State.IN_REVIEW)
        criterion = Criterion.objects.get(version=this.version, code="DS1.1.1")
        Verdict.objects.create(
            organization=acme, engagement=engagement, assessment=this, criterion=criterion, kind="adjust", rating="partly",
            reason="no_proof", note="a draft only", answer_revision=1, decided_by=rita, decided_at=NOON,
        )  # fmt: skip
    key = f"layer-{engagement.pk}-consultant"

    client.force_login(rita)
    page = client.get(*compare(this, **{"with": key}))
    assert [(c.code, c.before, c.after) for c in page.context["comparison"].causes] == [("DS1.1.1", "full", "partly")]

    client.force_login(bob)  # the review is not told before it ends
    assert client.get(*compare(this, **{"with": key})).status_code == 404
    with scope(organization=acme):
        Assessment.objects.filter(pk=this.pk).update(state=Assessment.State.RETURNED)
    assert client.get(*compare(this, **{"with": key})).status_code == 200


def test_a_guest_compares_only_what_the_engagement_covers(cycles, acme, rita, engagement, client):
    last, this = cycles
    with scope(organization=acme):
        Engagement.objects.filter(pk=engagement.pk).update(covers_all=False)
        EngagementScope.objects.create(organization=acme, engagement=engagement, assessment=this)
    client.force_login(rita)

    assert client.get(*compare(this, **{"with": last.pk})).status_code == 404
    assert "2025 cycle" not in text(client.get(*compare(this)))


def test_somebody_elses_and_nonsense_are_not_found(cycles, globex, charlie, as_alice):
    foreign = begin(globex, charlie)

    for key in (foreign.pk, 10**9, "x", "layer-1-consultant", cycles[1].pk):
        assert as_alice.get(*compare(cycles[1], **{"with": key})).status_code == 404


def test_with_nothing_to_compare_the_page_says_so(assessment, as_alice):
    assert "nothing to compare with" in text(as_alice.get(*compare(assessment), headers={"accept-language": "en"}))


def test_the_page_costs_the_same_with_one_and_with_many_to_choose_from(cycles, acme, alice, as_alice):
    last, this = cycles
    as_alice.get(*compare(this, **{"with": last.pk}))
    counts = []
    for more in (0, 6):
        for n in range(more):
            begin(acme, alice, name=f"cycle {n}")
        with CaptureQueriesContext(connection) as found:
            as_alice.get(*compare(this, **{"with": last.pk}))
        counts.append(len(found))
    assert counts[0] == counts[1]


# clients of one consultancy


@pytest.fixture
def clients(acme, globex, sage, alice, charlie, lena, rita):
    """Assessments of Acme and Globex; Sage advises both, Rita is on Acme's team only."""
    engage(acme, sage, alice, [(lena, TeamRole.LEAD), (rita, TeamRole.REVIEWER)])
    engage(globex, sage, charlie, [(lena, TeamRole.LEAD)])
    return fill(begin(acme, alice), "full"), fill(begin(globex, charlie), "partly")


def portfolio(**query):
    return reverse("compare_portfolio", args=["sage"]), query


def test_clients_of_one_firm_stand_side_by_side_by_one_method(clients, lena, client):
    client.force_login(lena)

    page = client.get(*portfolio(a=clients[0].pk, b=clients[1].pk))

    assert page.context["table"].whole.scores == (5, page.context["table"].whole.scores[1])
    assert [side.organization.slug for side in page.context["sides"]] == ["acme", "globex"]
    assert "Globex" in text(page)


def test_only_those_who_are_on_both_teams_compare_them(clients, rita, client):
    client.force_login(rita)

    assert client.get(*portfolio(a=clients[0].pk, b=clients[1].pk)).status_code == 404
    assert "Globex" not in text(client.get(*portfolio(a=clients[0].pk)))


def test_when_an_engagement_ends_its_enterprise_is_gone(clients, globex, charlie, lena, client):
    client.force_login(lena)
    with scope(organization=globex):
        end_engagement(engagement=Engagement.objects.get(), reason="done", by=charlie, at=NOON)

    assert client.get(*portfolio(a=clients[0].pk, b=clients[1].pk)).status_code == 404
    assert "Globex" not in text(client.get(*portfolio()))


def test_what_the_engagement_does_not_cover_is_not_offered(clients, acme, alice, lena, client):
    other = begin(acme, alice, name="Secret plan")
    with scope(organization=acme):
        engagement = Engagement.objects.get()
        Engagement.objects.filter(pk=engagement.pk).update(covers_all=False)
        EngagementScope.objects.create(organization=acme, engagement=engagement, assessment=clients[0])
    client.force_login(lena)

    assert client.get(*portfolio(a=other.pk)).status_code == 404
    assert "Secret plan" not in text(client.get(*portfolio()))


def test_different_questionnaires_are_not_put_side_by_side(clients, acme, alice, lena, client):
    actions = begin(acme, alice, "policy-actions")
    client.force_login(lena)

    page = client.get(*portfolio(a=clients[0].pk, b=actions.pk))

    assert page.status_code == 200
    assert page.context["problem"]
    assert "table" not in page.context


def test_an_enterprise_has_no_such_page(acme, as_alice):
    assert as_alice.get(reverse("compare_portfolio", args=["acme"])).status_code == 404


def test_the_table_costs_the_same_with_two_clients_and_with_five(clients, sage, lena, client):
    rows = list(clients)
    client.force_login(lena)
    client.get(*portfolio(a=rows[0].pk, b=rows[1].pk))
    with CaptureQueriesContext(connection) as two:
        client.get(*portfolio(a=rows[0].pk, b=rows[1].pk))
    for n in range(3):
        more = found_organization(name=f"More {n}", slug=f"more-{n}", kind=Organization.Kind.ENTERPRISE, by=lena, at=NOON)
        engage(more, sage, lena, [(lena, TeamRole.LEAD)])
        rows.append(fill(begin(more, lena), "none"))

    with CaptureQueriesContext(connection) as five:
        page = client.get(*portfolio(**{place: row.pk for place, row in zip("abcde", rows, strict=True)}))

    assert len(page.context["sides"]) == 5
    assert len(five) == len(two)
