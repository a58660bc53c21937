"""What of the current organization somebody may see: members everything, guests what their engagement covers."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from assessments.models import ActionProof, Assessment, Comment, EngagementScope, Evidence, EvidenceLink
from organizations.guests import Guest
from organizations.models import Engagement, Membership


def assessments_visible_to(place: Membership | Guest) -> QuerySet[Assessment]:
    rows = Assessment.objects.all()
    if covers_all(place):
        return rows
    return rows.filter(pk__in=EngagementScope.objects.filter(engagement=place.engagement).values("assessment"))


def evidence_visible_to(place: Membership | Guest) -> QuerySet[Evidence]:
    """Guests never see what is confidential or in the bin; if their engagement covers some assessments only, what is linked
    to one of these, or proves that an action of its plan is done."""
    rows = Evidence.objects.all()
    if not isinstance(place, Guest):
        return rows
    rows = rows.filter(removed_at=None).exclude(confidentiality=Evidence.Confidentiality.CONFIDENTIAL)
    if covers_all(place):
        return rows
    covered = assessments_visible_to(place)
    links = EvidenceLink.objects.filter(assessment__in=covered)
    proofs = ActionProof.objects.filter(action__assessment__in=covered, action__removed_at=None)
    return rows.filter(Q(pk__in=links.values("evidence")) | Q(pk__in=proofs.values("evidence")))


def comments_visible_to(place: Membership | Guest | None) -> QuerySet[Comment]:
    """A guest sees what the enterprise's own people said, and their own firm; nothing of another firm."""
    return comments_between(place.engagement) if isinstance(place, Guest) else Comment.objects.all()


def comments_between(engagement: Engagement) -> QuerySet[Comment]:
    """What the two sides of an engagement said."""
    return Comment.objects.filter(Q(engagement=None) | Q(engagement__consultancy=engagement.consultancy_id))


def is_of_another_firm(place: Membership | Guest, engagement_id: int | None) -> bool:
    """Whether it is the engagement of a firm that the guest must not know of."""
    return engagement_id in of_other_firms(place, [engagement_id])


def of_other_firms(place: Membership | Guest, engagements: Iterable[int | None]) -> set[int]:
    """Those of these engagements that a guest must not know of. At most one query, none for members."""
    if not isinstance(place, Guest):
        return set()
    others = set(engagements) - {None, place.engagement.pk}
    if not others:
        return set()
    own = Engagement.objects.filter(pk__in=others, consultancy=place.engagement.consultancy_id)
    return others - set(own.values_list("pk", flat=True))


def covers_all(place: Membership | Guest) -> bool:
    return not isinstance(place, Guest) or place.engagement.covers_all
