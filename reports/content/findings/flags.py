"""Contradictions and missing proof: what an assessor would ask about. Pure.

A flag is found per item; ``told_together`` says the same over all items, one sentence per kind.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from assessments.proving import claims_much
from assessments.scoring import CREDITS, percent
from questionnaires.schema import Text
from reports.content.findings.cases import Case, credit_of, name_of
from reports.content.findings.wording import Wording
from reports.content.parts import CriterionPart, ItemPart

MET, HARDLY = Fraction(4, 5), Fraction(1, 2)
NAMED = 4

UPSIDE_DOWN = Text(
    zh="{high}级条目自评做到{high_share}，而更低的{low}级只有{low_share}，前后矛盾，评估时可能被追问。",
    en="Level {high} is claimed to {high_share} while the lower level {low} is met to {low_share} only; an "
    "assessor may ask how.",
)
EXPIRED = Text(
    zh="{n}评为满足或大部分满足，但所附证据已过期或文件缺失。",
    en="{n} rated as fully or largely met, but the linked evidence has expired or its file is missing.",
)
UNPROVEN = Text(
    zh="3级及以上有{n}评为满足或大部分满足，却没有证据。",
    en="{n} rated as fully or largely met at level 3 or above, but without any evidence.",
)
UNMEASURED = Text(
    zh="4级及以上有{n}评为满足或大部分满足，却没有度量数据作证。",
    en="{n} rated as fully or largely met at level 4 or above, but without any figures to prove it.",
)
REVIEWED = Text(zh="{n}的评分与审核意见不一致：{rows}。", en="{n} rated otherwise by the review: {rows}.")
FROM_TO = Text(
    zh="{quoted}自评{before}、审核{after}",
    en="{quoted}: {before} by the enterprise, {after} by the review",
)
AND_MORE = Text(zh="另有{n}个", en="{n} more")
NOTHING_APPLIES = Text(
    zh="{level}级没有适用的条目，按通过计。",
    en="No criterion of level {level} applies, so it counts as passed.",
)
TOGETHER = {
    "upside_down": Text(
        zh="{items}存在高等级自评满足、低等级未满足的矛盾：{names}。",
        en="In {items} a higher level is claimed while a lower one is hardly met: {names}.",
    ),
    "expired": Text(
        zh="{items}有条目评为满足或大部分满足，但证据已过期或缺失：{names}。",
        en="In {items} criteria are rated as fully or largely met on evidence that has expired or is missing: {names}.",
    ),
    "unproven": Text(
        zh="{items}有3级及以上的条目评为满足或大部分满足，却没有证据：{names}。",
        en="In {items} criteria are rated as fully or largely met at level 3 or above without evidence: {names}.",
    ),
    "unproven_step": Text(
        zh="{items}自评为3档或4档，却没有有效证据：{names}。",
        en="For {items} step 3 or 4 is claimed without valid evidence: {names}.",
    ),
    "unmeasured": Text(
        zh="{items}有4级及以上的条目评为满足或大部分满足，却缺少度量数据：{names}。",
        en="In {items} criteria are rated as fully or largely met at level 4 or above without figures: {names}.",
    ),
    "reviewed": Text(
        zh="{items}的评分与审核意见不一致：{names}。",
        en="In {items} the review rates otherwise than the enterprise: {names}.",
    ),
    "nothing_applies": Text(
        zh="{items}有等级因没有适用条目而按通过计：{names}。",
        en="In {items} a level counts as passed because none of its criteria applies: {names}.",
    ),
}


@dataclass(frozen=True)
class Flag:
    key: str
    text: str


def item_flags(case: Case, wording: Wording) -> Iterator[Flag]:
    """What contradicts itself or lacks proof in one item; about proof only where proof is known."""
    yield from _upside_down(case, wording)
    yield from _reviewed(case, wording)
    if case.dossier is not None:
        yield from _proof(case, wording)
    for level in case.part.levels:
        if level.share is None and level.criteria:
            yield Flag("nothing_applies", wording.say(NOTHING_APPLIES, level=level.level))


def told_together(flagged: Iterable[tuple[ItemPart, Iterable[Flag]]], noun: str, wording: Wording) -> tuple[str, ...]:
    """One sentence per kind of flag, with the items that have it in the questionnaire's order. ``noun``: items or actions."""
    items: dict[str, list[ItemPart]] = {key: [] for key in TOGETHER}
    for part, flags in flagged:
        for key in dict.fromkeys(flag.key for flag in flags):
            items[key].append(part)
    return tuple(
        wording.say(phrase, items=wording.count(len(items[key]), noun), names=_names(items[key], wording))
        for key, phrase in TOGETHER.items()
        if items[key]
    )


def _names(parts: list[ItemPart], wording: Wording) -> str:
    names = [name_of(part, wording) for part in parts[:NAMED]]
    if len(parts) > NAMED:
        return wording.row(names) + ("等" if wording.is_chinese else f" and {len(parts) - NAMED} more")
    return wording.listing(names)


def _upside_down(case: Case, wording: Wording) -> Iterator[Flag]:
    """The highest level that is met to 80 % above the lowest that is answered and met to less than 50 %."""
    answered = [level for level in case.scored.levels if level.fulfilment is not None and all(c.rating for c in level.criteria)]
    low = next((level for level in answered if level.fulfilment < HARDLY), None)
    high = next((level for level in reversed(answered) if level.fulfilment >= MET), None)
    if low and high and high.level > low.level:
        values = {"high": high.level, "high_share": percent(high.fulfilment)}
        values |= {"low": low.level, "low_share": percent(low.fulfilment)}
        yield Flag("upside_down", wording.say(UPSIDE_DOWN, **values))


def _proof(case: Case, wording: Wording) -> Iterator[Flag]:
    claimed = [criterion for criterion in case.applicable if criterion.rating in ("full", "largely")]
    spoilt = [criterion for criterion in claimed if criterion.held and not case.valid_pieces(criterion)]
    bare = [criterion for criterion in claimed if not criterion.held and claims_much(criterion.rating, criterion.level)]
    unmeasured = [criterion for criterion in claimed if criterion.held and case.lacks_figures(criterion)]
    rows = (("expired", EXPIRED, spoilt), ("unproven", UNPROVEN, bare), ("unmeasured", UNMEASURED, unmeasured))
    for key, phrase, criteria in rows:
        if criteria:
            yield Flag(key, wording.say(phrase, n=_counted(len(criteria), wording)))


def _reviewed(case: Case, wording: Wording) -> Iterator[Flag]:
    rows = []
    for criterion in case.applicable:
        verdict = next((row for row in reversed(criterion.verdicts) if row.rating in CREDITS), None)
        if verdict and CREDITS[verdict.rating] != credit_of(criterion):
            rows.append(_from_to(criterion, verdict.rating_label, wording))
    if rows:
        shown = rows[:2] + ([wording.say(AND_MORE, n=len(rows) - 2)] if len(rows) > 2 else [])
        yield Flag("reviewed", wording.say(REVIEWED, n=_counted(len(rows), wording), rows=wording.parts(shown)))


def _from_to(criterion: CriterionPart, after: str, wording: Wording) -> str:
    before, after = (f"“{label}”" if wording.is_chinese else label.lower() for label in (criterion.rating_label, after))
    return wording.say(FROM_TO, quoted=wording.quote(criterion.text), before=before, after=after)


def _counted(n: int, wording: Wording) -> str:
    counted = wording.count(n, "criteria")
    return counted if wording.is_chinese else f"{counted} {'is' if n == 1 else 'are'}"
