"""What a review looks at: each answer with its evidence and its verdict, what is open, what changed since it was judged.

The page of an item is open all day: its reads are written out as SQL, like those of the answer page (queries/answering.py).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from django.db import connection
from django.db.models import Max, Q, QuerySet

from assessments.models import (
    Answer,
    AnswerRevision,
    Assessment,
    EngagementScope,
    Evidence,
    EvidenceLink,
    Layer,
    SignOff,
    Verdict,
    VerdictRevision,
)
from assessments.proving import Piece, Proving, prove
from assessments.queries.answering import ids_of_item, with_ids
from assessments.queries.answers import Progress
from assessments.queries.criteria import code_by_id
from assessments.queries.evidence import may_open
from assessments.scoring import NOT_APPLICABLE
from organizations.guests import Guest, running
from organizations.models import Engagement, Membership, User
from questionnaires.schema import PolicyAction, Questionnaire, rated_codes

Kind = Verdict.Kind
OPEN, AGAIN = "open", "again"  # nobody judged it yet; judged, but the answer has another revision by now
SHOWN_BESIDE_ANSWERS = {Assessment.State.RETURNED, Assessment.State.FINAL}
CLAIMS_NOTHING = {"", "none", "0", NOT_APPLICABLE}
STATES = """
SELECT verdict.criterion_id, verdict.kind, verdict.answer_revision, COALESCE(answer.revision, 0)
FROM assessments_verdict AS verdict
LEFT JOIN assessments_answer AS answer
    ON answer.assessment_id = verdict.assessment_id AND answer.criterion_id = verdict.criterion_id
WHERE verdict.organization_id = %s AND verdict.assessment_id = %s AND verdict.engagement_id = %s AND verdict.layer = %s
UNION ALL
SELECT NULL, 'interviewed', MIN(id), 0 FROM assessments_interviewsheet
WHERE organization_id = %s AND assessment_id = %s AND engagement_id = %s
"""
VERDICTS = """
SELECT verdict.*, person.name AS by_name, person.email AS by_email
FROM assessments_verdict AS verdict
LEFT JOIN organizations_user AS person ON person.id = verdict.decided_by_id
WHERE verdict.organization_id = %s AND verdict.assessment_id = %s AND verdict.engagement_id = %s AND verdict.layer = %s
    AND verdict.criterion_id IN ({ids})
"""
PIECES = """
SELECT evidence.*, link.criterion_id AS proves, link.place, version.number AS newest
FROM assessments_evidencelink AS link
JOIN assessments_evidence AS evidence ON evidence.id = link.evidence_id AND evidence.removed_at IS NULL
LEFT JOIN assessments_evidenceversion AS version ON version.evidence_id = evidence.id AND NOT EXISTS (
    SELECT 1 FROM assessments_evidenceversion AS later
    WHERE later.organization_id = version.organization_id AND later.evidence_id = evidence.id AND later.number > version.number
)
WHERE link.organization_id = %s AND link.assessment_id = %s AND link.criterion_id IN ({ids})
ORDER BY link.linked_at, link.id
"""


@dataclass(frozen=True)
class Since:
    """What the enterprise changed after a verdict. ``before``: the revision that was judged, None where there was none."""

    before: AnswerRevision | None = None
    added: tuple[str, ...] = ()  # titles
    removed: tuple[str, ...] = ()


@dataclass
class Case:
    """One answer as its reviewer sees it. Confidential pieces prove as others do, but a guest does not see which they are."""

    code: str
    answer: Answer | None
    verdict: Verdict | None
    pieces: tuple[Evidence, ...]
    proving: Proving
    hidden: int = 0  # pieces that the reader may not open
    since: Since | None = None

    @property
    def rating(self) -> str:
        return self.answer.rating if self.answer else ""

    @property
    def revision(self) -> int:
        return self.answer.revision if self.answer else 0

    @property
    def status(self) -> str:
        return status_of(self.verdict and self.verdict.kind, self.verdict and self.verdict.answer_revision, self.revision)

    @cached_property
    def evidence_changed(self) -> bool:
        return self.verdict is not None and set(self.verdict.evidence) != {piece.pk for piece in self.pieces}

    @property
    def lacks_proof(self) -> bool:
        return lacks_proof(self.rating, self.proving.valid)

    @property
    def valid_seen(self) -> int:
        """Valid pieces that the reader could look at."""
        return sum(flaw is None and piece.openable for piece, flaw in zip(self.pieces, self.proving.flaws, strict=True))

    @property
    def judged_pieces(self):
        return [(piece, flaw) for piece, flaw in zip(self.pieces, self.proving.flaws, strict=True) if piece.openable]


@dataclass
class Tally:
    """How far the review of an item is."""

    total: int
    by_status: Counter = field(default_factory=Counter)
    unproven: int = 0
    news: int = 0  # judged, and its evidence is another by now

    @property
    def again(self) -> int:
        return self.by_status[AGAIN]

    @property
    def agreed(self) -> int:
        return self.by_status[Kind.AGREE]

    @property
    def adjusted(self) -> int:
        return self.by_status[Kind.ADJUST]

    @property
    def more(self) -> int:
        return self.by_status[Kind.MORE]

    @property
    def judged(self) -> int:
        return self.agreed + self.adjusted + self.more

    @property
    def left(self) -> int:
        """Still to judge, also what is open again."""
        return self.total - self.judged

    @property
    def progress(self) -> Progress:
        return Progress(self.judged, self.total)


def status_of(kind: str | None, judged_revision: int | None, revision: int) -> str:
    if not kind:
        return OPEN
    return kind if judged_revision == revision else AGAIN


def lacks_proof(rating: str, valid: int) -> bool:
    """Something is claimed and no valid piece proves it."""
    return rating not in CLAIMS_NOTHING and not valid


def statuses_of(assessment: Assessment, engagement: Engagement, layer: str = Layer.CONSULTANT) -> dict[str, str]:
    """Criterion code -> status, of whatever has a verdict of this engagement. One query."""
    return statuses_and_interviews(assessment, engagement, layer)[0]


def statuses_and_interviews(
    assessment: Assessment, engagement: Engagement, layer: str = Layer.CONSULTANT
) -> tuple[dict[str, str], bool]:
    """``statuses_of``, and whether the firm has interviewed anybody: most pages need not look for notes. One query."""
    codes, found, interviewed = code_by_id(assessment.version), {}, False
    mine = [assessment.organization_id, assessment.pk, engagement.pk]
    with connection.cursor() as cursor:
        cursor.execute(STATES, [*mine, layer, *mine])
        for pk, kind, judged, revision in cursor.fetchall():
            if pk is None:
                interviewed = judged is not None
            else:
                found[codes[pk]] = status_of(kind, judged, revision)
    return found, interviewed


def tallies(questionnaire: Questionnaire, statuses: dict[str, str]) -> dict[str, Tally]:
    """Item code -> how far its review is, in the questionnaire's order."""
    found = {}
    for item in questionnaire.items:
        codes = rated_codes(item)
        found[item.code] = Tally(len(codes), Counter(statuses.get(code, OPEN) for code in codes))
    return found


def whole(found: Iterable[Tally]) -> Tally:
    total = Tally(0)
    for tally in found:
        total.total += tally.total
        total.by_status += tally.by_status
        total.unproven += tally.unproven
        total.news += tally.news
    return total


def news_of(assessment: Assessment, engagement: Engagement) -> set[str]:
    """The criteria whose evidence is another than when this engagement judged them. Two queries."""
    codes, linked = code_by_id(assessment.version), defaultdict(set)
    links = EvidenceLink.objects.filter(assessment=assessment, evidence__removed_at=None).order_by()
    for criterion, piece in links.values_list("criterion_id", "evidence_id"):
        linked[criterion].add(piece)
    rows = Verdict.objects.filter(assessment=assessment, engagement=engagement, layer=Layer.CONSULTANT)
    return {codes[pk] for pk, judged in rows.values_list("criterion_id", "evidence") if set(judged) != linked[pk]}


def verdicts_in(assessment: Assessment, engagement: Engagement, item_code: str) -> dict[str, Verdict]:
    """Criterion code -> this engagement's verdict, of one item."""
    ids, codes = ids_of_item(assessment, item_code), code_by_id(assessment.version)
    params = [assessment.organization_id, assessment.pk, engagement.pk, Layer.CONSULTANT, *ids]
    found = {}
    for row in Verdict.objects.raw(with_ids(ids, VERDICTS), params):
        values = (row.decided_by_id, row.by_email, row.by_name)
        row.decided_by = User.from_db(row._state.db, ("id", "email", "name"), values) if row.decided_by_id else None
        found[codes[row.criterion_id]] = row
    return found


def pieces_in(assessment: Assessment, item_code: str) -> dict[str, list[Evidence]]:
    """Criterion code -> the pieces linked to it, each with ``place`` and ``newest``, the number of its newest version."""
    ids, codes, found = ids_of_item(assessment, item_code), code_by_id(assessment.version), defaultdict(list)
    for piece in Evidence.objects.raw(with_ids(ids, PIECES), [assessment.organization_id, assessment.pk, *ids]):
        found[codes[piece.proves]].append(piece)
    return found


def cases_of(assessment: Assessment, item, place: Membership | Guest, answers: dict[str, Answer], on: date) -> dict[str, Case]:
    """Criterion code -> its case, of one item, for the guest who reviews it. Two queries, two more where something changed."""
    verdicts = verdicts_in(assessment, place.engagement, item.code)
    pieces = pieces_in(assessment, item.code)
    found = {}
    for criterion in (item,) if isinstance(item, PolicyAction) else item.criteria:
        code = criterion.code
        linked = pieces.get(code, ())
        for piece in linked:
            piece.openable = may_open(place, piece)
        known = [Piece(row.kind, row.newest is not None, row.issued_on, row.valid_until) for row in linked]
        hidden = sum(not piece.openable for piece in linked)
        proving = prove(criterion.evidence, known, on)
        found[code] = Case(code, answers.get(code), verdicts.get(code), tuple(linked), proving, hidden)
    _add_changes(list(found.values()), place)
    return found


def _add_changes(cases: list[Case], place):
    again = {case.answer.pk: case for case in cases if case.status == AGAIN and case.answer}
    before = {}
    if again:
        for row in AnswerRevision.objects.filter(answer__in=again):
            if row.revision == again[row.answer_id].verdict.answer_revision:
                before[again[row.answer_id].code] = row
    changed = [case for case in cases if case.evidence_changed]
    gone = {pk for case in changed for pk in case.verdict.evidence} - {piece.pk for case in changed for piece in case.pieces}
    titles = {}
    if gone:
        titles = {row.pk: row.title for row in Evidence.objects.filter(pk__in=gone) if may_open(place, row)}
    for case in cases:
        if case.status == AGAIN or case.evidence_changed:
            there, then = {piece.pk: piece for piece in case.pieces}, set(case.verdict.evidence)
            added = tuple(piece.title for pk, piece in there.items() if pk not in then and piece.openable)
            removed = tuple(
                titles.get(pk) or there[pk].title for pk in case.verdict.evidence if pk not in there and pk in titles
            )
            case.since = Since(before.get(case.code), added, removed)


def agreeable(case: Case) -> str:
    """Why an answer is left out of agreeing to several at once; "" where it may be among them."""
    if case.status == AGAIN:
        return "again"
    if case.verdict is not None:
        return "judged"
    if case.rating == "":
        return "unanswered"
    if case.rating == NOT_APPLICABLE:
        return "na"
    if case.lacks_proof:
        return "unproven"
    if case.rating not in CLAIMS_NOTHING and not case.valid_seen:
        return "hidden"
    return ""


def verdict_revisions(assessment: Assessment, engagement: Engagement, criterion) -> list[VerdictRevision]:
    rows = VerdictRevision.objects.filter(
        verdict__assessment=assessment, verdict__engagement=engagement, verdict__criterion=criterion
    )
    return list(rows.select_related("by").order_by("-at", "-revision"))


# ---- whose review


def advising_engagements(assessment: Assessment) -> list[Engagement]:
    """The running engagements of consultancies that cover this assessment."""
    scoped = EngagementScope.objects.filter(assessment=assessment).values("engagement")
    rows = Engagement.objects.filter(running(), Q(covers_all=True) | Q(pk__in=scoped), kind=Engagement.Kind.ADVICE)
    rows = rows.filter(organization_id=assessment.organization_id)
    return list(rows.select_related("consultancy").order_by("pk"))


def judging_engagements(assessment: Assessment) -> list[Engagement]:
    """Those that have judged something of it, running or over."""
    judged = Verdict.objects.filter(assessment=assessment).order_by().values("engagement")
    rows = Engagement.objects.filter(organization_id=assessment.organization_id, pk__in=judged)
    return list(rows.select_related("consultancy").order_by("pk"))


def reviews_seen_by(place: Membership | Guest, assessment: Assessment) -> list[Engagement]:
    """Whose verdicts somebody sees: a guest those of their own engagement; members of the enterprise those of each, while the
    review is under way only of those that have signed theirs: nobody puts a second signature under what they can't read."""
    if isinstance(place, Guest):
        return [place.engagement]
    judging = judging_engagements(assessment)
    if assessment.state != Assessment.State.IN_REVIEW:
        return judging
    signed = _last_moments(SignOff.objects.filter(assessment=assessment), "signed_at")
    decided = _last_moments(Verdict.objects.filter(assessment=assessment), "decided_at")
    return [row for row in judging if row.pk in signed and signed[row.pk] >= decided[row.pk]]


def _last_moments(rows: QuerySet, field: str) -> dict[int, datetime]:
    """Engagement -> when it last did this."""
    return dict(rows.order_by().values_list("engagement_id").annotate(last=Max(field)))


def undecided_codes(assessment: Assessment, engagement: Engagement | None = None) -> list[str]:
    """The criteria that a final would leave unjudged, in the questionnaire's order: by one engagement, or, for the enterprise,
    by all that advise it: nobody agreed or adjusted, or somebody asks for more or has to look again."""
    engagements = [engagement] if engagement else _all_reviews(assessment)
    found = [statuses_of(assessment, row) for row in engagements]
    decided = {Kind.AGREE, Kind.ADJUST}
    unfinished = {Kind.MORE, AGAIN}
    return [
        code
        for code in (assessment.questionnaire.item_of if found else ())
        if not any(row.get(code) in decided for row in found) or any(row.get(code) in unfinished for row in found)
    ]


def judged_counts(assessment: Assessment) -> list[tuple[Engagement, Tally]]:
    """Each review of the assessment with how far it is: all that members are told while it is under way."""
    questionnaire = assessment.questionnaire
    return [(row, whole(tallies(questionnaire, statuses_of(assessment, row)).values())) for row in _all_reviews(assessment)]


def _all_reviews(assessment: Assessment) -> list[Engagement]:
    rows = {row.pk: row for row in [*advising_engagements(assessment), *judging_engagements(assessment)]}
    return [rows[pk] for pk in sorted(rows)]


def verdicts_for(place: Membership | Guest, assessment: Assessment, item_code: str) -> dict[str, list[Verdict]]:
    """Criterion code -> the verdicts of every review, of one item, for members who rework or read their answers: once it is
    returned or final. At most one query."""
    if isinstance(place, Guest) or assessment.state not in SHOWN_BESIDE_ANSWERS:
        return {}
    codes, found = code_by_id(assessment.version), defaultdict(list)
    rows = Verdict.objects.filter(assessment=assessment, criterion__in=ids_of_item(assessment, item_code))
    for row in rows.select_related("engagement__consultancy", "decided_by").order_by("engagement_id", "layer"):
        found[codes[row.criterion_id]].append(row)
    return found
