"""The paragraph for the chief: which level, why not higher, the three things to do first, and which documents ask for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from assessments.results import Outcome, PolicyBasis
from assessments.scoring import show
from questionnaires.schema import Text
from reports.content.findings import headlines
from reports.content.findings.basis import NO_DIRECT, cited
from reports.content.findings.cases import Case, name_of
from reports.content.findings.causes import most_common
from reports.content.findings.items import action_in_sentence, days_of
from reports.content.findings.wording import Wording, in_brackets
from reports.content.parts import ActionPart, CausePart, FirstStepPart, ItemPart, LeverPart, Snapshot

FIRST = 3
TO_NEXT = Text(
    zh="按所用方法，总分达到{bar}为{level}级，目前还差{missing}。",
    en="By the method used, level {level} takes a total of {bar}; {missing} is missing.",
)
FLOOR = Text(
    zh="按就低不就高的口径，等级由最低的能力项决定：{item}为{level}级。",
    en="By this method the lowest item decides the level, and {item} is at level {level}.",
)
DO_FIRST = {
    3: Text(zh="请先做三件事：{rows}。", en="Three things to do first: {rows}."),
    2: Text(zh="请先做两件事：{rows}。", en="Two things to do first: {rows}."),
    1: Text(zh="请先做一件事：{rows}。", en="One thing to do first: {rows}."),
}
ORDINALS = (Text(zh="一是", en="(1) "), Text(zh="二是", en="(2) "), Text(zh="三是", en="(3) "))
ONLY = Text(zh="", en="")
ROW = Text(zh="{title}（{item}）", en="{item}: {title}")
ASKED = Text(zh="政策依据：{rows}。", en="Policy basis: {rows}.")
STEP = Text(zh="{title}（{lead}牵头，{days}）。", en="{title} (lead: {lead}, {days}).")
RAISE = Text(
    zh="补齐最短路径上的{n}后，本项由{before}分升至{after}分。",
    en="With {n} of the shortest path closed, the item goes from {before} to {after}.",
)
RAISE_AND_GAIN = Text(
    zh="补齐最短路径上的{n}后，本项由{before}分升至{after}分，总分提高{gain}分。",
    en="With {n} of the shortest path closed, the item goes from {before} to {after} and the total gains {gain}.",
)
PARTLY_CLOSED = Text(
    zh="其中{n}已由改进计划中关闭的行动落实。",
    en="Closed actions of the plan have dealt with {n} of these.",
)
NEXT_ANCHOR = Text(zh="推进到下一档：{anchor}", en="take it to the next step: {anchor}")
STRENGTH = Text(
    zh="{name}：{score}分，{level}级（{level_name}）",
    en="{name}: {score}, level {level} ({level_name})",
)
STRENGTH_OF_ACTION = Text(zh="{name}：{score}分（满分4分）", en="{name}: {score} out of 4")


@dataclass(frozen=True)
class Step:
    """A thing to do first: in which item, in a few words for the paragraph, and in full."""

    part: ItemPart
    title: str
    text: str
    clauses: tuple[str, ...]

    @property
    def shown(self) -> FirstStepPart:
        return FirstStepPart(self.part.code, self.text, self.clauses, self.part.name)


def chief_paragraph(
    snapshot: Snapshot, outcome: Outcome, basis: PolicyBasis, on: date, causes: tuple[CausePart, ...], steps: list[Step]
) -> str:
    """Reads in the active language, which is the snapshot's."""
    wording = Wording(snapshot.language)
    return wording.join(
        headlines.headline(snapshot),
        why_no_higher_level(snapshot, outcome, wording),
        headlines.why_not_higher(snapshot),
        most_common(causes, wording),
        _do_first(steps, wording),
        _who_asks(steps, basis, on, wording),
    )


def first_steps(snapshot: Snapshot, cases: Mapping[str, Case], wording: Wording) -> list[Step]:
    """Up to three: the levers of the path that lift the total most per criterion, those last in which closed actions of the
    plan have dealt with some; where the path asks for nothing more, or there is no target, the items below their target (else
    all) with the least score that have something open."""
    if snapshot.kind == "anchors":
        return _steps_of_actions(snapshot, wording)
    levers = _open_levers(snapshot, cases)
    if levers:
        return [_step_of_lever(cases[lever.item], lever, snapshot, wording) for lever in levers[:FIRST]]
    parts = sorted((part for part in snapshot.gaps or snapshot.items if cases[part.code].blocker), key=lambda part: part.share)
    return [_step(cases[part.code], wording) for part in parts[:FIRST]]


def why_no_higher_level(snapshot: Snapshot, outcome: Outcome, wording: Wording) -> str:
    """How much of the total is missing to the next level, or which item decides it."""
    method, result = outcome.result.method, outcome.result
    if method is None or result.level is None or result.level == snapshot.highest:
        return ""
    if method.aggregate == "lowest":
        lowest = min(result.items, key=lambda item: item.level)
        part = next(part for part in snapshot.items if part.code == lowest.code)
        return wording.say(FLOOR, item=name_of(part, wording), level=lowest.level)
    bar = Fraction(method.bands[result.level + 1])
    return wording.say(TO_NEXT, bar=show(bar), level=result.level + 1, missing=missing(bar, result.score))


def missing(bar: Fraction, total: Fraction) -> str:
    """What is missing to a bar, as the difference of the numbers that stand beside it, and never nothing."""
    shown = Fraction(show(bar)) - Fraction(show(total))
    return show(max(shown, Fraction(1, 100)))


def strengths(snapshot: Snapshot, wording: Wording) -> tuple[str, ...]:
    """The three best items: those at their target, without a target those from level 3 on; policy actions from 3 on."""
    if snapshot.kind == "anchors":
        best = [part for part in snapshot.items if part.share >= 3 / 4]
    else:
        best = [part for part in snapshot.items if part.level >= (snapshot.target_of(part.code) or 3) and part.level > 1]
    best = sorted(best, key=lambda part: -part.share)[:FIRST]
    phrase = STRENGTH_OF_ACTION if snapshot.kind == "anchors" else STRENGTH
    return tuple(
        wording.say(phrase, name=part.name, score=part.score, level=part.level, level_name=in_brackets(part.level_name))
        for part in best
    )


def _open_levers(snapshot: Snapshot, cases: Mapping[str, Case]) -> list[LeverPart]:
    """Without those that closed actions have dealt with altogether."""
    levers = snapshot.path.levers if snapshot.path else ()
    done = {lever.item: _dealt_with(cases[lever.item]) for lever in levers}
    return sorted((lever for lever in levers if done[lever.item] < lever.count), key=lambda lever: done[lever.item] > 0)


def _dealt_with(case: Case) -> int:
    return sum(code in case.closed for code in case.on_path)


def _step_of_lever(case: Case, lever: LeverPart, snapshot: Snapshot, wording: Wording) -> Step:
    mine = [step for step in snapshot.path.raises if step.item == lever.item]
    raised = next(step for step in mine if step.criterion not in case.closed)
    values = {"n": wording.count(lever.count, "criteria"), "before": lever.before, "after": lever.after, "gain": lever.gain}
    done = _dealt_with(case)
    closed = wording.say(PARTLY_CLOSED, n=wording.count(done, "criteria") if wording.is_chinese else done) if done else ""
    raises = wording.say(RAISE_AND_GAIN if lever.gain else RAISE, **values)
    return _step(case, wording, raised.action, wording.join(raises, closed))


def _step(case: Case, wording: Wording, action: ActionPart | None = None, more: str = "") -> Step:
    action = action or case.by_code[case.blocker.criteria[0].code].action
    title = action_in_sentence(action, wording)
    text = wording.say(STEP, title=title, lead=action.lead, days=days_of([action], wording))
    clauses = tuple(ref.id for ref in case.part.gap.direct) if case.part.gap else ()
    return Step(case.part, title, wording.join(wording.capital(text), more), clauses)


def _steps_of_actions(snapshot: Snapshot, wording: Wording) -> list[Step]:
    """The lowest of the actions that were answered and are not at the top."""
    steps = []
    for part in sorted((part for part in snapshot.items if part.rating), key=lambda part: part.share):
        anchor = next_anchor(part)
        if anchor is not None and len(steps) < FIRST:
            title = wording.say(NEXT_ANCHOR, anchor=wording.quote(anchor))
            steps.append(Step(part, title, wording.capital(title) + ("。" if wording.is_chinese else "."), part.clauses))
    return steps


def next_anchor(part: ItemPart) -> str | None:
    """The statement one step above the chosen one, or None at the top."""
    chosen = int(part.rating or 0)
    return next((anchor.text for anchor in part.anchors if anchor.score == chosen + 1), None)


def _do_first(steps: list[Step], wording: Wording) -> str:
    if not steps:
        return ""
    ordinals = ORDINALS if len(steps) > 1 else (ONLY,)
    rows = [
        wording.say(ordinal) + wording.say(ROW, item=step.part.name, title=step.title)
        for ordinal, step in zip(ordinals, steps, strict=False)
    ]
    return wording.say(DO_FIRST[len(steps)], rows=wording.parts(rows))


def _who_asks(steps: list[Step], basis: PolicyBasis, on: date, wording: Wording) -> str:
    """The documents behind the first steps, by direct clauses only, without offers of support; items without one are named."""
    ids = dict.fromkeys(clause for step in steps for clause in step.clauses)
    asking = [clause for clause in map(basis.library.clause_by_id.get, ids) if clause.kind != "support"]
    rows = cited(asking, basis.library, on, wording)
    bare = list(dict.fromkeys(name_of(step.part, wording) for step in steps if not step.clauses))
    return wording.join(
        wording.say(ASKED, rows=wording.parts(rows)) if rows else "",
        wording.say(NO_DIRECT, names=wording.listing(bare)) if bare else "",
    )
