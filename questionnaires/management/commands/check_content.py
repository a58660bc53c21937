from pathlib import Path

from django.core.management.base import BaseCommand

from questionnaires.conditions import entry_conditions
from questionnaires.linter import copied_runs, counts, lint, publish, read_all, table
from questionnaires.packages import BrokenPackage


class Command(BaseCommand):
    help = "Check all content packages; prints their figures, and every fault as file:key: message."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--sources", type=Path, help="folder of source texts (*.txt) that our wording must not copy")
        parser.add_argument("--publish", action="store_true", help="write down new versions, which then never change")

    def handle(self, *args, **options):
        try:
            questionnaires, library = read_all()
            faults = lint(questionnaires, library)
            if options["sources"]:
                texts = [path.read_text(encoding="utf-8") for path in sorted(options["sources"].glob("*.txt"))]
                faults += copied_runs([*questionnaires, library], texts)
        except BrokenPackage as broken:
            questionnaires, library, faults = [], None, broken.faults
        for package in filter(None, [*questionnaires, library]):
            self.stdout.write(counts(package))
            if getattr(package, "kind", "") == "levels":
                self.stdout.write(table(package))
        for applicant in entry_conditions().applicants:
            figures = sum(len(row.conditions) for variant in applicant.variants for row in variant.levels)
            self.stdout.write(f"entry conditions {entry_conditions().as_of}, {applicant.key}: {figures} figures")
        for fault in faults:
            self.stderr.write(str(fault))
        if options["publish"] and not faults:
            self._publish([*questionnaires, library])
        self.stdout.write(f"{len(faults)} faults")
        if faults:
            raise SystemExit(1)

    def _publish(self, packages):
        for name in publish(packages):
            self.stdout.write(f"published {name}")
