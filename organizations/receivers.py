from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.signals import password_changed, password_set
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from organizations.passwords import is_too_old
from organizations.second_factor import SET_UP_HERE
from organizations.session_limits import PASSWORD_TOO_OLD, begin_session


@receiver(user_logged_in)
def note_the_beginning(sender, request, user, **kwargs):
    begin_session(request.session)
    request.session[PASSWORD_TOO_OLD] = is_too_old(user)


@receiver([password_changed, password_set])
def note_the_new_password(sender, request, user, **kwargs):
    request.session[PASSWORD_TOO_OLD] = False


@receiver([authenticator_added, authenticator_removed, authenticator_reset])
def end_sessions_of_the_old_factor(sender, request, user, authenticator, **kwargs):
    """A change of the password ends the others by itself: Django keeps its hash in each session."""
    for session in UserSession.objects.filter(user=user).exclude(session_key=request.session.session_key):
        session.end()


@receiver([authenticator_removed, authenticator_reset])
def forget_the_code_that_was_typed(sender, request, authenticator, **kwargs):
    """Whoever switches the second factor off and then needs one, in this same session, has to set it up again."""
    if authenticator.type == authenticator.Type.TOTP:
        request.session.pop(SET_UP_HERE, None)
        records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
        request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [row for row in records if row.get("method") != "mfa"]


@receiver(authenticator_added)
def note_the_code_that_was_typed(sender, request, authenticator, **kwargs):
    if authenticator.type == authenticator.Type.TOTP:
        request.session[SET_UP_HERE] = True
