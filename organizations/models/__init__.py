from organizations.models.people import User
from organizations.models.tenancy import Department, Invitation, Membership, Organization, Role
from organizations.models.trail import ActivityEntry

__all__ = ["ActivityEntry", "Department", "Invitation", "Membership", "Organization", "Role", "User"]
