"""The version of a snapshot for outsiders: no names of evidence, no persons, no notes. And the proof that none got out."""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from pypdf import PdfReader

from assessments.planning.advice import DONE_WHEN
from organizations.workbook_library import openpyxl
from reports.content.parts import CriterionPart, ItemFinding, ItemPart, LeftOutPart, PlanPart, Snapshot
from reports.content.snapshot import as_canonical_json

SHORTEST_NAME, SHORTEST_TEXT, LONGEST_PROBE = 2, 4, 40


class Leak(Exception):
    """An external version holds what it must not; ``found`` are the texts. Not for the page: they are the secret."""

    def __init__(self, found: list[str]):
        self.found = found
        super().__init__(f"{len(found)} texts that outsiders must not see")


def stripped(snapshot: Snapshot) -> Snapshot:
    """The snapshot without notes, verdicts, evidence, persons and the free texts of the plan."""
    domains = tuple(replace(domain, items=tuple(_item(item) for item in domain.items)) for domain in snapshot.domains)
    bare = replace(
        snapshot,
        domains=domains,
        excluded=tuple(map(_left_out, snapshot.excluded)),
        answers=tuple({**answer, "note": ""} for answer in snapshot.answers),
        pieces=(),
        changes=None,
        layers=tuple(replace(layer, firm="") for layer in snapshot.layers),
        plan=_plan(snapshot.plan),
        findings=replace(snapshot.findings, flags=()) if snapshot.findings else None,
    )
    return _without(bare, secrets(snapshot))


def leaks(pdf: bytes, snapshot: Snapshot) -> list[str]:
    """Texts of ``snapshot`` that outsiders must not see and that ``pdf`` tells: on a page, in its metadata or attachments."""
    told = _squeezed("\n".join(_told(pdf)))
    return [secret for secret in secrets(snapshot) if _squeezed(secret) in told]


def refuse_leaks(pdf: bytes, snapshot: Snapshot):
    """Raises Leak."""
    if found := leaks(pdf, snapshot):
        raise Leak(found)


def refuse_telling(text: str, snapshots: Iterable[Snapshot]):
    """The same for all that another file tells, whatever its spaces. Raises Leak."""
    told = _squeezed(text)
    if found := [secret for snapshot in snapshots for secret in secrets(snapshot) if _squeezed(secret) in told]:
        raise Leak(found)


def secrets(snapshot: Snapshot) -> list[str]:
    """What is to be kept in, by line, sorted. A text that the questionnaire, the policies or the names of organization,
    assessment and actions say as well is no secret."""
    items = [_item(replace(item, finding=None)) for item in snapshot.items]
    domains = tuple(
        replace(d, items=tuple(item for item in items if item.code in {i.code for i in d.items})) for d in snapshot.domains
    )
    public = replace(
        snapshot,
        domains=domains,
        excluded=tuple(map(_left_out, snapshot.excluded)),
        answers=(),
        pieces=(),
        layers=(),
        findings=None,
        annex=None,
        changes=None,
        plan=_plan(snapshot.plan),
    )
    known = _squeezed(as_canonical_json(public))
    found = {probe for text, least in _private(snapshot) for probe in _probes(text, least)}
    return sorted(probe for probe in found if _squeezed(probe) not in known)


def _private(snapshot: Snapshot) -> Iterator[tuple[str, int]]:
    """Private texts, each with the fewest characters that count."""
    for answer in snapshot.answers:
        yield answer["note"], SHORTEST_TEXT
    for piece in snapshot.pieces:
        yield piece.keeper, SHORTEST_NAME
        for text in (piece.title, piece.file_name, piece.url, piece.sha256):
            yield text, SHORTEST_TEXT
    for item in (*snapshot.items, *snapshot.excluded):
        yield item.note, SHORTEST_TEXT
        for part in (item, *item.criteria):
            yield from ((held.place, SHORTEST_TEXT) for held in part.held)
            yield from ((verdict.note, SHORTEST_TEXT) for verdict in part.verdicts)
            yield from ((verdict.firm, SHORTEST_TEXT) for verdict in part.verdicts)
    for action in snapshot.plan.actions if snapshot.plan else ():
        yield action.owner, SHORTEST_NAME
        for text in (_without_label(action.text), action.closing_note, *action.comments, *action.proofs):
            yield text, SHORTEST_TEXT


def _without_label(text: str) -> str:
    """The text of an action without the words that go before the bank's condition: the pages say them as well."""
    for label in (DONE_WHEN.zh, DONE_WHEN.en):
        text = text.replace(label, "")
    return text


def _probes(text: str, least: int) -> Iterator[str]:
    """The beginning of each line that is long enough to be told from others."""
    for line in text.splitlines():
        probe = line.strip()[:LONGEST_PROBE]
        if len(probe) >= least and not re.fullmatch(r"[\d\W]+", probe):
            yield probe


def _told(pdf: bytes) -> Iterator[str]:
    reader = PdfReader(io.BytesIO(pdf))
    yield from (str(value) for value in (reader.metadata or {}).values())
    yield from (page.extract_text() for page in reader.pages)
    for name, contents in reader.attachments.items():
        yield name
        yield from (_readable(name, content) for content in contents)


def _readable(name: str, content: bytes) -> str:
    if name.endswith(".xlsx"):
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
        return "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell)
    return content.decode(errors="replace").replace("\\n", "\n").replace('\\"', '"')


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def _item(item: ItemPart) -> ItemPart:
    finding = replace(item.finding, flags=()) if item.finding else None
    levels = tuple(replace(level, criteria=_criteria(level.criteria)) for level in item.levels)
    return replace(item, levels=levels, note="", held=(), verdicts=(), finding=finding)


def _left_out(part: LeftOutPart) -> LeftOutPart:
    return replace(part, criteria=_criteria(part.criteria), note="", held=(), verdicts=())


def _criteria(criteria: tuple[CriterionPart, ...]) -> tuple[CriterionPart, ...]:
    return tuple(replace(row, note="", held=(), verdicts=()) for row in criteria)


def _plan(plan: PlanPart | None) -> PlanPart | None:
    if plan is None:
        return None
    bare = {"owner": "", "text": "", "comments": (), "proofs": (), "closing_note": ""}
    return replace(plan, actions=tuple(replace(action, **bare) for action in plan.actions))


def _without(snapshot: Snapshot, kept_in: list[str]) -> Snapshot:
    """Prose that names a secret goes as a whole."""
    hidden = [_squeezed(secret) for secret in kept_in]

    def clean(text: str) -> str:
        squeezed = _squeezed(text)
        return "" if any(secret in squeezed for secret in hidden) else text

    def clean_item(item: ItemPart) -> ItemPart:
        if item.finding is None:
            return item
        told = item.finding
        return replace(item, finding=ItemFinding(clean(told.there), clean(told.why_not), clean(told.risk), clean(told.todo)))

    domains = tuple(replace(domain, items=tuple(clean_item(item) for item in domain.items)) for domain in snapshot.domains)
    findings = snapshot.findings
    if findings:
        findings = replace(
            findings,
            chief=clean(findings.chief),
            first=tuple(replace(step, text=clean(step.text)) for step in findings.first),
            causes=tuple(replace(cause, text=clean(cause.text)) for cause in findings.causes),
            strengths=tuple(filter(None, map(clean, findings.strengths))),
        )
    return replace(snapshot, domains=domains, findings=findings)
