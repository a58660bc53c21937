"""A policy action in prose, from its anchors: where it stands, what the next step asks, which clauses rest on it. Pure."""

from collections.abc import Iterator
from datetime import date

from assessments.proving import CLAIMED_ANCHORS
from assessments.results import PolicyBasis
from assessments.scoring import CREDITS, HIGHEST_ANCHOR
from questionnaires.schema import Text
from reports.content.dossier import Dossier
from reports.content.findings.basis import cited
from reports.content.findings.cases import name_of
from reports.content.findings.chief import next_anchor
from reports.content.findings.flags import Flag
from reports.content.findings.wording import Wording
from reports.content.parts import ItemFinding, ItemPart

THERE = (
    Text(
        zh="{item}处于第{score}档（满分{highest}档）：{quoted}。",
        en="{item} stands at step {score} of {highest}: {quoted}.",
    ),
    Text(
        zh="自评结果为第{score}档（满分{highest}档），{item}的状况是{quoted}。",
        en="At step {score} of {highest}, {item} is described as {quoted}.",
    ),
    Text(
        zh="目前{item}的做法是{quoted}，属第{score}档（满分{highest}档）。",
        en="The answer for {item} is {quoted}, which is step {score} of {highest}.",
    ),
)
SILENT = (
    Text(zh="{item}尚未填报，暂按0档计。", en="{item} is unanswered and counts as step 0 for now."),
    Text(zh="由于尚未填报，{item}暂按0档计。", en="As it is unanswered, {item} counts as step 0."),
)
NEXT = (
    Text(zh="再上一档须做到{quoted}。", en="The next step asks for this: {quoted}."),
    Text(
        zh="要升到第{score}档，须做到{quoted}。",
        en="Step {score} is reached when this holds: {quoted}.",
    ),
)
AT_TOP = (Text(zh="已达最高档。", en="The highest step is reached."), Text(zh="已处最高档。", en="There is no step above."))
RESTS = (
    Text(
        zh="与本行动相关的条款：{rows}；停在这一档，相应条款的落实程度也随之受限。",
        en="The clauses that rest on it: {rows}; as long as it stays here, they are met no further.",
    ),
    Text(
        zh="本行动牵动的条款：{rows}；未做足之前，这些条款的落实程度难以提高。",
        en="What hangs on it: {rows}; until more is done, they are met no further.",
    ),
)
PREPARE = (
    Text(
        zh="请据此安排改进，并备好证明材料：{rows}。",
        en="Work towards it, and prepare the proof: {rows}.",
    ),
    Text(zh="改进时请同步积累证明材料：{rows}。", en="Collect the proof along the way: {rows}."),
)
KEEP = Text(
    zh="保持现有做法，按期更新证明材料：{rows}。",
    en="Keep it up, and refresh the proof in time: {rows}.",
)
UNPROVEN = Text(
    zh="自评为第{score}档，却没有有效证据。",
    en="It is rated step {score}, but without any valid evidence.",
)
REVIEWED = Text(
    zh="自评为第{score}档，审核认为是第{theirs}档。",
    en="The enterprise says step {score}, the review step {theirs}.",
)


def action_finding(
    part: ItemPart, turn: int, basis: PolicyBasis, on: date, dossier: Dossier | None, wording: Wording
) -> ItemFinding:
    anchor, item = next_anchor(part), name_of(part, wording)
    proof = wording.parts([text.rstrip("。.") for text in part.evidence])
    return ItemFinding(
        there=wording.capital(_there(part, item, turn, wording)),
        why_not=wording.pick(NEXT, turn, quoted=wording.quote(anchor), score=int(part.rating or 0) + 1)
        if anchor
        else wording.pick(AT_TOP, turn),
        risk=_risk(part, turn, basis, on, wording) if anchor else "",
        todo=wording.pick(PREPARE, turn, rows=proof) if anchor else wording.say(KEEP, rows=proof),
        flags=tuple(flag.text for flag in action_flags(part, dossier, wording)),
    )


def action_flags(part: ItemPart, dossier: Dossier | None, wording: Wording) -> Iterator[Flag]:
    """A high step without valid evidence, and a review that says otherwise."""
    valid = [held for held in part.held if dossier and not dossier.pieces[held.piece - 1].flaw]
    if dossier is not None and part.rating in CLAIMED_ANCHORS and not valid:
        yield Flag("unproven_step", wording.say(UNPROVEN, score=part.rating))
    said = [verdict.rating for verdict in part.verdicts if verdict.rating and verdict.rating not in (*CREDITS, "na")]
    if said and said[-1] != part.rating:
        yield Flag("reviewed", wording.say(REVIEWED, score=part.rating or "0", theirs=said[-1]))


def _there(part: ItemPart, item: str, turn: int, wording: Wording) -> str:
    chosen = next((anchor.text for anchor in part.anchors if anchor.chosen), None)
    if chosen is None:
        return wording.pick(SILENT, turn, item=item)
    return wording.pick(THERE, turn, item=item, score=part.rating, highest=HIGHEST_ANCHOR, quoted=wording.quote(chosen))


def _risk(part: ItemPart, turn: int, basis: PolicyBasis, on: date, wording: Wording) -> str:
    rows = cited([basis.library.clause_by_id[clause] for clause in part.clauses], basis.library, on, wording, briefly=True)
    return wording.pick(RESTS, turn, rows=wording.parts(rows)) if rows else ""
