"""What an assessment may be compared with, for whoever asks: nothing that they don't see anyway."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django_scopes import scope

from assessments.carrying import Words, can_cross
from assessments.models import Answer, Assessment, EngagementScope, Layer, Verdict
from assessments.queries.criteria import code_by_id
from assessments.queries.reviewing import reviews_seen_by
from assessments.queries.visible import assessments_visible_to
from organizations.guests import Guest, clients_of
from organizations.models import Engagement, Membership, Organization, User

JUDGED = (Layer.CONSULTANT, Layer.PANEL)


@dataclass(frozen=True)
class LayerOf:
    """The judgement of one engagement's consultants or panel about an assessment."""

    engagement: Engagement
    layer: str

    @property
    def key(self) -> str:
        return f"layer-{self.engagement.pk}-{self.layer}"


@dataclass(frozen=True)
class Others:
    """What one assessment can be compared with. Each list is ordered by time, the newest first."""

    cycles: list[Assessment]  # of the same scope and questionnaire
    units: list[Assessment]  # of another scope, same questionnaire
    editions: list[Assessment]  # over the bridge, same scope
    layers: list[LayerOf]

    @property
    def assessments(self) -> list[Assessment]:
        return self.cycles + self.units + self.editions

    def default(self, assessment: Assessment) -> Assessment | None:
        """The cycle before it; else the next one; else the one that it was derived from."""
        began = (assessment.started_at, assessment.pk)
        earlier = [row for row in self.cycles if (row.started_at, row.pk) < began]
        derived = [row for row in self.editions if row.pk == assessment.derived_from_id]
        return next(iter([*earlier, *derived, *self.cycles]), None)


def others(assessment: Assessment, place: Membership | Guest) -> Others:
    rows = assessments_visible_to(place).exclude(pk=assessment.pk).select_related("version", "department")
    found = list(rows.defer("version__content").order_by("-started_at", "-pk"))
    same = [row for row in found if row.version.code == assessment.version.code]
    alike = [row for row in found if row.department_id == assessment.department_id]
    return Others(
        cycles=[row for row in same if row.department_id == assessment.department_id],
        units=[row for row in same if row.department_id != assessment.department_id],
        editions=[row for row in alike if row not in same and crosses(row, assessment)],
        layers=_layers(assessment, place),
    )


def crosses(one: Assessment, other: Assessment) -> bool:
    """Whether a bridge leads from one to the other, in whichever direction."""
    return can_cross(one.questionnaire, other.questionnaire) or can_cross(other.questionnaire, one.questionnaire)


@dataclass(frozen=True)
class Client:
    """An assessment of a client, with what was rated in it."""

    assessment: Assessment
    ratings: dict[str, str]


def client_assessments(user: User, firm: Organization) -> dict[int, Assessment]:
    """All assessments of the firm's clients that the person's engagements cover, by id; those of one client together.
    ``results_only`` on each: a sponsor's, without single answers.

    Crosses tenants: into the enterprises of running engagements of this firm that the person is on the team of.
    """
    places = clients_of(user, firm)
    with scope(organization=sorted({place.engagement.organization_id for place in places})):
        rows = _covered(place.engagement for place in places).select_related("organization", "version", "department")
        rows = rows.defer("version__content").order_by("organization__name", "organization_id", "-started_at", "-pk")
        found = {row.pk: row for row in rows}
    advised = {place.engagement.organization_id for place in places if place.engagement.kind == Engagement.Kind.ADVICE}
    for row in found.values():
        row.results_only = row.organization_id not in advised
    return found


def client_answers(assessments: list[Assessment]) -> list[Client]:
    """The ratings of assessments that ``client_assessments`` found, in one query."""
    ratings: dict[int, dict[str, str]] = {row.pk: {} for row in assessments}
    codes = {row.pk: code_by_id(row.version) for row in assessments}
    with scope(organization=sorted({row.organization_id for row in assessments})):
        rows = Answer.objects.filter(assessment__in=list(ratings)).exclude(rating="")
        for pk, criterion, rating in rows.values_list("assessment_id", "criterion_id", "rating"):
            ratings[pk][codes[pk][criterion]] = rating
    return [Client(row, ratings[row.pk]) for row in assessments]


def said_in(assessment: Assessment) -> dict[str, Words]:
    """Criterion code -> rating and, where it does not apply, why."""
    rows, codes = Answer.objects.filter(assessment=assessment).exclude(rating=""), code_by_id(assessment.version)
    values = rows.values_list("criterion_id", "rating", "na_reason", "note")
    return {codes[pk]: Words(rating, reason, note if rating == "na" else "") for pk, rating, reason, note in values}


def _layers(assessment: Assessment, place: Membership | Guest) -> list[LayerOf]:
    """The layers that have verdicts, of the reviews that this reader sees by now."""
    seen = reviews_seen_by(place, assessment)
    rows = Verdict.objects.filter(assessment=assessment, engagement__in=seen).order_by()
    judged = set(rows.values_list("engagement_id", "layer").distinct())
    return [LayerOf(engagement, layer) for engagement in seen for layer in JUDGED if (engagement.pk, layer) in judged]


def _covered(engagements: Iterable[Engagement]) -> QuerySet[Assessment]:
    where = Q(pk__in=[])
    engagements = list(engagements)
    if everything := [row.organization_id for row in engagements if row.covers_all]:
        where |= Q(organization__in=everything)
    if some := [row.pk for row in engagements if not row.covers_all]:
        where |= Q(pk__in=EngagementScope.objects.filter(engagement__in=some).values("assessment"))
    return Assessment.objects.filter(where)
