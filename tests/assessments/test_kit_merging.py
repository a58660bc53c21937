"""The three-way merge as tables: handed out, come back, there now."""

from itertools import product

import pytest

from assessments.kit.merging import ABSENT, PARTS, Outcome, Said, Side, count_rows, lacks_note, merge_row

FULL, PARTLY, NA, NOTHING = ("full", ""), ("partly", ""), ("na", "other"), ("", "")


@pytest.mark.parametrize(
    ("base", "theirs", "ours", "outcome", "stands_ours", "stands_theirs"),
    [
        pytest.param(FULL, FULL, FULL, "unchanged", FULL, FULL, id="nobody touched it"),
        pytest.param(NOTHING, FULL, NOTHING, "added", FULL, FULL, id="answered in the workbook"),
        pytest.param(FULL, PARTLY, FULL, "changed", PARTLY, PARTLY, id="changed in the workbook"),
        pytest.param(FULL, NOTHING, FULL, "changed", NOTHING, NOTHING, id="cleared in the workbook"),
        pytest.param(FULL, FULL, PARTLY, "unchanged", PARTLY, PARTLY, id="changed here only"),
        pytest.param(FULL, PARTLY, PARTLY, "same", PARTLY, PARTLY, id="changed alike"),
        pytest.param(NOTHING, FULL, PARTLY, "conflict", PARTLY, FULL, id="answered twice"),
        pytest.param(FULL, PARTLY, NOTHING, "conflict", NOTHING, PARTLY, id="changed there, cleared here"),
        pytest.param(FULL, None, PARTLY, "missing", PARTLY, PARTLY, id="no such column"),
        pytest.param(("na", "other"), ("na", "not_in_scope"), ("na", "other"), "changed", ("na", "not_in_scope"), ("na", "not_in_scope"), id="another reason"),
    ],
)  # fmt: skip
def test_the_rule_of_three(base, theirs, ours, outcome, stands_ours, stands_theirs):
    row = merge_row("X", Said(base, "n"), Said(theirs, "n"), Said(ours, "n"))

    assert row.parts["rating"] == outcome
    assert row.settled(Side.OURS).rating == stands_ours
    assert row.settled(Side.THEIRS).rating == stands_theirs


@pytest.mark.parametrize(
    ("theirs", "ours", "outcome"),
    [
        pytest.param(Said(FULL, "a", ("p",)), Said(), "added", id="all added"),
        pytest.param(Said(FULL, "", ()), Said(PARTLY, "", ()), "conflict", id="rating in conflict"),
        pytest.param(Said(NOTHING, "a", ()), Said(NOTHING, "b", ()), "conflict", id="note in conflict"),
        pytest.param(Said(NOTHING, "", ("p",)), Said(NOTHING, "", ("q",)), "conflict", id="evidence in conflict"),
        pytest.param(Said(FULL, "a", ()), Said(FULL, "b", ()), "conflict", id="same rating, other note"),
        pytest.param(Said(FULL, "", ()), Said(NOTHING, "b", ()), "added", id="different parts do not collide"),
        pytest.param(Said(), Said(FULL, "b", ("q",)), "unchanged", id="only changed here"),
        pytest.param(ABSENT, Said(FULL, "b", ("q",)), "missing", id="not in the file"),
    ],
)
def test_a_row_has_the_gravest_outcome_of_its_parts(theirs, ours, outcome):
    assert merge_row("X", Said(), theirs, ours).outcome == outcome


def test_parts_are_taken_over_on_their_own():
    row = merge_row("X", Said(), Said(FULL, "theirs", ()), Said(NOTHING, "ours", ("p",)))

    assert row.settled(Side.OURS) == Said(FULL, "ours", ("p",))
    assert row.settled(Side.THEIRS) == Said(FULL, "theirs", ("p",))


def test_na_is_never_parted_from_its_note():
    row = merge_row("X", Said(FULL, "why", ()), Said(NA, "why", ()), Said(FULL, "", ()))

    assert row.conflicts == ("rating", "note")
    assert row.settled(Side.OURS) == Said(FULL, "", ())
    assert row.settled(Side.THEIRS) == Said(NA, "why", ())


def test_na_without_a_note_on_either_side_is_refused():
    row = merge_row("X", Said(), Said(NA, None, None), Said())

    assert (row.outcome, row.refusal) == ("refused", "note_missing")
    assert row.settled(Side.THEIRS) == Said()


def test_a_refused_row_stays_as_it_is():
    row = merge_row("X", Said(), Said(FULL, "x", ("p",)), Said(PARTLY, "y", ()), refusal="not_yours")

    assert row.outcome == Outcome.REFUSED
    assert {row.settled(side) for side in Side} == {Said(PARTLY, "y", ())}


RATINGS = [("", ""), ("full", ""), ("na", "other")]
NOTES = ["", "a", "b"]
VALID = [Said(rating, note, ()) for rating, note in product(RATINGS, NOTES) if rating[0] != "na" or note]
RETURNED = [*VALID, *(Said(rating, None, ()) for rating in RATINGS), *(Said(None, note, ()) for note in NOTES), ABSENT]


def test_whatever_meets_whatever_the_result_is_valid_and_loses_nothing_unseen():
    """All combinations: n/a keeps its note; a change made here is replaced only where the row says conflict."""
    rows = [merge_row("X", *states) for states in product(VALID, RETURNED, VALID)]

    for row in rows:
        for side in Side:
            assert not lacks_note(row.settled(side))
        for part in PARTS:
            if row.ours.part(part) != row.base.part(part) and row.parts[part] != Outcome.CONFLICT:
                assert row.settled(Side.THEIRS).part(part) == row.ours.part(part)
        assert row.refusal or row.settled(Side.OURS).part("evidence") == row.ours.evidence


def test_every_row_is_counted_once():
    rows = [merge_row("X", *states) for states in product(VALID, RETURNED, VALID)]

    counts = count_rows(rows)

    assert sum(counts.values()) == len(rows)
    assert set(counts) == set(Outcome)
