"""An item in prose: what is there, why it is not a level higher, what that puts at risk, what to do first. Pure.

Each rule is one function from a ``Case`` to a sentence or an empty text; docs/findings.md lists them.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cache

from assessments.scoring import CREDITS, percent
from questionnaires.schema import Text
from reports.content.findings import phrases
from reports.content.findings.cases import Blocker, Case, credit_of, name_of, share_of
from reports.content.findings.flags import item_flags
from reports.content.findings.wording import Wording, in_brackets
from reports.content.parts import ActionPart, CriterionPart, ItemFinding

FIRM, THIN, NEAR = Fraction(4, 5), Fraction(1, 2), Fraction(1, 10)
NAMED = 2
PURPOSE_UP_TO = 3
SINGULAR_IN_ENGLISH = ["process"]


def item_finding(case: Case, wording: Wording) -> ItemFinding:
    return ItemFinding(
        there=what_is_there(case, wording),
        why_not=why_not(case, wording),
        risk=risk(case, wording),
        todo=what_to_do(case, wording),
        flags=tuple(flag.text for flag in item_flags(case, wording)),
    )


def what_is_there(case: Case, wording: Wording) -> str:
    """Where the item stands, by aspect up to the level that stops it, with the best of it, its proof and the review."""
    seen = case.up_to(case.blocker.level if case.blocker else 5)
    values = {"item": name_of(case.part, wording), "n": wording.count(len(case.applicable), "criteria")}
    if len(case.unanswered) == len(case.applicable):
        return wording.capital(wording.pick(phrases.SILENT, case.turn, **values))
    if not any(map(credit_of, case.applicable)):
        return wording.capital(wording.join(wording.pick(phrases.BLANK, case.turn, **values), _pending(case, wording)))
    values |= {"level": case.part.level, "name": in_brackets(case.part.level_name), "score": case.part.score}
    return wording.join(
        wording.capital(wording.pick(phrases.OPENINGS, case.turn, **values)),
        _by_aspect(seen, wording),
        _best(case, seen, wording),
        _proof(case, wording),
        _reviewed(case, wording),
        _pending(case, wording),
    )


def why_not(case: Case, wording: Wording) -> str:
    """The level that stops the item, how far it is met, what holds it back by weight, and what closing that brings."""
    blocker = case.blocker
    if blocker is None:
        return wording.pick(phrases.ALL_PASSED, case.turn)
    name = next(level.name for level in case.part.levels if level.level == blocker.level)
    values = {"level": blocker.level, "name": in_brackets(name), "now": percent(blocker.fulfilment)}
    values["bar"] = wording.say(phrases.MORE_THAN if blocker.exclusive else phrases.AT_LEAST, bar=percent(blocker.threshold))
    falls_short = wording.pick(_shortfalls(blocker), case.turn, **values)
    rows = [_state(case.by_code[criterion.code], wording) for criterion in blocker.criteria[:NAMED]]
    return wording.join(
        falls_short,
        wording.pick(phrases.HOLDING, case.turn, rows=wording.parts(rows)),
        _lift(blocker, case.turn, wording),
    )


def risk(case: Case, wording: Wording) -> str:
    """The weaknesses of the bank that lie nearest to what is open; up to level 3 the purpose that is missed stands before.
    Empty if nothing is open."""
    if case.blocker is None or len(case.unanswered) == len(case.applicable):
        return ""
    purpose = wording.quote(case.part.purpose)
    rows = [wording.quote(weakness) for weakness in nearest_weaknesses(case, wording)]
    shown = wording.pick(phrases.SHOWS, case.turn, rows=wording.parts(rows)) if rows else ""
    if shown and case.blocker.level > PURPOSE_UP_TO:
        return shown
    return wording.join(wording.pick(phrases.RISK, case.turn, purpose=purpose), shown)


def what_to_do(case: Case, wording: Wording) -> str:
    """The bank's actions for what lies on the path to the target, else for what weighs most, with lead and person-days, and
    the whole effort; the sign of completion where no table of the gap tells it."""
    blocker = case.blocker
    if blocker is None:
        return wording.say(phrases.KEEP)
    if len(case.unanswered) == len(case.applicable):
        return wording.say(phrases.ANSWER_FIRST)
    on_path = [code for code in case.on_path if code not in case.closed]
    codes = on_path or [c.code for c in blocker.criteria if c.code not in case.closed] or [c.code for c in blocker.criteria]
    actions = [case.by_code[code].action for code in codes[:NAMED]]
    closed = _closed(case, wording)
    if on_path:
        before = phrases.ON_PATH[case.turn % len(phrases.ON_PATH)]
        return wording.join(closed, _steps(actions, before, wording), _whole(case, wording))
    if case.reaches_target:
        return wording.join(closed, wording.say(phrases.RESTING), _steps(actions, phrases.FURTHER, wording))
    steps = _steps(actions, phrases.STEP[case.turn % len(phrases.STEP)], wording)
    return wording.join(closed, steps, _completion(case, actions[0], wording), _whole(case, wording))


def nearest_weaknesses(case: Case, wording: Wording) -> list[str]:
    """The two weaknesses of the bank that share most pairs of letters with what is open; in the bank's order among equals.

    Compared in Chinese for both languages, so that both reports say the same.
    """
    asked = case.asked
    wanted = set().union(*(pairs(asked[c.code].text.zh) | pairs(asked[c.code].action.title.zh) for c in case.open))
    rows = [(len(pairs(text.zh) & wanted) / max(len(pairs(text.zh)), 1), text) for text in case.content.weaknesses]
    best = sorted(rows, key=lambda row: -row[0])[:NAMED]
    return [text.in_language(wording.language) for _likeness, text in best]


@cache
def pairs(words: str) -> frozenset[str]:
    """All neighbouring pairs of letters of a text."""
    return frozenset(words[n : n + 2] for n in range(len(words) - 1))


def days_of(actions: Iterable[ActionPart], wording: Wording) -> str:
    actions = list(actions)
    least, most = (sum(action.days[side] for action in actions) for side in (0, 1))
    return wording.say(phrases.DAYS, least=least, most=most)


def action_in_sentence(action: ActionPart, wording: Wording) -> str:
    """A title inside a sentence: in English it begins small unless its first word is an abbreviation."""
    title = action.title.rstrip("。.")
    if wording.is_chinese or title[1:2].isupper():
        return title
    return title[:1].lower() + title[1:]


def _by_aspect(seen: list[CriterionPart], wording: Wording) -> str:
    """How each aspect stands, the good ones first; aspects that stand alike share a half-sentence."""
    groups: dict[str, list[str]] = {}
    for aspect in phrases.ASPECTS:
        mine = [criterion for criterion in seen if criterion.aspect == aspect]
        if mine:
            share = share_of(mine)
            groups.setdefault("firm" if share >= FIRM else "thin" if share < THIN else "middling", []).append(aspect)
    rows = []
    for standing in phrases.STANDS:
        aspects = groups.get(standing, [])
        if aspects:
            mine = [criterion for criterion in seen if criterion.aspect in aspects]
            words = wording.listing([wording.say(phrases.ASPECTS[aspect]) for aspect in aspects])
            be = "is" if aspects == SINGULAR_IN_ENGLISH else "are"
            rows.append(wording.say(phrases.STANDS[standing], aspects=words, be=be, counts=_counts(mine, wording)))
    return wording.capital(wording.parts(rows)) + ("。" if wording.is_chinese else ".")


def _shortfalls(blocker: Blocker) -> Sequence[Text]:
    if blocker.is_reached:
        return [phrases.NOT_SECURED]
    if blocker.level == 1:
        return phrases.NOT_EVEN_ONE
    return phrases.NEARLY if blocker.threshold - blocker.fulfilment <= NEAR else phrases.FALLS_SHORT


def _counts(criteria: list[CriterionPart], wording: Wording) -> str:
    ratings = Counter(criterion.rating for criterion in criteria)
    if len(criteria) == 1:
        return wording.say(phrases.ONLY_ONE[criteria[0].rating])
    rows = [wording.say(phrase, n=ratings[rating]) for rating, phrase in phrases.RATED.items() if ratings[rating]]
    return wording.say(phrases.COUNTS, n=len(criteria), rows=("、" if wording.is_chinese else ", ").join(rows))


def _best(case: Case, seen: list[CriterionPart], wording: Wording) -> str:
    """The highest statement that is fully met."""
    best = max((c for c in seen if c.rating == "full"), key=lambda c: c.level, default=None)
    return wording.pick(phrases.BEST, case.turn, quoted=wording.quote(best.text), level=best.level) if best else ""


def _proof(case: Case, wording: Wording) -> str:
    if case.dossier is None:
        return ""
    pieces = {number for criterion in case.applicable for number in case.valid_pieces(criterion)}
    if not pieces:
        return wording.say(phrases.UNPROVEN)
    covered = sum(bool(case.valid_pieces(criterion)) for criterion in case.applicable)
    phrase = phrases.PROVEN_ONE if len(pieces) == 1 else phrases.PROVEN
    total = wording.count(len(case.applicable), "criteria")
    return wording.say(
        phrase,
        pieces=wording.count(len(pieces), "pieces"),
        n=covered,
        total=total,
    )


def _reviewed(case: Case, wording: Wording) -> str:
    """How many ratings a review lowered or raised, against those that count here."""
    lowered = raised = 0
    for criterion in case.applicable:
        theirs = [verdict.rating for verdict in criterion.verdicts if verdict.rating in CREDITS]
        if theirs:
            lowered += CREDITS[theirs[-1]] < credit_of(criterion)
            raised += CREDITS[theirs[-1]] > credit_of(criterion)
    rows = [(phrases.LOWERED, lowered), (phrases.RAISED, raised)]
    return wording.join(*(wording.say(phrase, n=wording.count(n, "criteria")) for phrase, n in rows if n))


def _pending(case: Case, wording: Wording) -> str:
    n = len(case.unanswered)
    if not n:
        return ""
    counted = wording.count(n, "criteria")
    return wording.say(phrases.PENDING, n=counted if wording.is_chinese else f"{counted} {'is' if n == 1 else 'are'}")


def _state(criterion: CriterionPart, wording: Wording) -> str:
    return wording.say(phrases.STATES[criterion.rating], quoted=wording.quote(criterion.text))


def _lift(blocker: Blocker, turn: int, wording: Wording) -> str:
    named = min(NAMED, len(blocker.criteria))
    raised = min(named, blocker.needed)
    which = phrases.THIS_ONE if raised == 1 and named == 1 else phrases.THESE
    if raised < named:
        which = phrases.THE_FIRST
    after = phrases.PASSES if blocker.needed <= named else phrases.STILL_NEEDED
    return wording.pick(
        phrases.LIFT,
        turn,
        which=wording.say(which, n=raised),
        now=percent(blocker.fulfilment),
        after=percent(blocker.after(raised)),
        passes=wording.say(after, n=blocker.needed),
    )


def _steps(actions: list[ActionPart], opening: Text, wording: Wording) -> str:
    """``opening``: a phrase for the whole first step, or words that stand before all of them."""
    rows = []
    for place, action in enumerate(actions):
        values = {"title": action_in_sentence(action, wording), "lead": action.lead, "weeks": action.weeks}
        values["days"] = days_of([action], wording)
        whole = opening if opening in phrases.STEP else phrases.ONE_STEP
        rows.append(wording.say(phrases.NEXT_STEP if place else whole, **values))
    before = "" if opening in phrases.STEP else wording.say(opening)
    return before + wording.parts(rows) + ("。" if wording.is_chinese else ".")


def _completion(case: Case, action: ActionPart, wording: Wording) -> str:
    """In full, for half a condition is another one; where the item has a gap, its table says it for every action."""
    return "" if case.part.gap else wording.say(phrases.CLOSED, closed=action.closed_when.rstrip("。."))


def _whole(case: Case, wording: Wording) -> str:
    if not case.part.gap or len(case.open) <= NAMED:
        return ""
    n, days = wording.count(len(case.open), "criteria"), days_of((criterion.action for criterion in case.open), wording)
    return wording.say(phrases.WHOLE, target=case.target, n=n, days=days)


def _closed(case: Case, wording: Wording) -> str:
    """That the plan has closed something here which the answers do not show yet."""
    n = sum(criterion.code in case.closed and credit_of(criterion) < 1 for criterion in case.applicable)
    return wording.say(phrases.CLOSED_IN_PLAN, n=wording.count(n, "criteria")) if n else ""
