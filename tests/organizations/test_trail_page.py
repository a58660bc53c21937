"""The pages of the trail: the enterprise's own, the consultancy's teams, filters, pages, exports."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope

from organizations.acting import acting
from organizations.models import ActivityEntry, Organization, TeamRole, User
from organizations.operations.engagement import end_engagement
from organizations.operations.membership import found_organization
from organizations.operations.trail import record_activity
from organizations.operations.trail_check import look_after_trails
from organizations.table_writing import as_csv_text
from organizations.trail_words import about_in_words
from tests.conftest import NOON, begin, engage, everywhere


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture(autouse=True)
def in_english(settings):
    settings.LANGUAGE_CODE = "en"


def trail(client, slug="acme", name="trail", **query):
    return client.get(reverse(name, args=[slug]), query)


def text(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split("<main")[1].split())


def lines(response):
    return [(line.entry.verb, line.about) for line in response.context["page"].lines]


def note(organization, verb, by, about="", firm=None, at=NOON, **more):
    with scope(organization=organization), acting("203.0.113.9") as here:
        here.firm = firm and firm.pk
        record_activity(verb, organization=organization, about=about, by=by, at=at, **more)


def signed_in(client, person):
    client.force_login(person)
    return client


def test_whose_id_somebody_tried_out_is_not_told(as_alice, acme, assessment, charlie):
    """Charlie is no member: a refused address must not tell the name that goes with an id."""
    assert as_alice.post(reverse("remind", args=["acme", assessment.pk, charlie.pk])).status_code == 404

    exported = trail(as_alice, name="export_trail").content.decode()
    for shown in (text(trail(as_alice)), exported):
        assert f"person {charlie.pk}" in shown
        assert "Charlie" not in shown


def test_the_trail_says_who_for_whom_what_on_what_when_and_from_where(as_alice, acme, sage, rita, assessment, settings):
    note(acme, "page.viewed", rita, f"answer_item: assessment {assessment.pk} DS1", sage)

    page = trail(as_alice)

    first = page.context["page"].lines[0]
    assert (first.who, first.firm, first.act) == ("Rita", "Sage 咨询", "looked at a page")
    assert first.about == f"Questions of an item · {assessment.name} DS1"
    words = text(page)
    assert "for Sage 咨询" in words
    assert "203.0.113.9" in words
    assert "12:00:00" in words  # noon in Shanghai


@pytest.mark.parametrize(
    ("verb", "about", "words"),
    [
        ("membership.added", "user 7 as owner", "Alice · Owner"),
        ("membership.added", "user 8 as viewer", "person 8 · Viewer"),
        ("evidence.downloaded", "evidence 3 version 1", "Plan version 1"),
        ("page.viewed", "members", "Members"),
        ("page.viewed", "not_known: assessment 5 <b>", "Not_known · assessment 5 <b>"),
        ("something.else", "whatever 5", "whatever 5"),
    ],
)
def test_what_an_entry_is_about_in_words(verb, about, words):
    assert about_in_words(verb, about, {"user": {7: "Alice"}, "evidence": {3: "Plan"}}) == words


def test_a_verb_that_nobody_knows_is_shown_as_it_is_and_an_erased_person_by_number(as_alice, acme, bob):
    note(acme, "something.else", bob)
    with everywhere():
        User.objects.filter(pk=bob.pk).delete()

    first = trail(as_alice).context["page"].lines[0]

    assert (first.act, first.who) == ("something.else", f"person {bob.pk}, erased")


def test_only_owner_and_coordinator_read_it(client, acme, alice, bob, dora, eve, engagement, lena):
    allowed = {person: signed_in(client, person).get(reverse("trail", args=["acme"])).status_code for person in (alice, dora)}
    refused = {
        person: signed_in(client, person).get(reverse("trail", args=["acme"])).status_code for person in (bob, eve, lena)
    }

    assert set(allowed.values()) == {200}
    assert set(refused.values()) == {403}


def test_another_tenants_entries_are_not_there(as_alice, acme, globex, charlie):
    note(globex, "answer.saved", charlie, "a word of Globex")

    assert "a word of Globex" not in text(trail(as_alice))
    assert trail(as_alice, "globex").status_code == 404


def test_filters(as_alice, acme, alice, bob, sage, rita):
    note(acme, "answer.saved", bob, "of bob")
    note(acme, "page.viewed", rita, "members", sage)
    note(acme, "write.refused", bob, "members", result="refused")
    note(acme, "report.made", alice, "long ago", at=NOON - timedelta(days=100))

    def found(**query):
        return [verb for verb, _about in lines(trail(as_alice, **query))]

    assert found(person=bob.pk) == ["write.refused", "answer.saved"]
    assert found(firm="outsiders") == found(firm=sage.pk) == found(kind="views") == ["page.viewed"]
    assert found(kind="refused") == ["write.refused"]
    assert found(kind="answers", person=bob.pk) == ["answer.saved"]
    assert found(until="2026-09-01") == ["report.made"]
    assert "report.made" not in found(since="2026-09-01")
    assert found(since="2026-11-20", until="2026-11-20", person=bob.pk) == ["write.refused", "answer.saved"]
    assert found(person=alice.pk, firm="outsiders") == []


@pytest.mark.parametrize(
    "query",
    [{"person": "x"}, {"firm": "7' OR 1=1"}, {"since": "2026-02-30"}, {"since": "0001-01-01"}, {"until": "9999-12-31"},
     {"since": "2026-03-02", "until": "2026-03-01"}, {"kind": "nothing"}, {"before": "-1"}, {"before": str(2**63)}],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_gets_a_sentence(as_alice, acme, query):
    assert 'role="alert"' in text(trail(as_alice, **query))
    assert trail(as_alice, name="export_trail", **query).status_code == 302


def test_pages_follow_one_another(as_alice, acme, alice):
    with scope(organization=acme):
        for n in range(250):
            record_activity("answer.saved", organization=acme, about=f"line {n}", by=alice, at=NOON)

    seen, before, pages = [], "", 0
    while before is not None:
        page = trail(as_alice, before=before)
        seen += [line.entry.number for line in page.context["page"].lines]
        before, pages = page.context["page"].next_before, pages + 1

    assert pages == 3
    assert seen == list(range(len(seen), 0, -1))


def test_it_takes_the_same_queries_for_few_and_many(as_alice, acme, alice, sage, rita, lena, assessment, engagement):
    def everything(times):
        for n in range(times):
            note(acme, "page.viewed", (rita, lena)[n % 2], f"evidence: evidence {n}", sage)
            about = f"user {alice.pk} department {n} invitation {n} engagement {engagement.pk} assessment {assessment.pk}"
            note(acme, "membership.added", alice, about)
            note(acme, "engagement.offered", alice, f"engagement {n} organization {sage.pk}")

    def queries(client, slug, name):
        with CaptureQueriesContext(connection) as captured:
            assert trail(client, slug, name).status_code == 200
        return len(captured)

    everything(1)
    queries(as_alice, "acme", "trail")
    few = queries(as_alice, "acme", "trail")
    everything(30)
    assert queries(as_alice, "acme", "trail") == few

    other = found_organization(name="Third", slug="third", by=alice, at=NOON)
    as_lena = signed_in(as_alice, lena)
    queries(as_lena, "sage", "team_trail")
    few = queries(as_lena, "sage", "team_trail")
    engage(other, sage, alice, [(lena, TeamRole.LEAD)])
    for n in range(20):
        note(other, "page.viewed", lena, f"evidence: evidence {n}", sage)
    assert queries(as_lena, "sage", "team_trail") == few


def test_who_looked_at_our_answers(as_alice, acme, sage, rita, lena):
    now = timezone.now()
    for verb, count in (("page.viewed", 3), ("evidence.downloaded", 2), ("verdict.saved", 1)):
        for _n in range(count):
            note(acme, verb, rita, firm=sage, at=now)
    note(acme, "page.viewed", lena, firm=sage, at=now)
    note(acme, "page.viewed", lena, firm=sage, at=now, result="refused")
    note(acme, "page.viewed", lena, firm=sage, at=now - timedelta(days=31))

    rows = trail(as_alice).context["lookers"]

    assert [(row.firm, row.who, row.views, row.files, row.acts) for row in rows] == [
        ("Sage 咨询", "Rita", 3, 2, 1),
        ("Sage 咨询", "Lena", 1, 0, 0),
    ]


def test_the_page_says_what_the_last_verification_found(as_alice, acme):
    assert "the first time is still to come" in text(trail(as_alice))

    look_after_trails(NOON)
    assert "Verified 2026-11-20 12:00: whole and unchanged up to entry 3." in text(trail(as_alice))

    with scope(organization=acme), connection.cursor() as cursor:
        cursor.execute("UPDATE organizations_activityentry SET verb = 'x' WHERE organization_id = %s AND number = 2", [acme.pk])
    look_after_trails(NOON)
    assert "entry 2 was changed" in text(trail(as_alice))


# Exports


def test_the_export_holds_what_was_chosen_and_no_formula(as_alice, acme, alice, bob):
    User.objects.filter(pk=bob.pk).update(name='=HYPERLINK("http://evil.example")')
    note(acme, "answer.saved", bob, "+1 of bob")
    note(acme, "answer.saved", alice, "of alice")

    response = trail(as_alice, name="export_trail", person=bob.pk, format="csv")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [len(row) for row in rows] == [13, 13]
    assert rows[1][2] == '\'=HYPERLINK("http://evil.example")'
    assert rows[1][7] == "'+1 of bob"

    response = trail(as_alice, name="export_trail", person=bob.pk, format="xlsx")
    assert response["Content-Disposition"].startswith('attachment; filename="acme-trail-')
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    cell = sheet.cell(2, 3)
    assert (cell.value, cell.data_type) == ('=HYPERLINK("http://evil.example")', "s")
    with scope(organization=acme):
        assert ActivityEntry.objects.filter(verb="file.downloaded", about="export_trail", by=alice).count() == 2


def test_an_export_that_is_too_large_says_so(as_alice, acme, monkeypatch):
    monkeypatch.setattr("organizations.views.trail.MOST_EXPORTED", 1)

    response = as_alice.get(reverse("export_trail", args=["acme"]), follow=True)

    assert "more than 1 entries" in text(response)


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx", "\rx", "＝1"])
def test_csv_text_is_neutralised(cell):
    assert as_csv_text(cell)[0] in "'�"


# The consultancy's side


def test_a_consultancy_reads_what_its_own_teams_did_at_clients(
    client, engagement, acme, sage, lena, rita, alice, globex, charlie
):
    river = found_organization(name="River", slug="river", kind=Organization.Kind.CONSULTANCY, by=charlie, at=NOON)
    engage(acme, river, alice, [(charlie, TeamRole.LEAD)])
    assessment = begin(acme, alice, name="A secret name")
    note(acme, "page.viewed", rita, f"assessment: assessment {assessment.pk}", sage)
    note(acme, "page.viewed", charlie, "assessment: assessment 7", river)
    note(acme, "answer.saved", alice, "of the enterprise itself")

    page = trail(signed_in(client, lena), "sage", "team_trail")

    theirs = [(line.entry.verb, line.who, line.client) for line in page.context["page"].lines]
    assert theirs[0] == ("page.viewed", "Rita", "Acme 数据公司")
    assert all(line.entry.acting_for_id == sage.pk for line in page.context["page"].lines)
    words = text(page)
    for hidden in ("A secret name", "River", "Charlie", "of the enterprise itself"):
        assert hidden not in words


def test_when_the_engagement_has_ended_nothing_is_shown_any_more(client, engagement, acme, sage, lena, rita, alice):
    note(acme, "page.viewed", rita, "members", sage)
    as_lena = signed_in(client, lena)
    assert trail(as_lena, "sage", "team_trail").context["page"].lines

    end_engagement(engagement=engagement, by=alice, at=NOON)

    page = trail(as_lena, "sage", "team_trail")
    assert page.context["page"].lines == []
    assert "Acme" not in text(page)
    export = trail(as_lena, "sage", "export_team_trail").content.decode()
    assert len(export.splitlines()) == 1


def test_an_enterprise_has_no_teams_elsewhere(as_alice, acme):
    assert trail(as_alice, name="team_trail").status_code == 404
    assert trail(as_alice, name="export_team_trail").status_code == 404
