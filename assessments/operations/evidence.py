import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import BinaryIO
from uuid import uuid4

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F

from assessments.models import Assessment, Evidence, EvidenceLink, EvidenceVersion
from assessments.operations.holding import hold_open
from organizations.models import Organization, User
from organizations.operations.trail import record_activity, recorded_together
from organizations.permissions import Permission
from questionnaires.models import Criterion


@dataclass(frozen=True)
class Description:
    """What is said about a piece of evidence: clean values, as a form hands them over."""

    title: str
    kind: str = Evidence.Kind.OTHER
    confidentiality: str = Evidence.Confidentiality.INTERNAL
    issued_on: date | None = None
    valid_until: date | None = None
    keeper: str = ""


@dataclass(frozen=True)
class StoredFile:
    """A file that is safely in the store but belongs to no row yet. ``name`` is the user's: a label."""

    key: str
    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Address:
    """A link in place of a file."""

    url: str


class DescribedMeanwhile(Exception):
    """Somebody else changed the description after it was read; ``current`` is what stands there now."""

    def __init__(self, current: Evidence):
        self.current = current
        super().__init__(f"revision {current.revision} is newer")


class InTheBin(Exception):
    """The piece was removed from the library; only restoring it can be done with it."""


@contextmanager
def stored_file(upload: UploadedFile, media_type: str, sha256: str) -> Iterator[StoredFile]:
    """Keep an upload in the store under a key of ours while its row is written; if that fails, the file goes again.

    Outside any transaction: writing fifty megabytes would hold up everybody else.
    """
    upload.seek(0)
    key = default_storage.save(f"evidence/{uuid4().hex}", upload)
    try:
        yield StoredFile(key=key, name=upload.name, media_type=media_type, size=upload.size, sha256=sha256)
    except BaseException:
        default_storage.delete(key)
        raise


def sha256_of(file: UploadedFile | BinaryIO) -> str:
    """Hash a file as it streams by, and rewind it."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest


@transaction.atomic
def add_evidence(
    *, organization: Organization, description: Description, content: StoredFile | Address | None, by: User, at: datetime
) -> Evidence:
    """Put a piece into the library. Without content it is announced, and listed as missing until a version is added."""
    return _add(organization, description, content, by, at)


@transaction.atomic
@recorded_together()
def add_evidence_for(
    *,
    assessment: Assessment,
    criterion: Criterion,
    description: Description,
    content: StoredFile | Address,
    place: str,
    by: User,
    at: datetime,
) -> EvidenceLink:
    """Put a piece into the library and link it to a criterion, in one. Raises Closed."""
    hold_open(assessment, Permission.EVIDENCE_LINK)
    evidence = _add(assessment.organization, description, content, by, at)
    return _link(assessment, criterion, evidence, place, by, at)


@transaction.atomic
def add_evidence_version(*, evidence: Evidence, content: StoredFile | Address, by: User, at: datetime) -> EvidenceVersion:
    """Add a newer issue of a piece; the older ones stay. Raises InTheBin."""
    evidence = _held(evidence)
    version = _add_version(evidence, content, by, at)
    _record("evidence.version_added", evidence, by, at)
    return version


@transaction.atomic
def edit_evidence(*, evidence: Evidence, description: Description, read_revision: int, by: User, at: datetime) -> Evidence:
    """Describe a piece anew over the revision that was read. Raises DescribedMeanwhile and InTheBin, and changes nothing."""
    return _edit(evidence, description, read_revision, by, at)


@transaction.atomic
@recorded_together()
def describe_evidence(*, changes: Iterable[tuple[Evidence, Description, int]], by: User, at: datetime) -> None:
    """Describe several pieces in one act, each over the revision that was read; if one fails, none is changed."""
    for evidence, description, read_revision in changes:
        if description != description_of(evidence):
            _edit(evidence, description, read_revision, by, at)


@transaction.atomic
def remove_evidence(*, evidence: Evidence, by: User, at: datetime) -> None:
    """Put a piece into the bin: out of every list and count. Its links and files stay, for ``restore_evidence``."""
    if Evidence.objects.filter(pk=evidence.pk, removed_at=None).update(removed_at=at):
        _record("evidence.removed", evidence, by, at)


@transaction.atomic
def restore_evidence(*, evidence: Evidence, by: User, at: datetime) -> None:
    """Take a piece out of the bin; it proves again what it proved."""
    if Evidence.objects.filter(pk=evidence.pk).exclude(removed_at=None).update(removed_at=None):
        _record("evidence.restored", evidence, by, at)


@transaction.atomic
def link_evidence(
    *, assessment: Assessment, criterion: Criterion, evidence: Evidence, place: str = "", by: User, at: datetime
) -> EvidenceLink:
    """Say that a piece proves a criterion, at that page or section; again with another place: that one stands then.

    Raises Closed, and InTheBin.
    """
    hold_open(assessment, Permission.EVIDENCE_LINK)
    return _link(assessment, criterion, _held(evidence), place, by, at)


@transaction.atomic
def unlink_evidence(*, assessment: Assessment, criterion: Criterion, evidence: Evidence, by: User, at: datetime) -> None:
    """Take the link back; the piece stays in the library. Raises Closed."""
    hold_open(assessment, Permission.EVIDENCE_LINK)
    gone, _rows = EvidenceLink.objects.filter(assessment=assessment, criterion=criterion, evidence=evidence).delete()
    if gone:
        about = _about_link(assessment, criterion, evidence)
        record_activity("evidence.unlinked", organization=assessment.organization, about=about, by=by, at=at)


@transaction.atomic
def record_opening(*, version: EvidenceVersion, downloaded: bool, by: User, at: datetime) -> None:
    """Note in the trail who took a file along, or looked at it."""
    verb = "evidence.downloaded" if downloaded else "evidence.viewed"
    about = f"evidence {version.evidence_id} version {version.number}"
    record_activity(verb, organization=version.organization, about=about, by=by, at=at)


def description_of(evidence: Evidence) -> Description:
    return Description(**{name: getattr(evidence, name) for name in Description.__dataclass_fields__})


def _held(evidence: Evidence) -> Evidence:
    """The piece as it is now, kept so until the transaction ends."""
    evidence = Evidence.objects.select_for_update(of=("self",)).select_related("organization").get(pk=evidence.pk)
    if evidence.removed_at:
        raise InTheBin
    return evidence


def _add(organization, description: Description, content, by, at) -> Evidence:
    evidence = Evidence.objects.create(organization=organization, **asdict(description), added_by=by, added_at=at)
    if content is not None:
        _add_version(evidence, content, by, at)
    _record("evidence.added", evidence, by, at)
    return evidence


def _add_version(evidence: Evidence, content: StoredFile | Address, by, at) -> EvidenceVersion:
    newest = EvidenceVersion.objects.filter(evidence=evidence).order_by("-number").values_list("number", flat=True).first()
    if isinstance(content, Address):
        values = {"url": content.url}
    else:
        values = asdict(content)
        values["file"] = values.pop("key")
    return EvidenceVersion.objects.create(
        organization_id=evidence.organization_id,
        evidence=evidence,
        number=(newest or 0) + 1,
        **values,
        added_by=by,
        added_at=at,
    )


def _edit(evidence: Evidence, description: Description, read_revision: int, by, at) -> Evidence:
    mine = Evidence.objects.filter(pk=evidence.pk, revision=read_revision, removed_at=None)
    written = mine.update(**asdict(description), revision=F("revision") + 1)
    current = Evidence.objects.select_related("organization").get(pk=evidence.pk)
    if written:
        _record("evidence.edited", current, by, at)
    elif current.removed_at:
        raise InTheBin
    elif description_of(current) != description:
        raise DescribedMeanwhile(current)
    return current


def _link(assessment, criterion, evidence: Evidence, place: str, by, at) -> EvidenceLink:
    link, made = EvidenceLink.objects.get_or_create(
        assessment=assessment,
        criterion=criterion,
        evidence=evidence,
        defaults={"organization": assessment.organization, "place": place, "linked_by": by, "linked_at": at},
    )
    if made or link.place != place:
        EvidenceLink.objects.filter(pk=link.pk).update(place=place)
        link.place = place
        about = _about_link(assessment, criterion, evidence)
        record_activity("evidence.linked", organization=assessment.organization, about=about, by=by, at=at)
    return link


def _record(verb: str, evidence: Evidence, by, at):
    record_activity(verb, organization=evidence.organization, about=f"evidence {evidence.pk}", by=by, at=at)


def _about_link(assessment, criterion, evidence) -> str:
    return f"assessment {assessment.pk} {criterion.code} evidence {evidence.pk}"
