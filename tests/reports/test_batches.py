"""Reports of several clients at once: each with the rights of who asked, at their own enterprise, and handed over so."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope

from dcmm_site.management.commands.work import load_operations
from organizations.models import ActivityEntry, QueuedMail, TeamMember, TeamRole
from organizations.operations.engagement import end_engagement
from organizations.operations.mail import send_next_mail
from reports.models import Report, ReportBatch
from reports.operations import queueing, working
from reports.operations.rendering import Made, RenderFailed
from tests.conftest import NOON, begin, engage
from tests.reports.ordering import job_of, make, make_all

LATER = timezone.now() + timedelta(hours=1)
EN = {"Accept-Language": "en"}
ORDER = {"title": "Board meeting", "variant": "chief", "language": "en", "formats": ["pdf"]}


@pytest.fixture(autouse=True)
def quick(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(working, "render_report", lambda report, **_options: Made({"pdf": b"%PDF-1.7 made"}, 2))


@pytest.fixture
def clients(acme, globex, sage, engagement, alice, charlie, rita, lena):
    """Acme has an assessment, Globex none yet; Rita reviews at both."""
    of_globex = engage(globex, sage, charlie, [(lena, TeamRole.LEAD), (rita, TeamRole.REVIEWER)])
    return {"acme": begin(acme, alice, code="policy-actions"), "engagements": (engagement, of_globex)}


def ask(client, person, slugs, **more):
    client.force_login(person)
    return client.post(reverse("portfolio_reports", args=["sage"]), ORDER | {"clients": slugs} | more, headers=EN)


def batch_of(sage) -> ReportBatch:
    with scope(organization=sage):
        return ReportBatch.objects.get()


def names_in(client, sage) -> list[str]:
    answer = client.get(reverse("download_batch", args=["sage", batch_of(sage).pk]))
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).namelist() if answer.streaming else []


def test_clients_at_once_become_one_archive(client, clients, acme, globex, sage, charlie, rita):
    begin(globex, charlie, code="policy-actions")

    answer = ask(client, rita, ["acme", "globex"])
    waiting = client.get(answer.url, headers=EN).content.decode()
    make_all(LATER)
    ready = client.get(answer.url, headers=EN).content.decode()

    assert ("0 of 2 ready" in waiting, "2 of 2 ready" in ready) == (True, True)
    assert len(names_in(client, sage)) == 2
    for organization in (acme, globex):
        with scope(organization=organization):
            verbs = list(
                ActivityEntry.objects.filter(about__startswith="report ").order_by("number").values_list("verb", flat=True)
            )
            report = Report.objects.get()
        assert verbs == ["report.ordered", "report.made", "report.downloaded"]
        assert (report.made_by, report.variant, job_of(report).asking) == (rita, "chief", sage.pk)


def test_one_mail_for_all_of_it(client, clients, globex, sage, charlie, rita, mailoutbox):
    begin(globex, charlie, code="policy-actions")
    QueuedMail.objects.all().delete()
    ask(client, rita, ["acme", "globex"])
    make_all(LATER)
    load_operations()

    while send_next_mail(at=LATER) is not None:
        pass

    assert [("Board meeting" in mail.subject, mail.to) for mail in mailoutbox] == [(True, [rita.email])]


def test_who_is_left_out_is_listed_with_the_reason(client, clients, sage, otto, rita):
    answer = ask(client, rita, ["acme", "globex"])
    page = client.get(answer.url, headers=EN).content.decode()
    refused = ask(client, otto, ["acme"])

    assert "Globex" in page
    assert "has no assessment that you may see" in page
    assert (refused.status_code, b"For none of these clients" in refused.content) == (422, True)


def test_a_client_that_is_not_ones_own_can_not_be_named(client, clients, sage, lena, alice, rita):
    answer = ask(client, rita, ["sage"])

    assert (answer.status_code, b"Select a valid choice" in answer.content) == (422, True)
    assert ask(client, alice, ["acme"]).status_code == 404


def test_after_an_engagement_its_report_is_in_no_archive(client, clients, acme, globex, sage, alice, charlie, rita):
    begin(globex, charlie, code="policy-actions")
    answer = ask(client, rita, ["acme", "globex"])
    make_all(LATER)
    end_engagement(engagement=clients["engagements"][0], by=alice, at=NOON)

    page = client.get(answer.url, headers=EN).content.decode()

    assert [name for name in names_in(client, sage) if "Acme" in name] == []
    assert len(names_in(client, sage)) == 1
    assert "Acme" not in page


def test_an_engagement_that_ends_meanwhile_ends_its_report_alone(client, clients, acme, globex, sage, alice, charlie, rita):
    begin(globex, charlie, code="policy-actions")
    ask(client, rita, ["acme", "globex"])
    end_engagement(engagement=clients["engagements"][0], by=alice, at=NOON)

    make_all(LATER)

    with scope(organization=acme):
        assert job_of(Report.objects.get()).failure == "rights_ended"
        assert Report.objects.get().snapshot == ""
    with scope(organization=globex):
        assert job_of(Report.objects.get()).state == "done"
    assert batch_of(sage).ready_at is not None


def test_colleagues_see_a_batch_only_where_they_work_themselves(client, clients, sage, rita, lena, otto):
    """Lena owns Sage and is on the team; Otto, on the team too, makes no reports."""
    answer = ask(client, rita, ["acme"])

    statuses = {}
    for person in (lena, otto):
        client.force_login(person)
        statuses[person.name] = client.get(answer.url).status_code

    assert statuses == {"Lena": 200, "Otto": 404}


def stop(client, sage, **headers):
    return client.post(reverse("cancel_batch", args=["sage", batch_of(sage).pk]), headers=EN | headers)


def again(client, sage):
    return client.post(reverse("make_batch_again", args=["sage", batch_of(sage).pk]), headers=EN, follow=True)


def test_make_what_is_missing_again(client, clients, acme, globex, sage, charlie, rita, lena):
    """Both were stopped; a colleague on the team asks for them again, with her own rights."""
    begin(globex, charlie, code="policy-actions")
    page = ask(client, rita, ["acme", "globex"]).url
    stop(client, sage)
    client.force_login(lena)

    offered = client.get(page, headers=EN).content.decode()
    waiting = again(client, sage).content.decode()
    twice = again(client, sage).content.decode()
    make_all(LATER)
    ready = client.get(page, headers=EN).content.decode()

    assert "Make the 2 that are missing again" in offered
    assert ("0 of 2 ready" in waiting, "missing again" in waiting) == (True, False)
    assert "These reports are there or being made already." in twice
    assert ("2 of 2 ready" in ready, "missing again" in ready) == (True, False)
    for organization in (acme, globex):
        with scope(organization=organization):
            job = job_of(Report.objects.get())
        assert (job.person, job.state) == (lena.pk, "done")


def test_all_of_it_again_or_none(client, clients, globex, sage, charlie, rita, monkeypatch):
    begin(globex, charlie, code="policy-actions")
    ask(client, rita, ["acme", "globex"])
    stop(client, sage)
    monkeypatch.setattr(queueing, "MOST_WAITING", 1)

    told = again(client, sage).content.decode()

    assert "0 of 2 ready · 2 stopped" in told
    assert "Make the 2 that are missing again" in told


def test_stop_what_is_not_finished(client, clients, acme, globex, sage, charlie, rita, lena, mailoutbox):
    """Acme's is made; Globex's is stopped, by a colleague on the team."""
    begin(globex, charlie, code="policy-actions")
    page = ask(client, rita, ["acme", "globex"]).url
    make(LATER)
    client.force_login(lena)
    offered = client.get(page, headers=EN).content.decode()

    told = stop(client, sage, **{"HX-Request": "true"}).content.decode()
    stop(client, sage)

    assert "Stop the 1 that is not finished" in offered
    assert ("1 of 2 ready" in told, "1 stopped" in told, "stop-batch" in told) == (True, True, False)
    assert len(names_in(client, sage)) == 1
    assert batch_of(sage).ready_at is not None
    by = {}
    for organization in (acme, globex):
        with scope(organization=organization):
            entries = ActivityEntry.objects.filter(about__startswith="report ").order_by("number")
            by[organization.slug] = [(entry.verb, entry.by) for entry in entries][:2]
    assert by == {
        "acme": [("report.ordered", rita), ("report.made", rita)],
        "globex": [("report.ordered", rita), ("report.cancelled", lena)],
    }
    assert sent(rita, mailoutbox) == [("Reports ready in part: Board meeting", ["1 was stopped."])]


def test_a_batch_that_is_stopped_whole_sends_no_mail(client, clients, globex, sage, charlie, rita, mailoutbox):
    begin(globex, charlie, code="policy-actions")
    ask(client, rita, ["acme", "globex"])

    answer = stop(client, sage)

    assert (answer.status_code, make(LATER), batch_of(sage).ready_at is not None) == (302, None, True)
    assert sent(rita, mailoutbox) == []


def test_who_may_not_make_reports_at_a_client_does_not_stop_them(client, clients, acme, sage, engagement, lena, rita):
    page = ask(client, rita, ["acme"]).url
    with scope(organization=acme):
        TeamMember.objects.filter(engagement=engagement, user=lena).update(role=TeamRole.OBSERVER)
    client.force_login(lena)

    shown, _answer = client.get(page, headers=EN).content.decode(), stop(client, sage)

    assert "stop-batch" not in shown
    with scope(organization=acme):
        assert job_of(Report.objects.get()).state == "waiting"


def test_one_mail_tells_what_failed_and_why(client, clients, acme, globex, sage, charlie, rita, mailoutbox, monkeypatch):
    begin(globex, charlie, code="policy-actions")
    ask(client, rita, ["acme", "globex"])

    def render(report, **_options):
        if report.organization == globex:
            raise RenderFailed("no_font")
        return Made({"pdf": b"%PDF-1.7 made"}, 2)

    monkeypatch.setattr(working, "render_report", render)
    make_all(LATER)

    reason = "1 failed: The server lacks a Chinese font or a library for setting PDFs. Please tell the operator."
    assert sent(rita, mailoutbox) == [("Reports ready in part: Board meeting", [reason])]


def sent(person, mailoutbox) -> list[tuple[str, list[str]]]:
    """Subject and the lines between the first and the link, of what this person gets about reports."""
    load_operations()
    person.language = "en"
    person.save()
    QueuedMail.objects.exclude(kind__startswith="report.").delete()
    while send_next_mail(at=LATER) is not None:
        pass
    mails = [mail for mail in mailoutbox if mail.to == [person.email]]
    return [(mail.subject.split("] ")[-1], mail.body.split("\n")[1:-2]) for mail in mails]
