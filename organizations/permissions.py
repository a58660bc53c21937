"""Who may do what: one table. Views name the permission they need and ask nothing else."""

from enum import StrEnum

from organizations.models import Role


class Permission(StrEnum):
    ASSESSMENT_VIEW = "assessment.view"
    ASSESSMENT_START = "assessment.start"
    ANSWER_WRITE = "answer.write"
    REPORT_MAKE = "report.make"


EVERYONE = {Permission.ASSESSMENT_VIEW}
PERMISSIONS_OF = {
    Role.OWNER: set(Permission),
    Role.COORDINATOR: set(Permission),
    Role.RESPONDENT: EVERYONE | {Permission.ANSWER_WRITE},
    Role.VIEWER: EVERYONE,
}


def allows(role: str, permission: Permission) -> bool:
    return permission in PERMISSIONS_OF.get(role, ())
