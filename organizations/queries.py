"""Reads of people and organizations. Those that cross tenants are by person, and find only what that person belongs to."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django_scopes import scope

from organizations.models import Department, Invitation, Membership, Organization, QueuedMail, Role, User
from organizations.sorting import collated, collated_people
from organizations.tenancy import by_invitation, by_person


def membership_of(user: User, slug: str) -> Membership | None:
    """The person's membership in the organization of that slug, or None, as if it did not exist."""
    with by_person(user.pk):
        rows = Membership.objects.select_related("organization")
        membership = rows.filter(user=user, organization__slug=slug).first()
    if membership:
        membership.user = user
    return membership


def organizations_of(user: User) -> list[Organization]:
    with by_person(user.pk):
        return list(Organization.objects.filter(memberships__user=user).order_by("name", "pk"))


def with_second_factor_need(people: QuerySet[User]) -> QuerySet[User]:
    """Each with ``in_guarded_organization``: a member of a consultancy or sponsor, or where a second factor is asked for.

    Inside ``by_person`` of the one whom it is about, or the scope of the organization.
    """
    guarded = ~Q(kind=Organization.Kind.ENTERPRISE) | Q(requires_second_factor=True)
    theirs = Organization.objects.filter(guarded, memberships__user=OuterRef("pk"))
    return people.annotate(in_guarded_organization=Exists(theirs))


def needs_second_factor(user: User) -> bool:
    """Platform staff, consultants, and members of organizations that ask for it; without a query for the signed-in person."""
    if not hasattr(user, "in_guarded_organization"):
        with by_person(user.pk):
            user = with_second_factor_need(User.objects.filter(pk=user.pk)).get()
    return user.is_staff or user.in_guarded_organization


def has_account(email: str) -> bool:
    """For the program to decide by, never to be told."""
    return User.objects.filter(email__iexact=email).exists()


def members_of(organization: Organization) -> list[Membership]:
    """Everybody of the organization with user and department, sorted by name as a Chinese reader expects."""
    rows = Membership.objects.filter(organization=organization).select_related("user", "department")
    return collated_people(rows, lambda row: str(row.user))


def departments_of(organization: Organization) -> list[Department]:
    return collated(Department.objects.filter(organization=organization), lambda row: row.name)


def departments_with_counts(organization: Organization) -> list[Department]:
    """Every department with ``member_count`` and ``assignment_count``."""
    rows = Department.objects.filter(organization=organization).annotate(
        member_count=Count("memberships", distinct=True), assignment_count=Count("assignments", distinct=True)
    )
    return collated(rows, lambda row: row.name)


def is_last_owner(membership: Membership) -> bool:
    if membership.role != Role.OWNER:
        return False
    owners = Membership.objects.filter(organization=membership.organization, role=Role.OWNER)
    return not owners.exclude(pk=membership.pk).exists()


class InvitationState(StrEnum):
    WAITING = "waiting"  # its mail is in the queue
    FAILED = "failed"  # its mail could not be delivered to the mail server
    SENT = "sent"
    SHOWN = "shown"  # its link was shown, to be handed over in another way
    EXPIRED = "expired"


@dataclass(frozen=True)
class PendingInvitation:
    invitation: Invitation
    state: InvitationState


def pending_invitations(organization: Organization, at: datetime) -> list[PendingInvitation]:
    """What was offered and not yet taken up, revoked or replaced, sorted by address, with what became of its mail."""
    rows = open_invitations(organization).select_related("department", "invited_by")
    mails = {mail.payload["invitation"]: mail for mail in invitation_mails(row.pk for row in rows)}
    return [PendingInvitation(row, _state(row, mails.get(row.pk), at)) for row in collated(rows, lambda row: row.email)]


def open_invitations(organization: Organization) -> QuerySet[Invitation]:
    return Invitation.objects.filter(organization=organization, accepted_at__isnull=True, revoked_at__isnull=True)


def invitation_mails(ids: Iterable[int]) -> QuerySet[QueuedMail]:
    """The mails of these invitations that are in the queue or have failed."""
    return QueuedMail.objects.filter(kind="invitation", payload__invitation__in=list(ids))


def _state(invitation: Invitation, mail: QueuedMail | None, at: datetime) -> InvitationState:
    if mail is not None:
        return InvitationState.FAILED if mail.failed_at else InvitationState.WAITING
    if invitation.expires_at <= at:
        return InvitationState.EXPIRED
    return InvitationState.SHOWN if invitation.link_shown_at else InvitationState.SENT


def member_addresses(organization: Organization) -> set[str]:
    emails = Membership.objects.filter(organization=organization).values_list("user__email", flat=True)
    return {email.casefold() for email in emails}


def invited_addresses(organization: Organization, at: datetime) -> set[str]:
    """Of invitations that can still be accepted."""
    emails = open_invitations(organization).filter(expires_at__gt=at).values_list("email", flat=True)
    return {email.casefold() for email in emails}


def sha256_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def invitation_by_token(token: str) -> Invitation | None:
    """The invitation whose link holds this token, in whatever state. Crosses tenants: the token is the right to see it."""
    with by_invitation(sha256_of(token)):
        rows = Invitation.objects.select_related("organization", "invited_by", "accepted_by")
        invitation = rows.filter(token_sha256=sha256_of(token)).first()
    if invitation is not None and invitation.department_id:
        with scope(organization=invitation.organization):
            invitation.department = Department.objects.get(pk=invitation.department_id)
    return invitation


def is_pending(invitation: Invitation, at: datetime) -> bool:
    return invitation.accepted_at is None and invitation.revoked_at is None and invitation.expires_at > at


def assignments_of(department: Department) -> list:
    """What the department has been handed, by assessment and item."""
    rows = department.assignments.select_related("assessment", "person")
    return list(rows.order_by("assessment__started_at", "assessment_id", "item_code"))


def accounts_found(words: str) -> QuerySet[User]:
    """For platform staff: accounts by a part of the address or the name, the newest first."""
    rows = User.objects.filter(Q(email__icontains=words) | Q(name__icontains=words)) if words else User.objects.all()
    return rows.order_by("-joined_at", "-pk")


def with_second_factor(people: Iterable[User]) -> set[int]:
    """The numbers of those who have one."""
    return set(Authenticator.objects.filter(user__in=list(people)).values_list("user_id", flat=True))


def organizations_found(words: str) -> QuerySet[Organization]:
    """For platform staff: organizations by a part of the name, the newest first."""
    rows = Organization.objects.filter(name__icontains=words) if words else Organization.objects.all()
    return rows.order_by("-created_at", "-pk")


def member_counts(organizations: Iterable[Organization]) -> dict[int, int]:
    """For platform staff: how many members, by organization. Crosses tenants for this number alone."""
    organizations = list(organizations)
    with scope(organization=organizations):
        rows = Membership.objects.filter(organization__in=organizations).values("organization").annotate(n=Count("pk"))
        return {row["organization"]: row["n"] for row in rows.order_by()}
