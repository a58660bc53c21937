"""Which clients a batch can be ordered for, what became of it, and its archive."""

import logging
import shutil
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import IO

from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _
from django_scopes import scope

from assessments.models import Assessment
from assessments.queries.visible import assessments_visible_to
from organizations.guests import Guest, clients_of, guest_places_of
from organizations.models import Department, Engagement, Membership, Organization, User
from organizations.permissions import Permission, allows
from organizations.queries import membership_of
from reports.jobs import LEFT_OUT
from reports.models import RenderJob, Report, ReportBatch
from reports.rights import Place, reports_visible_to
from reports.telling import Told, told

logger = logging.getLogger(__name__)
ACTIONS = "policy-actions"
State = RenderJob.State
Target = tuple[Assessment, Place, Department | None]


@dataclass
class Line:
    """A member of a batch. ``report`` is None where its reader may not see it (any more); ``place``: from which they may ask
    for it."""

    name: str
    report: Told | None = None
    reason: str = ""
    place: Place | None = None


@dataclass
class Overview:
    batch: ReportBatch
    lines: list[Line] = field(default_factory=list)

    @property
    def reports(self) -> list[Told]:
        return [line.report for line in self.lines if line.report]

    @property
    def ready(self) -> list[Told]:
        return [report for report in self.reports if report.files]

    @property
    def is_under_way(self) -> bool:
        return any(report.is_under_way for report in self.reports)

    @property
    def stoppable(self) -> list[Report]:
        """What is under way and may be stopped by who looks."""
        mine = (line.report for line in self.lines if line.report and line.place)
        return [row.report for row in mine if row.is_under_way and not row.is_stopping]

    @property
    def repeatable(self) -> list[tuple[Report, Place]]:
        """What was stopped, failed or has expired, each with the place from which who looks may ask for it again."""
        mine = [line for line in self.lines if line.report and line.place]
        return [(line.report.report, line.place) for line in mine if line.report.may_be_made_again]

    @property
    def stopped(self) -> int:
        return sum(report.state == State.CANCELLED for report in self.reports)

    @property
    def failed(self) -> int:
        return sum(report.state == State.FAILED for report in self.reports)

    @property
    def percent(self) -> int:
        """How much of it is made, 0 to 100; what was stopped or failed is not."""
        reports = self.reports
        shares = [100 if row.files else row.percent if row.is_under_way else 0 for row in reports]
        return round(sum(shares) / len(shares)) if shares else 100


def clients_to_choose(user: User, consultancy: Organization) -> list[tuple[str, str]]:
    """(slug, name) of the clients in the person's portfolio, one of several engagements once."""
    rows = {row.engagement.organization.slug: row.engagement.organization.name for row in clients_of(user, consultancy)}
    return list(rows.items())


def targets_of(user: User, consultancy: Organization, slugs: list[str]) -> tuple[list[Target], list[tuple[int, str]]]:
    """The newest assessment of each of these clients that the person may report on; and who is left out, with the reason.

    Crosses tenants by the person's places on teams that this consultancy sends, and by these places alone.
    """
    places: dict[Organization, list[Guest]] = {}
    for row in clients_of(user, consultancy):
        engagement = row.engagement
        if engagement.organization.slug in slugs:
            of_client = places.setdefault(engagement.organization, [])
            if engagement.kind == Engagement.Kind.ADVICE and allows(row.role, Permission.REPORT_MAKE):
                of_client.append(Guest(user, engagement, row.role))
    found = {enterprise: _target(enterprise, of_client) for enterprise, of_client in places.items()}
    targets = [target for target in found.values() if not isinstance(target, str)]
    return targets, [(enterprise.pk, reason) for enterprise, reason in found.items() if isinstance(reason, str)]


def _target(enterprise: Organization, places: list[Guest]) -> Target | str:
    """The newest assessment of levels, else of anchors, and the place from which it is seen; or why there is none."""
    if not places:
        return "no_right"
    with scope(organization=enterprise):
        for place in places:
            rows = assessments_visible_to(place).select_related("version").defer("version__content")
            newest = rows.order_by("-started_at", "-pk")
            assessment = newest.exclude(version__code=ACTIONS).first() or newest.first()
            if assessment:
                assessment.organization = enterprise
                return assessment, place, None
    return "no_assessment"


def batches_visible_to(place: Membership, user: User, *, most: int) -> list[ReportBatch]:
    """One's own, the newest first; whoever may make reports for the organization also sees those of colleagues that hold an
    enterprise where they have a place themselves."""
    rows = ReportBatch.objects.filter(organization=place.organization_id).select_related("organization", "made_by")
    if not allows(place.role, Permission.REPORT_MAKE):
        return list(rows.filter(made_by=user)[:most])
    open_ones = {place.organization_id, *(guest.organization_id for guest in guest_places_of(user))}
    shown = (row for row in rows if row.made_by_id == user.pk or open_ones & {pk for pk, _report in row.members})
    return list(islice(shown, most))


def overview(batch: ReportBatch, user: User) -> Overview:
    """The batch as this person may see it now: of enterprises that they have no place at any more not even the name."""
    ids = {enterprise for enterprise, _report in batch.members} | {enterprise for enterprise, _reason in batch.left_out}
    places = _places(user, Organization.objects.filter(pk__in=ids))
    found = Overview(batch)
    for enterprise, members in _by_enterprise(batch.members).items():
        found.lines += _lines(places.get(enterprise, []), members)
    for enterprise, reason in batch.left_out:
        name = places[enterprise][0].organization.name if places.get(enterprise) else _("a client that is not open to you")
        found.lines.append(Line(name, reason=str(LEFT_OUT[reason])))
    return found


def _by_enterprise(members: list[list[int]]) -> dict[int, list[int]]:
    grouped: dict[int, list[int]] = {}
    for enterprise, report in members:
        grouped.setdefault(enterprise, []).append(report)
    return grouped


def _places(user: User, enterprises: Iterable[Organization]) -> dict[int, list[Place]]:
    """Where the person stands at each now."""
    advised = defaultdict(list)
    for place in guest_places_of(user):
        advised[place.organization_id].append(place)
    for enterprise in enterprises:
        member = membership_of(user, enterprise.slug)
        advised[enterprise.pk] += [member] if member else []
    return advised


def _lines(places: list[Place], members: list[int]) -> list[Line]:
    """The reports of one enterprise, in the order of the batch."""
    if not places:
        return [Line(_("a client that is not open to you")) for _report in members]
    enterprise = places[0].organization
    with scope(organization=enterprise):
        rows = Report.objects.filter(pk__in=members).select_related("assessment", "made_by").defer("snapshot").order_by("pk")
        rows = {row.pk: row for row in rows}
        seen, makers = set(), {}
        for assessment in {row.assessment_id: row.assessment for row in rows.values()}.values():
            for place in places:
                if assessments_visible_to(place).filter(pk=assessment.pk).exists():
                    visible = set(reports_visible_to(place, assessment).values_list("pk", flat=True))
                    seen |= visible
                    if allows(place.role, Permission.REPORT_MAKE):
                        makers = dict.fromkeys(visible, place) | makers
        for row in rows.values():
            row.organization = enterprise
        shown = {row.report.pk: row for row in told(row for row in rows.values() if row.pk in seen)}
    return [Line(_name(enterprise, rows[pk] if pk in shown else None), shown.get(pk), place=makers.get(pk)) for pk in members]


def file_name(report: Report, kind: str) -> str:
    """As its reader finds it among their files."""
    parts = [report.organization.name, report.assessment.name, report.department_name, f"{report.made_at:%Y-%m-%d}"]
    return get_valid_filename("-".join(part[:60] for part in parts if part) + f".{kind}")


def _name(enterprise: Organization, report: Report | None) -> str:
    return f"{enterprise.name} · {report.department_name}" if report and report.department_name else enterprise.name


def write_archive(found: Overview, into: IO[bytes]) -> list[Report]:
    """A zip of the files that are ready; returns the reports that are in it. Each file's scope is opened for itself."""
    names: Counter[str] = Counter()
    packed = []
    with zipfile.ZipFile(into, "w", zipfile.ZIP_STORED) as archive:  # PDF, DOCX and XLSX are compressed already
        for row in found.ready:
            for kind, file in row.report.file_of.items():
                name = _unique(file_name(row.report, kind), names)
                try:
                    with file.open("rb") as source, archive.open(name, "w") as goal:
                        shutil.copyfileobj(source, goal)
                except FileNotFoundError:
                    logger.exception("the file of report %s is gone", row.report.pk)
                    continue
                if row.report not in packed:
                    packed.append(row.report)
    return packed


def _unique(name: str, names: Counter[str]) -> str:
    names[name] += 1
    if names[name] == 1:
        return name
    stem, _dot, ending = name.rpartition(".")
    return f"{stem}-{names[name]}.{ending}"
