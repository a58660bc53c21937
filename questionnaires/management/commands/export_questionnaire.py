from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from questionnaires.export import as_json, as_workbook
from questionnaires.packages import QUESTIONNAIRES, BrokenPackage, read_questionnaire


class Command(BaseCommand):
    help = "Write a questionnaire as JSON, or as a workbook to fill in and hand to the assess command."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("code", choices=QUESTIONNAIRES)
        parser.add_argument("--format", choices=["json", "xlsx"], required=True)
        parser.add_argument("--lang", choices=["zh", "en"], default="zh")
        parser.add_argument("--out", type=Path, required=True)

    def handle(self, *args, code, **options):
        try:
            questionnaire = read_questionnaire(code)
        except BrokenPackage as broken:
            raise CommandError(str(broken)) from broken
        if options["format"] == "json":
            content = as_json(questionnaire, options["lang"]).encode()
        else:
            content = as_workbook(questionnaire, options["lang"])
        try:
            options["out"].write_bytes(content)
        except OSError as error:
            raise CommandError(f"{options['out']} can't be written: {error.strerror}") from error
