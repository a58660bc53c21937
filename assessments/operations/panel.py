"""A panel: several consultants rate an item, each alone; then they settle what counts."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.models import Answer, Assessment, BlindRating, Layer, PanelItem, PanelRater, Verdict
from assessments.operations.holding import hold_open
from assessments.operations.reviewing import Judged, write_verdict
from assessments.operations.standings import refresh_standings
from assessments.queries.criteria import criteria_by_code
from assessments.queries.panel import ballots_of, raters_to_choose, unanimous_and_open
from organizations.mail import in_language_of
from organizations.models import Engagement, User
from organizations.operations.mail import queue_mail
from organizations.operations.trail import record_activity
from organizations.permissions import Permission
from questionnaires.models import Criterion
from questionnaires.schema import rated_codes

LEAST_RATERS = 2


class TooFewRaters(Exception):
    """A panel needs at least two people of the team who may rate."""


class Revealed(Exception):
    """The ratings of the panel are open to all: none changes any more, and the panel stays."""


class NotRevealed(Exception):
    """The raters have not all finished, and the lead has not opened the ratings."""


class AlreadyFinished(Exception):
    """The rater has said to be done."""


class NotAllRated(Exception):
    """Some criteria have no rating yet: ``codes``."""

    def __init__(self, codes: list[str]):
        self.codes = codes
        super().__init__(", ".join(codes))


class RatedMeanwhile(Exception):
    """The rater saved this elsewhere after it was read; ``current`` is what stands there now."""

    def __init__(self, current: BlindRating):
        self.current = current
        super().__init__(f"revision {current.revision} is newer")


@transaction.atomic
def call_panel(
    *, engagement: Engagement, assessment: Assessment, item_codes: Iterable[str], raters: Iterable[User], by: User, at: datetime
) -> list[PanelItem]:
    """Ask some of the team to rate items, each alone; who is asked gets one mail. Items that have a panel are left as they are.

    Raises TooFewRaters and Closed.
    """
    hold_open(assessment, Permission.REVIEW_LEAD)
    able, wanted = {row.user_id: row.user for row in raters_to_choose(engagement)}, {user.pk for user in raters}
    if len(wanted) < LEAST_RATERS or not wanted <= set(able):
        raise TooFewRaters
    there = set(PanelItem.objects.filter(assessment=assessment, engagement=engagement).values_list("item_code", flat=True))
    panels = []
    for item in assessment.questionnaire.items:
        if item.code not in set(item_codes) - there:
            continue
        mine = {"organization_id": assessment.organization_id}
        panel = PanelItem.objects.create(
            **mine, engagement=engagement, assessment=assessment, item_code=item.code, called_by=by, called_at=at
        )
        PanelRater.objects.bulk_create(PanelRater(**mine, panel=panel, user=able[pk]) for pk in sorted(wanted))
        panels.append(panel)
    if panels:
        for pk in sorted(wanted - {by.pk}):
            _tell(assessment, panels, able[pk], by, at)
    for panel in panels:
        _record("called", panel, by, at)
    return panels


@transaction.atomic
def save_blind_rating(
    *, rater: PanelRater, criterion: Criterion, rating: str, note: str, read_revision: int, by: User, at: datetime
) -> BlindRating:
    """Save what a rater says over what they read (0: nothing). The same again does no harm.

    Raises RatedMeanwhile, AlreadyFinished, Revealed and Closed, and changes nothing.
    """
    panel = _held(rater.panel, Permission.REVIEW_WRITE)
    _must_be_blind(panel)
    if PanelRater.objects.get(pk=rater.pk).finished_at:
        raise AlreadyFinished
    row = BlindRating.objects.filter(rater=rater, criterion=criterion).first()
    seen = Answer.objects.filter(assessment=panel.assessment_id, criterion=criterion).values_list("revision", flat=True).first()
    if row is not None and (row.rating, row.note, row.answer_revision) == (rating, note, seen or 0):
        return row
    if (row.revision if row else 0) != read_revision:
        raise RatedMeanwhile(row or BlindRating(rater=rater, criterion=criterion, revision=0, rated_at=at))
    row = row or BlindRating(organization_id=panel.organization_id, rater=rater, criterion=criterion, revision=0)
    row.rating, row.note, row.answer_revision, row.rated_at = rating, note, seen or 0, at
    row.revision += 1
    row.save()
    _record("rated", panel, by, at, criterion.code)
    return row


@transaction.atomic
def finish_rating(*, rater: PanelRater, by: User, at: datetime) -> PanelItem:
    """Say to be done; with the last of the raters the ratings are open to all. Said again, it does no harm.

    Raises NotAllRated, Revealed and Closed."""
    panel = _held(rater.panel, Permission.REVIEW_WRITE)
    _must_be_blind(panel)
    rated = set(BlindRating.objects.filter(rater=rater).exclude(rating="").values_list("criterion__code", flat=True))
    item = rater.panel.assessment.questionnaire.item_by_code[panel.item_code]
    if left := [code for code in rated_codes(item) if code not in rated]:
        raise NotAllRated(left)
    PanelRater.objects.filter(pk=rater.pk, finished_at=None).update(finished_at=at)
    if not PanelRater.objects.filter(panel=panel, finished_at=None).exists():
        _reveal(panel, by, at)
    _record("finished", panel, by, at)
    if panel.revealed_at:
        _record("revealed", panel, by, at)
    return panel


@transaction.atomic
def rate_again(*, rater: PanelRater, by: User, at: datetime):
    """Take back to be done, as long as nobody sees the ratings. Raises Revealed and Closed."""
    panel = _held(rater.panel, Permission.REVIEW_WRITE)
    _must_be_blind(panel)
    if PanelRater.objects.filter(pk=rater.pk, finished_at__isnull=False).update(finished_at=None):
        _record("rated_again", panel, by, at)


@transaction.atomic
def reveal_panel(*, panel: PanelItem, by: User, at: datetime) -> PanelItem:
    """Open the ratings before all have finished; once open they stay open. Raises Closed."""
    panel = _held(panel, Permission.REVIEW_LEAD)
    if panel.revealed_at is None:
        _reveal(panel, by, at)
        _record("revealed", panel, by, at)
    return panel


@transaction.atomic
def withdraw_panel(*, panel: PanelItem, by: User, at: datetime):
    """Call a panel off, with the ratings that nobody saw. Raises Revealed and Closed."""
    panel = _held(panel, Permission.REVIEW_LEAD)
    _must_be_blind(panel)
    _record("withdrawn", panel, by, at)
    panel.delete()


@transaction.atomic
def settle_criterion(
    *,
    panel: PanelItem,
    criterion: Criterion,
    rating: str,
    reason: str,
    note: str,
    answer_revision: int,
    read_revision: int,
    by: User,
    at: datetime,
) -> Verdict:
    """Write what the panel settles on as its verdict on the answer that was read: agree when it is the enterprise's own
    rating, else adjust.

    Raises NotRevealed, JudgedMeanwhile, AnsweredSince and Closed.
    """
    panel, assessment = _held(panel, Permission.REVIEW_LEAD), panel.assessment
    if panel.revealed_at is None:
        raise NotRevealed
    own = Answer.objects.filter(assessment=assessment, criterion=criterion).values_list("rating", flat=True).first()
    judged = judged_as(own or "", rating, reason, note)
    verdict, _before = write_verdict(
        panel.engagement, assessment, criterion, judged, answer_revision, read_revision, layer=Layer.PANEL, by=by, at=at
    )
    refresh_standings(assessment, [panel.item_code])
    return verdict


@transaction.atomic
def settle_unanimous(*, panel: PanelItem, reason: str = "", note: str = "", by: User, at: datetime) -> int:
    """Settle everything on which all raters agree and that is open; returns how many. Without a reason and a note those that
    differ from the enterprise's own rating are left.

    Raises NotRevealed and Closed.
    """
    assessment = panel.assessment
    panel, done = _held(panel, Permission.REVIEW_LEAD), 0
    if panel.revealed_at is None:
        raise NotRevealed
    criteria = criteria_by_code(assessment.version)
    for ballot in unanimous_and_open(ballots_of(assessment, panel)):
        judged = judged_as(ballot.own, ballot.spread.ratings[0], reason, note)
        if judged.kind == Verdict.Kind.ADJUST and not (reason and note):
            continue
        read = ballot.settled.revision if ballot.settled else 0
        write_verdict(
            panel.engagement,
            assessment,
            criteria[ballot.code],
            judged,
            ballot.answer_revision,
            read,
            layer=Layer.PANEL,
            by=by,
            at=at,
        )
        done += 1
    if done:
        refresh_standings(assessment, [panel.item_code])
    return done


def judged_as(own: str, rating: str, reason: str, note: str) -> Judged:
    """The verdict that a settled rating is."""
    if rating == own:
        return Judged(Verdict.Kind.AGREE, rating, "", note)
    return Judged(Verdict.Kind.ADJUST, rating, reason, note)


def _held(panel: PanelItem, permission: Permission) -> PanelItem:
    """The panel as it is now, for this transaction alone. Raises Closed."""
    hold_open(panel.assessment, permission)
    held = PanelItem.objects.select_for_update(of=("self",)).select_related("engagement").get(pk=panel.pk)
    held.assessment = panel.assessment
    return held


def _must_be_blind(panel: PanelItem):
    if panel.revealed_at is not None:
        raise Revealed


def _reveal(panel: PanelItem, by: User, at: datetime):
    panel.revealed_by, panel.revealed_at = by, at
    panel.save(update_fields=["revealed_by", "revealed_at"])


def _tell(assessment: Assessment, panels: list[PanelItem], rater: User, by: User, at: datetime):
    path = reverse("panels", args=[assessment.organization.slug, assessment.pk])
    values = {
        "who": str(by),
        "items": ", ".join(panel.item_code for panel in panels),
        "assessment": assessment.name,
        "organization": assessment.organization.name,
        "link": f"{settings.SITE_URL}{path}",
    }
    with in_language_of(rater):
        subject = _("%(who)s asks you to rate %(items)s") % values
        text = _("%(who)s asks you to rate %(items)s in %(assessment)s of %(organization)s, each rater alone:\n\n%(link)s")
        queue_mail(to=rater.email, subject=subject, text=text % values, at=at)


def _record(verb: str, panel: PanelItem, by: User, at: datetime, code: str = ""):
    about = f"assessment {panel.assessment_id} {code or panel.item_code}"
    record_activity(f"panel.{verb}", organization=panel.assessment.organization, about=about, by=by, at=at)
