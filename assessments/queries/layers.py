"""Whose judgement counts: the ratings of each layer. A layer's own verdict where it has one, else what lies below it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from django.db.models import Q

from assessments.models import Answer, Assessment, Layer, Verdict
from assessments.queries.criteria import code_by_id
from assessments.scoring import DomainScore, ItemScore, Result, find_method, score, score_item
from organizations.models import Engagement

Ratings = dict[str, str]
JUDGING = (Layer.CONSULTANT, Layer.PANEL)  # from below upwards


def counts(verdict: Verdict, revision: int) -> bool:
    """The verdict gives a rating, and the answer still is what was judged. ``revision``: the answer's, 0 without one."""
    return verdict.kind != Verdict.Kind.MORE and verdict.answer_revision == revision


def layer_ratings(assessment: Assessment, engagement: Engagement | None, item_code: str = "") -> dict[str, Ratings]:
    """Layer -> criterion code -> rating, of the whole assessment or of one item. Without an engagement: only the enterprise's.

    Two queries. Criteria that nobody rated are left out.
    """
    where = Q(criterion__item=item_code) if item_code else Q()
    rows = Answer.objects.filter(where, assessment=assessment).values_list("criterion__code", "rating", "revision")
    answers = {code: (rating, revision) for code, rating, revision in rows}
    layers = {Layer.SELF: {code: rating for code, (rating, _revision) in answers.items() if rating}}
    if engagement is None:
        return layers
    verdicts = Verdict.objects.filter(where, assessment=assessment, engagement=engagement).select_related("criterion")
    return layers | overlaid(layers[Layer.SELF], {code: revision for code, (_r, revision) in answers.items()}, list(verdicts))


def overlaid(own: Ratings, revisions: Mapping[str, int], verdicts: list[Verdict]) -> dict[str, Ratings]:
    """The ratings of the judging layers over the enterprise's ``own``."""
    layers, below = {}, own
    for layer in JUDGING:
        said = {
            verdict.criterion.code: verdict.rating
            for verdict in verdicts
            if verdict.layer == layer and counts(verdict, revisions.get(verdict.criterion.code, 0))
        }
        layers[layer] = below = {**below, **said}
    return layers


# ---- side by side


@dataclass(frozen=True)
class Column:
    """One layer as a column: its ratings and the result that they give. ``engagement`` is None for the self-assessment."""

    layer: str
    engagement: Engagement | None
    ratings: Ratings
    result: Result
    judged: int = 0

    @property
    def label(self) -> str:
        return Layer(self.layer).label

    @cached_property
    def item_scores(self) -> dict[str, ItemScore]:
        return {item.code: item for item in self.result.items}

    @cached_property
    def domain_scores(self) -> dict[str, DomainScore]:
        return {domain.code: domain for domain in self.result.domains}


@dataclass(frozen=True)
class Difference:
    """One criterion that a layer rates otherwise than the enterprise. ``effect``: by how much the item's score would move if
    this rating alone were changed."""

    code: str
    verdict: Verdict
    own: str
    rating: str
    effect: Fraction


@dataclass(frozen=True)
class ItemDifference:
    """``before`` and ``after``: the item's score by the enterprise and by the layer, None where nothing is applicable."""

    item: object
    before: Fraction | None
    after: Fraction | None
    rows: tuple[Difference, ...]

    @property
    def moved(self) -> Fraction | None:
        return None if self.before is None or self.after is None else self.after - self.before


def columns_of(assessment: Assessment, engagements: Iterable[Engagement]) -> list[Column]:
    """The self-assessment, then the layers of each engagement: the consultant's always, the panel's where it said something.
    Two queries and the names."""
    answers, verdicts = _answers(assessment), verdicts_of(assessment, engagements)
    questionnaire = assessment.questionnaire
    own = {code: rating for code, (rating, _revision) in answers.items() if rating}
    revisions = {code: revision for code, (_rating, revision) in answers.items()}

    def column(layer, engagement, ratings, judged=0):
        return Column(layer, engagement, ratings, score(questionnaire, ratings, assessment.method or None), judged)

    columns = [column(Layer.SELF, None, own)]
    for engagement in engagements:
        theirs = [row for row in verdicts if row.engagement_id == engagement.pk]
        layers = overlaid(own, revisions, theirs)
        for layer in JUDGING:
            judged = sum(row.layer == layer and counts(row, revisions.get(row.criterion.code, 0)) for row in theirs)
            if judged or layer == Layer.CONSULTANT:
                columns.append(column(layer, engagement, layers[layer], judged))
    return columns


def verdicts_of(assessment: Assessment, engagements: Iterable[Engagement]) -> list[Verdict]:
    """In the questionnaire's order; of one criterion by engagement, the layers from below upwards."""
    rows = Verdict.objects.filter(assessment=assessment, engagement__in=[row.pk for row in engagements])
    rows = rows.select_related("criterion", "decided_by")
    return sorted(rows, key=lambda row: (row.criterion.position, row.engagement_id, JUDGING.index(row.layer)))


def differences(assessment: Assessment, own: Column, other: Column, verdicts: Iterable[Verdict]) -> list[ItemDifference]:
    """Criterion by criterion what parts a layer from the self-assessment, by item. ``verdicts``: that layer's."""
    questionnaire, found = assessment.questionnaire, defaultdict(list)
    method = None if questionnaire.kind == "anchors" else find_method(questionnaire, assessment.method or None)
    for verdict in verdicts:
        code = verdict.criterion.code
        before, after = own.ratings.get(code, ""), other.ratings.get(code, "")
        if before != after and verdict.rating == after:
            item = questionnaire.item_by_code[questionnaire.item_of[code]]
            alone = score_item(item, {**own.ratings, code: after}, method)
            now = own.item_scores.get(item.code)
            effect = (alone.score if alone else Fraction(0)) - (now.score if now else Fraction(0))
            found[item.code].append(Difference(code, verdict, before, after, effect))
    return [
        ItemDifference(item, _score(own, item), _score(other, item), tuple(found[item.code]))
        for item in questionnaire.items
        if item.code in found
    ]


def _score(column: Column, item) -> Fraction | None:
    scored = column.item_scores.get(item.code)
    return scored.score if scored else None


def _answers(assessment: Assessment) -> dict[str, tuple[str, int]]:
    codes = code_by_id(assessment.version)
    rows = Answer.objects.filter(assessment=assessment).order_by()
    return {codes[pk]: (rating, revision) for pk, rating, revision in rows.values_list("criterion_id", "rating", "revision")}
