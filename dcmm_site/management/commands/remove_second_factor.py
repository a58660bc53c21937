from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from organizations.models import User
from organizations.operations.accounts import NoSecondFactor, remove_second_factor


class Command(BaseCommand):
    help = "Remove the second factor of a person who lost phone and recovery codes. Make sure first that it is them who asks."

    def add_arguments(self, parser):
        parser.add_argument("email")

    def handle(self, *args, email, **options):
        person = User.objects.filter(email__iexact=email).first()
        try:
            if person is None:
                raise NoSecondFactor
            remove_second_factor(user=person, by=None, at=timezone.now())
        except NoSecondFactor as error:
            raise CommandError(f"{email}: no such person, or no second factor.") from error
        self.stdout.write(f"{person.email} signs in with the password alone from now on, and was told so by mail.")
