import hashlib
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django_scopes import scope

from assessments.operations.assigning import assign_items
from dcmm_site.management.commands.work import load_operations
from organizations.guests import guest_at
from organizations.models import ActivityEntry, QueuedMail
from organizations.operations.engagement import end_engagement
from organizations.operations.mail import send_next_mail
from organizations.operations.membership import remove_member
from organizations.queries import membership_of
from reports.content.snapshot import sha256_of
from reports.freezing import NothingAssigned, thaw
from reports.jobs import INTERRUPTIONS, LEASE, TRIES
from reports.models import IssuedFile, RenderJob, Report
from reports.operations import queueing, working
from reports.operations.expiring import expire_reports
from reports.operations.ordering import NothingToDo, cancel_report, make_again
from reports.operations.publishing import Lost, publish
from reports.operations.queueing import TooManyWaiting, is_wanted, note_step, renew_lease, take_job
from reports.operations.rendering import Made, RenderFailed
from tests.conftest import NOON, begin
from tests.reports.ordering import fresh, job_of, make, make_all, order

SOON = NOON + timedelta(seconds=1)
MADE = Made({"xlsx": b"PK made"}, None)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def actions(acme, alice):
    """The policy actions: the smallest questionnaire."""
    return begin(acme, alice, code="policy-actions")


@pytest.fixture
def quick(monkeypatch):
    """A render without a child process, where the queue is what is tested."""
    monkeypatch.setattr(working, "render_report", lambda report, **_options: MADE)


def test_an_order_freezes_and_a_worker_makes_it(actions, alice, media):
    report = order(actions, alice)
    assert (fresh(report).file_of, job_of(report).state) == ({}, "waiting")

    make()

    made = fresh(report)
    content = made.workbook.open("rb").read()
    assert (job_of(report).state, job_of(report).percent, made.ready_at) == ("done", 100, NOON)
    assert content.startswith(b"PK")
    assert made.hashes == {"xlsx": hashlib.sha256(content).hexdigest()}
    assert list(IssuedFile.objects.values_list("sha256", "snapshot_sha256")) == [(made.hashes["xlsx"], made.sha256)]
    assert made.sha256 == sha256_of(made.snapshot)


def test_what_is_answered_after_the_order_is_not_in_it(actions, alice, quick):
    first = order(actions, alice)
    with scope(organization=actions.organization):
        actions.name = "Another name"
        actions.save()

    make()

    assert [snapshot.assessment for snapshot in thaw(fresh(first).snapshot)] == ["2026 self-assessment"]


def test_both_languages_are_frozen_together(actions, alice):
    report = order(actions, alice, language="both")

    assert [snapshot.language for snapshot in thaw(fresh(report).snapshot)] == ["zh-hans", "en"]


def test_the_same_order_twice_is_one_while_it_is_under_way(actions, alice, quick):
    first, second = order(actions, alice), order(actions, alice)
    other = order(actions, alice, language="en")
    make_all()
    third = order(actions, alice)

    assert first.pk == second.pk
    assert len({first.pk, other.pk, third.pk}) == 3


def test_the_worker_tells_the_trail_and_who_asked(actions, alice, quick, mailoutbox):
    report = order(actions, alice)
    make()
    load_operations()

    with scope(organization=actions.organization):
        verbs = list(
            ActivityEntry.objects.filter(about__startswith=f"report {report.pk} ")
            .order_by("number")
            .values_list("verb", flat=True)
        )
    while send_next_mail(at=SOON) is not None:
        pass
    assert verbs == ["report.ordered", "report.made"]
    assert [(mail.to, actions.name in mail.body) for mail in mailoutbox] == [([alice.email], True)]


def test_the_queue_holds_no_text_of_a_tenant(actions, alice):
    order(actions, alice)

    texts = [value for value in RenderJob.objects.values().get().values() if isinstance(value, str)]
    assert sorted(texts) == ["", "", "", "waiting"]


def test_a_dead_workers_job_is_taken_again_when_its_lease_is_over(actions, alice):
    report = order(actions, alice)
    first = take_job(NOON)

    assert take_job(NOON + LEASE - timedelta(seconds=1)) is None
    second = take_job(NOON + LEASE)

    assert second.pk == first.pk
    assert (second.attempts, second.token != first.token) == (2, True)
    assert not renew_lease(first, at=NOON)
    assert not note_step(first, "pdf")
    assert not is_wanted(first)
    with scope(organization=actions.organization), pytest.raises(Lost):
        publish(job=first, report=fresh(report), made=MADE, by=alice, at=NOON)


def test_what_a_worker_without_the_lease_made_is_thrown_away(actions, alice, media):
    report = order(actions, alice)
    late, now = take_job(NOON), take_job(NOON + LEASE)

    with scope(organization=actions.organization):
        publish(job=now, report=fresh(report), made=MADE, by=alice, at=NOON)
        with pytest.raises(Lost):
            publish(job=late, report=fresh(report), made=Made({"xlsx": b"PK late"}, None), by=alice, at=NOON)

    assert [path.read_bytes() for path in media.rglob("*.xlsx")] == [b"PK made"]
    assert (IssuedFile.objects.count(), QueuedMail.objects.count()) == (1, 1)


def test_a_lease_that_is_renewed_is_kept(actions, alice):
    order(actions, alice)
    job = take_job(NOON)

    assert renew_lease(job, at=NOON + timedelta(seconds=40))
    assert take_job(NOON + LEASE) is None


def test_three_failures_end_it_with_a_reason(actions, alice, monkeypatch):
    def fail(report, **_options):
        raise RenderFailed("too_big")

    monkeypatch.setattr(working, "render_report", fail)
    poison = order(actions, alice)

    make_all()

    job = job_of(poison)
    assert (job.state, job.attempts, job.failure, job.token) == ("failed", TRIES, "too_big", "")


def fail(monkeypatch, key="too_long"):
    def render(report, **_options):
        raise RenderFailed(key)

    monkeypatch.setattr(working, "render_report", render)


def mails_of(person, mailoutbox) -> list:
    load_operations()
    person.language = "en"
    person.save()
    while send_next_mail(at=NOON + timedelta(hours=1)) is not None:
        pass
    return [mail for mail in mailoutbox if mail.to == [person.email]]


def test_who_asked_hears_that_it_failed_why_and_where_to_try_again(actions, alice, monkeypatch, mailoutbox):
    fail(monkeypatch)
    report = order(actions, alice)
    make_all()

    (mail,) = mails_of(alice, mailoutbox)

    assert f"Report could not be made: {actions.name}" in mail.subject
    assert "Making it took too long." in mail.body
    assert mail.body.endswith(f"/o/acme/assessments/{actions.pk}/reports/#report-{report.pk}")


def test_no_mail_of_a_failure_that_was_mended_or_that_is_not_theirs_any_more(
    actions, acme, alice, dora, monkeypatch, mailoutbox
):
    fail(monkeypatch)
    first, second = order(actions, alice), order(actions, dora)
    make_all()
    with scope(organization=acme):
        make_again(report=first, place=membership_of(alice, "acme"), by=alice, at=SOON)
        remove_member(membership=membership_of(dora, "acme"), by=alice, at=SOON)

    assert (job_of(first).state, job_of(second).state) == ("waiting", "failed")
    assert mails_of(alice, mailoutbox) == []
    assert [mail for mail in mailoutbox if "could not be made" in mail.subject] == []


def test_a_failure_that_trying_cannot_mend_ends_at_once(actions, alice, monkeypatch):
    def fail(report, **_options):
        raise RenderFailed("no_font")

    monkeypatch.setattr(working, "render_report", fail)
    report = order(actions, alice)

    make()

    assert (job_of(report).state, job_of(report).attempts) == ("failed", 1)


def test_a_report_that_kills_its_workers_ends(actions, alice):
    report = order(actions, alice)
    for number in range(INTERRUPTIONS):
        assert take_job(NOON + LEASE * number)

    make(NOON + LEASE * INTERRUPTIONS)

    assert (job_of(report).state, job_of(report).failure) == ("failed", "killed")


def test_workers_are_shared_among_those_who_ask(acme, globex, alice, charlie):
    of_acme = begin(acme, alice, code="policy-actions")
    of_globex = begin(globex, charlie, code="policy-actions")
    for language in ("zh-hans", "en", "both"):
        order(of_acme, alice, language=language)
    order(of_globex, charlie, at=SOON)

    tenants = [take_job(SOON).tenant for _turn in range(4)]

    assert tenants == [acme.pk, globex.pk, acme.pk, acme.pk]


def test_one_organization_can_not_fill_the_queue(actions, alice, monkeypatch):
    monkeypatch.setattr(queueing, "MOST_WAITING", 2)
    for language in ("zh-hans", "en"):
        order(actions, alice, language=language)

    with pytest.raises(TooManyWaiting):
        order(actions, alice, language="both")


def test_stop_what_waits_and_what_is_being_made(actions, alice):
    waiting, making = order(actions, alice), order(actions, alice, language="en")
    job = take_job(NOON)
    first, second = (waiting, making) if job.report == making.pk else (making, waiting)

    with scope(organization=actions.organization):
        for report in (first, second):
            cancel_report(report=report, by=alice, at=NOON)

    assert job_of(first).state == "cancelled"
    assert not is_wanted(job)
    assert queueing.give_back(job, at=NOON)
    assert job_of(second).state == "cancelled"
    with scope(organization=actions.organization), pytest.raises(NothingToDo):
        cancel_report(report=first, by=alice, at=NOON)


def test_a_worker_that_has_to_stop_gives_its_job_back(actions, alice):
    report = order(actions, alice)

    working.make_next_report(lambda: NOON, goes_on=lambda: False)

    assert (job_of(report).state, job_of(report).attempts, job_of(report).token) == ("waiting", 0, "")


def test_make_it_again_after_a_failure(actions, alice, quick):
    report = order(actions, alice)
    RenderJob.objects.update(state="failed", attempts=TRIES, failure="killed")

    with scope(organization=actions.organization):
        make_again(report=fresh(report), place=membership_of(alice, "acme"), by=alice, at=NOON)
    make()

    assert job_of(report).state == "done"
    with scope(organization=actions.organization), pytest.raises(NothingToDo):
        make_again(report=fresh(report), place=membership_of(alice, "acme"), by=alice, at=NOON)


def test_what_was_made_while_a_page_was_open_is_not_made_again(actions, alice, quick):
    report = order(actions, alice)
    open_page = fresh(report)
    make()

    with scope(organization=actions.organization), pytest.raises(NothingToDo):
        make_again(report=open_page, place=membership_of(alice, "acme"), by=alice, at=NOON)

    assert job_of(report).state == "done"


def test_expired_files_go_and_come_back_the_same(actions, alice, settings, media):
    report = order(actions, alice)
    make()
    before = fresh(report)

    expire_reports(NOON + settings.REPORT_KEPT - timedelta(seconds=1))
    assert fresh(report).file_of
    expire_reports(NOON + settings.REPORT_KEPT)
    gone = fresh(report)
    assert (gone.file_of, gone.expired_at is not None, list(media.rglob("*.xlsx"))) == ({}, True, [])

    with scope(organization=actions.organization):
        make_again(report=gone, place=membership_of(alice, "acme"), by=alice, at=NOON + settings.REPORT_KEPT)
    make(NOON + settings.REPORT_KEPT)

    assert fresh(report).hashes == before.hashes
    assert fresh(report).file_of


def test_files_that_nobody_knows_go_after_a_day(actions, alice, media, quick):
    report = order(actions, alice)
    make()
    storage = fresh(report).workbook.storage
    orphan = storage.save(f"reports/{actions.organization_id}/lost.pdf", ContentFile(b"%PDF"))
    left = storage.get_modified_time(orphan)

    expire_reports(left + timedelta(hours=1))
    assert storage.exists(orphan)
    expire_reports(left + timedelta(days=2))

    assert not storage.exists(orphan)
    assert storage.exists(fresh(report).workbook.name)


def test_rights_are_asked_again_when_the_worker_begins(actions, acme, alice, dora, quick):
    report = order(actions, dora)
    with scope(organization=acme):
        remove_member(membership=membership_of(dora, "acme"), by=alice, at=NOON)

    make()

    assert (job_of(report).state, job_of(report).failure, fresh(report).file_of) == ("failed", "rights_ended", {})


def test_the_order_of_an_ended_engagement_is_not_made(acme, engagement, alice, rita, quick):
    assessment = begin(acme, alice, code="policy-actions")
    report = order(assessment, rita, place=guest_at(rita, "acme"))
    with scope(organization=acme):
        end_engagement(engagement=engagement, reason="", by=alice, at=NOON)

    make()

    assert (job_of(report).state, job_of(report).failure) == ("failed", "rights_ended")


def test_a_guests_order_is_asked_for_by_the_firm(acme, sage, engagement, alice, rita, quick):
    report = order(begin(acme, alice, code="policy-actions"), rita, place=guest_at(rita, "acme"))
    make()

    job = job_of(report)
    assert (job.tenant, job.asking, job.engagement, job.state) == (acme.pk, sage.pk, engagement.pk, "done")


def test_a_department_volume_holds_what_is_assigned_to_it(assessment, acme, alice, data_office):
    with pytest.raises(NothingAssigned):
        order(assessment, alice, variant="department", department=data_office)
    with scope(organization=acme):
        assign_items(assessment=assessment, item_codes=["DQ1", "DS1"], department=data_office, by=alice, at=NOON)

    report = order(assessment, alice, variant="department", department=data_office)

    assert (report.items, report.department_name) == (["DS1", "DQ1"], "Data office")
    assert Report.Variant(report.variant).label
