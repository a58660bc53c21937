from datetime import date

import pytest

from assessments.proving import Flaw, Piece, Proof, claims_much, prove, proven_level
from questionnaires.schema import Evidence, Text

TODAY = date(2026, 11, 20)
LONG_AGO = date(2024, 1, 1)


def line(kind, months=None):
    return Evidence(zh="证据", en="evidence", kind=kind, months=months)


RULE, RECORD, SYSTEM = line("rule"), line("record", 12), line("system")
ASKED = line("interview")
POLICY, OLD_POLICY = Piece("policy", issued_on=date(2026, 1, 1)), Piece("policy", issued_on=LONG_AGO)
MINUTES, OLD_MINUTES = Piece("record", issued_on=date(2026, 10, 1)), Piece("record", issued_on=LONG_AGO)
ANYTHING = Piece("other")


@pytest.mark.parametrize(
    ("recipe", "pieces", "proof"),
    [
        pytest.param([RULE], [], Proof.NONE, id="nothing linked"),
        pytest.param([RULE], [POLICY], Proof.FULLY, id="the one line covered"),
        pytest.param([RULE, RECORD], [POLICY], Proof.PARTLY, id="one line of two"),
        pytest.param([RULE, RECORD], [POLICY, MINUTES], Proof.FULLY, id="both lines"),
        pytest.param([RULE, RECORD, SYSTEM], [POLICY, MINUTES], Proof.PARTLY, id="two of three"),
        pytest.param([RULE, RECORD], [POLICY, POLICY], Proof.FULLY, id="as many pieces as lines"),
        pytest.param([RECORD, RECORD, RECORD], [MINUTES], Proof.FULLY, id="one piece covers several lines of its kind"),
        pytest.param([RULE, ASKED], [POLICY], Proof.FULLY, id="an interview needs no piece"),
        pytest.param([ASKED], [], Proof.NONE, id="but something must be there"),
        pytest.param([RULE, RECORD], [POLICY, OLD_MINUTES], Proof.PARTLY, id="a stale record covers nothing"),
        pytest.param([RECORD], [OLD_MINUTES], Proof.NONE, id="and does not count"),
        pytest.param([RULE], [OLD_POLICY], Proof.FULLY, id="a rule does not grow stale"),
        pytest.param([RULE], [Piece("policy", has_content=False)], Proof.NONE, id="announced only"),
        pytest.param([RULE], [Piece("policy", valid_until=date(2026, 11, 19))], Proof.NONE, id="expired yesterday"),
        pytest.param([RULE], [Piece("policy", valid_until=TODAY)], Proof.FULLY, id="the last day counts"),
        pytest.param([RECORD], [Piece("record", issued_on=date(2025, 11, 20))], Proof.FULLY, id="twelve months to the day"),
        pytest.param([RECORD], [Piece("record", issued_on=date(2025, 11, 19))], Proof.NONE, id="a day older"),
        pytest.param([RECORD], [Piece("record")], Proof.FULLY, id="without a date taken as recent"),
        pytest.param([RULE, RECORD], [ANYTHING], Proof.PARTLY, id="another kind proves in part"),
        pytest.param([RULE], [ANYTHING], Proof.FULLY, id="or wholly where one line is asked"),
        pytest.param(
            [Text(zh="一", en="one"), Text(zh="二", en="two")], [ANYTHING], Proof.PARTLY, id="lines without kinds count"
        ),
    ],
)
def test_prove(recipe, pieces, proof):
    assert prove(recipe, pieces, TODAY).proof == proof


def test_prove_says_why_a_piece_proves_nothing():
    pieces = [MINUTES, OLD_MINUTES, Piece("record", valid_until=LONG_AGO), Piece("record", has_content=False)]

    proving = prove([RECORD], pieces, TODAY)

    assert proving.flaws == (None, Flaw.STALE, Flaw.EXPIRED, Flaw.MISSING)
    assert proving.valid == 1


def test_prove_says_which_lines_are_covered():
    proving = prove([RULE, RECORD, ASKED], [POLICY], TODAY)

    assert [cover.covered for cover in proving.lines] == [True, False, None]


@pytest.mark.parametrize(
    ("shares", "claimed", "proven"),
    [  # shares: (criteria proven, criteria claimed) per level
        pytest.param([(1, 1)], 1, 1, id="all"),
        pytest.param([(4, 5)], 1, 1, id="80 % is enough"),
        pytest.param([(3, 4)], 1, 0, id="75 % is not"),
        pytest.param([(2, 2), (2, 2), (0, 2)], 3, 2, id="claims level 3 with level-2 proof"),
        pytest.param([(0, 1), (4, 4)], 2, 2, id="counted from level 1 up"),
        pytest.param([(2, 2), (0, 0), (2, 2)], 3, 3, id="a level without claims asks for nothing"),
        pytest.param([(2, 2), (2, 2)], 1, 1, id="never above the level claimed"),
        pytest.param([], 0, 0, id="nothing claimed"),
    ],
)
def test_proven_level(questionnaires, shares, claimed, proven):
    item = questionnaires["gbt36073-2025"].item_by_code["DS1"]
    ratings, codes = {}, set()
    by_level = {level: _invented(level, n) for level, (_p, n) in enumerate(shares, 1)}
    for level, (proof, _n) in enumerate(shares, 1):
        ratings |= {criterion.code: "largely" for criterion in by_level[level]}
        codes |= {criterion.code for criterion in by_level[level][:proof]}

    assert proven_level(_Item(by_level), ratings, codes, claimed) == proven
    assert proven_level(item, {}, set(), 3) == 3


class _Item:
    def __init__(self, by_level):
        self.by_level = by_level

    def at_level(self, level):
        return self.by_level.get(level, ())


class _Criterion:
    def __init__(self, code):
        self.code = code


def _invented(level, n):
    return [_Criterion(f"X.{level}.{k}") for k in range(n)]


@pytest.mark.parametrize(
    ("rating", "level", "expected"),
    [
        ("full", 3, True),
        ("largely", 5, True),
        ("full", 2, False),
        ("partly", 4, False),
        ("", 3, False),
        ("3", None, True),
        ("2", None, False),
        ("na", None, False),
    ],
)
def test_claims_much(rating, level, expected):
    assert claims_much(rating, level) is expected
