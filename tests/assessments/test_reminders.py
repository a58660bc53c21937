from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django_scopes import scope

from assessments.models import Assessment
from assessments.operations.assigning import assign_items
from assessments.operations.reminding import is_day_to_remind, remind_now, render_digest, send_reminders
from organizations.jobs import DAILY
from organizations.models import Department, Membership, QueuedMail, Role, User
from organizations.operations.mail import send_due_mail
from organizations.operations.membership import add_member
from tests.assessments.test_board import answer
from tests.conftest import NOON, begin, everywhere

TODAY = date(2026, 11, 20)


def assign(assessment, by, *codes, days=None, **values):
    due = {} if days is None else {"due_on": TODAY + timedelta(days=days)}
    with scope(organization=assessment.organization):
        assign_items(assessment=assessment, item_codes=codes, **due, **values, by=by, at=NOON)


def reminded(at=NOON):
    send_reminders(at)
    found = sorted(QueuedMail.objects.values_list("to", flat=True))
    QueuedMail.objects.all().delete()
    return found


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (4, False),
        (3, True),
        (2, False),
        (1, True),
        (0, False),
        (-1, True),
        (-2, False),
        (-7, False),
        (-8, True),
        (-15, True),
        (-16, False),
    ],
)
def test_the_days_of_a_reminder(days, expected):
    assert is_day_to_remind(TODAY + timedelta(days=days), TODAY) is expected


def test_it_is_a_daily_job():
    assert send_reminders in DAILY.values()


def test_one_digest_per_person_over_all_organizations(acme, globex, alice, charlie, eve):
    ours, theirs = begin(acme, alice, name="Ours"), begin(globex, charlie, name="Theirs")
    with scope(organization=globex):
        add_member(organization=globex, user=eve, role=Role.RESPONDENT, by=charlie, at=NOON)
    assign(ours, alice, "DS1", person=eve, days=1)
    assign(theirs, charlie, "DS2", "DG1", person=eve, days=-1)
    User.objects.filter(pk=eve.pk).update(language="en")

    send_reminders(NOON)
    send_due_mail(NOON)

    (message,) = mail.outbox
    assert message.to == ["eve@acme.example"]
    assert "3 items wait for answers, 2 overdue" in message.subject
    assert "overdue since 2026-11-19" in message.body
    assert "due 2026-11-21" in message.body
    assert "Acme 数据公司 · Ours" in message.body
    assert "Globex · Theirs" in message.body
    assert reverse("profile") in message.body
    assert "&" not in message.body


def test_the_digest_is_in_the_persons_language(assessment, alice, eve):
    assign(assessment, alice, "DS1", person=eve, days=1)
    User.objects.filter(pk=eve.pk).update(language="zh-hans")

    send_reminders(NOON)
    send_due_mail(NOON)

    assert "2026-11-21" in mail.outbox[0].body
    assert "wait" not in mail.outbox[0].subject + mail.outbox[0].body


def test_everybody_of_a_department_is_reminded_unless_a_person_is_named(assessment, acme, alice, eve, dora, data_office):
    with scope(organization=acme):
        Membership.objects.filter(user=dora).update(department=data_office)
    assign(assessment, alice, "DS1", department=data_office, days=1)
    assert reminded() == ["dora@acme.example", "eve@acme.example"]

    User.objects.update(reminded_on=None)
    assign(assessment, alice, "DS1", person=eve)
    assert reminded() == ["eve@acme.example"]


@pytest.mark.parametrize("state", Assessment.State)
def test_only_open_assessments_remind(assessment, acme, alice, eve, state):
    assign(assessment, alice, "DS1", person=eve, days=1)
    with scope(organization=acme):
        Assessment.objects.update(state=state)

    assert reminded() == (["eve@acme.example"] if state in ("answering", "returned") else [])


def test_finished_items_do_not_remind(assessment, acme, alice, eve):
    assign(assessment, alice, "DS1", person=eve, days=1)
    with scope(organization=acme):
        answer(assessment, "DS1", eve)

    assert reminded() == []


@pytest.mark.parametrize("change", [{"wants_digest": False}, {"is_active": False}, {"reminded_on": TODAY}])
def test_who_is_not_reminded(assessment, alice, eve, change):
    assign(assessment, alice, "DS1", person=eve, days=1)
    User.objects.filter(pk=eve.pk).update(**change)

    assert reminded() == []


def test_who_left_or_became_a_viewer_is_not_reminded(assessment, acme, alice, eve, dora):
    assign(assessment, alice, "DS1", person=eve, days=1)
    assign(assessment, alice, "DS2", person=dora, days=1)
    with scope(organization=acme):
        Membership.objects.filter(user=eve).delete()
        Membership.objects.filter(user=dora).update(role=Role.VIEWER)

    assert reminded() == []


def test_a_namesake_department_elsewhere_reminds_nobody_here(acme, globex, charlie, eve):
    with scope(organization=globex):
        theirs = Department.objects.create(organization=globex, name="Data office")
    assign(begin(globex, charlie), charlie, "DS1", department=theirs, days=1)

    assert reminded() == []


def test_once_a_day_however_often_it_runs(assessment, alice, eve):
    assign(assessment, alice, "DS1", person=eve, days=-1)

    counts = [len(reminded(at)) for at in (NOON, NOON + timedelta(hours=1), NOON + timedelta(days=7))]

    assert counts == [1, 0, 1]


def test_the_day_is_that_of_the_site(assessment, alice, eve):
    assign(assessment, alice, "DS1", person=eve, days=1)
    evening = datetime(2026, 11, 19, 16, 30, tzinfo=UTC)  # half past midnight of the 20th in Shanghai

    assert reminded(evening) == ["eve@acme.example"]


def test_what_was_answered_before_the_mail_leaves_is_not_in_it(assessment, acme, alice, eve):
    assign(assessment, alice, "DS1", person=eve, days=1)
    send_reminders(NOON)
    with scope(organization=acme):
        answer(assessment, "DS1", eve)

    send_due_mail(NOON)

    assert mail.outbox == []
    assert not QueuedMail.objects.exists()


def test_remind_now_names_everything_that_waits_due_or_not(assessment, acme, alice, eve):
    assign(assessment, alice, "DS1", "DS2", person=eve)
    with scope(organization=acme):
        assert remind_now(assessment=assessment, person=eve, by=alice, at=NOON)

    with everywhere():
        subject, text = render_digest(QueuedMail.objects.get().payload, NOON)

    assert text.count("\n- ") == 2
    assert subject


def test_a_digest_for_somebody_deleted_is_nothing(db):
    assert render_digest({"user": 123456}, NOON) is None
