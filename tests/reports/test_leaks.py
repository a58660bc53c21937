"""What an attacker tries with reports: a guest whose engagement covers one assessment, a rival firm, a colleague without the
scope, forged fields, names that break out of headers, and files that stay behind."""

import base64
import io
import json
import os
import signal
import struct
import subprocess
import sys
import time
import zlib
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope, scopes_disabled
from PIL import Image
from pypdf import PdfWriter

from assessments.models import Assessment
from assessments.operations.assigning import assign_items
from assessments.operations.engagement_scope import set_scope
from assessments.operations.planning import add_action
from dcmm_site.management.commands.work import load_operations
from organizations.guests import guest_at
from organizations.models import Department, Organization, QueuedMail, TeamRole
from organizations.operations.mail import send_next_mail
from organizations.operations.membership import found_organization
from organizations.queries import membership_of
from reports.models import Branding, RenderJob, Report
from reports.operations import queueing, working
from reports.operations.expiring import expire_reports
from reports.operations.ordering import cancel_report, make_again, order_batch
from reports.operations.rendering import Made
from reports.rights import reports_visible_to
from tests.assessments.reviews import say
from tests.assessments.test_guests import as_user
from tests.conftest import NOON, _person, begin, engage
from tests.reports.ordering import fresh, job_of, make, make_all, order

LATER = timezone.now() + timedelta(hours=1)
EN = {"Accept-Language": "en"}
FORM = {"variant": "full", "language": "en", "formats": ["xlsx"]}
LAST_YEAR, ACTIONS = "Quizzical last cycle", "Quizzical policy actions"


@pytest.fixture(autouse=True)
def quick(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    made = dict.fromkeys(("pdf", "docx", "xlsx"), b"made")
    monkeypatch.setattr(
        working, "render_report", lambda report, **_options: Made({kind: made[kind] for kind in report.formats}, 2)
    )


@pytest.fixture
def others(acme, alice):
    """The cycle before and the policy actions, both answered: what a report on this year's assessment tells besides it."""
    earlier = begin(acme, alice, name=LAST_YEAR)
    actions = begin(acme, alice, code="policy-actions", name=ACTIONS)
    with scope(organization=acme):
        Assessment.objects.filter(pk=earlier.pk).update(started_at=NOON - timedelta(days=365))
        for row, rating in ((earlier, "full"), (actions, "3")):
            say(row, next(iter(row.questionnaire.item_of)), rating, alice)
        Assessment.objects.filter(pk=earlier.pk).update(state="final")
    return [earlier, actions]


@pytest.fixture
def narrowed(engagement, assessment, others, alice):
    """Sage's engagement covers this year's assessment alone."""
    return narrow(engagement, [assessment], alice)


def narrow(engagement, assessments, by):
    set_scope(engagement=engagement, covers_all=False, assessments=assessments, by=by, at=NOON)
    with scope(organization=engagement.organization):
        engagement.refresh_from_db()
    return engagement


def page_of(assessment, name="reports", *ids):
    return reverse(name, args=[assessment.organization.slug, assessment.pk, *ids])


def seen(person, assessment) -> set[int]:
    with scope(organization=assessment.organization):
        place = guest_at(person, assessment.organization.slug)
        return set(reports_visible_to(place, assessment).values_list("pk", flat=True))


# a guest whose engagement covers one assessment


def test_a_narrowed_guest_is_told_nothing_of_other_assessments(narrowed, assessment, rita):
    report = order(assessment, rita, place=guest_at(rita, "acme"))

    snapshot = json.loads(fresh(report).snapshot)

    assert "Quizzical" not in fresh(report).snapshot
    assert (snapshot["earlier"], snapshot["annex"]["source"]) == (None, "")
    assert all(row["from_actions"] == "" for row in snapshot["annex"]["rows"])
    for name in ("result", "derivation", "gaps", "plan"):
        assert "Quizzical" not in as_user(rita).get(page_of(assessment, name)).content.decode()


def test_with_all_covered_both_are_told(engagement, others, assessment, rita):
    snapshot = json.loads(fresh(order(assessment, rita, place=guest_at(rita, "acme"))).snapshot)

    assert (snapshot["earlier"]["name"], snapshot["annex"]["source"]) == (LAST_YEAR, f"{ACTIONS} (2026-11-20)")


@pytest.mark.parametrize("language", ["en", "both"])
def test_a_report_that_tells_more_than_the_scope_is_not_shown(engagement, others, assessment, alice, rita, language):
    """Neither the enterprise's nor the firm's own from before the scope became narrower."""
    of_acme = order(assessment, alice, language=language)
    of_sage = order(assessment, rita, place=guest_at(rita, "acme"), language=language)
    make_all(LATER)
    before = seen(rita, assessment)
    narrow(engagement, [assessment, others[0]], alice)
    half = seen(rita, assessment)
    own = order(assessment, rita, place=guest_at(rita, "acme"), language=language)
    with_own = seen(rita, assessment)
    narrow(engagement, [assessment, *others], alice)
    whole = seen(rita, assessment)

    assert (before, half) == ({of_acme.pk, of_sage.pk}, set())
    assert (with_own, whole) == ({own.pk}, {of_acme.pk, of_sage.pk, own.pk})


def test_hidden_reports_are_found_by_no_way(engagement, others, assessment, alice, rita):
    report = order(assessment, alice)
    make(LATER)
    narrow(engagement, [assessment], alice)
    client = as_user(rita)

    assert fresh(report).get_absolute_url() not in client.get(page_of(assessment)).content.decode()
    for name in ("download_report", "report_state", "report_changes"):
        assert client.get(page_of(assessment, name, report.pk)).status_code == 404
    for name in ("cancel_report", "make_report_again"):
        assert client.post(page_of(assessment, name, report.pk)).status_code == 404
    client.post(page_of(assessment), FORM | {"since": report.pk})  # the form offers none
    with scope(organization=assessment.organization):
        assert [json.loads(row.snapshot)["changes"] for row in Report.objects.exclude(pk=report.pk)] == [None]


def test_an_assessment_of_the_same_name_and_day_opens_nothing(engagement, others, acme, assessment, alice, rita):
    report = order(assessment, alice)
    double = begin(acme, alice, code="policy-actions", name=ACTIONS)
    narrow(engagement, [assessment, others[0], double], alice)

    assert seen(rita, assessment) == set()
    assert report.pk not in seen(rita, assessment)


@pytest.mark.parametrize("name", ['","answers":[{"earlier":null', '"source":"', "a\\", "𝄞" * 119, '"},"answers":['])
def test_no_name_of_an_assessment_deceives_the_scope(engagement, others, assessment, acme, alice, rita, name):
    with scope(organization=acme):
        Assessment.objects.filter(pk__in=[row.pk for row in others]).update(name=name)
    order(assessment, alice)
    narrow(engagement, [assessment], alice)

    assert seen(rita, assessment) == set()


def test_a_report_stays_open_when_what_it_tells_gets_another_name(engagement, others, assessment, acme, alice, rita):
    report = order(assessment, alice)
    narrow(engagement, [assessment, *others], alice)
    with scope(organization=acme):
        Assessment.objects.filter(pk__in=[row.pk for row in others]).update(name="Renamed")

    assert fresh(report).assessments == sorted(row.pk for row in others)
    assert seen(rita, assessment) == {report.pk}


def test_a_report_of_a_batch_knows_what_it_tells_once_it_is_made(engagement, others, assessment, acme, alice, rita):
    with scope(organization=acme):
        report = batched(assessment, membership_of(alice, "acme"), alice)
    narrow(engagement, [assessment], alice)
    waiting = seen(rita, assessment)
    make_all(LATER)

    assert (waiting, seen(rita, assessment)) == ({report.pk}, set())
    assert fresh(report).assessments == sorted(row.pk for row in others)


def test_what_the_worker_froze_is_read_until_then(engagement, others, assessment, acme, alice, rita):
    report = order(assessment, alice)
    with scope(organization=acme):
        Report.objects.update(assessments=None)
    narrow(engagement, [assessment], alice)
    outside = seen(rita, assessment)
    narrow(engagement, [assessment, *others], alice)

    assert (outside, seen(rita, assessment)) == (set(), {report.pk})


@pytest.mark.parametrize("language", ["en", "both"])
def test_reports_from_before_are_read_when_the_site_is_updated(engagement, others, assessment, acme, alice, language):
    told = sorted(row.pk for row in others)
    report = order(assessment, alice, language=language)
    double = begin(acme, alice, code="policy-actions", name=ACTIONS)

    def filled() -> list[int]:
        with scope(organization=acme):
            Report.objects.update(assessments=None)
        with scopes_disabled():
            import_module("reports.migrations.0004_assessments_told").fill(apps, None)
        return fresh(report).assessments

    assert filled() == [*told, double.pk]
    with scope(organization=acme):
        Assessment.objects.filter(pk=others[0].pk).update(name="Renamed")
    assert filled() == [0, others[1].pk, double.pk]


@pytest.mark.parametrize(("covered", "names"), [(True, True), (False, False)])
def test_mail_names_an_assessment_only_while_it_is_covered(
    engagement, others, assessment, alice, rita, mailoutbox, covered, names
):
    load_operations()
    narrow(engagement, [assessment], alice)
    order(assessment, rita, place=guest_at(rita, "acme"))
    make(LATER)
    if not covered:
        narrow(engagement, [others[0]], alice)
    while send_next_mail(at=LATER) is not None:
        pass

    told = [mail for mail in mailoutbox if mail.to == [rita.email] and assessment.name in mail.subject + mail.body]
    assert (bool(told), seen(rita, assessment) != set()) == (names, names)


def test_what_tells_no_other_assessment_stays_open(engagement, assessment, alice, rita):
    report = order(assessment, alice)
    narrow(engagement, [assessment], alice)

    assert seen(rita, assessment) == {report.pk}


def test_what_waits_for_the_worker_is_not_made_beyond_the_scope(engagement, others, assessment, alice, rita):
    report = order(assessment, rita, place=guest_at(rita, "acme"))
    narrow(engagement, [assessment], alice)

    make(LATER)

    assert (job_of(report).state, job_of(report).failure) == ("failed", "rights_ended")


def test_the_scope_costs_the_same_however_many_reports(
    engagement, others, assessment, alice, rita, django_assert_num_queries, acme
):
    narrow(engagement, [assessment], alice)
    place = guest_at(rita, "acme")
    with scope(organization=acme):
        order(assessment, alice)
        with django_assert_num_queries(5):
            list(reports_visible_to(place, assessment))
        order(assessment, alice, language="en")
        order(assessment, alice, language="both")
        with django_assert_num_queries(5):
            list(reports_visible_to(place, assessment))


# a rival firm


@pytest.fixture
def gustav(acme, alice):
    """Leads for another consultancy at Acme."""
    person = _person("gustav@ginkgo.example", "Gustav")
    firm = found_organization(name="Ginkgo", slug="ginkgo", kind=Organization.Kind.CONSULTANCY, by=person, at=NOON)
    engage(acme, firm, alice, [(person, TeamRole.LEAD)])
    return person


def batched(assessment, place, by) -> Report:
    """A report of a batch; it waits for the worker, who freezes it."""
    organization = place.engagement.consultancy if hasattr(place, "engagement") else place.organization
    values = {"variant": "full", "language": "en", "formats": ["xlsx"], "by": by, "at": NOON}
    order_batch(organization=organization, title="Many", targets=[(assessment, place, None)], **values)
    with scope(organization=assessment.organization):
        return Report.objects.order_by("-pk").first()


def unfrozen(assessment, place, by) -> Report:
    """The same, stopped before that."""
    report = batched(assessment, place, by)
    with scope(organization=assessment.organization):
        cancel_report(report=report, by=by, at=NOON)
    return report


def test_what_a_guest_asks_for_again_is_their_firms(engagement, assessment, acme, alice, rita, gustav):
    """Frozen with their rights, it tells what their firm may say: no more the enterprise's for everybody."""
    report = unfrozen(assessment, membership_of(alice, "acme"), alice)
    with scope(organization=acme):
        make_again(report=report, place=guest_at(rita, "acme"), by=rita, at=NOON)
    make_all(LATER)

    assert (fresh(report).engagement_id, fresh(report).made_by_id) == (engagement.pk, rita.pk)
    assert (seen(rita, assessment), seen(gustav, assessment)) == ({report.pk}, set())


def test_what_the_enterprise_asks_for_again_names_no_firm(engagement, assessment, acme, alice, rita, gustav):
    report = unfrozen(assessment, guest_at(rita, "acme"), rita)
    with scope(organization=acme):
        make_again(report=report, place=membership_of(alice, "acme"), by=alice, at=NOON)
    make_all(LATER)

    page = as_user(gustav).get(page_of(assessment), headers=EN).content.decode()

    assert (fresh(report).engagement, seen(gustav, assessment)) == (None, {report.pk})
    assert all(word not in page for word in ("Rita", "Sage"))


# colleagues without the scope


def test_a_batch_names_no_assessment_to_a_colleague_without_it(
    engagement, others, assessment, acme, sage, alice, lena, rita, data_office
):
    """Rita has volumes made of two departments; Lena leads another engagement that covers the policy actions alone."""
    with scope(organization=acme):
        office = Department.objects.create(organization=acme, name="Quizzical office")
        for place, item in ((data_office, "DS1"), (office, "DS2")):
            assign_items(assessment=assessment, item_codes=[item], department=place, by=alice, at=NOON)
    second = engage(acme, sage, alice, [(lena, TeamRole.LEAD)])
    narrow(second, [others[1]], alice)
    with scope(organization=acme):
        engagement.team.filter(user=lena).delete()
    asked = as_user(rita).post(page_of(assessment), FORM | {"variant": "department", "department": "all"}, headers=EN)
    make_all(LATER)

    page = as_user(lena).get(asked.url, headers=EN)
    own = as_user(rita).get(asked.url, headers=EN).content.decode()

    assert page.status_code == 200
    assert all(word not in page.content.decode() for word in ("Quizzical", "Data office", assessment.name))
    assert ("Quizzical office" in own, "Data office" in own) == (True, True)


# forged fields


def test_an_order_takes_no_other_ones_fields(acme, globex, assessment, others, alice, charlie, as_alice, data_office):
    theirs = begin(globex, charlie)
    with scope(organization=globex):
        office = Department.objects.create(organization=globex, name="Theirs")
        assign_items(assessment=theirs, item_codes=["DS1"], department=office, by=charlie, at=NOON)
    with scope(organization=acme):
        assign_items(assessment=assessment, item_codes=["DS1"], department=data_office, by=alice, at=NOON)
    order(assessment, alice)
    reports = [order(theirs, charlie), order(others[0], alice)]

    for wrong in (*({"since": row.pk} for row in reports), {"variant": "department", "department": office.pk}):
        assert as_alice.post(page_of(assessment), FORM | wrong).status_code == 422
    forged = {"organization": globex.pk, "engagement": 1, "is_draft": "", "sha256": "0" * 64, "made_by": charlie.pk}
    assert as_alice.post(page_of(assessment), FORM | forged).status_code == 302

    with scope(organization=acme):
        report = Report.objects.order_by("-pk").first()
    assert (report.organization, report.made_by, report.engagement, report.is_draft) == (acme, alice, None, True)
    for name in ("download_report", "report_state", "report_changes"):
        for row in reports:
            assert as_alice.get(page_of(assessment, name, row.pk)).status_code == 404


def test_asking_again_is_bounded_as_ordering_is(assessment, acme, alice, as_alice, monkeypatch):
    report = order(assessment, alice)
    with scope(organization=acme):
        cancel_report(report=report, by=alice, at=NOON)
    monkeypatch.setattr(queueing, "MOST_WAITING", 0)

    page = as_alice.post(page_of(assessment, "make_report_again", report.pk), follow=True, headers=EN).content.decode()

    assert "Too many reports are waiting" in page
    assert job_of(report).state == "cancelled"


def test_ordering_and_stopping_in_turn_is_bounded(assessment, acme, alice, monkeypatch):
    monkeypatch.setattr(queueing, "MOST_AN_HOUR", 2)
    for language in ("en", "both"):
        report = order(assessment, alice, language=language)
        with scope(organization=acme):
            cancel_report(report=report, by=alice, at=NOON)

    with pytest.raises(queueing.TooManyWaiting):
        order(assessment, alice)

    assert order(assessment, alice, at=NOON + timedelta(hours=2))


def test_the_same_order_twice_is_one(assessment, alice, as_alice, acme):
    for _try in range(2):
        as_alice.post(page_of(assessment), FORM)

    with scope(organization=acme):
        assert (Report.objects.count(), RenderJob.objects.count()) == (1, 1)


# files that stay behind


def stored(organization_id, name="a.pdf") -> str:
    storage = Report._meta.get_field("file").storage
    name = storage.save(f"reports/{organization_id}/{name}", ContentFile(b"%PDF"))
    old = time.time() - 2 * 86400
    os.utime(storage.path(name), (old, old))
    return name


def test_files_of_an_assessment_or_organization_that_is_gone_go_too(assessment, acme, globex, alice):
    storage = Report._meta.get_field("file").storage
    report = order(assessment, alice)
    make(LATER)
    kept = fresh(report).workbook.name
    of_nobody, orphan = stored(987_654), stored(globex.pk)

    expire_reports(timezone.now())

    assert (storage.exists(kept), storage.exists(of_nobody), storage.exists(orphan)) == (True, False, False)


def test_a_killed_worker_leaves_nothing_of_a_report_behind(tmp_path):
    folder = tmp_path / "report-1"
    folder.mkdir()
    (folder / "pdf").write_bytes(b"%PDF")
    other = os.getpid() + 1  # than the parent: it is gone
    ends = "import sys; from reports.papers.render_child import _end_with; _end_with(int(sys.argv[1]), sys.argv[2])"

    ended = subprocess.run(
        [sys.executable, "-c", ends, str(other), str(folder)], check=False, start_new_session=True, timeout=30
    )

    assert (ended.returncode, folder.exists()) == (-signal.SIGKILL, False)


# names that break out


BREAKING = 'A"; x=\r\nX-Evil: 1\r\n\r\nATTENDEE:mailto:x@evil.example\u2028<b>'


@pytest.fixture
def broken(assessment, acme, alice):
    """A name and a title as no form lets them in by now."""
    with scope(organization=acme):
        Assessment.objects.filter(pk=assessment.pk).update(name=BREAKING[:120])
        assessment.refresh_from_db()
        add_action(assessment=assessment, title=BREAKING, days=1, due_on=NOON.date(), by=alice, at=NOON)
    return assessment


@pytest.mark.parametrize("name", ["plan_csv", "plan_xlsx", "plan_ics"])
def test_no_name_breaks_out_of_a_header_or_a_line(broken, as_alice, name):
    answer = as_alice.get(page_of(broken, name))

    assert (answer.status_code, "X-Evil" in answer.headers) == (200, False)
    if name == "plan_ics":
        lines = answer.content.replace(b"\r\n", b"\n").split(b"\n")
        assert not [line for line in lines if line.startswith((b"X-Evil", b"ATTENDEE"))]
        assert b"\r" not in b"".join(lines)


def test_no_name_breaks_out_of_a_download_or_a_mail(broken, alice, as_alice, mailoutbox):
    report = order(broken, alice)
    QueuedMail.objects.all().delete()
    make(LATER)
    load_operations()
    send_next_mail(at=LATER)

    answer = as_alice.get(fresh(report).get_absolute_url())

    assert (answer.status_code, "X-Evil" in answer.headers) == (200, False)
    assert [("\n" in mail.subject, mail.to) for mail in mailoutbox] == [(False, [alice.email])]


def test_forms_take_names_as_one_line(as_alice, acme, assessment):
    as_alice.post(page_of(assessment, "new_action"), {"title": "One\r\ntwo  three", "days": 1, "weeks": 1})
    as_alice.post(page_of(assessment, "edit_assessment"), {"name": "A\r\nB", "target": 3, "method": assessment.method})

    with scope(organization=acme):
        assert assessment.actions.get().title == "One two three"
        assert Assessment.objects.get().name == "A B"


# files that are bombs


def apng_of(frames: int, size=(2000, 2000)) -> bytes:
    buffer = io.BytesIO()
    pictures = [Image.new("P", size, number) for number in range(frames)]
    pictures[0].save(buffer, "PNG", save_all=True, append_images=pictures[1:])
    return buffer.getvalue()


def claiming(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG whose head claims a size that its data does not have."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "content",
    [
        claiming(2**31 - 1, 2**31 - 1),
        claiming(4000, 4000, b"\0" * 100),
        claiming(1, 1, b"\0" * 50_000_000),
        apng_of(3) + b"<script>alert(1)</script>%PDF-1.7",
        b"GIF89a" + b"\0" * 100 + claiming(9, 9),
    ],
    ids=["huge", "truncated", "inflated", "animated polyglot", "gif before png"],
)
def test_a_logo_bomb_ends_in_a_sentence_or_a_small_picture(content, as_alice, acme):
    began = time.monotonic()
    form = {"revision": "0", "accent": "#0f3c60", "logo": SimpleUploadedFile("logo.png", content)}

    answer = as_alice.post(reverse("branding", args=["acme"]), form, headers=EN)

    with scope(organization=acme):
        logo = getattr(Branding.objects.first(), "logo", "")
    assert answer.status_code in (302, 422)
    assert answer.status_code == 302 or "picture" in answer.content.decode()
    assert b"script" not in base64.b64decode(logo)
    assert len(logo) < 1_000_000
    assert time.monotonic() - began < 10


def test_texts_of_a_brand_are_only_text(as_alice, acme):
    evil = "</p><script>alert(1)</script>{{ 7|add:7 }}<img src=file:///etc/passwd>"
    form = {"revision": "0", "accent": "#0f3c60", "cover_text": evil, "disclaimer": evil}

    page = as_alice.post(reverse("branding", args=["acme"]), form, follow=True, headers=EN).content.decode()

    assert ("<script>alert" in page, "<img src=file" in page, "&lt;script&gt;alert(1)" in page) == (False, False, True)


def objects(*bodies: bytes) -> bytes:
    parts = [f"{number} 0 obj\n".encode() + body + b"\nendobj\n" for number, body in enumerate(bodies, start=1)]
    return b"%PDF-1.7\n" + b"".join(parts) + f"trailer<</Size {len(bodies) + 1}/Root 1 0 R>>\nstartxref\n0\n%%EOF".encode()


def stream(data: bytes, filters: bytes = b"/FlateDecode") -> bytes:
    return b"<</Filter[" + filters + b"]/Length %d>>stream\n" % len(data) + data + b"\nendstream"


def encrypted() -> bytes:
    writer, buffer = PdfWriter(), io.BytesIO()
    writer.add_blank_page(9, 9)
    writer.encrypt("secret")
    writer.write(buffer)
    return buffer.getvalue()


ZEROS = zlib.compress(b"\0" * 200_000_000, 9)
EMBEDDED = b"<</Type/Catalog/Names<</EmbeddedFiles<</Names[(a.json) 2 0 R]>>>>>>"
BOMBS = {
    "metadata": objects(b"<</Type/Catalog/Metadata 2 0 R>>", stream(ZEROS)),
    "twice packed": objects(b"<</Type/Catalog/Metadata 2 0 R>>", stream(zlib.compress(ZEROS, 9), b"/FlateDecode/FlateDecode")),
    "attachment": objects(EMBEDDED, b"<</Type/Filespec/F(a.json)/EF<</F 3 0 R>>>>", stream(ZEROS)),
    "deep": objects(b"<</Type/Catalog/Metadata " + b"[" * 300_000 + b"]" * 300_000 + b">>"),
    "many objects": objects(b"<</Type/Catalog>>", *(b"<</A 1 0 R>>" for _number in range(100_000))),
    "ring": objects(b"<</Type/Catalog/Names<</EmbeddedFiles 2 0 R>>>>", b"<</Kids[2 0 R 2 0 R]>>"),
    "encrypted": encrypted(),
}


@pytest.mark.parametrize("content", BOMBS.values(), ids=BOMBS)
def test_a_pdf_bomb_ends_in_a_sentence(as_alice, content):
    cache.clear()
    began = time.monotonic()

    answer = as_alice.post(reverse("verify"), {"file": SimpleUploadedFile("report.pdf", content)}, headers=EN)

    assert (answer.status_code, "Not recognised" in answer.content.decode()) == (200, True)
    assert time.monotonic() - began < 25
