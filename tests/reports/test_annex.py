"""The policy annex: shares recomputed by hand, clauses against the map from items to clauses, offers apart from duties."""

from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from django.template.loader import render_to_string

from assessments.answer_files import AnswerSet
from assessments.results import assess
from assessments.scoring import CREDITS
from reports.charts import LEVEL_COLOURS, heat_strip
from reports.content import annex
from reports.content.dossier import Dossier
from reports.content.snapshot import take_snapshot
from tests.reports.conftest import DAY, random_answers

TEN_ITEMS = ("DS1", "DS2", "DG1", "DG2", "DA1", "DA3", "SE1", "SE2", "DQ1", "LC3")
MAP = Path(__file__).parents[2] / "questionnaires/content/policies/items/2025.yaml"


@pytest.fixture(scope="module")
def bank(questionnaires):
    return questionnaires["gbt36073-2025"]


@pytest.fixture(scope="module")
def actions(questionnaires):
    return questionnaires["policy-actions"]


def snapshot_of(questionnaire, basis, answers, *, dossier=None, language="en"):
    outcome = assess(questionnaire, basis, answers.ratings, target=None if questionnaire.kind == "anchors" else 3)
    return take_snapshot(
        outcome, basis, answers, organization="Acme", assessment="2026", on=DAY, language=language, dossier=dossier
    )


def test_shares_by_hand(bank, actions, basis):
    """Item by item from the ratings, action by action from the steps, without the engine."""
    answers, policy = random_answers(bank), random_answers(actions, 2)
    dossier = Dossier(policy_ratings=policy.ratings, policy_source="2026")

    rows = snapshot_of(bank, basis, answers, dossier=dossier).annex

    for row in (*rows.rows, *rows.incentives):
        linked = [item for item in bank.items if row.id in {link.id for link in basis.direct_clauses(item.uid)}]
        shares = []
        for item in linked:
            credits = [CREDITS[answers.ratings[c.code]] for c in item.criteria if answers.ratings[c.code] != "na"]
            if credits:
                shares.append(sum(credits) / len(credits))
        steps = [Fraction(int(policy.ratings[a.code]), 4) for a in actions.items if row.id in a.clauses]
        parts = [sum(values) / len(values) for values in (shares, steps) if values]
        expected = sum(parts) / len(parts) if parts else None
        assert row.share == (None if expected is None else round(float(expected), 6)), row.id
        assert bool(row.from_items) == bool(shares)
        assert bool(row.from_actions) == bool(steps)


@pytest.mark.parametrize(("step", "told"), [("2", "stands at 50%"), ("0", "is at step 0 or unanswered")])
def test_a_single_action_is_told_by_its_name(bank, actions, basis, step, told):
    dossier = Dossier(policy_ratings=dict.fromkeys(actions.item_of, step), policy_source="2026")

    rows = snapshot_of(bank, basis, random_answers(bank), dossier=dossier).annex.rows

    row = next(row for row in rows if len(row.actions) == 1 and not row.items)
    name = actions.item_by_code[row.actions[0]].name.en
    assert row.sentence.startswith(f"The policy action {name} {told}.")


def test_the_clauses_of_ten_gaps_are_those_of_the_map(bank, basis):
    """Read from the YAML itself: direct ones as the basis in its order, the others only as related."""
    by_uid = {row["uid"]: row for row in yaml.safe_load(MAP.read_text(encoding="utf-8"))}
    snapshot = snapshot_of(bank, basis, AnswerSet())
    items = {item.code: item for item in snapshot.items}

    for code in TEN_ITEMS:
        mapped, gap = by_uid[bank.item_by_code[code].uid], items[code].gap
        assert [ref.id for ref in gap.direct] == [c["id"] for c in mapped["clauses"] if c["strength"] == "direct"]
        assert {ref.id for ref in gap.supporting} <= {c["id"] for c in mapped["clauses"] if c["strength"] == "supporting"}
        assert bool(gap.direct) != bool(gap.no_direct_note)
        for ref in gap.direct:
            row = next(row for row in (*snapshot.annex.rows, *snapshot.annex.incentives) if row.id == ref.id)
            assert code in row.items


def test_supporting_links_are_never_a_basis(bank, basis):
    snapshot = snapshot_of(bank, basis, random_answers(bank))

    for row in (*snapshot.annex.rows, *snapshot.annex.incentives):
        for code in row.items:
            assert row.id in {link.id for link in basis.direct_clauses(bank.item_by_code[code].uid)}


def test_offers_behind_an_item_stand_in_a_box_of_their_own(bank, basis):
    snapshot = snapshot_of(bank, basis, AnswerSet())
    item = next(item for item in snapshot.items if item.code == "SE2")

    cited = annex.behind(snapshot, item)
    html = render_to_string("reports/clauses_of_gap.html", {"snapshot": snapshot, "item": item})
    asked, offered = html.split('<div class="note-box">')

    assert [row.clause.id for row in cited.offers] == ["BDP14-4.6.2-a"]
    assert "BDP14-4.6.2-a" in {ref.id for ref in item.gap.direct}
    assert "BDP14-4.6.2-a" not in asked
    assert "BDP14-4.6.2-a" in offered
    assert all(row.clause.id in asked for row in (*cited.direct, *cited.related))


def test_every_clause_behind_an_item_is_told_once(bank, actions, basis):
    for questionnaire in (bank, actions):
        snapshot = snapshot_of(questionnaire, basis, AnswerSet())
        for item in snapshot.items:
            cited = annex.behind(snapshot, item)
            found = [row.clause.id for row in (*cited.direct, *cited.related, *cited.offers)]
            links = [ref.id for ref in (*item.gap.direct, *item.gap.supporting)] if item.gap else item.clauses
            assert sorted(found) == sorted(links)
            assert not any(row.clause.is_offer for row in (*cited.direct, *cited.related))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_offers_stand_apart_and_nothing_that_is_only_for_government_is_here(bank, basis, language):
    snapshot = snapshot_of(bank, basis, random_answers(bank), language=language)
    part, by_id = snapshot.annex, basis.library.clause_by_id

    assert {by_id[clause.id].kind for clause, _row, _document in annex.offered(snapshot)} == {"support"}
    assert "support" not in {by_id[clause.id].kind for _document, rows in annex.asked(snapshot) for clause, _row in rows}
    assert {by_id[row.id].kind for row in part.incentives} == {"support"}
    assert "support" not in {by_id[row.id].kind for row in part.rows}
    assert not any(by_id[row.id].is_background for row in (*part.rows, *part.incentives))
    for row in part.rows:
        if by_id[row.id].addressee in ("government", "industry body"):
            assert row.sentence.endswith(
                "they may prepare for it." if language == "en" else "不是对企业的要求，企业可预作准备。"
            )


def test_every_clause_says_its_number_document_and_validity_on_the_day(bank, basis):
    snapshot = snapshot_of(bank, basis, random_answers(bank))

    for row in (*snapshot.annex.rows, *snapshot.annex.incentives):
        clause, document = snapshot.clause_by_id[row.id], snapshot.document_by_code[row.document]
        assert clause.section
        assert clause.addressee
        assert document.number
        assert row.verb
        assert DAY.isoformat() in row.validity
        assert "successor" in row.validity or "followed" in row.validity


def test_policy_actions_tell_their_own_clauses(actions, basis):
    outcome = assess(actions, basis, random_answers(actions).ratings)

    rows = annex.annex_of(outcome, basis, Dossier(), on=DAY, language="en")

    told = {row.id: row.share for row in (*rows.rows, *rows.incentives) if row.share is not None}
    shown = {clause.id for clause in annex.clauses_in_annex(outcome, basis)}
    assert told == {clause: round(float(share), 6) for clause, share in outcome.coverage.items() if clause in shown}


def test_where_nothing_tells_nothing_is_claimed(bank, actions, basis):
    nothing = AnswerSet(ratings=dict.fromkeys(bank.item_of, "na"))

    rows = snapshot_of(bank, basis, nothing).annex.rows

    assert {row.share for row in rows} == {None}
    assert {row.shown for row in rows} == {"–"}
    assert all("nothing tells" in row.sentence for row in rows)


@pytest.mark.parametrize(("share", "step"), [(0, 1), (0.19, 1), (0.2, 2), (0.79, 4), (0.8, 5), (1, 5)])
def test_colours_go_in_five_steps(share, step):
    drawn = heat_strip([("Plan", [("A-1", share, f"{share:.0%}")])], title="Done", unknown="nothing tells")

    assert drawn.count(f'fill="{LEVEL_COLOURS[step]}"') >= 2
    assert f"<title>A-1 {share:.0%}</title>" in drawn


def test_the_strip_is_told_in_words_too(bank, basis):
    snapshot = snapshot_of(bank, basis, random_answers(bank))

    drawn = annex.strip(snapshot)

    assert f"Of {len(snapshot.annex.rows)} clauses" in drawn
    assert drawn.count("<g>") == len(snapshot.annex.rows) + 6
