import csv
import io
import random
import subprocess
import sys
from datetime import date, timedelta

import openpyxl
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from assessments.models import Assessment, Assignment, EngagementPhase, Layer, Standing, Verdict
from assessments.operations.engagement_scope import set_scope
from assessments.operations.standings import refresh_standings
from assessments.queries.answers import ratings_of
from assessments.queries.criteria import criteria_by_code
from assessments.scoring import hundredths, score
from organizations.models import ActivityEntry, Organization, Role, TeamRole
from organizations.operations.engagement import end_engagement
from organizations.operations.membership import add_member, found_organization
from questionnaires.schema import rated_codes
from reports.models import ClientTag, SavedView
from reports.portfolio.choosing import Choice
from reports.portfolio.queries import portfolio_of
from reports.portfolio.sheets import mean_of, sheet_of
from tests.assessments.test_standings import answer
from tests.conftest import NOON, begin, engage

PAGE = "/o/sage/portfolio/"


def client_of(sage, lena, owner, number, **about):
    """An enterprise that Sage advises, with one assessment."""
    enterprise = found_organization(name=f"Client {number:03}", slug=f"client-{number}", by=owner, at=NOON)
    for name, value in about.items():
        setattr(enterprise, name, value)
    enterprise.save()
    engage(enterprise, sage, owner, [(lena, TeamRole.LEAD)])
    begin(enterprise, owner)
    return enterprise


def set_whole(assessment, score, level=2, part=""):
    with scope(organization=assessment.organization):
        values = {"score": score, "exact": f"{score}/100", "level": level}
        Standing.objects.filter(assessment=assessment, part=part, engagement=None).update(**values)


@pytest.fixture
def as_lena(client, lena):
    client.force_login(lena)
    return client


def names(response) -> list[str]:
    """The clients on the page, in its order."""
    body = response.content.decode().split("<tbody>")[1].split("</tbody>")[0]
    rows = body.split('<th scope="row">')[1:]
    return [row.split("</th>")[0].replace("</a>", "").split(">")[-1] for row in rows]


def test_a_portfolio_holds_the_clients_of_the_readers_teams_and_nothing_else(
    as_lena, acme, engagement, assessment, sage, lena, charlie, globex
):
    begin(globex, charlie, name="Secret of Globex")

    page = as_lena.get(PAGE)

    assert names(page) == ["Acme 数据公司"]
    assert "Secret of Globex" not in page.content.decode()
    assert f'href="/o/acme/assessments/{assessment.pk}/"' in page.content.decode()


def test_a_member_of_the_firm_who_is_on_no_team_sees_no_client(client, engagement, assessment, sage, lena, charlie):
    with scope(organization=sage):
        add_member(organization=sage, user=charlie, role=Role.OWNER, by=lena, at=NOON)
    client.force_login(charlie)

    assert "Acme" not in client.get(PAGE).content.decode()


@pytest.mark.parametrize("path", ["portfolio/", "portfolio/export.csv", "portfolio/export.xlsx"])
def test_an_enterprise_has_no_portfolio(as_alice, acme, path):
    assert as_alice.get(f"/o/acme/{path}").status_code == 404


def test_the_day_the_engagement_ends_the_client_is_gone(as_lena, acme, engagement, assessment, alice, lena, sage):
    assert names(as_lena.get(PAGE)) == ["Acme 数据公司"]

    end_engagement(engagement=engagement, by=alice, at=NOON)

    for path in (PAGE, f"{PAGE}?view=heat", f"{PAGE}export.csv"):
        assert "Acme" not in as_lena.get(path).content.decode("utf-8-sig")
    assert as_lena.get(f"{PAGE}clients/acme/tags/").status_code == 404


def test_an_engagement_for_one_assessment_shows_that_one_only(as_lena, acme, assessment, engagement, alice, lena):
    covered = begin(acme, alice, name="The covered one")
    begin(acme, alice, name="The newest, not covered")
    with scope(organization=acme):
        set_scope(engagement=engagement, covers_all=False, assessments=[covered], by=alice, at=NOON)

    page = as_lena.get(PAGE).content.decode()

    assert "The covered one" in page
    assert "The newest, not covered" not in page


def test_a_sponsor_sees_results_without_a_way_into_the_enterprise(client, acme, alice, assessment, charlie):
    park = found_organization(name="Park", slug="park", kind=Organization.Kind.SPONSOR, by=charlie, at=NOON)
    engage(acme, park, alice, [(charlie, TeamRole.OBSERVER)], kind="sponsorship")
    client.force_login(charlie)

    page = client.get("/o/park/portfolio/").content.decode()

    assert "Acme 数据公司" in page
    assert "/o/acme/" not in page
    assert client.get("/o/acme/").status_code == 404


def test_a_sponsor_sees_policy_actions_by_group_since_an_items_score_is_the_answer(client, acme, alice, charlie):
    park = found_organization(name="Park", slug="park", kind=Organization.Kind.SPONSOR, by=charlie, at=NOON)
    actions = begin(acme, alice, code="policy-actions", name="Actions")
    group = actions.questionnaire.domains[0]
    set_whole(actions, 250, None, part=group.code)
    set_whole(actions, 275, None, part=group.items[0].code)
    engage(acme, park, alice, [(charlie, TeamRole.OBSERVER)], kind="sponsorship")
    client.force_login(charlie)
    queries = ("view=heat", f"view=heat&domain={group.code}", f"sort={group.items[0].code}", "sort=lowest")

    pages = [client.get(f"/o/park/portfolio/?edition=policy-actions&{query}").content.decode() for query in queries]
    compared = client.get("/o/park/portfolio/compare/", {"a": actions.pk, "b": begin(acme, alice, code="policy-actions").pk})

    assert "2.50" in pages[0]
    assert not any("2.75" in page for page in pages)
    assert [len(items) for _group, items in compared.context["table"].domains] == [0] * len(actions.questionnaire.domains)


def test_the_change_is_against_the_last_cycle_like_with_like(acme, sage, alice, lena, engagement):
    last, now = begin(acme, alice, name="2025"), begin(acme, alice, name="2026")
    set_whole(last, 210)
    set_whole(now, 255)
    assert lines(lena, sage)[0].change is None  # the last one was never submitted
    with scope(organization=acme):
        Assessment.objects.filter(pk=last.pk).update(state="final")

    (line,) = lines(lena, sage)

    assert (line.cycle.pk, line.before.pk, line.change, line.change_of) == (now.pk, last.pk, 45, "self")


def test_by_another_method_nothing_is_compared(acme, sage, alice, lena, engagement):
    last, now = begin(acme, alice, name="2025"), begin(acme, alice, name="2026")
    with scope(organization=acme):
        Assessment.objects.filter(pk=last.pk).update(method="nplf", state="final")

    (line,) = lines(lena, sage)

    assert (line.cycle.pk, line.change) == (now.pk, None)


def lines(user, organization, **choice):
    return sheet(user, organization, **choice).lines


def sheet(user, organization, **choice):
    with scope(organization=organization):
        return sheet_of(organization.slug, portfolio_of(user, organization, Choice(**choice)), Choice(**choice))


def judge(assessment, engagement, layer, rating="full"):
    with scope(organization=assessment.organization), transaction.atomic():
        Verdict.objects.create(
            organization=assessment.organization, engagement=engagement, assessment=assessment, layer=layer,
            criterion=criteria_by_code(assessment.version)["DS1.1.1"], kind="adjust", rating=rating, reason="other",
            note="seen", answer_revision=0, decided_at=NOON,
        )  # fmt: skip
        refresh_standings(assessment)


def test_the_layer_shown_is_the_highest_or_the_chosen_and_never_another_firms(
    acme, sage, alice, lena, charlie, globex, assessment, engagement
):
    globex.kind = Organization.Kind.CONSULTANCY
    globex.save()
    other = engage(acme, globex, alice, [(charlie, TeamRole.LEAD)])
    judge(assessment, engagement, Layer.CONSULTANT)
    judge(assessment, other, Layer.PANEL)

    (highest,) = lines(lena, sage)
    (own,) = lines(lena, sage, layer="self")
    (panel,) = lines(lena, sage, layer="panel")
    (theirs,) = lines(charlie, globex)

    assert highest.which == ("consultant", engagement.pk)
    assert own.which == ("self", None)
    assert panel.which is None  # theirs is not ours
    assert theirs.which == ("panel", other.pk)


def test_rows_are_filtered_sorted_grouped_and_summed(as_lena, sage, lena, alice):
    scores = {1: 310, 2: 150, 3: 220, 4: 225}
    for number, points in scores.items():
        enterprise = client_of(sage, lena, alice, number, industry="finance" if number % 2 else "energy", region="33")
        with scope(organization=enterprise):
            set_whole(enterprise.assessments.get(), points)

    assert names(as_lena.get(f"{PAGE}?sort=-score")) == ["Client 001", "Client 004", "Client 003", "Client 002"]
    assert names(as_lena.get(f"{PAGE}?sort=score&industry=finance")) == ["Client 003", "Client 001"]
    assert names(as_lena.get(f"{PAGE}?q=004")) == ["Client 004"]
    assert "No client matches" in as_lena.get(f"{PAGE}?state=final", headers={"accept-language": "en"}).content.decode()
    found = sheet(lena, sage, group="industry")
    assert [(len(group.lines), group.mean, group.n) for group in found.groups] == [(2, 265, 2), (2, 188, 2)]
    assert mean_of([225, 150]) == 188  # half up
    assert found.everything.mean == 226


def test_every_column_sorts_with_unknown_values_last(as_lena, sage, lena, alice, acme, engagement, assessment):
    client_of(sage, lena, alice, 1)
    set_whole(assessment, 200, part="DS")
    for key in ("assessment", "level", "score", "target", "change", "self", "actions", "progress", "state", "due", "lowest",
                "phase", "team", "tags", "industry", "size", "region", "DS", "DS1", "nonsense"):  # fmt: skip
        for sort in (key, f"-{key}"):
            assert len(names(as_lena.get(f"{PAGE}?sort={sort}"))) == 2
    assert names(as_lena.get(f"{PAGE}?sort=-DS"))[0] == "Acme 数据公司"


def test_the_lowest_item_is_the_engines(acme, sage, alice, lena, engagement, assessment):
    criteria, chance = criteria_by_code(assessment.version), random.Random(7)
    with scope(organization=acme):
        for item in assessment.questionnaire.items:
            for code in rated_codes(item)[:2]:
                answer(assessment, criteria[code], chance.choice(["full", "largely", "partly", "none"]), alice)
        for code in rated_codes(assessment.questionnaire.items[0]):
            answer(assessment, criteria[code], "na", alice)

    (line,) = lines(lena, sage)

    with scope(organization=acme):
        lowest = score(assessment.questionnaire, ratings_of(assessment), assessment.method).lowest_item
    assert line.lowest == (lowest.code, hundredths(lowest.score))


def test_the_heat_map_shows_domains_and_drills_into_items(as_lena, acme, engagement, assessment):
    set_whole(assessment, 314, 3, part="DS")
    set_whole(assessment, 271, 2, part="DS1")

    domains = as_lena.get(f"{PAGE}?view=heat").content.decode()
    items = as_lena.get(f"{PAGE}?view=heat&domain=DS").content.decode()

    assert '<td class="heat l3">3.14</td>' in domains
    assert '<td class="heat l2">2.71</td>' in items
    assert domains.count('<td class="heat') == 9


def test_policy_actions_stand_beside_and_alone(as_lena, acme, alice, engagement, assessment):
    actions = begin(acme, alice, code="policy-actions", name="Actions")
    set_whole(actions, 250, None)
    set_whole(actions, 250, None, part=actions.questionnaire.domains[0].code)

    beside = as_lena.get(PAGE).content.decode()
    alone = as_lena.get(f"{PAGE}?edition=policy-actions&view=heat").content.decode()
    both = as_lena.get(f"{PAGE}?edition=all")

    assert '2.50<span class="hint">/4</span>' in beside
    assert '<td class="heat a2">2.50</td>' in alone
    assert names(both) == ["Acme 数据公司"] * 2


@pytest.mark.parametrize(
    "query", ["", "view=heat", "view=heat&domain=DS", "group=lead", "sort=-DQ", "sort=lowest", "edition=all"]
)
def test_one_client_costs_as_many_queries_as_thirty(as_lena, acme, engagement, assessment, sage, lena, alice, query):
    as_lena.get(f"{PAGE}?{query or 'x=1'}")  # warm
    counts = []
    for numbers in ((), range(30)):
        for number in numbers:
            client_of(sage, lena, alice, number)
        with CaptureQueriesContext(connection) as queries:
            assert as_lena.get(f"{PAGE}?{query or 'x=1'}").status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 12


def test_pages_are_turned(as_lena, sage, lena, alice):
    for number in range(52):
        client_of(sage, lena, alice, number)

    assert len(names(as_lena.get(PAGE))) == 50
    assert names(as_lena.get(f"{PAGE}?page=2")) == ["Client 050", "Client 051"]
    assert names(as_lena.get(f"{PAGE}?page=99")) == ["Client 050", "Client 051"]
    assert len(names(as_lena.get(f"{PAGE}?per=100"))) == 52


NASTY = '<script>alert("x")</script>&\'"'


def test_what_people_wrote_stays_text(as_lena, acme, engagement, alice, sage):
    begin(acme, alice, name=NASTY)
    acme.name = f"A {NASTY}"
    acme.save()
    as_lena.post(f"{PAGE}clients/acme/tags/", {"tags": NASTY})
    as_lena.post(f"{PAGE}views/", {"name": NASTY, "query": "sort=-score"})

    for query in ("", "?group=lead", "?view=heat", f"?q={NASTY}", "?edition=all", f"?tag={NASTY}"):
        page = as_lena.get(PAGE + query).content.decode()
        assert "<script>alert" not in page
        assert "alert" in page


@pytest.mark.parametrize("query", ["page=x", "page=-1", "page=99999999999", "cols=", "cols=zzz", "member=٣", "member=99999999999999999", "sort=" + "x" * 500,
                                   "view=map", "edition=none", "domain=ZZ&view=heat", "per=7", "q=%00", "tag=%00%ff", "layer=x", "group=x", "state=x"])  # fmt: skip
def test_a_query_string_may_hold_anything(as_lena, acme, engagement, assessment, query):
    assert as_lena.get(f"{PAGE}?{query}").status_code == 200


def test_tags_are_the_firms_own(as_lena, client, acme, engagement, assessment, sage, alice):
    assert as_lena.post(f"{PAGE}clients/acme/tags/", {"tags": "重点，2026 batch, 重点"}).status_code == 302

    with scope(organization=sage):
        assert set(ClientTag.objects.values_list("name", flat=True)) == {"重点", "2026 batch"}
        assert ActivityEntry.objects.filter(verb="client.tagged").count() == 1
    assert names(as_lena.get(f"{PAGE}?tag=重点")) == ["Acme 数据公司"]
    assert as_lena.post(f"{PAGE}clients/acme/tags/", {"tags": "x" * 41}).status_code == 422
    assert as_lena.post(f"{PAGE}clients/globex/tags/", {"tags": "x"}).status_code == 404
    as_lena.post(f"{PAGE}clients/acme/tags/", {"tags": ""})
    with scope(organization=sage):
        assert not ClientTag.objects.exists()


def test_views_are_kept_per_person_and_deleting_is_undone(as_lena, client, acme, engagement, assessment, sage, lena, rita):
    as_lena.post(f"{PAGE}views/", {"name": "Worst first", "query": "sort=score&evil=1&page=3", "is_default": "on"})
    with scope(organization=sage):
        view = SavedView.objects.get(user=lena)
    assert (view.name, view.query, view.is_default) == ("Worst first", "sort=score", True)
    assert as_lena.get(PAGE).url == f"{PAGE}?sort=score"

    as_lena.post(f"{PAGE}views/{view.pk}/", {"act": "delete"})
    assert as_lena.get(PAGE).status_code == 200
    assert "Worst first" not in as_lena.get(PAGE).content.decode().split('class="messages"')[-1].split("</div>", 1)[-1]

    as_lena.post(f"{PAGE}views/{view.pk}/", {"act": "restore"})
    assert "Worst first" in as_lena.get(PAGE).content.decode()

    client.force_login(rita)
    assert client.get(f"{PAGE}views/{view.pk}/").status_code == 404
    assert client.post(f"{PAGE}views/{view.pk}/", {"act": "delete"}).status_code == 404


def test_csv_holds_what_the_filters_leave_and_no_formula(as_lena, acme, engagement, assessment, sage, lena, alice):
    acme.name = "=HYPERLINK(1)"
    acme.save()
    client_of(sage, lena, alice, 1)

    response = as_lena.get(f"{PAGE}export.csv?sort=-client&cols=assessment+level+score+progress+lowest")

    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == ["Client 001", "'=HYPERLINK(1)"]
    assert len({len(row) for row in rows}) == 1
    with scope(organization=sage):
        assert ActivityEntry.objects.filter(verb="portfolio.exported", by=lena).count() == 1
    with scope(organization=acme):
        entry = ActivityEntry.objects.get(verb="portfolio.exported")
        assert (entry.by, entry.acting_for) == (lena, sage)


def test_the_workbook_is_made_without_pandas_in_this_process(as_lena, acme, engagement, assessment):
    set_whole(assessment, 271)

    response = as_lena.get(f"{PAGE}export.xlsx")

    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    heads, row = ([cell.value for cell in line] for line in sheet.iter_rows(max_row=2))
    assert row[0] == "Acme 数据公司"
    assert 2.71 in row
    assert len(heads) == len(row)


def test_no_page_of_the_site_brings_pandas_into_the_web_process():
    code = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "dcmm_site.settings"
from dcmm_site.wsgi import application
from django.urls import get_resolver
get_resolver().reverse_dict
print(sorted(name for name in ("pandas", "scipy", "sklearn", "weasyprint") if name in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_due_and_phases_stand_in_the_row(as_lena, acme, engagement, assessment, alice):
    late = date.today() - timedelta(days=3)
    with scope(organization=acme):
        Assignment.objects.create(
            organization=acme,
            assessment=assessment,
            item_code="DS1",
            person=alice,
            due_on=late,
            assigned_by=alice,
            assigned_at=NOON,
        )
        EngagementPhase.objects.create(
            organization=acme, engagement=engagement, phase="kick_off", planned_on=late, done_on=late
        )
        EngagementPhase.objects.create(organization=acme, engagement=engagement, phase="training", planned_on=late)

    page = as_lena.get(PAGE).content.decode()

    assert f'<td class="late">{late}' in page
    assert reverse("cockpit", args=["acme", engagement.pk]) in page
    assert page.count('<i class="done"') == page.count('<i class="late"') == 1
