"""Bring policy texts into the library: the wording of known documents, whole new documents, accepted links."""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from questionnaires.importing import Draft, Originals, attach_originals
from questionnaires.library import current_policy_library, current_version, questionnaire_of
from questionnaires.models import ImportedPolicy
from questionnaires.schema import (
    ClauseLink,
    Original,
    PolicyClause,
    PolicyDocument,
    PolicyImport,
    Text,
    fingerprint,
    policy_import_from_json,
    to_canonical_json,
)
from questionnaires.suggesting import suggest

EDITIONS = ("gbt36073-2025", "gbt36073-2018")
VALIDITY_TEXTS = {
    status: Text(zh=f"由运维人员导入，{zh}。", en=f"Imported by an operator; {en}.")
    for status, zh, en in (
        ("unverified", "效力未经核实", "its validity was not verified"),
        ("in_force", "标为现行，引用前请核对", "marked as in force, to be checked before citing"),
        ("period_ended", "标为期限已过，仅作政策方向参考", "marked as ended, policy direction only"),
        ("superseded", "标为已被代替，不作现行依据", "marked as superseded, no current basis"),
        ("historical", "标为历史文件，不作现行依据", "marked as historical, no current basis"),
    )
}


CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,39}")


class BadCode(Exception):
    """A document's code is letters, digits, dots, dashes and underscores, 40 at most."""


class NothingFound(Exception):
    """The text holds no passage that could become a clause."""


class UnknownDocument(Exception):
    """The library has no document of that code."""


class AlreadyThere(Exception):
    """A document of that code is in the library."""


@dataclass(frozen=True)
class Details:
    """What a person says of a new document; empty where not known. ``succeeds``: code of the document it takes over from."""

    code: str
    title: str
    number: str = ""
    issuer: str = ""
    signed_on: str = ""
    period_start: str = ""
    period_end: str = ""
    status: str = "unverified"
    succeeds: str = ""


@transaction.atomic
def import_originals(*, code: str, text: str, source_name: str, at: datetime) -> Originals:
    """Attach the wording found in ``text`` to the clauses of a known document; raises UnknownDocument.

    Importing again replaces what was attached before.
    """
    library = current_policy_library()
    clauses = [clause for clause in library.clauses if clause.document == code and clause.locator]
    if not clauses:
        raise UnknownDocument(code)
    originals = attach_originals(text, clauses)
    if originals.found:
        _keep(PolicyImport(code=code, originals=originals.found), text, source_name, at)
    return originals


@transaction.atomic
def import_document(*, draft: Draft, details: Details, text: str, source_name: str, at: datetime) -> PolicyImport:
    """Add a new document with one clause per unit and suggested items for each.

    Raises BadCode, NothingFound and AlreadyThere.

    Its clauses are no basis of any item until a person accepts a link.
    """
    if not CODE.fullmatch(details.code):
        raise BadCode(details.code)
    if not draft.units:
        raise NothingFound
    library = current_policy_library()
    if details.code in library.document_by_code:
        raise AlreadyThere(details.code)
    clauses = tuple(_clause(details.code, unit) for unit in draft.units)
    items = [item for edition in EDITIONS for item in questionnaire_of(current_version(edition)).items]
    suggestions = suggest([clause.original.paragraph for clause in clauses], items)
    imported = PolicyImport(
        code=details.code,
        document=_document(details, text),
        clauses=clauses,
        suggestions={clause.id: found for clause, found in zip(clauses, suggestions, strict=True) if found},
    )
    _keep(imported, text, source_name, at)
    if details.succeeds in library.document_by_code:
        _note_successor(details.succeeds, details.code, at)
    return imported


@transaction.atomic
def accept_link(*, code: str, clause: str, uid: str, strength: str, reason: Text, at: datetime) -> PolicyImport:
    """A person accepts that an imported clause supports an item. Accepting again replaces strength and reason."""
    row = ImportedPolicy.objects.select_for_update().get(code=code)
    value = row.value
    kept = tuple(pair for pair in value.links if (pair[0], pair[1].id) != (uid, clause))
    value = replace(value, links=(*kept, (uid, ClauseLink(id=clause, strength=strength, reason=reason))))
    _write(row, value, at)
    return value


@transaction.atomic
def withdraw_link(*, code: str, clause: str, uid: str, at: datetime) -> PolicyImport:
    row = ImportedPolicy.objects.select_for_update().get(code=code)
    value = replace(row.value, links=tuple(pair for pair in row.value.links if (pair[0], pair[1].id) != (uid, clause)))
    _write(row, value, at)
    return value


def _keep(value: PolicyImport, text: str, source_name: str, at: datetime) -> ImportedPolicy:
    source = hashlib.sha256(text.encode()).hexdigest()
    row = ImportedPolicy.objects.filter(code=value.code).first() or ImportedPolicy(code=value.code)
    row.source_name, row.source_sha256 = source_name[:200], source
    _write(row, replace(value, successor=row.value.successor) if row.content else value, at)
    return row


def _write(row: ImportedPolicy, value: PolicyImport, at: datetime):
    row.content, row.sha256, row.imported_at = to_canonical_json(value), fingerprint(value), at
    policy_import_from_json(row.content)  # what could not be read again must never be kept: every page reads it
    row.save()


def _note_successor(old: str, new: str, at: datetime):
    row = ImportedPolicy.objects.filter(code=old).first() or ImportedPolicy(code=old, source_name="", source_sha256="")
    value = row.value if row.content else PolicyImport(code=old)
    _write(row, replace(value, successor=new), at)


def _clause(code: str, unit) -> PolicyClause:
    article = unit.label if unit.label.startswith("第") else ""  # other labels stand in the path already
    section = " > ".join(filter(None, [*unit.path, article])) or unit.text[:20]
    return PolicyClause(
        id=f"{code}-{unit.order:03d}",
        document=code,
        order=unit.order,
        section=section,
        box=unit.box or None,
        locator=None,
        kind="unclassified",
        addressee="unclassified",
        reading="context",
        summary=None,
        keywords=(),
        original=Original(quote=unit.text, paragraph=unit.text),
    )


def _document(details: Details, text: str) -> PolicyDocument:
    issuer = details.issuer or "—"
    return PolicyDocument(
        code=details.code,
        title=Text(zh=details.title, en=details.title),
        issuer=Text(zh=issuer, en=issuer),
        number=details.number or None,
        signed_on=details.signed_on or None,
        published_on=None,
        period_start=details.period_start or None,
        period_end=details.period_end or None,
        url=None,
        metadata_from="imported file",
        nature="imported document",
        status=details.status,
        validity=VALIDITY_TEXTS[details.status],
        source_sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def code_from(name: str, text: str) -> str:
    """A code for a new document: the file's name where it is plain, and a few digits of the text's fingerprint."""
    plain = "".join(letter for letter in name if letter.isascii() and letter.isalnum())[:20]
    return f"{plain or 'DOC'}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"
