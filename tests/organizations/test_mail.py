from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import get_language, override

from organizations import jobs
from organizations.jobs import run_daily_jobs
from organizations.mail import RENDERERS, in_language_of, renders
from organizations.models import DailyRun, QueuedMail, User
from organizations.operations.mail import queue_mail, queue_rendered_mail, send_due_mail, send_next_mail
from tests.conftest import NOON, PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind():
    """A kind of mail of this test's own."""
    yield "test"
    RENDERERS.pop("test", None)


@pytest.fixture
def broken_server(monkeypatch):
    def refuse(*arguments, **options):
        raise ConnectionRefusedError("answer: the secret text")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    return monkeypatch


@pytest.fixture
def daily(monkeypatch):
    """Registers jobs for this test only."""
    monkeypatch.setattr(jobs, "DAILY", {})
    return jobs.daily


def test_a_mail_waits_and_is_gone_once_sent():
    queue_mail(to="a@acme.example", subject="Hello\nthere", text="Text", at=NOON)
    assert outbox.outbox == []

    assert send_due_mail(NOON) == 1

    assert [(message.to, message.subject, message.body) for message in outbox.outbox] == [
        (["a@acme.example"], "Hello there", "Text")
    ]
    assert not QueuedMail.objects.exists()


def test_a_mail_of_an_act_that_is_rolled_back_is_not_sent():
    @transaction.atomic
    def act():
        queue_mail(to="a@acme.example", subject="s", text="t", at=NOON)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()

    assert send_due_mail(NOON) == 0


def test_a_mail_that_cannot_be_delivered_is_tried_three_times_and_keeps_a_reason_but_no_text(broken_server, caplog):
    mail = queue_mail(to="a@acme.example", subject="s", text="the secret text", at=NOON)

    tries = [send_next_mail(at=NOON + timedelta(minutes=minute)) for minute in (0, 1, 2, 11, 12, 60)]

    mail.refresh_from_db()
    assert tries == [False, None, False, None, False, None]
    assert (mail.attempts, mail.failed_at, mail.text) == (3, NOON + timedelta(minutes=12), "")
    assert mail.failure == "builtins.ConnectionRefusedError"
    assert "secret" not in caplog.text


def test_a_failing_mail_does_not_hold_up_the_others(kind):
    renders(kind)(lambda payload, at: 1 / 0)
    queue_rendered_mail(kind=kind, to="a@acme.example", payload={}, at=NOON)
    queue_mail(to="b@acme.example", subject="s", text="t", at=NOON)

    assert send_due_mail(NOON) == 1
    assert [message.to for message in outbox.outbox] == [["b@acme.example"]]


def test_the_mail_of_a_killed_worker_is_taken_up_within_a_minute(monkeypatch):
    queue_mail(to="a@acme.example", subject="s", text="t", at=NOON)
    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", lambda message: exit(9))
        with pytest.raises(SystemExit):
            send_next_mail(at=NOON)

    assert send_next_mail(at=NOON + timedelta(seconds=5)) is None
    assert send_next_mail(at=NOON + timedelta(minutes=1)) is True


def test_a_mail_that_kills_its_worker_three_times_is_given_up(monkeypatch):
    mail = queue_mail(to="a@acme.example", subject="s", text="t", at=NOON)
    monkeypatch.setattr("django.core.mail.EmailMessage.send", lambda message: exit(9))
    for minute in range(3):
        with pytest.raises(SystemExit):
            send_next_mail(at=NOON + timedelta(minutes=minute))

    assert send_next_mail(at=NOON + timedelta(minutes=5)) is None
    mail.refresh_from_db()
    assert mail.failed_at is not None


def test_a_slow_worker_does_not_drop_the_mail_that_another_has_taken_over(monkeypatch):
    mail = queue_mail(to="a@acme.example", subject="s", text="t", at=NOON)
    monkeypatch.setattr(
        "django.core.mail.EmailMessage.send", lambda message: QueuedMail.objects.filter(pk=mail.pk).update(attempts=2)
    )

    send_next_mail(at=NOON)

    assert QueuedMail.objects.filter(pk=mail.pk, attempts=2).exists()


def test_failed_mail_keeping_its_text_is_refused_by_the_database():
    mail = queue_mail(to="a@acme.example", subject="s", text="t", at=NOON)

    with pytest.raises(IntegrityError):
        QueuedMail.objects.filter(pk=mail.pk).update(failed_at=NOON)


def test_a_rendered_mail_is_written_when_it_leaves(kind):
    renders(kind)(lambda payload, at: (f"For {payload['id']}", f"{get_language()} at {at:%H:%M}"))
    queue_rendered_mail(kind=kind, to="a@acme.example", payload={"id": 7}, language="en", at=NOON)
    assert QueuedMail.objects.get().text == ""

    send_due_mail(NOON + timedelta(minutes=3))

    assert [(message.subject, message.body) for message in outbox.outbox] == [("For 7", "en at 04:03")]


def test_a_rendered_mail_is_in_the_recipients_language(kind, alice):
    renders(kind)(lambda payload, at: ("s", get_language()))
    User.objects.filter(pk=alice.pk).update(language="en")
    for to in ("ALICE@acme.example", "unknown@acme.example"):
        queue_rendered_mail(kind=kind, to=to, payload={}, at=NOON)

    send_due_mail(NOON)

    assert [message.body for message in outbox.outbox] == ["en", "zh-hans"]


def test_a_rendered_mail_that_is_no_longer_wanted_is_dropped(kind):
    renders(kind)(lambda payload, at: None)
    queue_rendered_mail(kind=kind, to="a@acme.example", payload={}, at=NOON)

    assert send_due_mail(NOON) == 0
    assert not QueuedMail.objects.exists()


def test_two_renderers_of_one_kind_are_refused(kind):
    renders(kind)(lambda payload, at: None)

    with pytest.raises(ValueError, match="Two renderers"):
        renders(kind)(lambda payload, at: None)


def test_texts_are_in_the_persons_language_else_in_the_current_one(alice):
    with override("en"):
        with in_language_of(alice):
            assert get_language() == "en"
        alice.language = "zh-hans"
        with in_language_of(alice):
            assert get_language() == "zh-hans"


def test_a_daily_job_is_done_once_a_day_after_seven(daily):
    done = []
    daily(done.append)
    early, later, tomorrow = NOON.replace(hour=22, day=19), NOON + timedelta(hours=1), NOON + timedelta(days=1)

    for at in (early, NOON, later, tomorrow):
        run_daily_jobs(at)

    assert done == [NOON, tomorrow]  # 22:00 UTC is six in the morning in Shanghai


def test_a_failing_daily_job_leaves_nothing_and_is_tried_three_times(daily, caplog):
    def broken(at):
        queue_mail(to="a@acme.example", subject="s", text="t", at=at)
        raise ZeroDivisionError

    daily(broken)

    for minute in range(0, 60, 11):
        assert run_daily_jobs(NOON + timedelta(minutes=minute)) == 0

    run = DailyRun.objects.get()
    assert (run.attempts, run.done_at, run.failure) == (3, None, "builtins.ZeroDivisionError")
    assert not QueuedMail.objects.exists()


def test_a_daily_job_that_another_worker_took_over_is_rolled_back(daily):
    def slow(at):
        queue_mail(to="a@acme.example", subject="s", text="t", at=at)
        DailyRun.objects.update(attempts=2)

    daily(slow)

    assert run_daily_jobs(NOON) == 0
    assert not QueuedMail.objects.exists()


def test_the_worker_sends_what_is_due_and_ends(alice):
    queue_mail(to="a@acme.example", subject="s", text="t", at=NOON)

    call_command("work", "--once")

    assert [message.to for message in outbox.outbox] == [["a@acme.example"]]


def test_account_mail_is_queued_in_the_persons_language_with_links_to_the_configured_host(client, alice, settings):
    settings.SITE_URL = "https://dcmm.example"
    User.objects.filter(pk=alice.pk).update(language="en")

    client.post(reverse("account_reset_password"), {"email": alice.email}, headers={"accept-language": "zh-hans"})

    mail = QueuedMail.objects.get()
    assert outbox.outbox == []
    assert (mail.to, mail.subject) == (alice.email, "Set a new password")
    assert "https://dcmm.example/accounts/password/reset/key/" in mail.text
    assert "testserver" not in mail.text


def test_asking_for_a_reset_tells_nobody_who_has_an_account(client, alice):
    answers = []
    for email in (alice.email, "nobody@acme.example"):
        response = client.post(reverse("account_reset_password"), {"email": email})
        answers.append((response.status_code, response.url, client.get(response.url).content.decode().count("<p")))

    assert answers[0] == answers[1]
    assert sorted(QueuedMail.objects.values_list("to", flat=True)) == [alice.email, "nobody@acme.example"]


def test_who_signs_up_gets_mail_in_the_language_of_the_page(client):
    data = {"email": "dana@initech.example", "password1": PASSWORD, "password2": PASSWORD}

    client.post(reverse("account_signup"), data, headers={"accept-language": "en"})

    assert User.objects.get().language == "en"
