from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from questionnaires.linter import read_all
from questionnaires.loading import PublishedVersionChanged, load_packages
from questionnaires.packages import BrokenPackage


class Command(BaseCommand):
    help = "Put the content packages into the database. Loading twice changes nothing."

    def handle(self, *args, **options):
        try:
            questionnaires, library = read_all()
            loaded = load_packages([*questionnaires, library], at=timezone.now())
        except (BrokenPackage, PublishedVersionChanged) as error:
            raise CommandError(str(error)) from error
        for row in loaded:
            self.stdout.write(f"{row.version}: {'loaded' if row.is_new else 'there already'}")
