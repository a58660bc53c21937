from django.core.checks import Tags
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from assessments.operations.standings import refresh_all
from dcmm_site.demo import furnish


class Command(BaseCommand):
    help = "Bring the database and the content up to date; with --demo add a furnished example and print its log-ins."

    def add_arguments(self, parser):
        parser.add_argument("--demo", action="store_true")

    def handle(self, *args, **options):
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
        call_command("load_content", stdout=self.stdout)
        self.check(tags=[Tags.database], databases=["default"])  # the roles of PostgreSQL
        refresh_all()
        if options["demo"]:
            for line in furnish(at=timezone.now()):
                self.stdout.write(line)
