"""What may be done in which state of an assessment. Roles are the other half of the table (organizations/permissions.py).

A permission that is not named here does not depend on the state. docs/architecture.md shows both as one table.
"""

from assessments.models import Assessment
from organizations.permissions import Permission

State = Assessment.State
OPEN = frozenset({State.ANSWERING, State.RETURNED})
UNSUBMITTED = OPEN | {State.PREPARING}
STATES_OF = {
    Permission.ASSESSMENT_EDIT: UNSUBMITTED,
    Permission.ASSESSMENT_OPEN: frozenset({State.PREPARING}),
    Permission.ASSESSMENT_SUBMIT: OPEN,
    Permission.ASSESSMENT_WITHDRAW: frozenset({State.SUBMITTED}),
    Permission.REVIEW_BEGIN: frozenset({State.SUBMITTED}),
    Permission.REVIEW_RETURN: frozenset({State.IN_REVIEW}),
    Permission.ASSESSMENT_FINALIZE: frozenset({State.IN_REVIEW}),
    Permission.ASSIGN: UNSUBMITTED,
    Permission.PASS_ON: OPEN,
    Permission.ANSWER_WRITE: OPEN,
    Permission.DISCUSS: frozenset(State) - {State.FINAL},
    Permission.KIT_EXPORT: OPEN,
    Permission.KIT_IMPORT: OPEN,
    Permission.EVIDENCE_LINK: OPEN,
}


def state_allows(state: str, permission: Permission) -> bool:
    return permission not in STATES_OF or state in STATES_OF[permission]
