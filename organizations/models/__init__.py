from organizations.models.mail import DailyRun, QueuedMail
from organizations.models.people import FormerPassword, User
from organizations.models.tenancy import Department, Invitation, Membership, Organization, Role
from organizations.models.trail import ActivityEntry

__all__ = [
    "ActivityEntry",
    "DailyRun",
    "Department",
    "FormerPassword",
    "Invitation",
    "Membership",
    "Organization",
    "QueuedMail",
    "Role",
    "User",
]
