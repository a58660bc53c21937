import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from questionnaires.bridge import as_json
from questionnaires.packages import BrokenPackage, read_questionnaire


class Command(BaseCommand):
    help = "Write the bridge from the 2018 to the 2025 edition: the fate and the origin of every criterion."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--format", choices=["json"], required=True)
        parser.add_argument("--out", type=Path, required=True)

    def handle(self, *args, **options):
        try:
            old, new = read_questionnaire("gbt36073-2018"), read_questionnaire("gbt36073-2025")
        except BrokenPackage as broken:
            raise CommandError(str(broken)) from broken
        try:
            options["out"].write_text(json.dumps(as_json(old, new), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{options['out']} can't be written: {error.strerror}") from error
