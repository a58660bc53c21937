from dataclasses import dataclass, field

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language

from assessments.forms.answering import AnswerForm, allowed_ratings
from assessments.models import Answer
from assessments.operations.answering import AnsweredMeanwhile, Said, save_answer
from assessments.queries.answers import answers_of, overall_progress, progress_by_domain
from assessments.results import unfulfilled
from assessments.scoring import find_method, score_item, show
from assessments.views.access import AssessmentView
from organizations.permissions import Permission
from questionnaires.models import Criterion
from questionnaires.schema import LEVELS, PolicyAction, Questionnaire


@dataclass
class Row:
    """One question on the page: what is asked, what stands there, and what just went wrong with it."""

    code: str
    choices: tuple[str, ...]
    answer: Answer | None
    criterion: object | None = None
    errors: dict = field(default_factory=dict)
    typed: Said | None = None
    overtaken: bool = False
    just_saved: bool = False

    @property
    def revision(self) -> int:
        return self.answer.revision if self.answer else 0

    @property
    def rating(self) -> str:
        return self.typed.rating if self.typed else (self.answer.rating if self.answer else "")

    @property
    def note(self) -> str:
        return self.typed.note if self.typed else (self.answer.note if self.answer else "")

    @property
    def na_reason(self) -> str:
        return self.typed.na_reason if self.typed else (self.answer.na_reason if self.answer else "")


class AnswerItem(AssessmentView):
    """One item: its questions by level, each answered by one click or key and saved at once."""

    permission = Permission.ASSESSMENT_VIEW

    def get(self, request, item_code):
        item = self.item_or_404(item_code)
        return render(request, "assessments/item.html", item_page(self, item))


class SaveAnswer(AssessmentView):
    """Save one answer and give back its row, the standing of its item and the progress."""

    permission = Permission.ANSWER_WRITE

    def post(self, request, criterion_code):
        if criterion_code not in self.questionnaire.item_of:
            raise Http404
        form = AnswerForm(request.POST, questionnaire=self.questionnaire, code=criterion_code)
        criterion = get_object_or_404(Criterion, version_id=self.assessment.version_id, code=criterion_code)
        if not form.is_valid():
            return self._row(request, criterion_code, status=422, errors=form.errors, typed=_typed(form))
        said = Said(form.cleaned_data["rating"], form.cleaned_data["na_reason"], form.cleaned_data["note"])
        try:
            answer = save_answer(
                assessment=self.assessment,
                criterion=criterion,
                said=said,
                read_revision=form.cleaned_data["revision"],
                by=request.user,
                at=timezone.now(),
                department_id=request.membership.department_id,
            )
        except AnsweredMeanwhile:
            return self._row(request, criterion_code, status=409, typed=said, overtaken=True)
        response = self._row(request, criterion_code, just_saved=True)
        response["X-Saved"] = f"{criterion_code} {answer.revision}"  # a page of another address may answer 200; only this is a save
        return response

    def _row(self, request, code: str, status: int = 200, **state):
        """The fragment for one question; without htmx the whole page, so that it works without scripts too."""
        item = self.questionnaire.item_by_code[self.questionnaire.item_of[code]]
        context = item_page(self, item)
        row = next(row for group in context["groups"] for row in group["rows"] if row.code == code)
        for name, value in state.items():
            setattr(row, name, value)
        template = "assessments/saved.html" if request.htmx else "assessments/item.html"
        return render(request, template, {**context, "row": row}, status=status)


def item_page(view: AssessmentView, item) -> dict:
    """What the item page and its fragments show, from one read of the assessment's answers."""
    questionnaire, assessment = view.questionnaire, view.assessment
    answers = answers_of(assessment)
    answered = {code for code, answer in answers.items() if answer.rating}
    codes = [row.code for row in questionnaire.items]
    place = codes.index(item.code)
    return {
        "assessment": assessment,
        "questionnaire": questionnaire,
        "item": item,
        "domain": questionnaire.domain_of[item.code],
        "groups": question_groups(questionnaire, item, answers),
        "standing": standing(assessment, item, answers),
        "progress": overall_progress(questionnaire, answered),
        "domains": progress_by_domain(questionnaire, answered),
        "previous": codes[place - 1] if place else None,
        "next": codes[place + 1] if place + 1 < len(codes) else None,
        "reasons": Answer.NaReason.choices,
        "may_write": view.may(Permission.ANSWER_WRITE),
    }


def question_groups(questionnaire: Questionnaire, item, answers: dict[str, Answer]) -> list[dict]:
    """The item's questions, grouped by level; a policy action is one group of one."""
    if isinstance(item, PolicyAction):
        row = Row(item.code, allowed_ratings(questionnaire, item.code), answers.get(item.code))
        return [{"level": None, "rows": [row]}]
    groups = []
    for level in LEVELS:
        rows = [
            Row(criterion.code, allowed_ratings(questionnaire, criterion.code), answers.get(criterion.code), criterion)
            for criterion in item.at_level(level)
        ]
        groups.append({"level": questionnaire.level_by_number[level], "rows": rows})
    return groups


def standing(assessment, item, answers: dict[str, Answer]) -> dict | None:
    """How the item stands with the answers so far, and what is missing for the next level."""
    if isinstance(item, PolicyAction):
        return None
    questionnaire = assessment.questionnaire
    ratings = {code: answer.rating for code, answer in answers.items() if answer.rating}
    scored = score_item(item, ratings, find_method(questionnaire, assessment.method))
    if scored is None:
        return {"excluded": True}
    stop = next((level for level in scored.levels if not level.reached), None)
    return {
        "score": show(scored.score),
        "level": scored.level,
        "name": questionnaire.level_by_number[scored.level].name.in_language(get_language()),
        "shares": [float(level.fulfilment) if level.fulfilment is not None else None for level in scored.levels],
        "reached": stop.level - 1 if stop else 5,
        "next_level": stop.level if stop else None,
        "fulfilment": show(stop.fulfilment) if stop else None,
        "open": len(unfulfilled(scored, stop.level)) - len(unfulfilled(scored, stop.level - 1)) if stop else 0,
    }


def _typed(form: AnswerForm) -> Said:
    data = form.data
    return Said(data.get("rating", ""), data.get("na_reason", ""), data.get("note", ""))
