"""Panels: who rates what, how far they are, and what they said once it may be seen."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from django.db.models import Count, Prefetch, Q

from assessments.models import Answer, Assessment, BlindRating, Layer, PanelItem, PanelRater, Verdict
from assessments.queries.answering import answers_in
from assessments.queries.answers import Progress
from assessments.queries.criteria import code_by_id
from assessments.queries.reviewing import statuses_of
from assessments.scoring import CREDITS, HIGHEST_ANCHOR, NOT_APPLICABLE
from organizations.models import Engagement, TeamMember
from organizations.permissions import Permission, allows
from questionnaires.schema import PolicyAction, rated_codes

SETTLED = {Verdict.Kind.AGREE, Verdict.Kind.ADJUST}


def credit_of(rating: str) -> Fraction | None:
    """What a rating is worth, 0-1; None for not applicable and for none."""
    if rating.isdecimal():
        return Fraction(int(rating), HIGHEST_ANCHOR)
    return CREDITS.get(rating)


@dataclass(frozen=True)
class Voice:
    """What one rater said of one criterion; ``given`` is None where they said nothing."""

    rater: PanelRater
    given: BlindRating | None

    @property
    def rating(self) -> str:
        return self.given.rating if self.given else ""


@dataclass(frozen=True)
class Spread:
    """How far the ratings of one criterion lie apart."""

    ratings: tuple[str, ...]

    @cached_property
    def width(self) -> Fraction | None:
        """Highest minus lowest credit; None where some say that it does not apply, or fewer than two rated it."""
        credits = [credit_of(rating) for rating in self.ratings]
        return max(credits) - min(credits) if len(credits) > 1 and None not in credits else None

    @property
    def same(self) -> int:
        """How many gave the most frequent rating."""
        return max(Counter(self.ratings).values(), default=0)

    @property
    def is_equal(self) -> bool:
        return len(self.ratings) > 1 and self.same == len(self.ratings)

    @property
    def is_between(self) -> bool:
        """Whether it applies at all is in dispute."""
        return NOT_APPLICABLE in self.ratings and not self.is_equal


@dataclass
class Ballot:
    """One criterion after the reveal: what the enterprise, the consultant and each rater said, and what was settled."""

    criterion: object
    voices: tuple[Voice, ...]
    answer: Answer | None
    consultant: Verdict | None
    settled: Verdict | None
    spread: Spread = field(default=Spread(()))

    @property
    def code(self) -> str:
        return self.criterion.code

    @property
    def own(self) -> str:
        """The enterprise's rating."""
        return self.answer.rating if self.answer else ""

    @property
    def answer_revision(self) -> int:
        return self.answer.revision if self.answer else 0

    @property
    def is_settled(self) -> bool:
        return self.settled is not None and self.settled.kind in SETTLED and not self.is_open_again

    @property
    def is_open_again(self) -> bool:
        """The enterprise changed its answer after it was settled."""
        return self.settled is not None and self.settled.answer_revision != self.answer_revision

    @property
    def changed_since(self) -> bool:
        """The answer is another than the one that the raters saw."""
        return any(voice.given and voice.given.answer_revision != self.answer_revision for voice in self.voices)

    @property
    def is_unanimous(self) -> bool:
        """All raters said the same of the answer that stands there now."""
        everybody = all(voice.rating for voice in self.voices)
        return everybody and self.spread.is_equal and not self.changed_since

    @property
    def proposal(self) -> str:
        """What to settle on to begin with: what most said, nothing where no rating leads."""
        most = [*Counter(self.spread.ratings).most_common(2), ("", 0), ("", 0)]
        return most[0][0] if most[0][1] > most[1][1] else ""


def raters_to_choose(engagement: Engagement) -> list[TeamMember]:
    """Who of the team may rate."""
    rows = TeamMember.objects.filter(engagement=engagement, user__is_active=True).select_related("user").order_by("pk")
    return [row for row in rows if allows(row.role, Permission.REVIEW_WRITE)]


def panels_of(assessment: Assessment, engagement: Engagement) -> list[PanelItem]:
    """The panels of an engagement, each with ``raters`` and these with ``rated``, the number of their ratings. Two queries."""
    rated = PanelRater.objects.annotate(rated=Count("ratings", filter=~Q(ratings__rating="")))
    raters = rated.select_related("user").order_by("pk")
    rows = PanelItem.objects.filter(assessment=assessment, engagement=engagement)
    return list(rows.prefetch_related(Prefetch("raters", raters)).order_by("called_at", "pk"))


def settled_counts(assessment: Assessment, engagement: Engagement) -> dict[str, Progress]:
    """Item code -> how many of its criteria the panel has settled. One query."""
    done = {code for code, status in statuses_of(assessment, engagement, Layer.PANEL).items() if status in SETTLED}
    return {
        item.code: Progress(sum(code in done for code in rated_codes(item)), len(rated_codes(item)))
        for item in assessment.questionnaire.items
    }


def ratings_by(rater: PanelRater) -> dict[str, BlindRating]:
    """Criterion code -> what this rater said. One query."""
    rows, codes = BlindRating.objects.filter(rater=rater), code_by_id(rater.panel.assessment.version)
    return {codes[row.criterion_id]: row for row in rows}


def ballots_of(assessment: Assessment, panel: PanelItem) -> list[Ballot]:
    """Everything that was said in a panel that is revealed, in the questionnaire's order. Four queries."""
    if panel.revealed_at is None:
        raise ValueError("nobody sees the ratings of a panel before it is revealed")
    item = assessment.questionnaire.item_by_code[panel.item_code]
    codes, said = code_by_id(assessment.version), defaultdict(dict)
    raters = list(PanelRater.objects.filter(panel=panel).select_related("user").order_by("pk"))
    for row in BlindRating.objects.filter(rater__panel=panel):
        said[codes[row.criterion_id]][row.rater_id] = row
    answers = answers_in(assessment, item.code)
    verdicts = {
        (row.layer, codes[row.criterion_id]): row
        for row in Verdict.objects.filter(
            assessment=assessment, engagement=panel.engagement_id, criterion__item=item.code
        ).select_related("decided_by")
    }
    found = []
    for criterion in (item,) if isinstance(item, PolicyAction) else item.criteria:
        code = criterion.code
        voices = tuple(Voice(rater, said[code].get(rater.pk)) for rater in raters)
        spread = Spread(tuple(voice.rating for voice in voices if voice.rating))
        found.append(
            Ballot(
                criterion,
                voices,
                answers.get(code),
                verdicts.get((Layer.CONSULTANT, code)),
                verdicts.get((Layer.PANEL, code)),
                spread,
            )
        )
    return found


def most_disputed_first(ballots: list[Ballot]) -> list[Ballot]:
    """What is open before what is settled, disputes whether it applies first, then the widest."""
    return sorted(
        ballots,
        key=lambda row: (
            row.is_settled,
            row.spread.is_equal,
            not row.spread.is_between,
            -(row.spread.width or 0),
            -len(row.spread.ratings),
        ),
    )


def unanimous_and_open(ballots: list[Ballot]) -> list[Ballot]:
    """Those on which all raters agree and which are still to be settled."""
    return [row for row in ballots if row.is_unanimous and not row.is_settled]
