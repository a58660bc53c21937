from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations.mail import in_language_of
from organizations.models import User
from organizations.operations.mail import queue_mail


class Command(BaseCommand):
    help = "Remove the second factor of a person who lost phone and recovery codes. Make sure first that it is them who asks."

    def add_arguments(self, parser):
        parser.add_argument("email")

    @transaction.atomic
    def handle(self, *args, email, **options):
        person = User.objects.filter(email__iexact=email).first()
        if person is None or not Authenticator.objects.filter(user=person).exists():
            raise CommandError(f"{email}: no such person, or no second factor.")
        Authenticator.objects.filter(user=person).delete()
        for session in UserSession.objects.filter(user=person):
            session.end()
        with in_language_of(person):
            subject, text = _("Second factor switched off"), _("The second factor of your account was switched off.")
        queue_mail(to=person.email, subject=subject, text=text, at=timezone.now())
        self.stdout.write(f"{person.email} signs in with the password alone from now on, and was told so by mail.")
