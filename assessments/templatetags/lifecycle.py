from dataclasses import dataclass

from django import template

from assessments.models import Assessment
from assessments.queries.returning import asked_points, reason_for
from assessments.queries.submission import last_submission
from assessments.queries.submissions import hide_rivals
from assessments.states import state_allows
from organizations.permissions import Permission, allows

register = template.Library()
State = Assessment.State
WAY = (State.PREPARING, State.ANSWERING, State.SUBMITTED, State.IN_REVIEW, State.FINAL)


@dataclass(frozen=True)
class Step:
    """One station of the way; ``place`` is past, here or ahead. A returned assessment is being answered again."""

    state: State
    place: str

    @property
    def label(self):
        return self.state.label


@register.inclusion_tag("assessments/state_bar.html", takes_context=True)
def state_bar(context, left: int | None = None) -> dict:
    """Where the assessment stands, who is next, and what the reader may do about it. ``left``: questions without an answer."""
    request, assessment = context["request"], context["assessment"]
    role = request.membership.role
    may = {p.name.lower(): allows(role, p) and state_allows(assessment.state, p) for p in Permission}
    sent = assessment.state not in (State.PREPARING, State.ANSWERING)
    submission = last_submission(assessment) if sent else None
    if submission:
        hide_rivals(request.membership, [submission])
    return {
        "request": request,
        "assessment": assessment,
        "steps": way_of(assessment.state),
        "may": may,
        "ready": left == 0,
        "reason": reason_for(request.membership, assessment),
        "submission": submission,
    }


@register.simple_tag(takes_context=True)
def reason_of_return(context) -> str:
    return reason_for(context["request"].membership, context["assessment"])


@register.inclusion_tag("assessments/review/asked.html", takes_context=True)
def asked_for(context) -> dict:
    """What the last return asks for, each with its place and whether it is done; nothing in other states."""
    request, assessment = context["request"], context["assessment"]
    asked = asked_points(assessment, request.membership) if assessment.state == State.RETURNED else []
    return {"request": request, "assessment": assessment, "asked": asked, "done": sum(row.done for row in asked)}


def way_of(state: str) -> list[Step]:
    shown = WAY if state != State.RETURNED else (State.PREPARING, State.RETURNED, *WAY[2:])
    here = shown.index(state)
    return [Step(step, "past" if n < here else "here" if n == here else "ahead") for n, step in enumerate(shown)]
