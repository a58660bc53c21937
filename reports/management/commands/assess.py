import json
from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from assessments.answer_files import BadAnswers, read_answers
from assessments.results import PolicyBasis, assess, outcome_as_json
from questionnaires.packages import QUESTIONNAIRES, BrokenPackage, read_policy_library, read_questionnaire
from reports.content.snapshot import take_snapshot
from reports.papers.pdf import CannotSetChinese, render_pdf
from reports.papers.typesetting import TypesettingFailed

LANGUAGES = {"zh": "zh-hans", "en": "en"}
BAD_INPUT = 2


class BadInput(CommandError):
    def __init__(self, message):
        super().__init__(message, returncode=BAD_INPUT)


class Command(BaseCommand):
    help = "Assess one file of answers: answers in, results out; nothing is kept in the database."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--questionnaire", choices=QUESTIONNAIRES, required=True)
        parser.add_argument("--answers", type=Path, required=True, help="a .csv, .xlsx or .json file")
        parser.add_argument("--method", help="key of a scoring method; default: the questionnaire's")
        parser.add_argument("--target", type=int, choices=range(1, 6), help="without it there are no gaps and no path")
        parser.add_argument("--organization", default="")
        parser.add_argument("--lang", choices=LANGUAGES, default="zh")
        parser.add_argument("--date", type=date.fromisoformat, help="YYYY-MM-DD; default: today")
        parser.add_argument("--json", type=Path)
        parser.add_argument("--pdf", type=Path)
        parser.add_argument("--xlsx", type=Path)
        parser.add_argument("--allow-incomplete", action="store_true")

    def handle(self, *args, **options):
        with override(LANGUAGES[options["lang"]]):
            outputs = self._outputs(options)
        for path, content in outputs.items():
            try:
                path.write_bytes(content)
            except OSError as error:
                raise BadInput(f"{path}: {error.strerror}") from error

    def _outputs(self, options) -> dict[Path, bytes]:
        """Everything that was asked for, complete, before the first file is written."""
        try:
            questionnaire = read_questionnaire(options["questionnaire"])
            actions = questionnaire if questionnaire.kind == "anchors" else read_questionnaire("policy-actions")
            basis = PolicyBasis(read_policy_library(), actions)
        except BrokenPackage as broken:
            raise CommandError(str(broken)) from broken
        self._refuse_what_does_not_fit(questionnaire, options)
        try:
            answers = read_answers(options["answers"], questionnaire, allow_incomplete=options["allow_incomplete"])
        except BadAnswers as bad:
            raise BadInput(str(bad)) from bad
        outcome = assess(questionnaire, basis, answers.ratings, method=options["method"], target=options["target"])
        result = json.dumps(outcome_as_json(outcome), ensure_ascii=False, indent=1) + "\n"
        snapshot = take_snapshot(
            outcome,
            basis,
            answers,
            organization=options["organization"] or _("Unnamed organization"),
            assessment=questionnaire.short_title.in_language(options["lang"]),
            on=options["date"] or timezone.localdate(),
            language=LANGUAGES[options["lang"]],
        )
        if not any(options[kind] for kind in ("json", "pdf", "xlsx")):
            self.stdout.write(result, ending="")
        return self._rendered(options, result, snapshot)

    def _refuse_what_does_not_fit(self, questionnaire, options):
        if questionnaire.kind == "anchors":
            for name in ("method", "target"):
                if options[name]:
                    raise BadInput(_("--%(name)s does not go with %(code)s.") % {"name": name, "code": questionnaire.code})
        elif options["method"] and options["method"] not in questionnaire.method_by_key:
            known = ", ".join(questionnaire.method_by_key)
            raise BadInput(
                _("There is no method “%(key)s”; use one of: %(known)s.") % {"key": options["method"], "known": known}
            )

    @staticmethod
    def _rendered(options, result: str, snapshot) -> dict[Path, bytes]:
        outputs = {}
        if options["json"]:
            outputs[options["json"]] = result.encode()
        if options["pdf"]:
            try:
                outputs[options["pdf"]] = render_pdf(snapshot)
            except (CannotSetChinese, TypesettingFailed) as error:
                raise CommandError(str(error)) from error
        if options["xlsx"]:
            from reports.papers.workbook import render_workbook  # noqa: PLC0415 - pandas takes a second and 300 MB

            outputs[options["xlsx"]] = render_workbook(snapshot)
        return outputs
