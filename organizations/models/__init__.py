from organizations.models.people import User
from organizations.models.tenancy import Membership, Organization, Role
from organizations.models.trail import ActivityEntry

__all__ = ["ActivityEntry", "Membership", "Organization", "Role", "User"]
