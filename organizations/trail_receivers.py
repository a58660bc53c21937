"""Signing in and out, for the trails of all organizations of the person. Only where a request of the site does it."""

from allauth.mfa.signals import authentication_failed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.utils import timezone

from organizations.acting import circumstances
from organizations.models import User
from organizations.models.trail import Result
from organizations.operations.trail import record_for_person


@receiver(user_logged_in)
def note_sign_in(sender, request, user, **kwargs):
    if circumstances():
        record_for_person("signed.in", person=user, by=user, at=timezone.now())


@receiver(user_logged_out)
def note_sign_out(sender, request, user, **kwargs):
    if circumstances() and user is not None:
        record_for_person("signed.out", person=user, by=user, at=timezone.now())


@receiver(user_login_failed)
def note_wrong_password(sender, credentials, request=None, **kwargs):
    note_failed_sign_in(credentials.get("email") or credentials.get("username") or "", "password")


@receiver(authentication_failed)
def note_wrong_code(sender, user, **kwargs):
    note_failed_sign_in(user.email, "code")


def note_failed_sign_in(email: str, what: str):
    """Written when the response has left: whether there is an account can't be told from how long it took."""
    here, at = circumstances(), timezone.now()
    if here is None or not email:
        return
    address = here.address

    def write():
        person = User.objects.filter(email__iexact=email).first()
        if person:
            about = f"user {person.pk} {what}"
            record_for_person(
                "sign_in.failed", person=person, about=about, by=None, at=at, address=address, result=Result.FAILED
            )

    here.afterwards.append(write)
