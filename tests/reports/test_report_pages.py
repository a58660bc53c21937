import io
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope

from assessments.models import Answer, Verdict
from assessments.operations.assigning import assign_items
from organizations.guests import guest_at
from organizations.models import Department, TeamRole
from organizations.operations.engagement import end_engagement
from questionnaires.models import Criterion
from reports.freezing import thaw
from reports.models import RenderJob, Report, ReportBatch
from reports.operations import queueing, working
from reports.operations.rendering import Made
from reports.papers.fonts import Missing
from reports.views import ordering as report_views
from tests.conftest import NOON, begin, engage
from tests.reports.ordering import fresh, make, make_all, order

LATER = timezone.now() + timedelta(hours=1)
EN = {"Accept-Language": "en"}
HTMX = EN | {"HX-Request": "true"}
FORM = {"variant": "full", "language": "en", "formats": ["xlsx"]}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def actions(acme, alice):
    return begin(acme, alice, code="policy-actions")


@pytest.fixture
def quick(monkeypatch):
    """A render without a child process: what is tested is the pages."""
    made = {"pdf": b"%PDF-1.7 made", "xlsx": b"PK made", "docx": b"PK made"}

    def render(report, said, **_options):
        return Made({kind: made[kind] for kind in report.formats}, 7)

    monkeypatch.setattr(working, "render_report", render)


def page_of(assessment, name="reports", *ids):
    return reverse(name, args=[assessment.organization.slug, assessment.pk, *ids])


def test_order_watch_and_fetch(as_alice, actions, quick):
    answer = as_alice.post(page_of(actions), FORM, headers=EN)
    assert answer.url == page_of(actions)
    with scope(organization=actions.organization):
        report = Report.objects.get()
    waiting = as_alice.get(page_of(actions), headers=EN).content.decode()
    make(LATER)
    ready = as_alice.get(page_of(actions), headers=EN).content.decode()
    download = as_alice.get(fresh(report).get_absolute_url(), {"as": "xlsx"})

    assert ("Waiting for its turn" in waiting, "every 2s" in waiting) == (True, True)
    assert ("every 2s" in ready, "7 pages" in ready) == (False, True)
    assert download["Content-Disposition"].startswith("attachment")
    assert b"".join(download.streaming_content) == b"PK made"


def test_the_state_is_a_line_for_htmx_and_the_list_without(as_alice, actions, alice):
    report = order(actions, alice)
    path = page_of(actions, "report_state", report.pk)

    line = as_alice.get(path, headers=HTMX)

    assert line.content.decode().startswith(f'<li id="report-{report.pk}"')
    assert as_alice.get(path).url == page_of(actions)


def test_progress_is_told_as_step_and_percent(as_alice, actions, alice):
    report = order(actions, alice)
    queueing.note_step(queueing.take_job(NOON), "pdf")

    line = as_alice.get(page_of(actions, "report_state", report.pk), headers=HTMX).content.decode()

    assert "Setting the PDF · 10%" in line


def test_stop_and_make_again(as_alice, actions, alice, quick):
    report = order(actions, alice)

    stopped = as_alice.post(page_of(actions, "cancel_report", report.pk), headers=HTMX).content.decode()
    again = as_alice.post(page_of(actions, "make_report_again", report.pk), headers=HTMX).content.decode()
    make_all(LATER)

    assert ("Stopped" in stopped, "Waiting" in again) == (True, True)
    assert fresh(report).file_of


def test_a_failure_says_why_and_what_to_do(as_alice, actions, alice):
    report = order(actions, alice)
    RenderJob.objects.filter(report=report.pk).update(state="failed", failure="too_long")

    page = as_alice.get(page_of(actions), headers=EN).content.decode()

    assert "Making it took too long. Choose a smaller volume" in page
    assert page_of(actions, "make_report_again", report.pk) in page


def test_a_file_that_is_gone_says_so(as_alice, actions, alice, quick):
    report = order(actions, alice)
    make(LATER)
    file = fresh(report).workbook
    file.storage.delete(file.name)

    response = as_alice.get(fresh(report).get_absolute_url(), {"as": "xlsx"}, follow=True, headers=EN)
    other = as_alice.get(fresh(report).get_absolute_url(), {"as": "docx"}, follow=True, headers=EN)

    assert b"missing on the server" in response.content
    assert b"not there (any more)" in other.content
    assert as_alice.get(fresh(report).get_absolute_url(), {"as": "exe"}).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"formats": []}, "This field is required"),
        ({"variant": "golden"}, "Select a valid choice"),
        ({"variant": "department", "department": ""}, "Choose the department"),
        ({"variant": "department", "department": "77"}, "Select a valid choice"),
    ],
)
def test_a_wrong_order_says_what_is_wrong(as_alice, assessment, acme, alice, data_office, wrong, sentence):
    with scope(organization=acme):
        assign_items(assessment=assessment, item_codes=["DS1"], department=data_office, by=alice, at=NOON)

    response = as_alice.post(page_of(assessment), FORM | wrong, headers=EN)

    assert (response.status_code, sentence in response.content.decode()) == (422, True)


def test_too_many_waiting_is_said(as_alice, actions, monkeypatch):
    monkeypatch.setattr(queueing, "MOST_WAITING", 0)

    response = as_alice.post(page_of(actions), FORM, headers=EN)
    usual = as_alice.post(page_of(actions, "make_report"), follow=True, headers=EN)

    assert (response.status_code, b"Too many reports are waiting" in response.content) == (422, True)
    assert b"Too many reports are waiting" in usual.content


def test_the_result_orders_the_usual_one(as_alice, actions):
    page = as_alice.get(page_of(actions, "result"), headers=EN).content.decode()
    assert page_of(actions, "make_report") in page

    as_alice.post(page_of(actions, "make_report"), headers=EN)

    with scope(organization=actions.organization):
        report = Report.objects.get()
    assert (report.variant, report.language, report.formats) == ("full", "en", ["pdf"])
    assert f"report-{report.pk}" in as_alice.get(page_of(actions, "result")).content.decode()


def test_the_page_says_what_to_install(as_alice, actions, monkeypatch):
    monkeypatch.setattr(report_views, "missing", lambda: [Missing("Pango", "apt-get install libpango-1.0-0")])

    page = as_alice.get(page_of(actions)).content.decode()

    assert "apt-get install libpango-1.0-0" in page
    assert "order-form" not in page


def test_a_viewer_sees_and_fetches_but_orders_nothing(client, actions, alice, bob, quick):
    report = order(actions, alice)
    make(LATER)
    client.force_login(bob)

    page = client.get(page_of(actions)).content.decode()

    assert ("order-form" in page, fresh(report).get_absolute_url() in page) == (False, True)
    assert client.post(page_of(actions), FORM).status_code == 403
    assert client.post(page_of(actions, "cancel_report", report.pk)).status_code == 403


def judge(assessment, engagement, by):
    with scope(organization=assessment.organization):
        criterion = Criterion.objects.filter(version=assessment.version).first()
        Verdict.objects.create(
            organization=assessment.organization, assessment=assessment, engagement=engagement, criterion=criterion,
            kind="more", note="Show the plan", answer_revision=0, decided_by=by, decided_at=NOON,
        )  # fmt: skip


def set_state(assessment, state):
    with scope(organization=assessment.organization):
        assessment.state = state
        assessment.save(update_fields=["state"])


def test_what_a_firm_judged_waits_for_its_signature(client, actions, engagement, acme, alice, rita, quick):
    """The enterprise does not read verdicts of a running review in a report either."""
    judge(actions, engagement, rita)
    set_state(actions, "in_review")
    report = order(actions, rita, place=guest_at(rita, "acme"))
    make(LATER)
    client.force_login(alice)
    path = fresh(report).get_absolute_url()

    during = client.get(path).status_code, path in client.get(page_of(actions)).content.decode()
    set_state(actions, "returned")
    afterwards = client.get(path).status_code, path in client.get(page_of(actions)).content.decode()

    assert (during, afterwards) == ((404, False), (200, True))


def test_a_rival_firm_meets_nothing_of_it(client, actions, engagement, acme, alice, rita, charlie, globex, quick):
    judge(actions, engagement, rita)
    set_state(actions, "returned")
    of_sage = order(actions, rita, place=guest_at(rita, "acme"))
    of_acme = order(actions, alice)  # tells what Sage judged
    make_all(LATER)
    globex.kind = "consultancy"
    globex.save()
    engage(acme, globex, alice, [(charlie, TeamRole.LEAD)])
    client.force_login(charlie)

    page = client.get(page_of(actions)).content.decode()

    for report in (of_sage, of_acme):
        assert fresh(report).get_absolute_url() not in page
        for name in ("download_report", "report_state"):
            assert client.get(page_of(actions, name, report.pk), headers=HTMX).status_code == 404
        for name in ("cancel_report", "make_report_again"):
            assert client.post(page_of(actions, name, report.pk), headers=HTMX).status_code == 404


def test_after_the_engagement_nothing_can_be_fetched(client, actions, engagement, acme, alice, rita, quick):
    report = order(actions, rita, place=guest_at(rita, "acme"))
    make(LATER)
    client.force_login(rita)
    assert client.get(fresh(report).get_absolute_url()).status_code == 200

    with scope(organization=acme):
        end_engagement(engagement=engagement, by=alice, at=NOON)

    assert client.get(fresh(report).get_absolute_url()).status_code == 404


def test_the_list_costs_the_same_however_long(as_alice, actions, alice):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            as_alice.get(page_of(actions))
        return len(captured)

    first = order(actions, alice)
    as_alice.get(page_of(actions))
    one = queries()
    with scope(organization=actions.organization):
        rows = Report.objects.bulk_create(
            Report(
                organization=actions.organization, assessment=actions, language="en", sha256=first.sha256, formats=["pdf"],
                made_by=alice, made_at=NOON,
            )
            for _row in range(300)
        )  # fmt: skip
    RenderJob.objects.bulk_create(
        RenderJob(tenant=actions.organization_id, asking=1, person=alice.pk, report=row.pk, queued_at=NOON, next_try_at=NOON)
        for row in rows
    )

    assert queries() == one


def test_departments_at_once_become_one_archive(as_alice, assessment, acme, alice, data_office, quick):
    with scope(organization=acme):
        other = Department.objects.create(organization=acme, name="Finance")
        assign_items(assessment=assessment, item_codes=["DS1"], department=data_office, by=alice, at=NOON)
        assign_items(assessment=assessment, item_codes=["DQ1"], department=other, by=alice, at=NOON)

    answer = as_alice.post(page_of(assessment), FORM | {"variant": "department", "department": "all", "formats": ["pdf"]})
    make_all(LATER)
    page = as_alice.get(answer.url, headers=EN).content.decode()
    with scope(organization=acme):
        batch = ReportBatch.objects.get()
    archive = as_alice.get(reverse("download_batch", args=["acme", batch.pk]))

    names = zipfile.ZipFile(io.BytesIO(b"".join(archive.streaming_content))).namelist()
    assert ("2 of 2 ready" in page, batch.ready_at is not None) == (True, True)
    assert len(set(names)) == 2
    assert all("Data_office" in name or "Finance" in name for name in names)
    with scope(organization=acme):
        assert [sorted(row.items) for row in Report.objects.order_by("pk")] == [["DS1"], ["DQ1"]]


def test_a_report_tells_what_changed_since_an_earlier_one(as_alice, actions, alice, acme, quick):
    first = order(actions, alice)
    make_all()
    item = actions.questionnaire.items[0].code
    with scope(organization=acme):
        criterion = Criterion.objects.get(version=actions.version, code=item)
        Answer.objects.create(organization=acme, assessment=actions, criterion=criterion, rating="3", answered_at=NOON)
    answer = as_alice.post(page_of(actions), FORM | {"since": first.pk})
    assert answer.status_code == 302
    with scope(organization=acme):
        second = Report.objects.exclude(pk=first.pk).get()
        assert [row.code for row in thaw(second.snapshot)[0].changes.answers] == [item]

    changes = as_alice.get(page_of(actions, "report_changes", second.pk)).context["changes"]
    asked = as_alice.get(page_of(actions, "report_changes", second.pk), {"since": first.pk})

    assert [(row.code, row.after) for row in changes.answers] == [(item, "3")]
    assert item in asked.content.decode()
    assert as_alice.get(page_of(actions, "report_changes", second.pk), {"since": "99999"}).status_code == 404


def test_alone_a_report_has_nothing_to_be_compared_with(as_alice, actions, alice):
    only = order(actions, alice)

    page = as_alice.get(page_of(actions, "report_changes", only.pk), headers=EN)

    assert "no other report" in page.content.decode()
