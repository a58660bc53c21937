"""Reports of the furnished example, ordered as people would: a draft for the chief some days ago, then the full volume. The
worker makes the files."""

from datetime import datetime, timedelta

from django_scopes import scope

from assessments.models import Answer, Assessment
from assessments.operations.answering import Said, save_answer
from organizations.models import Membership, Organization, Role
from reports.models import Report
from reports.operations.ordering import order_report

IMPROVED = ("DG1", "DQ1", "DQ3")  # items that were answered better since the draft
BETTER = {"none": "partly", "partly": "largely", "largely": "full"}
MOST = 4  # criteria of each, the lowest levels first


def furnish_draft(slug: str, *, at: datetime):
    """The draft as the answers stood ten days ago, and what was answered anew since."""
    with scope(organization=Organization.objects.get(slug=slug)):
        assessment, places = _newest(slug)
        then = at - timedelta(days=10)
        _order(assessment, places[Role.COORDINATOR], Report.Variant.CHIEF, ("pdf",), then)
        for n, item in enumerate(IMPROVED):
            _improve(assessment, item, then + timedelta(days=2 + n))


def _improve(assessment: Assessment, item: str, at: datetime):
    rows = Answer.objects.filter(assessment=assessment, rating__in=BETTER, criterion__code__startswith=f"{item}.")
    for answer in rows.select_related("criterion", "answered_by").order_by("criterion__position")[:MOST]:
        save_answer(
            assessment=assessment,
            criterion=answer.criterion,
            said=Said(BETTER[answer.rating], "", "已补充本季度的落实记录。"),
            read_revision=answer.revision,
            by=answer.answered_by,
            at=at,
        )


def furnish_volume(slug: str, *, at: datetime):
    """The full volume of today, which tells what changed since the draft."""
    with scope(organization=Organization.objects.get(slug=slug)):
        assessment, places = _newest(slug)
        draft = Report.objects.filter(assessment=assessment).first()
        _order(assessment, places[Role.OWNER], Report.Variant.FULL, ("pdf", "docx", "xlsx"), at, since=draft)


def _newest(slug: str) -> tuple[Assessment, dict[str, Membership]]:
    rows = Assessment.objects.filter(version__code="gbt36073-2025").select_related("version", "organization")
    members = Membership.objects.filter(organization__slug=slug).select_related("user", "organization")
    return rows.latest("started_at", "pk"), {member.role: member for member in members.order_by("-pk")}


def _order(assessment: Assessment, place: Membership, variant: str, formats: tuple[str, ...], at: datetime, **more):
    language = Report.Language.CHINESE
    order = {"variant": variant, "language": language, "formats": formats, "by": place.user, "at": at}
    order_report(assessment=assessment, place=place, **order, **more)
