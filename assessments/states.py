"""What may be done in which state of an assessment, and where it leads. Roles are another table (organizations/permissions.py).

A permission that is not named here does not depend on the state. docs/states.md shows both halves as one table.
"""

from dataclasses import dataclass

from assessments.models import Assessment
from organizations.permissions import ROLES, Permission, allows

State = Assessment.State
OPEN = frozenset({State.ANSWERING, State.RETURNED})
UNSUBMITTED = OPEN | {State.PREPARING}
REVIEWED = frozenset({State.IN_REVIEW, State.RETURNED})


@dataclass(frozen=True)
class Transition:
    """From any of the states ``before`` to the state ``after``."""

    before: frozenset[State]
    after: State


TRANSITIONS = {
    Permission.ASSESSMENT_OPEN: Transition(frozenset({State.PREPARING}), State.ANSWERING),
    Permission.ASSESSMENT_SUBMIT: Transition(OPEN, State.SUBMITTED),
    Permission.ASSESSMENT_WITHDRAW: Transition(frozenset({State.SUBMITTED}), State.ANSWERING),
    Permission.REVIEW_BEGIN: Transition(frozenset({State.SUBMITTED}), State.IN_REVIEW),
    Permission.REVIEW_RETURN: Transition(frozenset({State.IN_REVIEW}), State.RETURNED),
    Permission.ASSESSMENT_FINALIZE: Transition(frozenset({State.IN_REVIEW}), State.FINAL),
    Permission.ASSESSMENT_REOPEN: Transition(frozenset({State.FINAL}), State.RETURNED),
}
STATES_OF = {
    Permission.ASSESSMENT_EDIT: UNSUBMITTED,
    **{permission: transition.before for permission, transition in TRANSITIONS.items()},
    Permission.ASSIGN: UNSUBMITTED,
    Permission.PASS_ON: OPEN,
    Permission.ANSWER_WRITE: OPEN,
    Permission.DISCUSS: frozenset(State) - {State.FINAL},
    Permission.KIT_EXPORT: OPEN,
    Permission.KIT_IMPORT: OPEN,
    Permission.EVIDENCE_LINK: OPEN,
    Permission.REVIEW_WRITE: REVIEWED,
    Permission.REVIEW_LEAD: REVIEWED,
    Permission.REVIEW_SIGN: frozenset({State.IN_REVIEW}),
    Permission.INTERVIEW: frozenset(State) - {State.FINAL},
}


def state_allows(state: str, permission: Permission) -> bool:
    return permission not in STATES_OF or state in STATES_OF[permission]


def as_table() -> str:
    """Who may do what, and in which states, as one Markdown table; ``→`` names the state that it leads to."""
    heads = ["permission", *(role.value for role in ROLES), *(state.value.replace("_", " ") for state in State), "→"]
    rows = [_table_row(permission) for permission in Permission]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [heads, ["---"] * len(heads), *rows])


def _table_row(permission: Permission) -> list[str]:
    roles = ["✓" if allows(role, permission) else "" for role in ROLES]
    states = ["✓" if state_allows(state, permission) else "" for state in State]
    leads_to = TRANSITIONS[permission].after.value.replace("_", " ") if permission in TRANSITIONS else ""
    return [f"`{permission}`", *roles, *states, leads_to]
