"""What the findings say: each rule fires and does not fire, and every sentence of many assessments is fit to print."""

import random
import re
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from django.utils.translation import override

from assessments.answer_files import AnswerSet
from assessments.planning import CLOSED, Plan, PlanAction
from assessments.results import assess
from assessments.scoring import percent
from reports.content import findings
from reports.content.dossier import Dossier, Judgement, Link, Piece
from reports.content.findings.basis import on_the_day, way_of
from reports.content.findings.cases import blocker_of
from reports.content.findings.wording import Wording
from reports.content.snapshot import as_canonical_json, read_snapshot, take_snapshot
from tests import samples
from tests.reports.conftest import DAY, random_answers

LANGUAGES = ("zh-hans", "en")
ZH, EN = Wording("zh-hans"), Wording("en")
SPOILT = (
    r"\{|\}", r"\bNone\b(?! of)", r"[。，；：、！？]{2}", r"\.\.", r"[,;:]{2}", r"  ", r" [,.;]", r"“”", r"\(\)", r"（）", r"is 0\.\d", r"[A-Z]{2}\d\.\d\.\d",
    r"\b1 (criteria|items|clauses|actions|pieces)\b", r"%%", r"。”。", r'\."\.', r'""', r"\bnan\b",
)  # fmt: skip


def told(questionnaire, basis, ratings, *, language="en", target=3, method=None, dossier=None, on=DAY):
    target = None if questionnaire.kind == "anchors" else target
    outcome = assess(questionnaire, basis, ratings, target=target, method=method)
    return take_snapshot(
        outcome,
        basis,
        AnswerSet(ratings=ratings),
        organization="Acme",
        assessment="2026",
        on=on,
        language=language,
        dossier=dossier,
    )


def sentences(snapshot):
    whole = snapshot.findings
    yield whole.chief
    yield from (*whole.strengths, *whole.flags)
    yield from (step.text for step in whole.first)
    for cause in whole.causes:
        yield from (cause.title, cause.text)
    for item in snapshot.items:
        finding = item.finding
        yield from filter(None, (finding.there, finding.why_not, finding.risk, finding.todo, *finding.flags))
    for row in (*snapshot.annex.rows, *snapshot.annex.incentives):
        yield from filter(None, (row.sentence, row.validity))


def all_as(rating):
    return lambda bank, _seed: dict.fromkeys(bank.item_of, rating)


def half_answered(bank, seed):
    chance = random.Random(seed)
    return {code: rating for code, rating in random_answers(bank, seed).ratings.items() if chance.random() < 0.5}


@pytest.fixture(scope="module")
def bank(questionnaires):
    return questionnaires["gbt36073-2025"]


@pytest.fixture
def small():
    """One item with two criteria at every level."""
    return samples.questionnaire({"AA": {"AA1": (2, 2, 2, 2, 2)}})


def ratings_of(**levels):
    """``L1="full full"``: the ratings of AA1, level by level; a dash leaves a question open."""
    rows = {}
    for key, words in levels.items():
        for number, rating in enumerate(words.split(), start=1):
            if rating != "-":
                rows[f"AA1.{key[1]}.{number}"] = rating
    return rows


FULL = {"L1": "full full", "L2": "full full", "L3": "full full", "L4": "full full", "L5": "full full"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ["gbt36073-2025", "gbt36073-2018", "policy-actions"])
@pytest.mark.parametrize(
    "ratings", [all_as("na"), lambda _bank, _seed: {}, all_as("full"), all_as("none"), all_as("4"), all_as("0"), half_answered],
    ids=["na", "unanswered", "full", "none", "4", "0", "half"],
)  # fmt: skip
def test_extremes_read_well(questionnaires, basis, code, language, ratings):
    questionnaire = questionnaires[code]
    chosen = ratings(questionnaire, 1)
    allowed = (
        {"0", "1", "2", "3", "4", "na"} if questionnaire.kind == "anchors" else {"full", "largely", "partly", "none", "na"}
    )
    if not set(chosen.values()) <= allowed:
        pytest.skip("not a rating of this questionnaire")

    for dossier in (None, Dossier()):
        assert_fit_to_print(told(questionnaire, basis, chosen, language=language, dossier=dossier))


@pytest.mark.parametrize("seed", range(50))
def test_random_assessments_read_well(questionnaires, basis, seed):
    code = ("gbt36073-2025", "gbt36073-2018", "policy-actions")[seed % 3]
    method = ("staircase_080", "nplf", "strict_floor")[seed // 3 % 3] if code != "policy-actions" else None
    target = (3, 4, None, 5)[seed % 4]
    questionnaire = questionnaires[code]
    ratings = random_answers(questionnaire, seed).ratings if seed % 5 else half_answered(questionnaire, seed)

    for language in LANGUAGES:
        snapshot = told(questionnaire, basis, ratings, language=language, target=target, method=method)
        assert_fit_to_print(snapshot)


def assert_fit_to_print(snapshot):
    for sentence in sentences(snapshot):
        for pattern in SPOILT:
            assert not re.search(pattern, sentence), (pattern, sentence)
        assert sentence == sentence.strip()
        if snapshot.language == "en":
            assert not re.search("[\u4e00-\u9fff]", sentence), sentence
        else:
            assert not re.search(r"[\u4e00-\u9fff][,.;:][\u4e00-\u9fff]", sentence), sentence


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rating", [None, "none", "full", "partly"])
def test_neighbouring_items_do_not_begin_alike(bank, basis, language, rating):
    """Also where every item is in the same state."""
    ratings = dict.fromkeys(bank.item_of, rating) if rating else {}

    snapshot = told(bank, basis, ratings, language=language)

    length = 3 if language == "zh-hans" else 8
    for field in ("there", "risk"):
        begins = [getattr(item.finding, field).replace(item.name, "…").replace("“", "")[:length] for item in snapshot.items]
        assert all(one != other for one, other in pairwise(begins) if one), begins


def test_the_same_answers_give_the_same_findings_and_survive_freezing(bank, basis):
    ratings = random_answers(bank).ratings

    first, second = (told(bank, basis, dict(ratings)) for _ in range(2))

    assert as_canonical_json(first) == as_canonical_json(second)
    assert read_snapshot(as_canonical_json(first)) == first


@pytest.mark.parametrize(
    ("rows", "method", "expected"),
    [
        (FULL, "staircase_080", None),
        ({**FULL, "L3": "largely partly"}, "staircase_080", (3, False, ["AA1.3.2", "AA1.3.1"], 1)),
        ({**FULL, "L1": "none none"}, "staircase_080", (1, False, ["AA1.1.1", "AA1.1.2"], 2)),
        ({**FULL, "L2": "na na"}, "staircase_080", None),
        ({**FULL, "L2": "largely largely"}, "nplf", (2, True, ["AA1.2.1", "AA1.2.2"], 1)),
    ],
)
def test_what_holds_an_item_back_stands_by_weight(small, basis, rows, method, expected):
    outcome = assess(small, basis, ratings_of(**rows), method=method)

    blocker = blocker_of(outcome.result.items[0], outcome.result.method.item)

    found = blocker and (blocker.level, blocker.is_reached, [c.code for c in blocker.criteria], blocker.needed)
    assert found == expected


def test_why_not_says_the_share_the_bar_and_what_closing_brings(small, basis):
    item = told(small, basis, ratings_of(**{**FULL, "L3": "largely partly"})).items[0]

    assert "level 3" in item.finding.why_not.lower()
    assert "65%" in item.finding.why_not
    assert "at least 80%" in item.finding.why_not
    assert "from 65% to 90%, enough to pass" in item.finding.why_not
    assert item.finding.why_not.index("only in part") < item.finding.why_not.index("largely but not fully")


def test_a_level_that_counts_but_does_not_hold_is_told_apart(small, basis):
    item = told(small, basis, ratings_of(**{**FULL, "L2": "largely largely"}), method="nplf").items[0]

    assert item.finding.why_not.startswith("Level 2 (")
    assert "is reached, but" in item.finding.why_not
    assert "more than 85%" in item.finding.why_not


def test_an_item_without_a_gap_is_left_in_peace(small, basis):
    done, further = (told(small, basis, ratings_of(**rows)).items[0].finding for rows in (FULL, {**FULL, "L5": "none none"}))

    assert done.risk == ""
    assert "five levels" in done.why_not
    assert further.todo.startswith("The target is reached here")


PIECE = Piece(title="Rule", kind="policy", confidentiality="internal")
FLAGS = {
    "upside_down": "an assessor may ask how",
    "expired": "has expired or its file is missing",
    "unproven": "without any evidence",
    "unmeasured": "without any figures",
    "reviewed": "rated otherwise by the review",
    "nothing_applies": "counts as passed",
}


@pytest.mark.parametrize(
    ("rows", "dossier", "expected"),
    [
        (FULL, None, set()),
        ({**FULL, "L2": "none none"}, None, {"upside_down"}),
        ({**FULL, "L2": "- -"}, None, set()),
        ({**FULL, "L4": "none none", "L5": "none none"}, None, set()),
        ({**FULL, "L2": "na na"}, None, {"nothing_applies"}),
        ({"L1": "full full", "L2": "full full"}, Dossier(), set()),
        ({"L1": "full full", "L2": "full full", "L3": "full none"}, Dossier(), {"unproven"}),
        ({"L1": "full full"}, Dossier(pieces=(replace(PIECE, flaw="expired"),), links={"AA1.1.1": (Link(0),)}), {"expired"}),
        ({"L1": "full full"}, Dossier(pieces=(PIECE,), links={"AA1.1.1": (Link(0),)}), set()),
        ({"L1": "full full"}, Dossier(judgements={"AA1.1.1": (Judgement("consultant", "Sage", "adjust", "partly"),)}), {"reviewed"}),
        ({"L1": "full full"}, Dossier(judgements={"AA1.1.1": (Judgement("consultant", "Sage", "agree"),)}), set()),
    ],
)  # fmt: skip
def test_flags_fire_where_they_should_and_nowhere_else(small, basis, rows, dossier, expected):
    snapshot = told(small, basis, ratings_of(**rows), dossier=dossier)

    said = {key for key, words in FLAGS.items() for flag in snapshot.items[0].finding.flags if words in flag}
    assert said == expected
    assert bool(snapshot.findings.flags) == bool(expected)


@pytest.mark.parametrize(("kind", "flagged"), [("policy", True), ("report", False)])
def test_level_four_without_figures(bank, basis, kind, flagged):
    criterion = next(c for c in bank.items[0].criteria if c.level == 4 and {"metric"} <= {e.kind for e in c.evidence})
    dossier = Dossier(pieces=(replace(PIECE, kind=kind),), links={criterion.code: (Link(0),)})

    item = told(bank, basis, {criterion.code: "full"}, dossier=dossier).items[0]

    assert any(FLAGS["unmeasured"] in flag for flag in item.finding.flags) == flagged


def test_causes_group_over_items_and_skip_what_is_unanswered(bank, basis):
    one, two = bank.items[:2]
    owners = [next(c for c in item.criteria if c.aspect == "organization" and c.level <= 3) for item in (one, two)]
    alone = next(c for c in one.criteria if c.aspect == "technology" and c.level <= 3)
    ratings = {c.code: "full" for c in bank.criterion_by_code.values()}
    ratings |= {c.code: "none" for c in one.at_level(1)} | {c.code: "none" for c in two.at_level(1)}
    ratings |= {c.code: "none" for c in (*owners, alone)}

    causes = {cause.key: cause for cause in told(bank, basis, ratings).findings.causes}
    silent = told(bank, basis, {}).findings.causes

    assert causes["owner"].items == (one.code, two.code)
    assert set(causes["owner"].criteria) >= {c.code for c in owners}
    assert "in 2 items" in causes["owner"].title
    assert "tool" not in causes
    assert silent == ()


def test_the_chief_reads_level_reason_three_steps_and_who_asks(bank, basis):
    snapshot = told(bank, basis, random_answers(bank).ratings)
    chief = snapshot.findings.chief

    assert chief.startswith(f"Self-assessed level {snapshot.level} (")
    assert snapshot.lowest_item.name in chief
    assert "Three things to do first: (1) " in chief
    assert len(snapshot.findings.first) == 3
    assert [step.item for step in snapshot.findings.first] == [lever.item for lever in snapshot.path.levers[:3]]
    direct = {ref.id for item in snapshot.gaps for ref in item.gap.direct}
    assert {clause for step in snapshot.findings.first for clause in step.clauses} <= direct
    for step in snapshot.findings.first:
        if not step.clauses:
            assert step.name in chief.split("No clause asks directly for")[1]


def test_what_the_plan_has_closed_is_not_the_first_thing_to_do(bank, basis):
    ratings = random_answers(bank).ratings
    path = told(bank, basis, ratings).path
    done = path.levers[0]
    begun = next(lever for lever in path.levers[1:] if lever.count > 1)
    raises = {lever.item: [step.criterion for step in path.raises if step.item == lever.item] for lever in (done, begun)}
    closed = (*raises[done.item], raises[begun.item][0])
    dossier = Dossier(plan=Plan(DAY, (PlanAction(1, "Done", closed, status=CLOSED),)))

    snapshot = told(bank, basis, ratings, dossier=dossier)

    left = [lever.item for lever in path.levers if lever not in (done, begun)]
    assert [step.item for step in snapshot.findings.first] == left[:3]
    item = next(item for item in snapshot.items if item.code == done.item)
    assert item.finding.todo.startswith(f"Closed actions of the plan cover {len(raises[done.item])} criteri")


def test_an_item_begins_where_the_path_begins(bank, basis):
    snapshot = told(bank, basis, random_answers(bank).ratings, language="zh-hans")

    for step in snapshot.findings.first:
        finding = next(item.finding for item in snapshot.items if item.code == step.item)
        raised = next(row for row in snapshot.path.raises if row.item == step.item)
        title = raised.action.title.rstrip("。")
        assert title in step.text
        assert title in finding.todo.split("；")[0]


@pytest.mark.parametrize("field", ["there", "why_not", "risk", "todo"])
def test_no_shape_of_a_paragraph_fills_the_volume(bank, basis, field):
    """What is left of a paragraph without quotes, names and numbers."""
    snapshot = told(bank, basis, random_answers(bank).ratings, language="zh-hans")
    paragraphs = (getattr(item.finding, field) for item in snapshot.items)
    begins = [re.sub(r"“[^”]*”|[\d.至%]+|（[^）]*）", "", paragraph)[:8] for paragraph in paragraphs if paragraph]

    assert max(map(begins.count, begins)) <= len(begins) / 3


def test_the_sign_of_completion_is_told_in_full_where_no_gap_tells_it(small, basis):
    ratings = ratings_of(**{**FULL, "L3": "none none"})

    free, aimed = (told(small, basis, ratings, target=target).items[0] for target in (None, 3))

    assert small.criterion_by_code["AA1.3.1"].action.closed_when.en.rstrip(".") in free.finding.todo
    assert "is done when" not in aimed.finding.todo


def test_what_is_open_is_not_what_is_needed(small, basis):
    """A level passes with some of its criteria short, so the open ones are counted and not demanded."""
    ratings = ratings_of(L1="full largely", L2="full largely", L3="none none")

    todo = told(small, basis, ratings).items[0].finding.todo

    assert "Up to target level 3, 4 criteria are not fully met" in todo


def test_evidence_is_told_against_all_that_applies(small, basis):
    dossier = Dossier(pieces=(PIECE,), links={"AA1.1.1": (Link(0),)})

    item = told(small, basis, ratings_of(**{**FULL, "L5": "na na"}), dossier=dossier).items[0]

    assert "1 piece of evidence on file supports 1 of 8 criteria." in item.finding.there


def test_an_item_in_one_line(small, basis):
    short, full = (told(small, basis, ratings_of(**rows)).items[0] for rows in ({**FULL, "L3": "largely partly"}, FULL))

    with override("en"):
        assert findings.item_line(short) == "Level 3 stands at 65%; 2 criteria there are not yet fully met."
        assert findings.item_line(full) == "All five levels are passed."


def test_a_plan_that_has_ended_is_cited_as_direction_only(basis):
    plan = basis.library.document_by_code["BDP14"]

    ended, running = (on_the_day(plan, basis.library, day, EN) for day in (DAY, date(2025, 12, 31)))

    assert "ended by 2026-11-20: policy direction only" in ended
    assert "No successor is known" in ended
    assert running == "Plan period 2021–2025, still running on 2025-12-31."


def test_a_known_successor_is_named(basis):
    plan = replace(basis.library.document_by_code["BDP13"], successor="BDP14")

    assert "14th Five-Year Plan" in on_the_day(plan, basis.library, DAY, EN)
    assert "《“十四五”大数据产业发展规划》" in on_the_day(plan, basis.library, DAY, ZH)


def test_encouragements_are_never_worded_as_duties(bank, basis):
    """What only encourages, or speaks to government, is never counted among what asks."""
    by_id = basis.library.clause_by_id
    for seed in range(5):
        chief = told(bank, basis, random_answers(bank, seed).ratings, language="zh-hans").findings
        asking = {clause for step in chief.first for clause in step.clauses if way_of(by_id[clause]) == "requirement"}
        assert ("要求性条款" in chief.chief) == bool(asking)
        assert "必须" not in chief.chief
        assert "应当" not in chief.chief


def test_policy_actions_are_told_by_their_anchors(questionnaires, basis):
    actions = questionnaires["policy-actions"]
    action = actions.items[0]

    low, top = (told(actions, basis, dict.fromkeys(actions.item_of, rating)).items[0].finding for rating in ("1", "4"))

    assert action.anchors[1].text.en in low.there
    assert action.anchors[2].text.en in low.why_not
    assert top.risk == ""
    assert "step 5" not in top.why_not


@pytest.mark.parametrize(
    ("language", "words", "expected"),
    [
        ("en", "Short enough.", "Short enough"),
        ("zh-hans", "组织依据业务战略编制独立成文的数据战略，写明愿景、目标、范围、原则和主要差距，由最高管理层签发并公布。",
         "组织依据业务战略编制独立成文的数据战略……"),
        ("zh-hans", "甲" * 50, "甲" * 50),
        ("en", "One " * 20 + "two; " + "three " * 20, ("One " * 20 + "two …")),
    ],
)  # fmt: skip
def test_long_statements_are_cut_at_a_clause(language, words, expected):
    assert Wording(language).short(words) == expected


def test_per_cents_never_round_up_to_a_bar_that_is_missed():
    shares = [Fraction(796, 1000), Fraction(7996, 10000), Fraction(4, 5), Fraction(2, 3)]

    assert [percent(share) for share in shares] == ["79.6%", "79.9%", "80%", "66.6%"]


def test_quoted_words_stand_in_a_row_without_commas_in_chinese():
    assert ZH.listing(["“甲”", "“乙”", "“丙”"]) == "“甲”“乙”和“丙”"
    assert ZH.listing(["甲", "乙", "丙"]) == "甲、乙和丙"
    assert EN.listing(["A", "B", "C"]) == "A, B and C"


def test_counts_agree_with_their_nouns():
    assert (EN.count(1, "criteria"), EN.count(2, "criteria"), EN.count(0, "items")) == ("1 criterion", "2 criteria", "0 items")
    assert ZH.count(1, "criteria") == "1个条目"


def test_snapshots_of_an_earlier_format_keep_their_two_sentences(bank, basis):
    snapshot = told(bank, basis, random_answers(bank).ratings)
    old = replace(snapshot, findings=None)

    with override("en"):
        assert findings.verdict(snapshot) == snapshot.findings.chief
        assert findings.verdict(old).startswith("Self-assessed level")
        assert findings.item_sentence(replace(snapshot.items[0], finding=None))
