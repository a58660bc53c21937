"""Who may do what: one table by role. What may be done in which state of an assessment is the other (assessments/states.py).

Views name the permission they need and ask nothing else.
"""

from enum import StrEnum

from organizations.models import Role


class Permission(StrEnum):
    # the organization
    MEMBERS_VIEW = "members.view"
    MEMBERS_INVITE = "members.invite"  # and the departments; coordinators: respondents and viewers only
    MEMBERS_MANAGE = "members.manage"
    ORGANIZATION_EDIT = "organization.edit"
    # assessments
    ASSESSMENT_VIEW = "assessment.view"
    ASSESSMENT_START = "assessment.start"
    ASSESSMENT_EDIT = "assessment.edit"
    ASSESSMENT_OPEN = "assessment.open"
    ASSESSMENT_SUBMIT = "assessment.submit"
    ASSESSMENT_WITHDRAW = "assessment.withdraw"
    REVIEW_BEGIN = "review.begin"
    REVIEW_RETURN = "review.return"
    ASSESSMENT_FINALIZE = "assessment.finalize"
    ASSIGN = "assignment.write"
    PASS_ON = "assignment.pass_on"
    ANSWER_WRITE = "answer.write"
    DISCUSS = "answer.discuss"
    KIT_EXPORT = "kit.export"
    KIT_IMPORT = "kit.import"
    # evidence
    EVIDENCE_VIEW = "evidence.view"
    EVIDENCE_WRITE = "evidence.write"
    EVIDENCE_LINK = "evidence.link"
    # reports
    REPORT_MAKE = "report.make"


LOOKS = {Permission.ASSESSMENT_VIEW, Permission.EVIDENCE_VIEW, Permission.MEMBERS_VIEW}
ANSWERS = LOOKS | {
    Permission.PASS_ON,
    Permission.ANSWER_WRITE,
    Permission.DISCUSS,
    Permission.KIT_EXPORT,
    Permission.KIT_IMPORT,
    Permission.EVIDENCE_WRITE,
    Permission.EVIDENCE_LINK,
}
OWNERS_ONLY = {
    Permission.MEMBERS_MANAGE,
    Permission.ORGANIZATION_EDIT,
    Permission.ASSESSMENT_SUBMIT,
    Permission.ASSESSMENT_WITHDRAW,
    Permission.ASSESSMENT_FINALIZE,
}
PERMISSIONS_OF = {
    Role.OWNER: set(Permission),
    Role.COORDINATOR: set(Permission) - OWNERS_ONLY,
    Role.RESPONDENT: ANSWERS,
    Role.VIEWER: LOOKS,
}


def allows(role: str, permission: Permission) -> bool:
    return permission in PERMISSIONS_OF.get(role, ())


def invitable_roles(role: str) -> list[Role]:
    """The roles that somebody with this role may invite to."""
    if allows(role, Permission.MEMBERS_MANAGE):
        return list(Role)
    return [Role.RESPONDENT, Role.VIEWER] if allows(role, Permission.MEMBERS_INVITE) else []
