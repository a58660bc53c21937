"""Reads of evidence that deserve a name. A piece in the bin (``removed_at``) is in none of them unless it is asked for."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from assessments.models import Assessment, Evidence, EvidenceLink, EvidenceVersion
from assessments.proving import expired
from assessments.queries.visible import assessments_visible_to, evidence_visible_to
from organizations.guests import Guest
from organizations.models import Membership, Role
from organizations.sorting import collated

OVER_USED = 15  # criteria of one assessment; a piece that proves more proves little
SOON_DAYS = 60
KEEPERS = (Role.OWNER, Role.COORDINATOR)
FAULTS = ("missing", "expired", "expiring", "over_used", "unused")
BIN = "bin"
SORTS = ("newest", "title", "valid_until", "most_used")


def evidence_counts(assessment: Assessment, on: date | None = None) -> dict[str, int]:
    """Criterion code -> how many pieces prove it: linked, with a file or link, not expired, not in the bin. One query."""
    on = on or timezone.localdate()
    rows = (
        EvidenceLink.objects.filter(assessment=assessment, evidence__removed_at=None)
        .filter(Q(evidence__valid_until=None) | Q(evidence__valid_until__gte=on))
        .filter(Exists(EvidenceVersion.objects.filter(evidence=OuterRef("evidence_id"))))
        .order_by()
        .values_list("criterion__code")
        .annotate(Count("pk"))
    )
    return dict(rows)


def links_of(
    assessment: Assessment, criterion_code: str | None = None, reader: Membership | Guest | None = None
) -> list[EvidenceLink]:
    """The links of an assessment (or of one criterion) to pieces that are not in the bin, with piece and criterion, in one
    query; ``link.evidence.has_content`` says whether there is a file or link. Without those that a guest never sees."""
    rows = EvidenceLink.objects.filter(assessment=assessment, evidence__removed_at=None)
    if isinstance(reader, Guest):
        rows = rows.exclude(evidence__confidentiality=Evidence.Confidentiality.CONFIDENTIAL)
    if criterion_code is not None:
        rows = rows.filter(criterion__code=criterion_code)
    has_content = Exists(EvidenceVersion.objects.filter(evidence=OuterRef("evidence_id")))
    rows = rows.select_related("evidence", "criterion").annotate(has_content=has_content)
    links = list(rows.order_by("criterion__position", "linked_at", "pk"))
    for link in links:
        link.evidence.has_content = link.has_content
    return links


def not_shown(assessment: Assessment, criterion_code: str, reader: Membership | Guest) -> int:
    """How many confidential pieces of the criterion a guest is not shown; nothing is asked for members."""
    if not isinstance(reader, Guest):
        return 0
    rows = EvidenceLink.objects.filter(assessment=assessment, criterion__code=criterion_code, evidence__removed_at=None)
    return rows.filter(evidence__confidentiality=Evidence.Confidentiality.CONFIDENTIAL).count()


def is_expired(evidence: Evidence, on: date) -> bool:
    return expired(evidence.valid_until, on)


def titles_by_criterion(assessment: Assessment) -> dict[str, list[str]]:
    """Criterion code -> titles of the pieces linked to it, in the order of linking. One query."""
    rows = EvidenceLink.objects.filter(assessment=assessment, evidence__removed_at=None)
    titles = defaultdict(list)
    for code, title in rows.order_by("linked_at", "pk").values_list("criterion__code", "evidence__title"):
        titles[code].append(title)
    return dict(titles)


def may_open(membership: Membership | Guest, evidence: Evidence) -> bool:
    """Whether the member may see more of a piece than its title, and the guest anything of it."""
    if evidence.confidentiality != Evidence.Confidentiality.CONFIDENTIAL:
        return True
    return may_change(membership, evidence)


def may_change(membership: Membership | Guest, evidence: Evidence) -> bool:
    """Owner and coordinators look after the whole library, everybody else after what they added; guests after nothing."""
    if isinstance(membership, Guest):
        return False
    return membership.role in KEEPERS or evidence.added_by_id == membership.user_id


@dataclass(frozen=True)
class Wanted:
    """Which pieces of the library to list, and in which order. Empty: all."""

    text: str = ""
    kind: str = ""
    state: str = ""
    sort: str = "newest"


def library(*, in_bin: bool = False, reader: Membership | Guest | None = None) -> QuerySet[Evidence]:
    """The organization's pieces, each with ``use_count``, ``has_content`` and ``is_over_used``; for a guest, what they see."""
    links = EvidenceLink.objects.filter(evidence=OuterRef("pk")).order_by()
    pieces = Evidence.objects.all()
    if isinstance(reader, Guest):
        links = links.filter(assessment__in=assessments_visible_to(reader))
        pieces = evidence_visible_to(reader)
    per_assessment = links.values("assessment").annotate(n=Count("pk"))
    uses = links.values("evidence").annotate(n=Count("pk")).values("n")
    return pieces.filter(removed_at__isnull=not in_bin).annotate(
        use_count=Coalesce(Subquery(uses, output_field=IntegerField()), 0),
        has_content=Exists(EvidenceVersion.objects.filter(evidence=OuterRef("pk"))),
        is_over_used=Exists(per_assessment.filter(n__gt=OVER_USED)),
    )


def openable_by(reader: Membership | Guest | None) -> Q:
    """``may_open`` as a condition of a query; without a reader, what everybody may open."""
    reader = None if isinstance(reader, Guest) else reader
    if reader and reader.role in KEEPERS:
        return Q()
    open_to_all = ~Q(confidentiality=Evidence.Confidentiality.CONFIDENTIAL)
    return open_to_all | Q(added_by=reader.user_id) if reader else open_to_all


def find_evidence(wanted: Wanted, on: date, reader: Membership | Guest | None = None) -> list[int]:
    """The ids of the pieces wanted, in the order wanted. One query.

    What the reader may not see of a confidential piece neither finds it nor gives it its place.
    """
    rows = library(in_bin=wanted.state == BIN, reader=reader)
    if wanted.state in FAULTS:
        rows = rows.filter(_condition(wanted.state, on, reader))
    if wanted.kind:
        rows = rows.filter(openable_by(reader), kind=wanted.kind)
    if wanted.text:
        rows = rows.filter(find_text(wanted.text))
    if wanted.sort == "title":
        titles = rows.order_by("pk").values_list("pk", "title")
        return [pk for pk, _title in collated(titles, lambda row: row[1])]
    until = Case(When(openable_by(reader) & Q(valid_until__isnull=False), then="valid_until")).asc(nulls_last=True)
    order = {"valid_until": [until], "most_used": ["-use_count"]}.get(wanted.sort, [])
    return list(rows.order_by(*order, "-added_at", "-pk").values_list("pk", flat=True))


def count_states(on: date, reader: Membership | Guest | None = None) -> dict[str, int]:
    """How many pieces are in each state that asks for something, as far as the reader may know. One query."""
    conditions = {state: Count("pk", filter=_condition(state, on, reader)) for state in FAULTS}
    return library(reader=reader).aggregate(total=Count("pk"), **conditions)


def pieces_of(ids: list[int], on: date, *, in_bin: bool = False, reader: Membership | Guest | None = None) -> list[Evidence]:
    """Those pieces in that order, each with its newest version as ``newest`` (or None). Two queries."""
    rows = library(in_bin=in_bin, reader=reader).select_related("added_by").in_bulk(ids)
    newest = newest_versions(ids)
    pieces = [rows[pk] for pk in ids if pk in rows]
    for piece in pieces:
        piece.newest = newest.get(piece.pk)
        piece.is_expired = is_expired(piece, on)
        piece.ends_soon = not piece.is_expired and is_expired(piece, on + timedelta(days=SOON_DAYS + 1))
    return pieces


def newest_versions(ids: Iterable[int]) -> dict[int, EvidenceVersion]:
    """Evidence id -> its newest version, in one query."""
    later = EvidenceVersion.objects.filter(evidence=OuterRef("evidence_id"), number__gt=OuterRef("number"))
    rows = EvidenceVersion.objects.filter(~Exists(later), evidence__in=ids)
    return {row.evidence_id: row for row in rows}


def same_files(sha256: str, but: Evidence | None = None, reader: Membership | Guest | None = None) -> list[Evidence]:
    """Pieces of the library that hold this very file; for a guest those that they see."""
    holds = EvidenceVersion.objects.filter(evidence=OuterRef("pk"), sha256=sha256)
    pieces = evidence_visible_to(reader) if isinstance(reader, Guest) else Evidence.objects.all()
    rows = pieces.filter(Exists(holds), removed_at=None).order_by("added_at", "pk")
    return list(rows.exclude(pk=but.pk) if but else rows)


def uses_of(evidence: Evidence, reader: Membership | Guest | None = None) -> list[EvidenceLink]:
    """Where a piece is used: newest assessment first, criteria in their order. One query; versions' contents stay unread."""
    rows = EvidenceLink.objects.filter(evidence=evidence)
    if isinstance(reader, Guest):
        rows = rows.filter(assessment__in=assessments_visible_to(reader))
    rows = rows.select_related("assessment__version", "assessment__organization", "criterion")
    rows = rows.defer("assessment__version__content")
    return list(rows.order_by("-assessment__started_at", "-assessment_id", "criterion__position"))


def linkable(assessment: Assessment, criterion_code: str, text: str, most: int = 10) -> list[Evidence]:
    """Pieces that could be linked to the criterion: not in the bin, not linked to it yet, those that say the text; the
    latest added first."""
    linked = EvidenceLink.objects.filter(evidence=OuterRef("pk"), assessment=assessment, criterion__code=criterion_code)
    rows = Evidence.objects.filter(~Exists(linked), removed_at=None)
    return list((rows.filter(find_text(text)) if text else rows).order_by("-added_at", "-pk")[:most])


def _condition(state: str, on: date, reader: Membership | Guest | None) -> Q:
    """How often a piece is used is no secret, the rest of a confidential one is."""
    openable, soon = openable_by(reader), on + timedelta(days=SOON_DAYS)
    return {
        "missing": openable & Q(has_content=False),
        "expired": openable & Q(valid_until__lt=on),
        "expiring": openable & Q(valid_until__gte=on, valid_until__lte=soon),
        "over_used": Q(is_over_used=True),
        "unused": Q(use_count=0),
    }[state]


def find_text(text: str) -> Q:
    """Of a confidential piece only the title is searched: a match must not tell what the reader may not see."""
    open_to_all = ~Q(confidentiality=Evidence.Confidentiality.CONFIDENTIAL)
    named = Exists(EvidenceVersion.objects.filter(evidence=OuterRef("pk"), name__icontains=text))
    return Q(title__icontains=text) | (open_to_all & (Q(keeper__icontains=text) | named))
