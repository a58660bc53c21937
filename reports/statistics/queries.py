"""Statistics of a firm over the clients whose team the reader is on: where clients and reviewers differ, and reviewers among
themselves. Crosses tenants by ``clients_of`` alone; set-based, the same number of queries for one client and for many."""

import hashlib
import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from fractions import Fraction

from django.core.cache import cache
from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django_scopes import scope

from assessments.models import BlindRating, EngagementScope, Layer
from assessments.queries.criteria import code_by_id
from assessments.scoring import ANCHORS
from organizations.guests import clients_of
from organizations.models import Engagement, Organization, User
from questionnaires.library import questionnaire_of
from questionnaires.models import Version
from reports.statistics.alpha import ordinal_alphas

LEAST_ANSWERS = 3  # judged answers below which no criterion is named
LEAST_OF_ITEM = 5
LEAST_UNITS, LEAST_UNITS_OF_ITEM = 10, 5  # criteria rated by two or more, below which there is no figure
MOST = 10
WHOLE = 40  # credits are counted in fortieths, so that the database adds up whole numbers: 0.8 is 32, one anchor 10
IN_FORTIETHS = {"full": 40, "largely": 32, "partly": 20, "none": 0, **{anchor: 10 * int(anchor) for anchor in ANCHORS}}
ORDER = {"levels": ("none", "partly", "largely", "full"), "anchors": ANCHORS}
KEPT_SECONDS = 24 * 3600
CREDIT = "CASE {{0}} {} END".format(" ".join(f"WHEN '{rating}' THEN {credit}" for rating, credit in IN_FORTIETHS.items()))
# The first judgement of an answer: the client's next one may have learnt from it. Of several on the same answer the last.
JUDGED = f"""
SELECT assessment.version_id, verdict.criterion_id, judged.kind, judged.reason,
    {CREDIT.format("own.rating")} AS own, {CREDIT.format("judged.rating")} AS given
FROM assessments_verdict AS verdict
JOIN assessments_verdictrevision AS judged ON judged.verdict_id = verdict.id AND judged.kind <> 'more'
JOIN assessments_answer AS answer
    ON answer.assessment_id = verdict.assessment_id AND answer.criterion_id = verdict.criterion_id
JOIN assessments_answerrevision AS own ON own.answer_id = answer.id AND own.revision = judged.answer_revision
JOIN assessments_assessment AS assessment ON assessment.id = verdict.assessment_id
JOIN organizations_engagement AS engagement ON engagement.id = verdict.engagement_id
WHERE verdict.organization_id IN ({{tenants}}) AND verdict.engagement_id IN ({{engagements}}) AND verdict.layer = %s
    AND (engagement.covers_all OR EXISTS (
        SELECT 1 FROM assessments_engagementscope AS covered
        WHERE covered.organization_id = verdict.organization_id AND covered.engagement_id = engagement.id
            AND covered.assessment_id = assessment.id
    ))
    AND NOT EXISTS (
        SELECT 1 FROM assessments_verdictrevision AS other
        WHERE other.organization_id = verdict.organization_id AND other.verdict_id = verdict.id AND other.kind <> 'more'
            AND (other.answer_revision < judged.answer_revision
                OR (other.answer_revision = judged.answer_revision AND other.revision > judged.revision))
    )
"""
GAPS = """
SELECT version_id, criterion_id, COUNT(*), SUM(own - given), SUM(CASE WHEN own > given THEN 1 ELSE 0 END),
    SUM(CASE WHEN own < given THEN 1 ELSE 0 END)
FROM ({judged}) AS said WHERE own IS NOT NULL AND given IS NOT NULL
GROUP BY version_id, criterion_id
"""
REASONS = """
SELECT version_id, reason, COUNT(*) FROM ({judged}) AS said WHERE kind = 'adjust' GROUP BY version_id, reason
"""


@dataclass(frozen=True)
class Gap:
    """Self rating minus consultant, in credits 0-1, over ``n`` judged answers to one criterion or of one item."""

    subject: object
    item: object
    n: int
    total: int  # in fortieths
    over: int
    under: int

    @property
    def mean(self) -> Fraction:
        return Fraction(self.total, self.n * WHOLE)


@dataclass(frozen=True)
class Agreement:
    """Krippendorff's alpha of one item, or of all (None). ``units``: criteria that two or more rated."""

    item: object | None
    units: int
    alpha: float | None


@dataclass(frozen=True)
class OfVersion:
    """The statistics of one version of a questionnaire."""

    questionnaire: object
    judged: int
    criteria: tuple[Gap, ...]
    items: tuple[Gap, ...]
    reasons: tuple[tuple[str, int], ...]
    agreement: Agreement | None
    by_item: tuple[Agreement, ...]

    @property
    def over_rated(self) -> list[Gap]:
        return sorted((gap for gap in self.criteria if gap.total > 0), key=lambda gap: (-gap.mean, -gap.n))[:MOST]

    @property
    def under_rated(self) -> list[Gap]:
        return sorted((gap for gap in self.criteria if gap.total < 0), key=lambda gap: (gap.mean, -gap.n))[:MOST]

    @property
    def differing_items(self) -> list[Gap]:
        return sorted((gap for gap in self.items if gap.total), key=lambda gap: (-abs(gap.mean), -gap.n))[:MOST]


def statistics_of(user: User, consultancy: Organization) -> tuple[int, list[OfVersion]]:
    """(number of clients, statistics by version, the most judged first). Raises NoFigure."""
    places = [place for place in clients_of(user, consultancy) if place.engagement.kind == Engagement.Kind.ADVICE]
    engagements = [place.engagement for place in places]
    tenants = sorted({engagement.organization_id for engagement in engagements})
    if not tenants:
        return 0, []
    with scope(organization=tenants):
        gaps, reasons, units = _gaps(tenants, engagements), _reasons(tenants, engagements), _units(engagements)
    versions = {row.pk: row for row in Version.objects.filter(pk__in={*gaps, *units}).order_by("pk")}
    alphas = _alphas(versions, units)
    found = [_of_version(row, gaps.get(pk, {}), reasons.get(pk, ()), units.get(pk, {}), alphas) for pk, row in versions.items()]
    return len(tenants), sorted(found, key=lambda row: -row.judged)


def _gaps(tenants, engagements) -> dict[int, dict[int, tuple]]:
    """Version -> criterion -> (n, total, over, under)."""
    found = defaultdict(dict)
    for version, criterion, *figures in _rows(GAPS, tenants, engagements):
        found[version][criterion] = tuple(map(int, figures))
    return found


def _reasons(tenants, engagements) -> dict[int, list[tuple[str, int]]]:
    found = defaultdict(list)
    for version, reason, n in _rows(REASONS, tenants, engagements):
        found[version].append((reason, n))
    return {version: sorted(rows, key=lambda row: -row[1]) for version, rows in found.items()}


def _rows(sql: str, tenants: list[int], engagements: list[Engagement]) -> list[tuple]:
    places = {"tenants": _places(tenants), "engagements": _places(engagements)}
    with connection.cursor() as cursor:
        params = [*tenants, *(engagement.pk for engagement in engagements), Layer.CONSULTANT.value]
        cursor.execute(sql.format(judged=JUDGED.format(**places)), params)
        return cursor.fetchall()


def _places(values) -> str:
    return ", ".join(["%s"] * len(values))


def _units(engagements: list[Engagement]) -> dict[int, dict[tuple[int, int], Counter]]:
    """Version -> (panel, criterion) -> how often each rating was given; of panels that are revealed, what applies."""
    scoped = EngagementScope.objects.filter(
        engagement=OuterRef("rater__panel__engagement"), assessment=OuterRef("rater__panel__assessment")
    )
    rows = BlindRating.objects.filter(rater__panel__engagement__in=engagements, rater__panel__revealed_at__isnull=False)
    rows = rows.filter(Q(rater__panel__engagement__covers_all=True) | Exists(scoped))
    values = ("rater__panel__assessment__version", "rater__panel", "criterion", "rating")
    found = defaultdict(lambda: defaultdict(Counter))
    for version, panel, criterion, rating in rows.exclude(rating__in=["", "na"]).values_list(*values):
        found[version][panel, criterion][rating] += 1
    return found


def _alphas(versions: dict[int, Version], units) -> dict[tuple[int, str], tuple[int, float | None]]:
    """(version, item code or "" for all) -> (number of units, alpha), where there are enough."""
    lists = {}
    for pk, given in units.items():
        questionnaire, codes = questionnaire_of(versions[pk]), code_by_id(versions[pk])
        by_item = defaultdict(list)
        for (_panel, criterion), counts in sorted(given.items()):
            if counts.total() > 1:
                unit = [counts[rating] for rating in ORDER[questionnaire.kind]]
                by_item[questionnaire.item_of[codes[criterion]]].append(unit)
        by_item = dict(by_item)
        lists |= {(pk, item): rows for item, rows in by_item.items() if len(rows) >= LEAST_UNITS_OF_ITEM}
        together = [unit for rows in by_item.values() for unit in rows]
        if len(together) >= LEAST_UNITS:
            lists[pk, ""] = together
    figures = _computed(list(lists.values()))
    return {place: (len(rows), figure) for (place, rows), figure in zip(lists.items(), figures, strict=True)}


def _computed(lists: list) -> list[float | None]:
    """Kept for a day by what went in: the same ratings give the same figures."""
    if not lists:
        return []
    key = "alpha-" + hashlib.sha256(json.dumps(lists).encode()).hexdigest()
    figures = cache.get(key)
    if figures is None:
        figures = ordinal_alphas(lists)
        cache.set(key, figures, KEPT_SECONDS)
    return figures


def _of_version(version: Version, gaps, reasons, units, alphas) -> OfVersion:
    questionnaire, codes = questionnaire_of(version), code_by_id(version)
    criteria, by_item = [], defaultdict(lambda: [0, 0, 0, 0])
    for pk, figures in gaps.items():
        item = questionnaire.item_by_code[questionnaire.item_of[codes[pk]]]
        subject = questionnaire.criterion_by_code.get(codes[pk]) or item
        criteria.append(Gap(subject, item, *figures))
        by_item[item.code] = [one + other for one, other in zip(by_item[item.code], figures, strict=True)]
    items = [Gap(item, item, *by_item[item.code]) for item in questionnaire.items if item.code in by_item]
    agreements = [
        Agreement(item, *alphas[version.pk, item.code]) for item in questionnaire.items if (version.pk, item.code) in alphas
    ]
    both = sum(counts.total() > 1 for counts in units.values())
    whole = alphas.get((version.pk, ""))
    return OfVersion(
        questionnaire=questionnaire,
        judged=sum(gap.n for gap in criteria),
        criteria=tuple(gap for gap in criteria if gap.n >= LEAST_ANSWERS),
        items=tuple(gap for gap in items if gap.n >= LEAST_OF_ITEM),
        reasons=tuple(reasons),
        agreement=Agreement(None, *whole) if whole else Agreement(None, both, None) if both else None,
        by_item=tuple(sorted(agreements, key=lambda row: (row.alpha is None, row.alpha or 0))),
    )
