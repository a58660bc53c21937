"""Who may do what: one table by role, of members and of guests (the teams of running engagements).

What may be done in which state of an assessment is the other (assessments/states.py).
Views name the permission they need and ask nothing else.
"""

from enum import StrEnum

from organizations.models import Role, TeamRole


class Permission(StrEnum):
    # the organization
    MEMBERS_VIEW = "members.view"
    MEMBERS_INVITE = "members.invite"  # and the departments; coordinators: respondents and viewers only
    MEMBERS_MANAGE = "members.manage"
    ORGANIZATION_EDIT = "organization.edit"
    TRAIL_VIEW = "trail.view"
    # work with other organizations
    ENGAGEMENT_VIEW = "engagement.view"
    ENGAGEMENT_MANAGE = "engagement.manage"  # offer, accept, decline, end
    TEAM_MANAGE = "team.manage"  # whom the consultancy sends
    COCKPIT_VIEW = "cockpit.view"  # how an engagement goes: its phases, dates and figures
    PORTFOLIO_VIEW = "portfolio.view"  # holds the engagements that the reader is on the team of, nothing else
    STATISTICS_VIEW = "statistics.view"
    # assessments
    ASSESSMENT_VIEW = "assessment.view"
    ASSESSMENT_START = "assessment.start"
    ASSESSMENT_EDIT = "assessment.edit"
    ASSESSMENT_OPEN = "assessment.open"
    ASSESSMENT_SUBMIT = "assessment.submit"
    ASSESSMENT_WITHDRAW = "assessment.withdraw"
    ASSESSMENT_FINALIZE = "assessment.finalize"
    ASSESSMENT_REOPEN = "assessment.reopen"
    # review
    REVIEW_BEGIN = "review.begin"
    REVIEW_VIEW = "review.view"
    REVIEW_WRITE = "review.write"  # verdicts, and the ratings of a panel
    REVIEW_LEAD = "review.lead"  # call a panel, settle its consensus, plan the engagement
    PANEL_VIEW = "panel.view"  # what the raters of a panel said: the firm's, not the enterprise's
    REVIEW_RETURN = "review.return"
    REVIEW_SIGN = "review.sign"
    INTERVIEW = "interview.write"
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
    # improvement plan
    PLAN_VIEW = "plan.view"
    PLAN_WRITE = "plan.write"  # make, change, merge, switch and order actions
    PLAN_WORK = "plan.work"  # on actions: status, comments, evidence, say that it is done
    PLAN_CONFIRM = "plan.confirm"  # as the second person: confirm or refuse a closing, undo it
    # reports
    REPORT_MAKE = "report.make"


LOOKS = {
    Permission.ASSESSMENT_VIEW,
    Permission.EVIDENCE_VIEW,
    Permission.MEMBERS_VIEW,
    Permission.REVIEW_VIEW,
    Permission.PORTFOLIO_VIEW,
    Permission.PLAN_VIEW,
}
ANSWERS = LOOKS | {
    Permission.PASS_ON,
    Permission.ANSWER_WRITE,
    Permission.DISCUSS,
    Permission.KIT_EXPORT,
    Permission.KIT_IMPORT,
    Permission.EVIDENCE_WRITE,
    Permission.EVIDENCE_LINK,
    Permission.PLAN_WORK,
}
GUESTS_ONLY = {  # judging is the consultancy's
    Permission.REVIEW_WRITE,
    Permission.REVIEW_LEAD,
    Permission.PANEL_VIEW,
    Permission.INTERVIEW,
}
OWNERS_ONLY = {
    Permission.MEMBERS_MANAGE,
    Permission.ORGANIZATION_EDIT,
    Permission.ENGAGEMENT_MANAGE,
    Permission.ASSESSMENT_SUBMIT,
    Permission.ASSESSMENT_WITHDRAW,
    Permission.ASSESSMENT_FINALIZE,
    Permission.ASSESSMENT_REOPEN,
}
OBSERVES = {
    Permission.COCKPIT_VIEW,
    Permission.ASSESSMENT_VIEW,
    Permission.EVIDENCE_VIEW,
    Permission.REVIEW_VIEW,
    Permission.PANEL_VIEW,
    Permission.PLAN_VIEW,
}
REVIEWS = OBSERVES | {
    Permission.DISCUSS,
    Permission.REVIEW_BEGIN,
    Permission.REVIEW_WRITE,
    Permission.REVIEW_RETURN,
    Permission.REVIEW_SIGN,
    Permission.INTERVIEW,
    Permission.PLAN_WRITE,
    Permission.PLAN_CONFIRM,
    Permission.REPORT_MAKE,
}
PERMISSIONS_OF = {
    Role.OWNER: set(Permission) - GUESTS_ONLY,
    Role.COORDINATOR: set(Permission) - GUESTS_ONLY - OWNERS_ONLY,
    Role.RESPONDENT: ANSWERS,
    Role.VIEWER: LOOKS,
    TeamRole.LEAD: REVIEWS | {Permission.REVIEW_LEAD, Permission.ASSESSMENT_FINALIZE, Permission.ASSESSMENT_REOPEN},
    TeamRole.REVIEWER: REVIEWS,
    TeamRole.OBSERVER: OBSERVES,
}
ROLES = tuple(PERMISSIONS_OF)  # members' and guests'


def allows(role: str, permission: Permission) -> bool:
    return permission in PERMISSIONS_OF.get(role, ())


def invitable_roles(role: str) -> list[Role]:
    """The roles that somebody with this role may invite to."""
    if allows(role, Permission.MEMBERS_MANAGE):
        return list(Role)
    return [Role.RESPONDENT, Role.VIEWER] if allows(role, Permission.MEMBERS_INVITE) else []
