"""Freeze everything a result page or report says into plain values, in one language.

``take_snapshot`` is the only place where scores, content, clauses and answers meet. Pages, PDF and workbook read the
``Snapshot`` and nothing else, so screen and paper can't disagree. ``as_canonical_json`` gives equal bytes for equal
snapshots; numbers are already text as they are shown, except ``share`` (0-1), which only places marks in charts.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import override

from assessments.answer_files import AnswerSet
from assessments.results import Gap, Outcome, PolicyBasis, outcome_as_json
from assessments.scoring import DomainScore, ItemScore, LevelScore, score_item, show
from questionnaires import labels as content_labels
from questionnaires.schema import ClauseLink, Criterion, Text, fingerprint
from reports import labels

FORMAT = 1
HIGHEST = {"levels": 5, "anchors": 4}


@dataclass(frozen=True)
class EvidencePart:
    kind: str
    text: str
    months: int | None


@dataclass(frozen=True)
class ActionPart:
    code: str
    title: str
    steps: tuple[str, ...]
    lead: str
    days: tuple[int, int]
    weeks: int
    closed_when: str


@dataclass(frozen=True)
class CriterionPart:
    """One criterion with its answer. ``credit`` is the shown credit, empty for n/a; ``is_gap``: not full below target."""

    code: str
    level: int
    text: str
    rating: str
    rating_label: str
    credit: str
    na_reason: str
    note: str
    is_gap: bool
    evidence: tuple[EvidencePart, ...]
    action: ActionPart


@dataclass(frozen=True)
class LevelPart:
    """One level of an item. ``fulfilment`` is empty where no criterion applies (the level then counts as passed)."""

    level: int
    name: str
    fulfilment: str
    share: float | None
    reached: bool
    criteria: tuple[CriterionPart, ...]


@dataclass(frozen=True)
class ClauseRef:
    """A clause as it stands behind an item: its id, strength and the reason why."""

    id: str
    strength: str
    reason: str


@dataclass(frozen=True)
class PolicyActionPart:
    code: str
    name: str
    question: str


@dataclass(frozen=True)
class GapPart:
    criteria: tuple[str, ...]
    actions: tuple[ActionPart, ...]
    policy_actions: tuple[PolicyActionPart, ...]
    direct: tuple[ClauseRef, ...]
    supporting: tuple[ClauseRef, ...]
    no_direct_note: str


@dataclass(frozen=True)
class AnchorPart:
    score: int
    text: str
    chosen: bool


@dataclass(frozen=True)
class ItemPart:
    """One item. ``score`` is shown with two places; ``anchors`` and ``question`` only for policy actions."""

    code: str
    name: str
    clause: str
    purpose: str
    confidence: str
    score: str
    share: float
    level: int | None
    level_name: str
    levels: tuple[LevelPart, ...]
    gap: GapPart | None
    weaknesses: tuple[str, ...] = ()
    question: str = ""
    anchors: tuple[AnchorPart, ...] = ()
    rating: str = ""
    note: str = ""
    evidence: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()

    @property
    def level_reached(self) -> int:
        """Levels passed, 0-5; the level itself is never below 1."""
        reached = [level.level for level in self.levels]
        stop = next((level.level for level in self.levels if not level.reached), None)
        return stop - 1 if stop else max(reached, default=0)


@dataclass(frozen=True)
class DomainPart:
    code: str
    name: str
    clause: str
    score: str
    share: float
    level: int | None
    level_name: str
    items: tuple[ItemPart, ...]


@dataclass(frozen=True)
class ExcludedPart:
    code: str
    name: str


@dataclass(frozen=True)
class MethodPart:
    key: str
    name: str
    rule: str
    source: str
    confidence: str
    score: str
    level: int | None
    level_name: str
    chosen: bool


@dataclass(frozen=True)
class RaisePart:
    criterion: str
    item: str
    item_name: str
    level: int
    text: str
    before: str
    action: ActionPart


@dataclass(frozen=True)
class LeverPart:
    """The part of the path that lies in one item: raise ``count`` criteria, the item goes from ``before`` to ``after``."""

    item: str
    name: str
    count: int
    before: str
    after: str
    gain: str


@dataclass(frozen=True)
class PathPart:
    target: int
    target_name: str
    count: int
    raises: tuple[RaisePart, ...]
    levers: tuple[LeverPart, ...]


@dataclass(frozen=True)
class ClausePart:
    id: str
    document: str
    section: str
    box: str
    kind: str
    addressee: str
    reading: str
    summary: str
    quote: str
    note: str
    coverage: str


@dataclass(frozen=True)
class DocumentPart:
    code: str
    title: str
    issuer: str
    number: str
    signed_on: str
    period: str
    status: str
    status_label: str
    validity: str
    clauses: tuple[ClausePart, ...]


@dataclass(frozen=True)
class LevelNamePart:
    level: int
    name: str
    essence: str


@dataclass(frozen=True)
class Snapshot:
    format: int
    language: str
    organization: str
    assessment: str
    date: str
    questionnaire: str
    version: str
    content_sha256: str
    policies_version: str
    kind: str
    title: str
    short_title: str
    standard: str
    status_note: str
    notice: str
    policy_disclaimer: str
    highest: int
    target: int | None
    target_name: str
    levels: tuple[LevelNamePart, ...]
    answered: int
    total: int
    unanswered: int
    score: str
    share: float
    level: int | None
    level_name: str
    lowest_item: ExcludedPart | None
    lowest_domain: ExcludedPart | None
    methods: tuple[MethodPart, ...]
    domains: tuple[DomainPart, ...]
    excluded: tuple[ExcludedPart, ...]
    path: PathPart | None
    documents: tuple[DocumentPart, ...]
    answers: tuple[dict, ...]
    result: dict
    targets: Mapping[str, int] = field(default_factory=dict)  # item code -> its own target, where it is not ``target``

    @property
    def items(self) -> tuple[ItemPart, ...]:
        return tuple(item for domain in self.domains for item in domain.items)

    def target_of(self, item: str) -> int | None:
        return self.targets.get(item, self.target)

    @property
    def gaps(self) -> tuple[ItemPart, ...]:
        return tuple(item for item in self.items if item.gap)

    @property
    def method(self) -> MethodPart | None:
        return next((method for method in self.methods if method.chosen), None)

    @property
    def clause_by_id(self) -> dict[str, ClausePart]:
        return {clause.id: clause for document in self.documents for clause in document.clauses}

    @property
    def document_by_code(self) -> dict[str, DocumentPart]:
        return {document.code: document for document in self.documents}


def take_snapshot(
    outcome: Outcome, basis: PolicyBasis, answers: AnswerSet, *, organization: str, assessment: str, on: date, language: str
) -> Snapshot:
    """Everything the result says, in ``language`` (``zh-hans`` or ``en``)."""
    with override(language):
        return _Teller(outcome, basis, answers, language).snapshot(organization, assessment, on)


def as_canonical_json(snapshot: Snapshot) -> str:
    values = asdict(snapshot)
    if not snapshot.targets:
        del values["targets"]
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256_of(snapshot_json: str) -> str:
    return hashlib.sha256(snapshot_json.encode()).hexdigest()


class _Teller:
    """Puts one outcome into words and shown numbers."""

    def __init__(self, outcome: Outcome, basis: PolicyBasis, answers: AnswerSet, language: str):
        self.outcome, self.basis, self.answers, self.language = outcome, basis, answers, language
        self.questionnaire, self.result = outcome.questionnaire, outcome.result
        self.highest = HIGHEST[self.questionnaire.kind]
        self.gaps: Mapping[str, Gap] = {gap.item: gap for gap in outcome.gaps}

    def say(self, text: Text | None) -> str:
        return text.in_language(self.language) if text else ""

    def says(self, texts) -> tuple[str, ...]:
        return tuple(self.say(text) for text in texts)

    def share(self, value: Fraction | None) -> float:
        return round(float(value or 0) / self.highest, 6)

    def level_name(self, level: int | None) -> str:
        return self.say(self.questionnaire.level_by_number[level].name) if level else ""

    def snapshot(self, organization: str, assessment: str, on: date) -> Snapshot:
        q, result = self.questionnaire, self.result
        domains = tuple(self._domain(domain) for domain in result.domains)
        return Snapshot(
            format=FORMAT,
            language=self.language,
            organization=organization,
            assessment=assessment,
            date=on.isoformat(),
            questionnaire=q.code,
            version=q.version,
            content_sha256=fingerprint(q),
            policies_version=self.basis.library.version,
            kind=q.kind,
            title=self.say(q.title),
            short_title=self.say(q.short_title),
            standard=q.standard,
            status_note=self.say(q.status_note),
            notice=self.say(q.notice),
            policy_disclaimer=self.say(self.basis.library.disclaimer),
            highest=self.highest,
            target=self.outcome.target,
            target_name=self.level_name(self.outcome.target),
            levels=tuple(LevelNamePart(row.level, self.say(row.name), self.say(row.essence)) for row in q.levels),
            answered=len(q.item_of) - len(result.unanswered),
            total=len(q.item_of),
            unanswered=len(result.unanswered),
            score=show(result.score) or "",
            share=self.share(result.score),
            level=result.level,
            level_name=self.level_name(result.level),
            lowest_item=self._named(result.lowest_item, q.item_by_code),
            lowest_domain=self._named(result.lowest_domain, {domain.code: domain for domain in q.domains}),
            methods=self._methods(),
            domains=domains,
            excluded=tuple(ExcludedPart(code, self.say(q.item_by_code[code].name)) for code in result.excluded_items),
            path=self._path(),
            documents=self._documents(domains),
            answers=tuple(self._answer(code) for code in q.item_of),
            result=outcome_as_json(self.outcome),
            targets=dict(self.outcome.targets),
        )

    def _named(self, scored, by_code) -> ExcludedPart | None:
        return ExcludedPart(scored.code, self.say(by_code[scored.code].name)) if scored else None

    def _methods(self) -> tuple[MethodPart, ...]:
        chosen = self.result.method.key if self.result.method else None
        return tuple(
            MethodPart(
                key=key,
                name=self.say(other.method.name),
                rule=self.say(other.method.rule),
                source=self.say(other.method.source),
                confidence=str(content_labels.CONFIDENCE_LABELS[other.method.confidence]),
                score=show(other.score) or "",
                level=other.level,
                level_name=self.level_name(other.level),
                chosen=key == chosen,
            )
            for key, other in self.outcome.methods.items()
        )

    def _domain(self, scored: DomainScore) -> DomainPart:
        domain = next(domain for domain in self.questionnaire.domains if domain.code == scored.code)
        return DomainPart(
            code=domain.code,
            name=self.say(domain.name),
            clause=domain.clause or "",
            score=show(scored.score),
            share=self.share(scored.score),
            level=scored.level,
            level_name=self.level_name(scored.level),
            items=tuple(self._item(item) for item in scored.items),
        )

    def _item(self, scored: ItemScore) -> ItemPart:
        item = self.questionnaire.item_by_code[scored.code]
        if self.questionnaire.kind == "anchors":
            return self._action_item(item, scored)
        gap = self.gaps.get(item.code)
        return ItemPart(
            code=item.code,
            name=self.say(item.name),
            clause=item.clause,
            purpose=self.say(item.purpose),
            confidence=item.levels_confidence,
            score=show(scored.score),
            share=self.share(scored.score),
            level=scored.level,
            level_name=self.level_name(scored.level),
            levels=tuple(self._level(level, gap) for level in scored.levels),
            gap=self._gap(item, gap) if gap else None,
            weaknesses=self.says(item.weaknesses),
        )

    def _action_item(self, item, scored: ItemScore) -> ItemPart:
        return ItemPart(
            code=item.code,
            name=self.say(item.name),
            clause="",
            purpose="",
            confidence="",
            score=show(scored.score),
            share=self.share(scored.score),
            level=None,
            level_name="",
            levels=(),
            gap=None,
            question=self.say(item.question),
            anchors=tuple(AnchorPart(a.score, self.say(a.text), scored.rating == str(a.score)) for a in item.anchors),
            rating=scored.rating or "",
            note=self.answers.notes.get(item.code, ""),
            evidence=self.says(item.evidence),
            clauses=tuple(clause for clause in item.clauses if self._may_show(clause)),
        )

    def _level(self, scored: LevelScore, gap: Gap | None) -> LevelPart:
        gap_codes = set(gap.criteria) if gap else set()
        return LevelPart(
            level=scored.level,
            name=self.level_name(scored.level),
            fulfilment=show(scored.fulfilment) or "",
            share=None if scored.fulfilment is None else round(float(scored.fulfilment), 6),
            reached=scored.reached,
            criteria=tuple(
                self._criterion(self.questionnaire.criterion_by_code[c.code], c, c.code in gap_codes) for c in scored.criteria
            ),
        )

    def _criterion(self, criterion: Criterion, scored, is_gap: bool) -> CriterionPart:
        reason = self.answers.na_reasons.get(criterion.code, "")
        return CriterionPart(
            code=criterion.code,
            level=criterion.level,
            text=self.say(criterion.text),
            rating=scored.rating or "",
            rating_label=str(labels.RATING_LABELS[scored.rating or ""]),
            credit=show(scored.credit, 1) or "",
            na_reason=str(labels.NA_LABELS[reason]) if reason else "",
            note=self.answers.notes.get(criterion.code, ""),
            is_gap=is_gap,
            evidence=tuple(
                EvidencePart(str(content_labels.EVIDENCE_LABELS[e.kind]), self.say(e), e.months) for e in criterion.evidence
            ),
            action=self._action(criterion),
        )

    def _action(self, criterion: Criterion) -> ActionPart:
        advice = criterion.action
        return ActionPart(
            code=advice.code,
            title=self.say(advice.title),
            steps=self.says(advice.steps),
            lead=str(content_labels.LEAD_LABELS[advice.lead]),
            days=advice.days,
            weeks=advice.weeks,
            closed_when=self.say(advice.closed_when),
        )

    def _gap(self, item, gap: Gap) -> GapPart:
        basis = self.basis.library.basis_by_uid.get(item.uid)
        links = basis.clauses if basis else ()
        supporting = tuple(link for link in links if link.strength == "supporting" and self._may_show(link.id))
        return GapPart(
            criteria=gap.criteria,
            actions=tuple(self._action(self.questionnaire.criterion_by_code[code]) for code in gap.criteria),
            policy_actions=tuple(
                PolicyActionPart(action.code, self.say(action.name), self.say(action.question))
                for action in self.basis.supporting_actions(self.questionnaire.edition, item.uid)
            ),
            direct=tuple(self._clause_ref(link) for link in (basis.direct if basis else ())),
            supporting=tuple(self._clause_ref(link) for link in supporting),
            no_direct_note=self.say(basis.no_direct_note) if basis else "",
        )

    def _may_show(self, clause_id: str) -> bool:
        """Clauses that address only government are never shown to an enterprise as its own."""
        return not self.basis.library.clause_by_id[clause_id].is_background

    def _clause_ref(self, link: ClauseLink) -> ClauseRef:
        return ClauseRef(id=link.id, strength=link.strength, reason=self.say(link.reason))

    def _path(self) -> PathPart | None:
        path = self.outcome.path
        if path is None:
            return None
        raises = tuple(self._raise(step) for step in path.raises)
        return PathPart(
            target=path.target,
            target_name=self.level_name(path.target),
            count=len(raises),
            raises=raises,
            levers=self._levers(path),
        )

    def _raise(self, step) -> RaisePart:
        q = self.questionnaire
        criterion, item = q.criterion_by_code[step.criterion], q.item_by_code[q.item_of[step.criterion]]
        return RaisePart(
            criterion=criterion.code,
            item=item.code,
            item_name=self.say(item.name),
            level=criterion.level,
            text=self.say(criterion.text),
            before=str(labels.RATING_LABELS[step.before or ""]),
            action=self._action(criterion),
        )

    def _levers(self, path) -> tuple[LeverPart, ...]:
        """The path by item, the steps that lift the total most per criterion first."""
        raised: dict[str, list[str]] = {}
        for step in path.raises:
            raised.setdefault(self.questionnaire.item_of[step.criterion], []).append(step.criterion)
        rows = []
        for domain in self.result.domains:
            weight = Fraction(1, len(self.result.domains) * len(domain.items))
            for scored in domain.items:
                if scored.code in raised:
                    rows.append(self._lever(scored, raised[scored.code], weight))
        return tuple(part for _, part in sorted(rows, key=lambda row: -row[0]))

    def _lever(self, scored: ItemScore, codes: list[str], weight: Fraction) -> tuple[Fraction, LeverPart]:
        item = self.questionnaire.item_by_code[scored.code]
        ratings = {c.code: c.rating for level in scored.levels for c in level.criteria if c.rating}
        after = score_item(item, {**ratings, **dict.fromkeys(codes, "full")}, self.result.method)
        gain = (after.score - scored.score) * weight
        shown = show(gain) if self.result.method.aggregate == "mean" else ""
        part = LeverPart(item.code, self.say(item.name), len(codes), show(scored.score), show(after.score), shown)
        return gain / len(codes), part

    def _documents(self, domains: tuple[DomainPart, ...]) -> tuple[DocumentPart, ...]:
        """The documents and clauses that this result cites, in the library's order."""
        library = self.basis.library
        cited = {ref.id for d in domains for item in d.items if item.gap for ref in (*item.gap.direct, *item.gap.supporting)}
        cited |= {clause for domain in domains for item in domain.items for clause in item.clauses}
        cited |= {link.id for link in library.overall if self._may_show(link.id)}
        parts = []
        for document in library.documents:
            clauses = tuple(self._clause(c) for c in library.clauses if c.document == document.code and c.id in cited)
            if clauses:
                parts.append(self._document(document, clauses))
        return tuple(parts)

    def _document(self, document, clauses) -> DocumentPart:
        period = f"{document.period_start[:4]}–{document.period_end[:4]}" if document.period_end else ""
        return DocumentPart(
            code=document.code,
            title=self.say(document.title),
            issuer=self.say(document.issuer),
            number=document.number or _("no number"),
            signed_on=document.signed_on or "",
            period=period,
            status=document.status,
            status_label=str(content_labels.VALIDITY_LABELS[document.status]),
            validity=self.say(document.validity),
            clauses=clauses,
        )

    def _clause(self, clause) -> ClausePart:
        return ClausePart(
            id=clause.id,
            document=clause.document,
            section=clause.section,
            box=clause.box or "",
            kind=str(content_labels.KIND_LABELS[clause.kind]),
            addressee=str(content_labels.ADDRESSEE_LABELS[clause.addressee]),
            reading=str(content_labels.READING_LABELS[clause.reading]),
            summary=self.say(clause.summary),
            quote=clause.original.quote if clause.original else "",
            note=self.say(clause.note),
            coverage=show(self.outcome.coverage.get(clause.id)) or "",
        )

    def _answer(self, code: str) -> dict:
        answers = self.answers
        return {
            "criterion": code,
            "rating": answers.ratings.get(code, ""),
            "na_reason": answers.na_reasons.get(code, ""),
            "note": answers.notes.get(code, ""),
        }
