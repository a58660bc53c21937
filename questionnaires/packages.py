"""Build questionnaires and the policy library from the YAML files under ``content/``.

The files are written for people: an item's texts stand once in ``bank/<concept>.yaml`` and both editions refer to them;
scoring methods stand once in ``methods/``. Here they are resolved into complete, frozen packages.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from questionnaires import schema
from questionnaires.schema import Key, Text, Word, frozen
from questionnaires.strict_yaml import BadYaml, read_yaml

CONTENT = Path(__file__).parent / "content"
QUESTIONNAIRES = ("gbt36073-2025", "gbt36073-2018", "policy-actions")
POLICIES = "policies"


@dataclass(frozen=True)
class Fault:
    """Something wrong in a content file: where (file and key) and what."""

    file: str
    key: str
    message: str

    def __str__(self):
        return f"{self.file}:{self.key}: {self.message}"


class BrokenPackage(Exception):
    """A package was refused; ``faults`` lists everything that was found."""

    def __init__(self, faults):
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


@frozen
class AdviceFile:
    zh: Word
    en: Word
    steps: Annotated[tuple[Text, ...], Field(min_length=1, max_length=7)]
    lead: schema.Lead
    days: tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]]
    weeks: Annotated[int, Field(ge=1, le=104)]
    after: tuple[Key, ...]
    closed_when: Text


@frozen
class OriginFile:
    relation: schema.Relation
    from_: Annotated[tuple[Key, ...], Field(alias="from")]
    zh: Word
    en: Word


BankCode = Annotated[str, Field(pattern=r"^[1-5]\.[1-9]$")]


@frozen
class CriterionFile:
    code: BankCode
    aspect: schema.Aspect
    zh: Word
    en: Word
    evidence: Annotated[tuple[schema.Evidence, ...], Field(min_length=1)]
    guidance: Text
    action: AdviceFile
    editions: tuple[Literal["2018", "2025"], ...] | None = None
    origin: OriginFile | None = None
    dropped: Text | None = None


@frozen
class MeasureFile:
    zh: Word
    en: Word
    formula_zh: Word
    formula_en: Word
    unit: Word


@frozen
class BankFile:
    """One capability item's texts, shared by the editions that contain it."""

    concept: Key
    purpose: Text
    scope: Text
    boundary: Text
    weaknesses: tuple[Text, ...]
    interview: schema.Interview
    measures: tuple[MeasureFile, ...]
    criteria: Annotated[tuple[CriterionFile, ...], Field(min_length=1)]


@frozen
class ItemFile:
    code: Key
    uid: Key
    name: Text
    clause: Word
    bank: Key
    confidence: schema.Confidence
    levels_confidence: schema.Confidence
    crosswalk: schema.Crosswalk


@frozen
class DomainFile:
    code: Key
    name: Text
    clause: Word | None = None
    items: tuple[ItemFile | schema.PolicyAction, ...]


@frozen
class EditionFile:
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
    levels: tuple[schema.LevelName, ...] = ()
    scale: tuple[schema.Anchor, ...] = ()
    methods: tuple[Key, ...] = ()
    default_method: Key | None = None
    sources: tuple[schema.Source, ...] = ()


@frozen
class ClauseFile:
    id: Key
    order: int
    section: Word
    box: Word | None
    locator: schema.Locator
    kind: schema.Kind
    addressee: schema.Addressee
    reading: schema.Reading
    summary: Text
    keywords: tuple[Word, ...]
    figures: tuple[schema.Figure, ...] = ()
    note: Text | None = None


@frozen
class LibraryFile:
    code: Key
    version: Key
    title: Text
    disclaimer: Text
    documents: tuple[schema.PolicyDocument, ...]


class Reader:
    """Reads files below one content folder into the classes above and remembers them and their faults."""

    def __init__(self, root: Path = CONTENT):
        self.root = root
        self.faults: list[Fault] = []

    def read(self, name: str, kind):
        """The file as ``kind``, or None after noting every fault in it with its key."""
        try:
            return TypeAdapter(kind).validate_python(read_yaml(self.root / name))
        except FileNotFoundError:
            self.fault(name, "-", "the file does not exist")
        except BadYaml as error:
            self.fault(name, "-", str(error))
        except ValidationError as error:
            for problem in error.errors(include_url=False, include_context=False):
                self.fault(name, _key(problem["loc"]), problem["msg"])
        return None

    def read_folder(self, name: str, kind) -> dict[str, object]:
        """File name -> content, for every YAML file in a folder, in the order of their names."""
        names = [f"{name}/{path.name}" for path in sorted((self.root / name).glob("*.yaml"))]
        if not names:
            self.fault(name, "-", "the folder holds no YAML file")
        return {file: self.read(file, kind) for file in names}

    def fault(self, file, key, message):
        self.faults.append(Fault(file, str(key), message))

    def refuse_if_faulty(self):
        if self.faults:
            raise BrokenPackage(self.faults)


def read_questionnaire(code: str, root: Path = CONTENT) -> schema.Questionnaire:
    """The questionnaire ``code`` as it stands in the files; raises BrokenPackage with file and key of each fault."""
    reader = Reader(root)
    head = reader.read(f"{code}/edition.yaml", EditionFile)
    domains = reader.read_folder(f"{code}/domains", DomainFile)
    reader.refuse_if_faulty()
    built = [_domain(reader, head, file, domain) for file, domain in domains.items()]
    methods = [reader.read(f"methods/{key}.yaml", schema.Method) for key in head.methods]
    reader.refuse_if_faulty()
    fields = {**vars(head), "methods": tuple(methods), "domains": tuple(built)}
    return schema.Questionnaire(**fields)


def read_policy_library(root: Path = CONTENT) -> schema.PolicyLibrary:
    """Documents, clauses and the item-to-clause map; raises BrokenPackage."""
    reader = Reader(root)
    head = reader.read(f"{POLICIES}/library.yaml", LibraryFile)
    clauses = reader.read_folder(f"{POLICIES}/clauses", tuple[ClauseFile, ...])
    overall = reader.read(f"{POLICIES}/items/overall.yaml", tuple[schema.ClauseLink, ...])
    items = [reader.read(f"{POLICIES}/items/{edition}.yaml", tuple[schema.ItemBasis, ...]) for edition in ("2018", "2025")]
    reader.refuse_if_faulty()
    rows = {Path(file).stem: part for file, part in clauses.items()}
    ordered = [document.code for document in head.documents if document.code in rows]
    for stem in rows.keys() - {document.code for document in head.documents}:
        reader.fault(f"{POLICIES}/clauses/{stem}.yaml", "-", "no document of that code stands in library.yaml")
    reader.refuse_if_faulty()
    return schema.PolicyLibrary(
        **vars(head),
        clauses=tuple(schema.PolicyClause(document=code, **vars(clause)) for code in ordered for clause in rows[code]),
        overall=overall,
        items=tuple(basis for part in items for basis in part),
    )


def _domain(reader, head, file, domain):
    items = []
    for item in domain.items:
        if isinstance(item, schema.PolicyAction):
            items.append(item)
            continue
        bank = reader.read(f"bank/{item.bank}.yaml", BankFile)
        if bank is not None:
            items.append(_item(reader, head.edition, item, bank))
    return schema.Domain(code=domain.code, name=domain.name, clause=domain.clause, items=tuple(items))


def _item(reader, edition, item, bank):
    if bank.concept != item.bank:
        reader.fault(f"bank/{item.bank}.yaml", "concept", f"is {bank.concept!r}, but the file is named {item.bank!r}")
    chosen = [row for row in bank.criteria if row.editions is None or edition in row.editions]
    fields = {key: value for key, value in vars(item).items() if key != "bank"}
    return schema.CapabilityItem(
        **fields,
        purpose=bank.purpose,
        scope=bank.scope,
        boundary=bank.boundary,
        weaknesses=bank.weaknesses,
        interview=bank.interview,
        measures=tuple(_measure(row) for row in bank.measures),
        criteria=tuple(_criterion(item, edition, row) for row in chosen),
    )


def _measure(row):
    return schema.Measure(name=Text(zh=row.zh, en=row.en), formula=Text(zh=row.formula_zh, en=row.formula_en), unit=row.unit)


def _criterion(item, edition, row):
    advice = row.action
    return schema.Criterion(
        code=f"{item.code}.{row.code}",
        level=int(row.code[0]),
        aspect=row.aspect,
        text=Text(zh=row.zh, en=row.en),
        evidence=row.evidence,
        guidance=row.guidance,
        action=schema.AdvisedAction(
            code=action_code(item.code, row.code),
            title=Text(zh=advice.zh, en=advice.en),
            steps=advice.steps,
            lead=advice.lead,
            days=advice.days,
            weeks=advice.weeks,
            after=tuple(f"{item.code}.{code}" for code in advice.after),
            closed_when=advice.closed_when,
        ),
        origin=_origin(item, row) if edition == "2025" else None,
        dropped=row.dropped if edition == "2018" else None,
    )


def _origin(item, row):
    """A criterion without ``origin`` stands in both editions: it comes, unchanged, from the item's predecessor."""
    old = [uid.removeprefix("2018-") for uid in item.crosswalk.predecessors]
    if row.origin is None:
        return schema.Origin(relation="same", came_from=tuple(f"{code}.{row.code}" for code in old))
    came_from = tuple(code if code[0].isalpha() else f"{old[0]}.{code}" for code in row.origin.from_)
    return schema.Origin(relation=row.origin.relation, came_from=came_from, reason=Text(zh=row.origin.zh, en=row.origin.en))


def action_code(item_code: str, criterion: str) -> str:
    """``DS1`` and ``3.2`` give ``DS1.A32``: the action is named after the criterion it closes."""
    return f"{item_code}.A{criterion.replace('.', '')}"


def _key(location) -> str:
    return ".".join(str(part) for part in location) or "-"
