"""The plan in a snapshot: what people entered, and the same numbers as on the plan's page."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.utils.html import escape
from django.utils.translation import override

from assessments.models import ImprovementAction
from assessments.operations.planning import (
    add_action,
    add_proof,
    ask_to_close,
    change_settings,
    comment_action,
    confirm_closing,
    set_status,
    suggest_actions,
)
from assessments.plan_words import priority_in_words
from assessments.planning import Priority, Reason
from assessments.queries.answers import current_basis
from assessments.queries.planning import actions_of, preview_closing, reckoning_of
from assessments.scoring import show
from reports.content.plan_telling import amount, told_in_gaps
from reports.content.snapshot import as_canonical_json, read_snapshot
from reports.papers.pdf import volume_html
from reports.queries import snapshot_of
from tests.assessments.test_lifecycle import answer_all
from tests.assessments.test_plan_operations import piece, proven
from tests.conftest import NOON

ON = date(2026, 11, 20)


@pytest.fixture
def planned(assessment, alice, dora, data_office, in_acme):
    """One closed with proof, one of one's own with every field, one dropped, and the path."""
    answer_all(assessment, alice)
    rates = {"it": Decimal("1500.50"), "data_office": Decimal(1200)}
    change_settings(
        assessment=assessment,
        revision=0,
        starts_on=date(2027, 1, 4),
        rates=rates,
        currency="CNY",
        parallel=2,
        by=alice,
        at=NOON,
    )
    first = proven(assessment, dora, codes=["DS1.1.2"], lead="legal", days=Decimal(2))
    secret = piece(assessment, alice, "Secret minutes", confidentiality="confidential")
    add_proof(action=first, evidence=secret, by=alice, at=NOON)
    closing = ask_to_close(action=first, note="The board met.", by=dora, at=NOON)
    after = preview_closing(first).after.exact
    confirm_closing(closing=closing, expected_after=after, by=alice, at=NOON)
    own = add_action(
        assessment=assessment, title="Measure it", text="Count the tables", codes=["DS1.2.2"], lead="it", owner=dora,
        department=data_office, days=Decimal("2.5"), weeks=3, starts_on=date(2027, 2, 1), due_on=date(2027, 3, 5), needs=[1],
        by=alice, at=NOON,
    )  # fmt: skip
    comment_action(action=own, text="Begun with sales", by=dora, at=NOON)
    suggest_actions(assessment=assessment, scope="path", language="en", by=alice, at=NOON)
    set_status(action=actions_of(assessment)[-1], status=ImprovementAction.Status.DROPPED, by=alice, at=NOON)
    return assessment


def told(assessment, alice, language="en"):
    return snapshot_of(assessment, on=ON, language=language, place=alice.memberships.get())


def test_everything_that_was_entered_is_told(planned, alice):
    part = told(planned, alice).plan
    first, own = part.actions[0], next(row for row in part.actions if row.number == 2)

    assert (part.starts_on, part.currency, part.closed) == ("2027-01-04", "CNY", 1)
    assert part.rates == {"Data management office": "1200", "IT department": "1500.5"}
    assert (first.number, first.status_label, first.closed_on, first.closing_note) == (
        1,
        "Closed",
        "2026-11-20",
        "The board met.",
    )
    assert first.proofs == ("Minutes, p. 3", "Confidential document")
    assert (first.cost, first.start, first.end) == ("", 0, 0)
    assert (own.title, own.text, own.owner, own.department) == ("Measure it", "Count the tables", "Dora", "Data office")
    assert (own.lead, own.days, own.weeks, own.cost) == ("IT department", "2.5", 3, "3751.25")
    assert (own.starts_on, own.due_on, own.quarter, own.needs) == ("2027-02-01", "2027-03-05", "Q1 2027", (1,))
    assert (own.items, own.criteria, own.comments) == (("DS1",), ("DS1.2.2",), ("Begun with sales",))
    assert part.actions[-1].status_label == "Not pursued"


def test_the_numbers_are_those_of_the_page(planned, alice):
    part, page = told(planned, alice).plan, reckoning_of(planned)

    assert [row.number for row in part.actions] == [row.number for row in page.plan.actions]
    for row in part.actions:
        effect, priority = page.effects[row.number], page.priorities[row.number]
        assert (row.gain, row.after, row.level_after) == (show(effect.alone), show(effect.total) or "", effect.level)
        assert (row.priority, row.is_quick_win) == (priority.letter, row.number in page.quick_wins)
        if slot := page.slots.get(row.number):
            assert (row.start, row.end) == (slot.start_week, slot.end_week)
    assert (part.score_now, part.level_now) == (show(page.now.score), page.now.level)
    assert (part.score_after, part.level_after) == (show(page.after.score), page.after.level)
    assert (part.days, part.cost) == (amount(page.days), amount(page.total))
    assert [(row.actions, row.days) for row in part.quarters] == [(row.actions, amount(row.days)) for row in page.per_quarter]
    assert sum(Decimal(row.cost) for row in part.quarters) == page.total


def test_clauses_are_the_direct_ones_of_its_items(planned, alice):
    snapshot, basis = told(planned, alice), current_basis()

    for row in snapshot.plan.actions:
        uids = [planned.questionnaire.item_by_code[code].uid for code in row.items]
        direct = {link.id for uid in uids for link in basis.direct_clauses(uid)}
        assert set(row.clauses) <= direct & set(snapshot.clause_by_id)
        assert not any(basis.library.clause_by_id[clause].is_background for clause in row.clauses)
    assert any(row.clauses for row in snapshot.plan.actions)


def test_advice_that_nobody_changed_is_referred_to(planned, alice):
    snapshot = told(planned, alice)
    first, own = snapshot.plan.actions[0], next(row for row in snapshot.plan.actions if row.number == 2)
    advised = [row for row in snapshot.plan.actions if row.is_advised]

    assert len(advised) == len(snapshot.plan.actions) - 2
    assert not first.is_advised
    assert not own.is_advised
    for row in advised:
        open_ones = {c.code for item in snapshot.gaps for c in item.open_criteria}
        assert [item.code for item in told_in_gaps(snapshot, row)] == (
            list(row.items) if open_ones.issuperset(row.criteria) else []
        )
        assert told_in_gaps(snapshot, replace(row, text="")) == ()
        assert told_in_gaps(snapshot, replace(row, criteria=(*row.criteria, "DS9.9.9"))) == ()
    assert any(told_in_gaps(snapshot, row) for row in advised)
    assert told_in_gaps(snapshot, own) == ()


def test_the_same_is_advised_in_both_languages(planned, alice):
    chinese, english = (told(planned, alice, language).plan.actions for language in ("zh-hans", "en"))

    assert [row.is_advised for row in chinese] == [row.is_advised for row in english]


def test_the_roadmap_refers_by_page_and_keeps_own_words(planned, alice):
    snapshot = told(planned, alice)
    advised = next(row for row in snapshot.plan.actions if told_in_gaps(snapshot, row))
    item = next(item for item in snapshot.items if item.code == advised.items[0])

    html = volume_html([snapshot], "full")
    roadmap = html.split('<h1 id="plan">')[1].split("<h1 ")[0]

    assert f'<a class="on-page" href="#item-{item.code}">' in roadmap
    assert escape(advised.text.splitlines()[0]) not in roadmap
    assert escape(advised.text.splitlines()[0].removeprefix("- ")) in html
    assert "Count the tables" in roadmap


def test_in_chinese_and_back_from_json(planned, alice):
    snapshot = told(planned, alice, "zh-hans")

    assert read_snapshot(as_canonical_json(snapshot)) == snapshot
    assert snapshot.plan.actions[0].clauses == told(planned, alice).plan.actions[0].clauses
    assert as_canonical_json(told(planned, alice, "zh-hans")) == as_canonical_json(snapshot)


def test_no_plan_nothing_told(assessment, alice, in_acme):
    assert told(assessment, alice).plan is None


def test_without_rates_nothing_has_a_price(assessment, alice, in_acme):
    add_action(assessment=assessment, title="x", codes=["DS1.1.1"], days=Decimal(3), by=alice, at=NOON)

    part = told(assessment, alice).plan

    assert (part.days, part.cost, part.quarters[0].cost, part.actions[0].cost) == ("3", "", "", "")


@pytest.mark.parametrize(
    ("reasons", "words"),
    [
        ((), "Nothing speaks for doing it early."),
        (
            (Reason("distance", 2, "2"), Reason("effect", 3, "0.6250"), Reason("path", 3, "1")),
            "8 points: 2 levels below target (2); adds 0.6250 per ten person-days (3); 1 criterion on the shortest path (3)",
        ),
        (
            (Reason("needed", 1, "1"), Reason("policy", 1, "encouragement"), Reason("effort", 2, "8")),
            "4 points: 1 action waits for it (1); a clause behind it encourages it (1); takes 8 person-days (2)",
        ),
        ((Reason("policy", 2, "requirement"),), "2 points: a clause behind it requires it (2)"),
    ],
)
def test_reasons_in_words(reasons, words):
    with override("en"):
        assert priority_in_words(Priority("B", sum(row.points for row in reasons), reasons)) == words
