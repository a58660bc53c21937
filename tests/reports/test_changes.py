from dataclasses import replace
from datetime import date

import pytest

from assessments.answer_files import AnswerSet
from assessments.results import assess
from reports.content.changes import NotComparable, changes_between
from reports.content.dossier import Dossier, Link, Piece
from reports.content.snapshot import take_snapshot


def told(bank, basis, ratings, *, notes=None, language="en", pieces=(), links=None, on=date(2026, 6, 3)):
    answers = AnswerSet(ratings=dict(ratings), notes=notes or {})
    dossier = Dossier(state="answering", pieces=pieces, links=links or {})
    outcome = assess(bank, basis, answers.ratings, target=3)
    about = {"organization": "Acme", "assessment": "2026", "on": on, "language": language}
    return take_snapshot(outcome, basis, answers, dossier=dossier, **about)


@pytest.fixture
def bank(questionnaires):
    return questionnaires["gbt36073-2025"]


@pytest.fixture
def draft(bank, basis):
    return told(bank, basis, dict.fromkeys(bank.item_of, "partly"), notes={"DS1.1.1": "old"})


def test_two_equal_snapshots_say_that_nothing_changed(draft):
    assert changes_between(draft, draft).is_empty


def test_an_answer_its_note_and_its_evidence(bank, basis, draft):
    ratings = dict.fromkeys(bank.item_of, "partly") | {"DS1.1.1": "full"}
    now = told(
        bank, basis, ratings, notes={"DS1.1.1": "new"},
        pieces=(Piece("The plan", "plan", "internal"),), links={"DS1.1.1": (Link(0),)}, on=date(2026, 7, 1),
    )  # fmt: skip

    changes = changes_between(draft, now)

    (answer,) = changes.answers
    assert (answer.code, answer.item, answer.before, answer.after) == ("DS1.1.1", "DS1", "Partly met", "Fully met")
    assert (answer.note_before, answer.note_after, answer.added, answer.removed) == ("old", "new", ("The plan",), ())
    assert [row.code for row in changes.items] == ["DS1"]
    assert [row.code for row in changes.domains] == ["DS"]
    assert changes.whole.before != changes.whole.after or changes.domains
    assert changes.since == "2026-06-03"


def test_an_item_that_no_longer_applies_is_named(bank, basis, draft):
    ratings = dict.fromkeys(bank.item_of, "partly")
    ratings |= {code: "na" for code, item in bank.item_of.items() if item == "DS1"}

    changes = changes_between(draft, told(bank, basis, ratings))

    assert [(row.code, row.after) for row in changes.items] == [("DS1", "")]
    assert all(row.after.startswith("Not applicable") for row in changes.answers)


def test_words_are_those_of_the_newer_report_whatever_language_the_older_had(bank, basis, draft):
    now = told(bank, basis, dict.fromkeys(bank.item_of, "partly") | {"DS1.1.1": "full"}, language="zh-hans")

    (answer,) = [row for row in changes_between(draft, now).answers if row.before != row.after]

    assert (answer.before, answer.after) == ("部分满足", "满足")


def test_reports_on_different_questionnaires_are_not_compared(draft):
    with pytest.raises(NotComparable):
        changes_between(draft, replace(draft, questionnaire="policy-actions"))
