from datetime import datetime, time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date

from organizations.models import Organization
from organizations.operations.trail import TooYoung, prune_trail


class Command(BaseCommand):
    help = "Drop the oldest entries of all trails, those from before a day; the rest still verifies."

    def add_arguments(self, parser):
        parser.add_argument("--before", required=True, metavar="YYYY-MM-DD")

    def handle(self, *args, before, **options):
        try:
            day = parse_date(before)
        except ValueError:
            day = None
        if day is None:
            raise CommandError(f"{before!r} is not a day like 2024-12-31.", returncode=2)
        moment, at = timezone.make_aware(datetime.combine(day, time.min)), timezone.now()
        dropped = 0
        try:
            for organization in Organization.objects.order_by("pk"):
                dropped += prune_trail(organization=organization, before=moment, at=at)
        except TooYoung:
            oldest = timezone.localdate(at - settings.TRAIL_KEPT)
            raise CommandError(f"Entries are kept until {oldest:%Y-%m-%d} at least (DCMM_TRAIL_YEARS).", returncode=2) from None
        self.stdout.write(f"{dropped} entries dropped.")
