"""What a questionnaire and a policy library are, as frozen values.

Pure: no Django, no database. ``packages.py`` builds these from the YAML files, ``loading.py`` keeps them as rows, and
everything downstream (scoring, findings, report) reads only these.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter

Word = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$", max_length=60)]
LevelNumber = Annotated[int, Field(ge=1, le=5)]
Confidence = Literal["attested", "recalled", "inferred", "recalled_unverified", "own"]
Aspect = Literal["organization", "rules", "process", "technology"]
EvidenceKind = Literal["rule", "record", "system", "metric", "interview"]
Lead = Literal["executive", "data_office", "business", "it", "security", "legal", "audit", "hr", "finance"]
Relation = Literal["same", "reworded", "widened", "narrowed", "split", "merged", "new", "dropped"]
STRICT = ConfigDict(extra="forbid", strict=False)
LEVELS = (1, 2, 3, 4, 5)


def frozen(cls):
    """A frozen, keyword-only dataclass that pydantic reads strictly (unknown keys are faults)."""
    cls.__pydantic_config__ = STRICT
    return dataclass(frozen=True, kw_only=True)(cls)


@frozen
class Text:
    """One wording in both languages."""

    zh: Word
    en: Word

    def in_language(self, language: str) -> str:
        return self.en if language.startswith("en") else self.zh


@frozen
class Evidence(Text):
    """What an assessor asks to see; ``months`` is the period that records and metrics should cover."""

    kind: EvidenceKind
    months: Annotated[int, Field(ge=1, le=36)] | None = None


@frozen
class AdvisedAction:
    """The bank's advice for one criterion. ``days`` = least and most person-days, ``weeks`` = elapsed weeks."""

    code: Key
    title: Text
    steps: tuple[Text, ...]
    lead: Lead
    days: tuple[int, int]
    weeks: Annotated[int, Field(ge=1, le=104)]
    after: tuple[Key, ...]
    closed_when: Text


@frozen
class Origin:
    """Where a criterion of the newer edition comes from: ``came_from`` are codes of the older edition."""

    relation: Relation
    came_from: tuple[Key, ...]
    reason: Text | None = None


@frozen
class Criterion:
    code: Key
    level: LevelNumber
    aspect: Aspect
    text: Text
    evidence: tuple[Evidence, ...]
    guidance: Text
    action: AdvisedAction
    origin: Origin | None = None
    dropped: Text | None = None


@frozen
class Measure:
    """A figure that level 4 expects: its name, formula and unit."""

    name: Text
    formula: Text
    unit: Word


@frozen
class Interview:
    management: tuple[Text, ...]
    business: tuple[Text, ...]
    it: tuple[Text, ...]


@frozen
class Crosswalk:
    """How an item relates to the other edition; uids such as ``2018-ST2``."""

    relation: Literal["kept", "renamed", "split", "new"] | None = None
    predecessors: tuple[Key, ...] = ()
    successors: tuple[Key, ...] = ()
    confidence: Confidence | None = None
    note: Text | None = None


@frozen
class CapabilityItem:
    """A scored item of an edition with levels (能力项)."""

    code: Key
    uid: Key
    name: Text
    clause: Word
    confidence: Confidence
    levels_confidence: Confidence
    crosswalk: Crosswalk
    purpose: Text
    scope: Text
    boundary: Text
    weaknesses: tuple[Text, ...]
    interview: Interview
    measures: tuple[Measure, ...]
    criteria: tuple[Criterion, ...]

    def at_level(self, level: int) -> tuple[Criterion, ...]:
        return tuple(c for c in self.criteria if c.level == level)


@frozen
class Anchor:
    score: Annotated[int, Field(ge=0, le=4)]
    text: Text


@frozen
class PolicyAction:
    """A data-governance action of a plan, answered on its own anchors 0-4; ``supports`` maps an edition to item uids."""

    code: Key
    name: Text
    question: Text
    anchors: tuple[Anchor, ...]
    allow_na: bool
    clauses: tuple[Key, ...]
    evidence: tuple[Text, ...]
    supports: dict[str, tuple[Key, ...]]


@frozen
class Domain:
    """A capability domain (能力域), or a group of policy actions."""

    code: Key
    name: Text
    clause: Word | None = None
    items: tuple[CapabilityItem | PolicyAction, ...]


@frozen
class LevelName:
    level: LevelNumber
    name: Text
    essence: Text


@frozen
class Climb:
    """How one item's level follows from its fulfilments.

    Climb from level 1. A level is reached when its fulfilment meets ``reach``, and secured (one may climb on) when it
    meets ``secure``. ``fraction`` adds the fulfilment of the first level not reached to the score. Thresholds are exact
    decimals as text; ``exclusive`` makes them "more than" rather than "at least".
    """

    reach: str
    secure: str
    exclusive: bool
    fraction: bool


@frozen
class Method:
    """A scoring method as data. ``bands``: level -> least mean score, as exact decimals in text."""

    key: Key
    name: Text
    rule: Text
    source: Text
    confidence: Confidence
    item: Climb
    aggregate: Literal["mean", "lowest"]
    bands: dict[int, str]


@frozen
class Source:
    code: Key
    title: Word
    address: Word | None = None


@frozen
class Questionnaire:
    """One frozen version of an edition, complete with its scoring methods."""

    code: Key
    version: Key
    kind: Literal["levels", "anchors"]
    edition: Word
    title: Text
    short_title: Text
    standard: Word
    status: Literal["in_force", "superseded", "period_ended"]
    status_note: Text
    effective_on: Word | None = None
    superseded_on: Word | None = None
    notice: Text
    levels: tuple[LevelName, ...] = ()
    scale: tuple[Anchor, ...] = ()
    methods: tuple[Method, ...] = ()
    default_method: Key | None = None
    sources: tuple[Source, ...] = ()
    domains: tuple[Domain, ...]

    @cached_property
    def items(self) -> tuple[CapabilityItem | PolicyAction, ...]:
        return tuple(item for domain in self.domains for item in domain.items)

    @cached_property
    def item_by_code(self) -> dict[str, CapabilityItem | PolicyAction]:
        return {item.code: item for item in self.items}

    @cached_property
    def domain_of(self) -> dict[str, Domain]:
        """Item code -> its domain."""
        return {item.code: domain for domain in self.domains for item in domain.items}

    @cached_property
    def criterion_by_code(self) -> dict[str, Criterion]:
        return {c.code: c for item in self.items for c in getattr(item, "criteria", ())}

    @cached_property
    def item_of(self) -> dict[str, str]:
        """Code of whatever takes a rating (criterion, or policy action) -> code of its item."""
        return {code: item.code for item in self.items for code in rated_codes(item)}

    @cached_property
    def method_by_key(self) -> dict[str, Method]:
        return {method.key: method for method in self.methods}

    @cached_property
    def level_by_number(self) -> dict[int, LevelName]:
        return {level.level: level for level in self.levels}


def rated_codes(item: CapabilityItem | PolicyAction) -> tuple[str, ...]:
    """The codes that take a rating in an item: its criteria, or the policy action itself."""
    if isinstance(item, PolicyAction):
        return (item.code,)
    return tuple(criterion.code for criterion in item.criteria)


Kind = Literal["requirement", "encouragement", "support", "target", "safeguard", "unclassified"]
Addressee = Literal["enterprise", "government", "industry body", "all", "unclassified"]
Reading = Literal["act", "prepare", "benefit", "context"]
Validity = Literal["in_force", "period_ended", "superseded", "historical", "interpretive", "crosscheck_only", "unverified"]


@frozen
class PolicyDocument:
    code: Key
    title: Text
    issuer: Text
    number: Word | None
    signed_on: Word | None
    published_on: Word | None
    period_start: Word | None
    period_end: Word | None
    url: Word | None
    metadata_from: Word
    nature: Word
    status: Validity
    validity: Text
    source_sha256: Word
    successor: Key | None = None


@frozen
class Locator:
    """Where a clause begins in its document once all white space is removed: the ``nth`` place of ``start``."""

    start: Word
    nth: Annotated[int, Field(ge=1)]
    anchor: Word


@frozen
class Original:
    """The imported wording of a clause: the sentence that matters, and the paragraph it stands in."""

    quote: str
    paragraph: str


@frozen
class Figure:
    """A figure that a clause names; always a national one, never a quota for one enterprise."""

    name_zh: Word
    value: Word
    unit: Word
    op: Word
    year: int | None = None


@frozen
class PolicyClause:
    id: Key
    document: Key
    order: int
    section: Word
    box: Word | None
    locator: Locator | None
    kind: Kind
    addressee: Addressee
    reading: Reading
    summary: Text | None
    keywords: tuple[Word, ...]
    figures: tuple[Figure, ...] = ()
    note: Text | None = None
    original: Original | None = None

    @property
    def is_background(self) -> bool:
        """For government only: never shown as something that an enterprise has to do."""
        return self.addressee == "government" and self.reading == "context"


@frozen
class ClauseLink:
    id: Key
    strength: Literal["direct", "supporting"]
    reason: Text


@frozen
class ItemBasis:
    """The clauses behind one capability item; ``no_direct_note`` says why there is no direct one."""

    uid: Key
    clauses: tuple[ClauseLink, ...]
    no_direct_note: Text | None = None

    @property
    def direct(self) -> tuple[ClauseLink, ...]:
        return tuple(link for link in self.clauses if link.strength == "direct")


@frozen
class PolicyLibrary:
    """One frozen version of documents, clauses and the map from items to clauses."""

    code: Key
    version: Key
    title: Text
    disclaimer: Text
    documents: tuple[PolicyDocument, ...]
    clauses: tuple[PolicyClause, ...]
    overall: tuple[ClauseLink, ...]
    items: tuple[ItemBasis, ...]

    @cached_property
    def document_by_code(self) -> dict[str, PolicyDocument]:
        return {document.code: document for document in self.documents}

    @cached_property
    def clause_by_id(self) -> dict[str, PolicyClause]:
        return {clause.id: clause for clause in self.clauses}

    @cached_property
    def basis_by_uid(self) -> dict[str, ItemBasis]:
        return {basis.uid: basis for basis in self.items}


@frozen
class Suggestion:
    """An item that a clause may support: how alike they are (0-1, as text) and the terms that matched."""

    uid: Key
    score: str
    terms: tuple[Word, ...]


@frozen
class PolicyImport:
    """What an operator brought in: the original wording of known clauses, or a whole new document with its clauses.

    ``links`` are the items that a person accepted as supported by the new clauses: (item uid, link).
    """

    code: Key
    successor: Key | None = None
    originals: dict[str, Original] = field(default_factory=dict)
    document: PolicyDocument | None = None
    clauses: tuple[PolicyClause, ...] = ()
    suggestions: dict[str, tuple[Suggestion, ...]] = field(default_factory=dict)
    links: tuple[tuple[Key, ClauseLink], ...] = ()


def with_imports(library: PolicyLibrary, imports: Iterable[PolicyImport]) -> PolicyLibrary:
    """The library with imported wording, documents and accepted links; its version says that something was added."""
    imports = list(imports)
    if not imports:
        return library
    originals = {key: original for part in imports for key, original in part.originals.items()}
    successors = {part.code: part.successor for part in imports if part.successor}
    accepted: dict[str, list[ClauseLink]] = {}
    for part in imports:
        for uid, link in part.links:
            accepted.setdefault(uid, []).append(link)
    digest = hashlib.sha256("".join(to_canonical_json(part) for part in imports).encode()).hexdigest()
    return replace(
        library,
        version=f"{library.version}+{digest[:6]}",
        documents=tuple(
            replace(document, successor=successors.get(document.code, document.successor))
            for document in (*library.documents, *(part.document for part in imports if part.document))
        ),
        clauses=tuple(replace(c, original=originals.get(c.id, c.original)) for c in library.clauses)
        + tuple(clause for part in imports for clause in part.clauses),
        items=tuple(_with_links(basis, accepted.get(basis.uid, [])) for basis in library.items),
    )


def _with_links(basis: ItemBasis, links: list[ClauseLink]) -> ItemBasis:
    clauses = basis.clauses + tuple(links)
    has_direct = any(link.strength == "direct" for link in clauses)
    return replace(basis, clauses=clauses, no_direct_note=None if has_direct else basis.no_direct_note)


QUESTIONNAIRE = TypeAdapter(Questionnaire)
POLICY_LIBRARY = TypeAdapter(PolicyLibrary)
POLICY_IMPORT = TypeAdapter(PolicyImport)
ADAPTERS = {Questionnaire: QUESTIONNAIRE, PolicyLibrary: POLICY_LIBRARY, PolicyImport: POLICY_IMPORT}
Package = Questionnaire | PolicyLibrary


def to_canonical_json(package: Package | PolicyImport) -> str:
    """The package as one line of JSON, keys sorted, so that equal packages give equal bytes."""
    adapter = ADAPTERS[type(package)]
    return json.dumps(adapter.dump_python(package, mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def fingerprint(package: Package | PolicyImport) -> str:
    """SHA-256 of the canonical JSON, 64 hex digits."""
    return hashlib.sha256(to_canonical_json(package).encode()).hexdigest()


def questionnaire_from_json(text: str) -> Questionnaire:
    return QUESTIONNAIRE.validate_json(text)


def policy_library_from_json(text: str) -> PolicyLibrary:
    return POLICY_LIBRARY.validate_json(text)


def policy_import_from_json(text: str) -> PolicyImport:
    return POLICY_IMPORT.validate_json(text)
