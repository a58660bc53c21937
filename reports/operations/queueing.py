"""The queue of reports: put in, take, keep, give back, end. Every change of a job that is being made asks for its token."""

import secrets
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q

from organizations.guests import Guest
from reports.jobs import ENDS_AT_ONCE, LEASE, MOST_AN_HOUR, MOST_WAITING, PAUSE, STARTS_AT, TRIES
from reports.models import RenderJob, Report
from reports.rights import Place

State = RenderJob.State
UNDER_WAY = (State.WAITING, State.MAKING)
HOUR = timedelta(hours=1)


class TooManyWaiting(Exception):
    """The organization has ``MOST_WAITING`` reports under way, or asked for ``MOST_AN_HOUR`` within the hour."""


def asking_side(place: Place) -> int:
    """The organization on whose behalf somebody asks: a guest's firm, a member's own."""
    return place.engagement.consultancy_id if isinstance(place, Guest) else place.organization_id


def queue_report(*, report: Report, place: Place, batch: int | None = None, at: datetime) -> RenderJob:
    """Put the report in the queue, to be made with the rights that somebody has in this place; call it inside the transaction
    of the order. Raises TooManyWaiting."""
    asker = _asker(place)
    _refuse_more(asker, at)
    return RenderJob.objects.create(
        tenant=report.organization_id, report=report.pk, **asker, batch=batch, queued_at=at, next_try_at=at
    )


def _refuse_more(asker: dict, at: datetime):
    theirs = RenderJob.objects.filter(asking=asker["asking"])
    if theirs.filter(state__in=UNDER_WAY).count() >= MOST_WAITING:
        raise TooManyWaiting
    if theirs.filter(queued_at__gt=at - HOUR).count() >= MOST_AN_HOUR:
        raise TooManyWaiting


def _asker(place: Place) -> dict:
    engagement = place.engagement.pk if isinstance(place, Guest) else None
    return {"asking": asking_side(place), "person": place.user_id, "engagement": engagement}


def take_job(at: datetime) -> RenderJob | None:
    """The next due job, leased; of several workers exactly one gets it. One with more than ``INTERRUPTIONS`` attempts was left
    behind by as many workers, and is taken to be ended."""
    for job in _due_in_turn(at):
        token = secrets.token_hex(16)
        mine = RenderJob.objects.filter(_due(at), pk=job.pk, token=job.token, attempts=job.attempts)
        taken = {"state": State.MAKING, "token": token, "attempts": job.attempts + 1, "leased_until": at + LEASE}
        if mine.update(**taken, taken_at=at, step="", percent=0):
            job.refresh_from_db()
            return job
    return None


def _due(at: datetime) -> Q:
    waiting = Q(state=State.WAITING, next_try_at__lte=at)
    return waiting | Q(state=State.MAKING, leased_until__lte=at)


def _due_in_turn(at: datetime) -> list[RenderJob]:
    """The oldest due job of each organization that asks; first of those for whom the fewest are being made, then of those
    that were served least recently, then the oldest."""
    due = RenderJob.objects.filter(_due(at)).order_by()
    askers = set(due.values_list("asking", flat=True).distinct())
    being_made = Count("pk", filter=Q(state=State.MAKING, leased_until__gt=at))
    served = RenderJob.objects.filter(asking__in=askers).order_by().values("asking")
    turns = {row["asking"]: row for row in served.annotate(made=being_made, last=Max("taken_at"))}
    oldest = due.values("asking").annotate(first=Min("pk")).values_list("first", flat=True)
    never = datetime.min.replace(tzinfo=at.tzinfo)

    def turn(job: RenderJob):
        row = turns[job.asking]
        return row["made"], row["last"] or never, job.queued_at, job.pk

    return sorted(RenderJob.objects.filter(pk__in=list(oldest)), key=turn)


def _held(job: RenderJob):
    """The row as long as it is this worker's."""
    return RenderJob.objects.filter(pk=job.pk, token=job.token, state=State.MAKING)


def renew_lease(job: RenderJob, *, at: datetime) -> bool:
    """False: another worker has it by now."""
    return bool(_held(job).update(leased_until=at + LEASE))


def note_step(job: RenderJob, step: str) -> bool:
    """False: another worker has it by now."""
    return bool(_held(job).update(step=step, percent=STARTS_AT[step]))


def is_wanted(job: RenderJob) -> bool:
    """Still this worker's, and nobody asked to stop."""
    return _held(job).filter(is_cancelled=False).exists()


def is_alone(job: RenderJob) -> bool:
    """Nobody else waits for a report, and none is being made."""
    return not RenderJob.objects.filter(state__in=UNDER_WAY).exclude(pk=job.pk).exists()


def give_back(job: RenderJob, *, at: datetime) -> bool:
    """The worker has to stop: the job waits again, and this try does not count. Cancelled ones end."""
    back = {"token": "", "leased_until": None, "step": "", "percent": 0}
    if _held(job).filter(is_cancelled=True).update(**back, state=State.CANCELLED, ended_at=at):
        return True
    return bool(_held(job).update(**back, state=State.WAITING, attempts=job.attempts - 1, next_try_at=at))


def fail_job(job: RenderJob, failure: str, *, at: datetime) -> bool:
    """Try again later, or end with the reason: at the third try or later, or where trying again would end the same. True:
    ended."""
    mine = RenderJob.objects.filter(pk=job.pk, token=job.token, state__in=UNDER_WAY)
    nothing = {"token": "", "leased_until": None, "failure": failure}
    if failure in ENDS_AT_ONCE or job.attempts >= TRIES:
        return bool(mine.update(**nothing, state=State.FAILED, ended_at=at))
    mine.update(**nothing, state=State.WAITING, next_try_at=at + PAUSE * 2 ** (job.attempts - 1), step="", percent=0)
    return False


def finish_job(job: RenderJob, *, at: datetime) -> bool:
    """Inside the transaction that publishes. False: another worker has it by now, so nothing may be published."""
    done = {"state": State.DONE, "token": "", "leased_until": None, "step": "", "percent": 100, "failure": ""}
    return bool(_held(job).update(**done, ended_at=at))


def cancel_job(report: Report, *, at: datetime) -> bool:
    """Stop what waits; ask the worker to stop what is being made. False: nothing of it is under way."""
    rows = RenderJob.objects.filter(report=report.pk)
    if rows.filter(state=State.WAITING).update(state=State.CANCELLED, is_cancelled=True, ended_at=at):
        return True
    return bool(rows.filter(state=State.MAKING).update(is_cancelled=True))


def queue_again(report: Report, *, place: Place, at: datetime) -> bool:
    """Anew, with all its tries and the rights of this place. False: it is under way already. Raises TooManyWaiting."""
    asker = _asker(place)
    _refuse_more(asker, at)
    fresh = asker | {"tenant": report.organization_id, "queued_at": at, "next_try_at": at}
    job, new = RenderJob.objects.get_or_create(report=report.pk, defaults=fresh)
    fresh |= {"state": State.WAITING, "attempts": 0, "token": "", "leased_until": None, "step": "", "percent": 0}
    fresh |= {"failure": "", "is_cancelled": False, "ended_at": None, "batch": None}
    return new or bool(RenderJob.objects.filter(pk=job.pk).exclude(state__in=UNDER_WAY).update(**fresh))
