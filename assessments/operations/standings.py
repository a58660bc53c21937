"""Keep ``Standing`` as the engine computes it: part of every act that changes an answer, a verdict or the method."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from django.db import connection, transaction
from django_scopes import scope

from assessments.models import Assessment, Layer, Standing
from assessments.operations.holding import hold_standings
from assessments.queries.criteria import code_by_id, criteria_by_code
from assessments.queries.layers import JUDGING
from assessments.scoring import aggregate, find_method, hundredths, score_item
from organizations.models import Organization
from questionnaires.schema import Domain, rated_codes

# What was answered and judged in the given criteria, and how every part stands so far: one round trip.
SOURCES = """
SELECT 'answer', NULL, '', criterion_id, '', rating, revision, 0, 0
FROM assessments_answer WHERE organization_id = %s AND assessment_id = %s {answered}
UNION ALL
SELECT 'verdict', engagement_id, layer, criterion_id, kind, rating, answer_revision, 0, 0
FROM assessments_verdict WHERE organization_id = %s AND assessment_id = %s {answered}
UNION ALL
SELECT kind, engagement_id, layer, 0, part, exact, level, answered, total
FROM assessments_standing WHERE organization_id = %s AND assessment_id = %s
"""
COLUMNS = "organization_id, assessment_id, engagement_id, layer, kind, part, score, exact, level, answered, total"
UPSERT = f"""
INSERT INTO assessments_standing ({COLUMNS}) VALUES {{rows}}
ON CONFLICT {{place}} DO UPDATE SET
    score = excluded.score, exact = excluded.exact, level = excluded.level,
    answered = excluded.answered, total = excluded.total
"""
ROW = f"({', '.join(['%s'] * 11)})"
OWN = "(assessment_id, part) WHERE engagement_id IS NULL"
JUDGED = "(assessment_id, engagement_id, layer, part) WHERE engagement_id IS NOT NULL"
WHOLE = ""
Place = tuple[int | None, str]  # engagement (None: the enterprise), layer
SELF: Place = (None, Layer.SELF.value)


@dataclass(frozen=True, slots=True)
class Part:
    """How one part stands: the exact score as text ("" when nothing is applicable), level, and how many of how many."""

    exact: str = ""
    level: int | None = None
    answered: int = 0
    total: int = 0

    @property
    def value(self) -> Fraction | None:
        return Fraction(self.exact) if self.exact else None


Parts = dict[str, Part]


def refresh_standings(assessment: Assessment, item_codes: Iterable[str] | None = None, *, held: bool = False):
    """Compute anew how these items stand (None: all), their domains and the whole, by every layer that has a verdict.

    In the caller's transaction, after what it writes. ``held``: the caller has come through ``hold_open``, so nobody else
    computes them. Only what changed is written.
    """
    if not held:
        hold_standings(assessment)
    items = None if item_codes is None else frozenset(item_codes)
    sources = _read(assessment, items)
    if items is not None and not all(WHOLE in sources.parts[place] for place in {SELF, *sources.judged}):
        items, sources = None, _read(assessment, None)  # the first that is known of a layer
    changed = [
        (place, code, part)
        for place in [SELF, *sorted(sources.judged)]
        for code, part in _compute(assessment, place, items, sources).items()
        if sources.parts[place].get(code) != part
    ]
    _write(assessment, changed)
    if items is None:
        _forget(assessment, sources)


def refresh_all(*, only_missing: bool = True) -> int:
    """Compute the standings of all assessments, or of those that have none; of all organizations, one after another."""
    done = 0
    for organization in Organization.objects.order_by("pk"):
        with scope(organization=organization):
            rows = Assessment.objects.select_related("version").defer("version__content").order_by("pk")
            if only_missing:
                known = Standing.objects.filter(layer=Layer.SELF, kind=Standing.Kind.WHOLE)
                rows = rows.exclude(pk__in=known.values("assessment"))
            for assessment in rows:
                with transaction.atomic():
                    hold_standings(assessment)
                    Standing.objects.filter(assessment=assessment).delete()  # whatever they say
                    refresh_standings(assessment, held=True)
                done += 1
    return done


@dataclass
class Sources:
    ratings: dict[str, str]  # criterion code -> the enterprise's own
    revisions: dict[str, int]
    said: dict[Place, dict[str, str]]  # what counts of the verdicts
    judged: set[Place]  # the layers with any verdict
    parts: defaultdict[Place, Parts]  # as kept so far


def _read(assessment: Assessment, items: frozenset[str] | None) -> Sources:
    codes = code_by_id(assessment.version)
    found = Sources({}, {}, defaultdict(dict), set(), defaultdict(dict))
    mine, which, ids = [assessment.organization_id, assessment.pk], "", []
    if items is not None:
        criteria, questionnaire = criteria_by_code(assessment.version), assessment.questionnaire
        ids = [criteria[code].pk for item in items for code in rated_codes(questionnaire.item_by_code[item])]
        which = f"AND criterion_id IN ({', '.join(['%s'] * len(ids))})"
    with connection.cursor() as cursor:
        cursor.execute(SOURCES.format(answered=which), [*mine, *ids, *mine, *ids, *mine])
        rows = cursor.fetchall()
    for source, engagement, layer, pk, text, value, number, answered, total in rows:
        if source == "answer":
            found.ratings[codes[pk]], found.revisions[codes[pk]] = value, number
        elif source == "verdict":
            found.judged.add((engagement, layer))
        else:
            found.parts[engagement, layer][text] = Part(value, number, answered, total)
    for source, engagement, layer, pk, kind, rating, revision, *_rest in rows:
        if source == "verdict" and kind != "more" and revision == found.revisions.get(codes[pk], 0):
            found.said[engagement, layer][codes[pk]] = rating
    if items is not None:  # layers whose verdicts are all in other items
        found.judged |= set(found.parts) - {SELF}
    return found


def _compute(assessment: Assessment, place: Place, items: frozenset[str] | None, sources: Sources) -> Parts:
    """Every part that the items touch, by one layer."""
    questionnaire, kept = assessment.questionnaire, sources.parts[place]
    method = None if questionnaire.kind == "anchors" else find_method(questionnaire, assessment.method or None)
    ratings, settled = _ratings(place, sources)
    parts = {
        item.code: _item(item, ratings, settled, method) for item in questionnaire.items if items is None or item.code in items
    }
    for domain in questionnaire.domains:
        if any(item.code in parts for item in domain.items):
            parts[domain.code] = _sum([parts.get(item.code) or kept[item.code] for item in domain.items], method)
    domains: Iterable[Domain] = questionnaire.domains
    parts[WHOLE] = _sum([parts.get(domain.code) or kept[domain.code] for domain in domains], method)
    return parts


def _ratings(place: Place, sources: Sources) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The ratings by a layer, and those of them that its own people gave."""
    engagement, layer = place
    if engagement is None:
        return sources.ratings, {code: rating for code, rating in sources.ratings.items() if rating}
    ratings = sources.ratings
    for below in JUDGING[: JUDGING.index(layer) + 1]:
        ratings = {**ratings, **sources.said[engagement, below.value]}
    return ratings, sources.said[place]


def _item(item, ratings: Mapping[str, str], settled: Mapping[str, str], method) -> Part:
    codes = rated_codes(item)
    scored, answered = score_item(item, ratings, method), sum(code in settled for code in codes)
    if scored is None:
        return Part(answered=answered, total=len(codes))
    return Part(str(scored.score), scored.level, answered, len(codes))


def _sum(parts: list[Part], method) -> Part:
    score, level = aggregate([(part.value, part.level) for part in parts if part.exact], method)
    answered, total = sum(part.answered for part in parts), sum(part.total for part in parts)
    return Part("" if score is None else str(score), level, answered, total)


def _write(assessment: Assessment, changed: list[tuple[Place, str, Part]]):
    domains = {domain.code for domain in assessment.questionnaire.domains}
    rows = {OWN: [], JUDGED: []}
    for (engagement, layer), code, part in changed:
        kind = Standing.Kind.WHOLE if code == WHOLE else Standing.Kind.DOMAIN if code in domains else Standing.Kind.ITEM
        place = (assessment.organization_id, assessment.pk, engagement, layer, kind.value, code)
        values = (hundredths(part.value), part.exact, part.level, part.answered, part.total)
        rows[OWN if engagement is None else JUDGED].append((*place, *values))
    with connection.cursor() as cursor:
        for place, these in rows.items():
            for some in (these[start : start + 50] for start in range(0, len(these), 50)):
                sql = UPSERT.format(rows=", ".join([ROW] * len(some)), place=place)
                cursor.execute(sql, [value for row in some for value in row])


def _forget(assessment: Assessment, sources: Sources):
    """Layers whose verdicts are all gone stand no more."""
    for engagement, layer in set(sources.parts) - sources.judged - {SELF}:
        Standing.objects.filter(assessment=assessment, engagement=engagement, layer=layer).delete()
