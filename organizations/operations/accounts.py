"""What platform staff do to an account. It belongs to no organization: each organization of the person gets a line."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils.translation import gettext as _
from django_scopes import scope

from organizations.mail import in_language_of
from organizations.models import User
from organizations.operations.mail import queue_mail
from organizations.operations.trail import record_activity
from organizations.queries import organizations_of


class OwnAccount(Exception):
    """Nobody does this to their own account."""


class NoSecondFactor(Exception):
    """There is none to remove."""


@transaction.atomic
def deactivate_account(*, user: User, by: User, at: datetime):
    """Nobody signs in to it any more, and its sessions end at once. Raises OwnAccount."""
    user = _held(user, by)
    if user.is_active:
        user.is_active = False
        user.save(update_fields=["is_active"])
        _note("account.deactivated", user, by, at)
    end_sessions(user)


@transaction.atomic
def reactivate_account(*, user: User, by: User, at: datetime):
    user = _held(user, by)
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
        _note("account.reactivated", user, by, at)


@transaction.atomic
def remove_second_factor(*, user: User, by: User | None, at: datetime):
    """For somebody who lost phone and recovery codes; ends their sessions and tells them. Raises OwnAccount, NoSecondFactor."""
    user = _held(user, by)
    if not Authenticator.objects.filter(user=user).exists():
        raise NoSecondFactor
    Authenticator.objects.filter(user=user).delete()
    end_sessions(user)
    with in_language_of(user):
        subject, text = _("Second factor switched off"), _("The second factor of your account was switched off.")
    queue_mail(to=user.email, subject=subject, text=text, at=at)
    _note("account.second_factor_removed", user, by, at)


def end_sessions(user: User):
    for session in UserSession.objects.filter(user=user):
        session.end()


def _held(user: User, by: User | None) -> User:
    if by is not None and by.pk == user.pk:
        raise OwnAccount
    return User.objects.select_for_update().get(pk=user.pk)


def _note(verb: str, user: User, by: User | None, at: datetime):
    for organization in organizations_of(user):
        with scope(organization=organization):
            record_activity(verb, organization=organization, about=f"user {user.pk}", by=by, at=at)
