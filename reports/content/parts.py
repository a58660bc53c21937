"""The shape of a snapshot: everything a result page or report says, as plain values in one language.

Numbers are text as they are shown, except ``share`` (0-1), which only places marks in charts. Parts with a default came later:
snapshots of earlier formats are read without them (``snapshot.read_snapshot``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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
class HeldPart:
    """A piece of evidence that proves one criterion: its place in ``Snapshot.pieces``, and the page or section."""

    piece: int
    place: str


@dataclass(frozen=True)
class VerdictPart:
    """What a layer above said. ``rating`` is empty where it asks for more."""

    layer: str
    layer_label: str
    firm: str
    kind: str
    kind_label: str
    rating: str
    rating_label: str
    reason: str
    note: str


@dataclass(frozen=True)
class CriterionPart:
    """One criterion with its answer. ``credit`` is the shown credit, empty for n/a; ``is_gap``: not full below target.

    ``evidence`` and ``action``, what to prepare and to do, are kept of gaps only: of the others nothing tells them.
    """

    code: str
    level: int
    text: str
    rating: str
    rating_label: str
    credit: str
    na_reason: str
    note: str
    is_gap: bool
    evidence: tuple[EvidencePart, ...] = ()
    action: ActionPart | None = None
    aspect: str = ""  # organization, rules, process, technology
    held: tuple[HeldPart, ...] = ()
    verdicts: tuple[VerdictPart, ...] = ()


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
class MeasurePart:
    name: str
    formula: str
    unit: str


@dataclass(frozen=True)
class ItemFinding:
    """An item in prose. ``there``: what is in place; ``why_not``: what keeps it from the next level; ``risk``: what that puts
    at risk; ``todo``: what to do first; ``flags``: contradictions and missing proof. Each a paragraph, or empty."""

    there: str
    why_not: str
    risk: str
    todo: str
    flags: tuple[str, ...] = ()


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
    held: tuple[HeldPart, ...] = ()  # policy actions: what was linked
    verdicts: tuple[VerdictPart, ...] = ()
    measures: tuple[MeasurePart, ...] = ()
    finding: ItemFinding | None = None

    @property
    def criteria(self) -> tuple[CriterionPart, ...]:
        return tuple(criterion for level in self.levels for criterion in level.criteria)

    @property
    def rating_label(self) -> str:
        """What a policy action was rated."""
        return self.rating

    @property
    def na_reason(self) -> str:
        """A scored policy action applies."""
        return ""

    @property
    def open_criteria(self) -> tuple[CriterionPart, ...]:
        """Those that are not full below the target, in their order."""
        return tuple(criterion for criterion in self.criteria if criterion.is_gap)

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
class NamedPart:
    code: str
    name: str


@dataclass(frozen=True)
class LeftOutPart:
    """An item to which nothing applies: it has no score, but what was answered. ``rating_label`` and what follows only for
    policy actions; reports of earlier versions have code and name alone."""

    code: str
    name: str
    criteria: tuple[CriterionPart, ...] = ()
    question: str = ""
    rating_label: str = ""
    na_reason: str = ""
    note: str = ""
    held: tuple[HeldPart, ...] = ()
    verdicts: tuple[VerdictPart, ...] = ()


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
    verb: str = ""  # what it does: asks for, encourages, supports
    is_offer: bool = False  # support or incentive: stands apart from what is asked


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
    on_the_day: str = ""  # whether it holds on the day of the report, and whether a successor is known


@dataclass(frozen=True)
class LevelNamePart:
    level: int
    name: str
    essence: str


@dataclass(frozen=True)
class PiecePart:
    """A piece of evidence as it was described. ``number`` counts from 1; ``status``: e.g. expired."""

    number: int
    title: str
    kind: str
    confidentiality: str
    issued_on: str
    valid_until: str
    keeper: str
    file_name: str
    url: str
    sha256: str
    version: int
    status: str
    criteria: tuple[str, ...]


@dataclass(frozen=True)
class LayerPart:
    """The whole as one layer judges it. ``judged``: how many criteria it said something on; ``domains``: code -> score."""

    layer: str
    label: str
    firm: str
    score: str
    share: float
    level: int | None
    level_name: str
    judged: int
    domains: Mapping[str, str]


@dataclass(frozen=True)
class PlannedPart:
    """One improvement action of the plan. Scores and gains with two places; ``gain`` is what it adds alone, ``after`` the
    total once it and all before it in the plan are done. ``start`` and ``end``: weeks from the plan's beginning."""

    number: int
    title: str
    text: str
    status: str
    status_label: str
    lead: str
    owner: str
    department: str
    starts_on: str
    due_on: str
    quarter: str
    days: str
    weeks: int
    cost: str
    priority: str  # A, B or C
    priority_reason: str
    is_quick_win: bool
    is_on: bool
    items: tuple[str, ...]
    criteria: tuple[str, ...]
    needs: tuple[int, ...]  # numbers of the actions that come before
    gain: str
    after: str
    level_after: int | None
    start: int
    end: int
    clauses: tuple[str, ...]
    comments: tuple[str, ...] = ()
    proofs: tuple[str, ...] = ()
    closed_on: str = ""
    closing_note: str = ""
    is_advised: bool = False  # every line of its text is the bank's advice, which the gap tables tell as well


@dataclass(frozen=True)
class QuarterPart:
    name: str  # e.g. 2026 Q4
    actions: tuple[int, ...]
    days: str
    cost: str


@dataclass(frozen=True)
class PlanPart:
    """The improvement plan. ``score_now`` counts closed actions, ``score_after`` all that are switched on."""

    starts_on: str
    currency: str
    rates: Mapping[str, str]  # lead -> rate per day
    actions: tuple[PlannedPart, ...]
    quarters: tuple[QuarterPart, ...]
    days: str
    cost: str
    closed: int
    score_now: str
    level_now: int | None
    score_after: str
    level_after: int | None


@dataclass(frozen=True)
class CausePart:
    """Several gaps with one cause: no owner, no rule, no record or process, no measurement, no tool."""

    key: str
    title: str
    text: str
    items: tuple[str, ...]
    criteria: tuple[str, ...]


@dataclass(frozen=True)
class FirstStepPart:
    """One of the three things to do first, and the documents that ask for it."""

    item: str
    text: str
    clauses: tuple[str, ...]
    name: str = ""  # of the item


@dataclass(frozen=True)
class FindingsPart:
    """What the result means, in prose. ``chief``: level, why not higher, what first and who asks for it, in one paragraph."""

    chief: str
    first: tuple[FirstStepPart, ...]
    causes: tuple[CausePart, ...]
    strengths: tuple[str, ...]
    flags: tuple[str, ...]


@dataclass(frozen=True)
class AnnexRow:
    """One clause turned round: how far this enterprise does what it asks, 0-1, from items and from the policy actions.

    ``share`` is None where nothing tells. ``verb``: how it binds, e.g. "asks", "encourages", "offers".
    """

    id: str
    document: str
    share: float | None
    shown: str
    verb: str
    items: tuple[str, ...]
    actions: tuple[str, ...]
    sentence: str
    from_items: str = ""  # per cent, as shown; empty where none tells
    from_actions: str = ""
    validity: str = ""  # of its document on the day of the report


@dataclass(frozen=True)
class AnnexPart:
    rows: tuple[AnnexRow, ...]
    incentives: tuple[AnnexRow, ...]  # support clauses: never a duty
    source: str  # where the policy actions' answers come from


@dataclass(frozen=True)
class BrandPart:
    """How the report is dressed. ``logo`` is a PNG in base64, re-encoded by us; ``accent`` a colour like ``#b83a26``."""

    name: str
    logo: str
    accent: str
    cover_text: str
    disclaimer: str


@dataclass(frozen=True)
class EarlierPart:
    """The cycle before this one, on the same questionnaire and method."""

    name: str
    date: str
    score: str
    level: int | None
    domains: Mapping[str, str]


@dataclass(frozen=True)
class FactChange:
    """Something about the report itself that is another now, e.g. the method."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class ScoreChange:
    """The whole (``code`` empty), a domain or an item whose score or level is another now; empty where it had none."""

    code: str
    name: str
    before: str
    after: str
    level_before: int | None
    level_after: int | None


@dataclass(frozen=True)
class AnswerChange:
    """One answer that is another now. ``added``, ``removed``: titles of the evidence behind it."""

    code: str
    item: str
    text: str
    before: str
    after: str
    note_before: str
    note_after: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True)
class ActionChange:
    """An action of the plan that is new (``before`` empty), gone (``after`` empty) or has another status."""

    number: int
    title: str
    before: str
    after: str


@dataclass(frozen=True)
class ChangesPart:
    """What is another than in an earlier report: ``since`` its date, ``sha256`` its snapshot's hash."""

    since: str
    name: str
    sha256: str
    facts: tuple[FactChange, ...]
    whole: ScoreChange
    domains: tuple[ScoreChange, ...]
    items: tuple[ScoreChange, ...]
    answers: tuple[AnswerChange, ...]
    actions: tuple[ActionChange, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.facts or self.domains or self.items or self.answers or self.actions)


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
    lowest_item: NamedPart | None
    lowest_domain: NamedPart | None
    methods: tuple[MethodPart, ...]
    domains: tuple[DomainPart, ...]
    excluded: tuple[LeftOutPart, ...]
    path: PathPart | None
    documents: tuple[DocumentPart, ...]
    answers: tuple[dict, ...]
    result: dict
    targets: Mapping[str, int] = field(default_factory=dict)  # item code -> its own target, where it is not ``target``
    report_version: str = ""  # of the templates and rules that tell it
    scope: str = ""  # the department that is assessed; empty: the whole organization
    period: str = ""
    state: str = ""
    revision: int = 1
    is_draft: bool = False
    layers: tuple[LayerPart, ...] = ()  # with the self-assessment, where anybody judged
    pieces: tuple[PiecePart, ...] = ()
    plan: PlanPart | None = None
    findings: FindingsPart | None = None
    annex: AnnexPart | None = None
    brand: BrandPart | None = None
    earlier: EarlierPart | None = None
    changes: ChangesPart | None = None  # since an earlier report, where one was named

    @property
    def items(self) -> tuple[ItemPart, ...]:
        return tuple(item for domain in self.domains for item in domain.items)

    @property
    def answered_items(self) -> tuple[ItemPart | LeftOutPart, ...]:
        """Every item whose answers are told, those to which nothing applies among them, in the questionnaire's order."""
        left_out = tuple(part for part in self.excluded if part.criteria or part.rating_label)
        if not left_out:
            return self.items
        place = {answer["criterion"]: number for number, answer in enumerate(self.answers)}
        return tuple(
            sorted((*self.items, *left_out), key=lambda item: place[item.criteria[0].code if item.criteria else item.code])
        )

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
