import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django_scopes import scope

from organizations.inviting import Entry
from organizations.mail import Rendered, renders
from organizations.models import Department, Invitation, Membership, Organization, User
from organizations.operations.mail import queue_rendered_mail
from organizations.operations.membership import add_member, hold_organization
from organizations.operations.trail import record_activity, recorded_together
from organizations.queries import (
    invitation_by_token,
    invitation_mails,
    invited_addresses,
    is_pending,
    member_addresses,
    open_invitations,
    sha256_of,
)

VALID_FOR = timedelta(days=14)


class ListOutdated(Exception):
    """Meanwhile somebody on the list became a member or was invited, or a department was deleted; nothing was sent."""


class InvitationGone(Exception):
    """Never made, accepted, revoked, replaced or expired: the link opens nothing any more."""


class OtherAddress(Exception):
    """The invitation is for another address than that of the person who is signed in."""


@transaction.atomic
@recorded_together()
def invite_members(
    *, organization: Organization, entries: Sequence[Entry], language: str, by: User, at: datetime
) -> list[Invitation]:
    """Invite everybody on the list, or raise ListOutdated and invite nobody. An expired invitation is replaced."""
    hold_organization(organization)
    emails = {entry.email for entry in entries}
    departments = {entry.department.pk for entry in entries if entry.department}
    there = set(Department.objects.filter(organization=organization, pk__in=departments).values_list("pk", flat=True))
    if departments != there or emails & (member_addresses(organization) | invited_addresses(organization, at)):
        raise ListOutdated
    open_invitations(organization).filter(email__in=emails).update(revoked_at=at)
    return [_invite(organization, entry, language, by, at) for entry in entries]


def _invite(organization: Organization, entry: Entry, language: str, by: User, at: datetime) -> Invitation:
    invitation = Invitation.objects.create(
        organization=organization,
        email=entry.email,
        name=entry.name,
        role=entry.role,
        department=entry.department,
        language=language,
        invited_by=by,
        invited_at=at,
        expires_at=at + VALID_FOR,
    )
    _queue(invitation, at)
    about = f"invitation {invitation.pk} as {entry.role}"
    record_activity("invitation.made", organization=organization, about=about, by=by, at=at)
    return invitation


@transaction.atomic
def resend_invitation(*, invitation: Invitation, by: User, at: datetime):
    """Send it once more, with a new link and another fortnight; the old link ends. Raises InvitationGone."""
    invitation = _hold_open(invitation)
    invitation_mails([invitation.pk]).delete()
    invitation.expires_at = at + VALID_FOR
    invitation.save(update_fields=["expires_at"])
    _queue(invitation, at)
    _note("invitation.resent", invitation, by, at)


@transaction.atomic
def show_invitation_link(*, invitation: Invitation, by: User, at: datetime) -> str:
    """A new link, for somebody whom mail does not reach; the old one ends, a waiting mail is dropped. Raises InvitationGone.

    Whoever made the link has seen it, so it proves no address: a new person's address is confirmed by mail as usual.
    """
    invitation = _hold_open(invitation)
    invitation_mails([invitation.pk]).delete()
    invitation.link_shown_at = at
    link = _new_link(invitation, at)
    _note("invitation.link_shown", invitation, by, at)
    return link


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, by: User, at: datetime):
    """The link ends; a mail that waits is not sent. Raises InvitationGone."""
    invitation = _hold_open(invitation)
    invitation_mails([invitation.pk]).delete()
    invitation.revoked_at = at
    invitation.save(update_fields=["revoked_at"])
    _note("invitation.revoked", invitation, by, at)


@transaction.atomic
@recorded_together()
def accept_invitation(*, token: str, by: User, at: datetime) -> Membership:
    """Take the offered place, once. Raises InvitationGone or OtherAddress. A member stays what they are."""
    found = invitation_by_token(token)
    if found is None:
        raise InvitationGone
    with scope(organization=found.organization):
        invitation = _hold_open(found)
        if invitation.token_sha256 != found.token_sha256 or not is_pending(invitation, at):
            raise InvitationGone
        if by.email.casefold() != invitation.email.casefold():
            raise OtherAddress
        invitation.accepted_at, invitation.accepted_by = at, by
        invitation.save(update_fields=["accepted_at", "accepted_by"])
        invitation_mails([invitation.pk]).delete()
        _note("invitation.accepted", invitation, by, at)
        return _place_of(by, invitation, at)


def _place_of(person: User, invitation: Invitation, at: datetime) -> Membership:
    organization = invitation.organization
    membership = Membership.objects.filter(organization=organization, user=person).first()
    if membership is not None:
        return membership
    if invitation.name and not person.name:
        person.name = invitation.name
        person.save(update_fields=["name"])
    return add_member(
        organization=organization, user=person, role=invitation.role, department=invitation.department, by=person, at=at
    )


@renders("invitation")
def write_invitation(payload: dict, at: datetime) -> Rendered | None:
    """Subject and text with a link that is made now; None if the invitation is no longer open."""
    with scope(organization=_tenants_of(payload)), transaction.atomic():
        rows = Invitation.objects.select_for_update(of=("self",)).select_related("organization", "invited_by")
        invitation = rows.filter(pk=payload["invitation"]).first()
        if invitation is None or not is_pending(invitation, at):
            return None
        invitation.sent_at, invitation.link_shown_at = at, None
        return _words(invitation, _new_link(invitation, at))


def _tenants_of(payload: dict) -> list[int]:
    """Mail that an earlier release queued does not say whose it is."""
    if "organization" in payload:
        return [payload["organization"]]
    return list(Organization.objects.values_list("pk", flat=True))


def _words(invitation: Invitation, link: str) -> Rendered:
    values = {
        "organization": invitation.organization.name,
        "inviter": str(invitation.invited_by or invitation.organization.name),
        "role": invitation.get_role_display(),
        "link": link,
        "days": VALID_FOR.days,
    }
    subject = _("%(inviter)s invites you to %(organization)s") % values
    text = _(
        "Hello,\n\n"
        "%(inviter)s invites you to prepare the data management capability assessment (DCMM) of %(organization)s. "
        "Your role: %(role)s.\n\n"
        "Accept the invitation here:\n%(link)s\n\n"
        "The link is for you alone, works once, and ends after %(days)d days. "
        "If you know nothing of this, ignore this mail; nothing happens without you.\n"
    )
    return subject, text % values


def _new_link(invitation: Invitation, at: datetime) -> str:
    """Only the hash of the token is kept."""
    token = secrets.token_urlsafe(32)
    invitation.token_sha256 = sha256_of(token)
    invitation.expires_at = at + VALID_FOR
    invitation.save(update_fields=["token_sha256", "expires_at", "sent_at", "link_shown_at"])
    return settings.SITE_URL + reverse("accept_invitation", args=[token])


def _queue(invitation: Invitation, at: datetime):
    payload = {"invitation": invitation.pk, "organization": invitation.organization_id}
    queue_rendered_mail(kind="invitation", to=invitation.email, payload=payload, language=invitation.language, at=at)


def _hold_open(invitation: Invitation) -> Invitation:
    """The invitation as it is now, with its organization held; accepted and revoked ones raise InvitationGone."""
    organization = hold_organization(invitation.organization)
    held = open_invitations(organization).select_related("organization").select_for_update(of=("self",))
    held = held.filter(pk=invitation.pk).first()
    if held is None:
        raise InvitationGone
    return held


def _note(verb: str, invitation: Invitation, by: User, at: datetime):
    record_activity(verb, organization=invitation.organization, about=f"invitation {invitation.pk}", by=by, at=at)
