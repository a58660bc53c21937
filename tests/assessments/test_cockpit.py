from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope

from assessments.models import Assessment, EngagementPhase
from assessments.operations.phases import Step, plan_phases
from assessments.queries.cockpit import Phase, cockpit_of, usual_dates
from organizations.models import ActivityEntry, TeamRole
from organizations.operations.engagement import end_engagement
from tests.assessments.reviews import adjust, say
from tests.conftest import NOON, begin, engage
from tests.reports.test_portfolio import client_of

TODAY = date(2026, 11, 20)


def page(engagement):
    return f"/o/acme/engagements/{engagement.pk}/cockpit/"


def plan(engagement, by, **steps):
    with scope(organization=engagement.organization):
        plan_phases(engagement=engagement, steps=steps, by=by, at=NOON)


def test_the_plan_says_what_is_late_and_what_is_next(acme, engagement, lena):
    plan(
        engagement,
        lena,
        kick_off=Step(TODAY - timedelta(days=20), TODAY - timedelta(days=19), lena, "at their site"),
        training=Step(TODAY - timedelta(days=2)),
        interviews=Step(TODAY + timedelta(days=9)),
    )

    with scope(organization=acme):
        cockpit = cockpit_of(engagement, TODAY)

    assert [row.stands for row in cockpit.phases] == ["done", "late", "open", "planned", "open", "open", "open", "open"]
    assert [row.phase for row in cockpit.late] == [Phase.TRAINING]
    assert cockpit.next.phase == Phase.TRAINING


def test_a_phase_with_nothing_said_has_no_row_and_the_act_is_on_the_trail(acme, engagement, lena):
    plan(engagement, lena, mock=Step(TODAY), gaps=Step(TODAY))
    plan(engagement, lena, mock=Step(TODAY, TODAY), gaps=Step())

    with scope(organization=acme):
        assert list(EngagementPhase.objects.values_list("phase", "done_on")) == [("mock", TODAY)]
        assert ActivityEntry.objects.filter(verb="engagement.planned").count() == 2


def test_dates_are_proposed_in_order_within_the_term_on_working_days(engagement):
    dates = list(usual_dates(engagement).values())

    assert dates == sorted(dates)
    assert engagement.starts_on <= dates[0] <= dates[-1] <= engagement.ends_on
    assert {day.weekday() for day in dates} <= set(range(5))


def form(**values):
    return {f"{phase.value}-{name}": "" for phase in Phase for name in ("planned", "done", "who", "note")} | values


def test_the_lead_plans_and_nobody_else(client, engagement, assessment, lena, rita, otto, alice, bob):
    for person, status in ((rita, 403), (otto, 403), (alice, 403), (bob, 403)):
        client.force_login(person)
        assert client.post(page(engagement), form(**{"gaps-planned": "2026-12-01"})).status_code == status

    client.force_login(lena)
    assert client.post(page(engagement), form(**{"gaps-planned": "2026-12-01", "gaps-who": str(alice.pk)})).status_code == 302
    shown = client.get(page(engagement)).content.decode()
    assert 'value="2026-12-01"' in shown
    for bad in ({"gaps-planned": "soon"}, {"gaps-done": "2999-01-01"}, {"gaps-who": "999999"}, {"gaps-note": "\0"}):
        assert client.post(page(engagement), form(**bad)).status_code == 422


def test_members_who_may_see_the_engagement_and_its_team_look(
    client, engagement, assessment, lena, rita, otto, alice, dora, bob, eve
):
    for person, status in ((lena, 200), (rita, 200), (otto, 200), (alice, 200), (dora, 200), (bob, 403), (eve, 403)):
        client.force_login(person)
        assert client.get(page(engagement)).status_code == status


def test_another_firms_engagement_is_not_there(client, acme, globex, alice, charlie, lena, engagement):
    globex.kind = "consultancy"
    globex.save()
    other = engage(acme, globex, alice, [(charlie, TeamRole.LEAD)])

    client.force_login(lena)

    assert client.get(page(other)).status_code == 404
    assert client.post(page(other), form()).status_code == 404
    client.force_login(charlie)
    assert client.get(page(other)).status_code == 200


def test_the_plan_is_gone_with_the_engagement(client, engagement, alice, lena):
    end_engagement(engagement=engagement, by=alice, at=NOON)
    client.force_login(lena)

    assert client.get(page(engagement)).status_code == 404


def test_the_cockpit_costs_the_same_with_many_assessments(client, acme, engagement, assessment, alice, lena):
    client.force_login(lena)
    client.get(page(engagement))
    counts = []
    for more in (0, 4):
        for number in range(more):
            begin(acme, alice, name=f"More {number}")
        with CaptureQueriesContext(connection) as queries:
            client.get(page(engagement))
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("state", ["submitted", "returned"])
def test_the_first_page_says_what_needs_a_consultant(client, acme, engagement, assessment, lena, otto, state):
    with scope(organization=acme):
        Assessment.objects.update(state=state)
        late = timezone.localdate() - timedelta(days=1)
        EngagementPhase.objects.create(organization=acme, engagement=engagement, phase="gaps", planned_on=late)
    client.force_login(lena)

    shown = client.get("/").content.decode()

    assert f"/o/acme/assessments/{assessment.pk}/" in shown
    assert page(engagement) in shown
    assert "/o/sage/portfolio/" in shown
    client.force_login(otto)  # may not begin a review, but sees what is late
    seen = client.get("/").content.decode()
    assert (f"/o/acme/assessments/{assessment.pk}/" in seen) == (state == "returned")


def test_the_first_page_costs_the_same_with_many_clients(client, acme, sage, engagement, assessment, alice, lena, charlie):
    client.force_login(lena)
    client.get("/")
    counts = []
    for numbers in ((), range(8)):
        for number in numbers:
            client_of(sage, lena, charlie, number)
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/").status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_after_the_end_nothing_of_the_client_is_on_the_first_page(client, acme, engagement, assessment, alice, lena):
    with scope(organization=acme):
        Assessment.objects.update(state="submitted")
    end_engagement(engagement=engagement, by=alice, at=NOON)
    client.force_login(lena)

    assert "acme" not in client.get("/").content.decode().casefold()


def test_the_enterprise_sees_what_comes_of_a_review_once_it_is_not_under_way(acme, engagement, assessment, alice, rita, client):
    code = next(iter(assessment.questionnaire.item_of))
    with scope(organization=acme):
        say(assessment, code, "full", alice)
        Assessment.objects.filter(pk=assessment.pk).update(state=Assessment.State.IN_REVIEW)
        adjust(assessment, engagement, code, "none", rita)

    def reviewed(person):
        client.force_login(person)
        (row,) = client.get(page(engagement)).context["cockpit"].figures
        return row.judged.answered, row.reviewed

    assert reviewed(alice) == (1, "")
    assert reviewed(rita) == (1, "0.00")
    with scope(organization=acme):
        Assessment.objects.filter(pk=assessment.pk).update(state=Assessment.State.RETURNED)
    assert reviewed(alice) == (1, "0.00")
