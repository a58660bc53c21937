from django.core.management.base import BaseCommand

from assessments.operations.standings import refresh_all


class Command(BaseCommand):
    help = "Compute the scores that lists show (portfolios) anew from the stored answers; with --missing where there are none."

    def add_arguments(self, parser):
        parser.add_argument("--missing", action="store_true")

    def handle(self, *args, **options):
        self.stdout.write(f"{refresh_all(only_missing=options['missing'])} assessments computed")
