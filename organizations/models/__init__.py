from organizations.models.engagement import Engagement, TeamMember, TeamRole
from organizations.models.mail import DailyRun, QueuedMail
from organizations.models.people import FormerPassword, User
from organizations.models.tenancy import Department, Invitation, Membership, Organization, Role
from organizations.models.trail import ActivityEntry, TrailHead

__all__ = [
    "ActivityEntry",
    "DailyRun",
    "Department",
    "Engagement",
    "FormerPassword",
    "Invitation",
    "Membership",
    "Organization",
    "QueuedMail",
    "Role",
    "TeamMember",
    "TeamRole",
    "TrailHead",
    "User",
]
