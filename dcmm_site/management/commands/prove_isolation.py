import json
import os
import signal
import sys
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from dcmm_site.isolation.certificate import figures, keep
from dcmm_site.isolation.proof import prove
from dcmm_site.isolation.running import AlreadyRunning, ProofFailed, only_one, run_proof

LANGUAGES = {"zh": "zh-hans", "en": "en"}


class Command(BaseCommand):
    help = "Show on two throw-away tenants that nobody sees what is another's; writes a dated page. Ends with 1 on a finding."

    def add_arguments(self, parser):
        parser.add_argument("--out", type=Path, help="where to write the page (.html); beside it stands its JSON")
        parser.add_argument("--lang", choices=LANGUAGES, default="zh", help="the language of the page")
        parser.add_argument("--here", type=Path, help="walk in this process and database, and write the outcome there")
        parser.add_argument(
            "--part", type=int, nargs=2, default=(0, 1), help="with --here: which of how many parts of the viewers"
        )

        parser.add_argument("--gently", action="store_true", help="let everything else on the machine go first")

    def handle(self, *args, **options):
        if options["gently"]:
            os.nice(10)
        on_postgresql = connection.vendor == "postgresql"
        if on_postgresql or options["here"]:
            _refuse_unprepared()
        if options["here"]:
            options["here"].write_text(json.dumps(prove(part=tuple(options["part"]))))
            return
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that its processes end and its files go
        try:
            with only_one(settings.DATA_DIR):
                outcome = run_proof(os.environ.get("DATABASE_URL", "") if on_postgresql else "")
                page = keep(outcome, options["out"], LANGUAGES[options["lang"]])
        except AlreadyRunning:
            raise CommandError("A proof is under way already.") from None
        except ProofFailed as error:
            raise CommandError(f"The proof could not be done: {error}") from None
        self.report(outcome, page)

    def report(self, outcome: dict, page: Path):
        for finding in outcome["findings"]:
            self.stdout.write(" · ".join(str(part) for part in finding.values() if part))
        self.stdout.write(str(page))
        self.stdout.write(figures(outcome))
        if outcome["findings"]:
            raise SystemExit(1)


def _refuse_unprepared():
    """The walk happens in this database: its tables must be those of this program."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("The database is not prepared for this version; run first: manage.py prepare")
