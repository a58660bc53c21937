from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessments.forms.answering import AnswerForm, UndoForm, allowed_ratings
from assessments.models import Answer, AnswerRevision
from assessments.operations.answering import AnsweredMeanwhile, Said, save_answer, undo_answer
from assessments.queries.answering import (
    Beside,
    answers_in,
    assignment_of,
    beside_answers,
    previous_answers,
    progress_of_items,
    revisions_of,
)
from assessments.queries.answers import Progress, ratings_of
from assessments.queries.assigning import may_answer_item
from assessments.queries.bridging import open_drafts_in
from assessments.queries.criteria import criteria_by_code
from assessments.queries.reviewing import verdicts_for
from assessments.results import unfulfilled
from assessments.scoring import find_method, percent, score_item, show
from assessments.views.access import AssessmentView
from assessments.views.rows import (
    Row,
    item_list_html,
    question_html,
    row_frame,
    state_html,
)
from organizations.permissions import Permission
from questionnaires.models import Criterion
from questionnaires.schema import LEVELS, PolicyAction, Questionnaire, Text, rated_codes

Via = AnswerRevision.Via


class ItemView(AssessmentView):
    """Something about one item, or about one criterion of it. Who may not answer the item may not write there."""

    def handle(self, request, *args, item_code=None, criterion_code=None, **kwargs):
        if criterion_code is not None:
            item_code = self.questionnaire.item_of.get(criterion_code)
            kwargs["criterion_code"] = criterion_code
        else:
            kwargs["item_code"] = item_code
        self.item = self.item_or_404(item_code)
        return super().handle(request, *args, **kwargs)

    @cached_property
    def assignment(self):
        return assignment_of(self.assessment, self.item.code)

    @cached_property
    def may_answer(self) -> bool:
        """By role, state and assignment. Whoever hands out items answers all, so nobody needs to look who has this one."""
        if not self.may(Permission.ANSWER_WRITE):
            return False
        return self.role_allows(Permission.ASSIGN) or may_answer_item(self.request.membership, self.assignment)

    def criterion(self, code: str) -> Criterion:
        return criteria_by_code(self.assessment.version)[code]

    def place(self, code: str = "") -> str:
        """The address of the item, at one of its questions."""
        path = reverse("answer_item", args=[self.request.organization.slug, self.assessment.pk, self.item.code])
        return f"{path}#q-{code.replace('.', '-')}" if code else path

    def who(self) -> dict:
        """The person who writes, when, and for which department."""
        return {"by": self.request.user, "at": timezone.now(), "department_id": self.request.membership.department_id}

    def not_theirs(self, request):
        """The item is somebody else's: 403 with who has it."""
        template = "assessments/not_theirs_line.html" if request.htmx else "assessments/not_theirs.html"
        context = {"assessment": self.assessment, "item": self.item, "assignment": self.assignment}
        response = render(request, template, context, status=403)
        response["X-Refused"] = "item"
        return response


class AnswerItem(ItemView):
    """One item: its questions by level, each answered by one click or key and saved at once."""

    permission = Permission.ASSESSMENT_VIEW

    def get(self, request, item_code):
        return render(request, "assessments/item.html", item_page(self))


class SaveAnswer(ItemView):
    """Save one answer and give back its row, the standing of its item and the progress."""

    permission = Permission.ANSWER_WRITE

    def post(self, request, criterion_code):
        if not self.may_answer:
            return self.not_theirs(request)
        form = AnswerForm(request.POST, questionnaire=self.questionnaire, code=criterion_code)
        if not form.is_valid():
            answer = Answer.objects.filter(assessment=self.assessment, criterion=self.criterion(criterion_code))
            row = {"answer": answer.select_related("answered_by").first(), "errors": form.errors, "typed": _typed(form)}
            return self._row(request, criterion_code, status=422, **row)
        said = Said(form.cleaned_data["rating"], form.cleaned_data["na_reason"], form.cleaned_data["note"])
        try:
            answer = save_answer(
                assessment=self.assessment,
                criterion=self.criterion(criterion_code),
                said=said,
                read_revision=form.cleaned_data["revision"],
                **self.who(),
            )
        except AnsweredMeanwhile as error:
            return self._row(request, criterion_code, status=409, answer=error.current, typed=said, overtaken=True)
        response = self._row(request, criterion_code, answer=answer, just_saved=True)
        # a page of another address may answer 200 as well; only this header says that it is saved
        response["X-Saved"] = f"{criterion_code} {answer.revision}"
        return response

    def _row(self, request, code: str, status: int = 200, **state):
        """The fragment for one question; without htmx the whole page, so that it works without scripts too."""
        row = Row(code, question_text(self.item, code), **state)
        if request.htmx:
            return render(request, "assessments/saved.html", saved_fragment(self, row), status=status)
        return render(request, "assessments/item.html", item_page(self, row), status=status)


class AnswerHistory(ItemView):
    """Every revision of one answer, with the way back to each."""

    permission = Permission.ASSESSMENT_VIEW

    def get(self, request, criterion_code):
        revisions = revisions_of(self.assessment, self.criterion(criterion_code))
        context = {**panel_context(self, criterion_code), "revisions": revisions, "reason_words": dict(Answer.NaReason.choices)}
        return panel(request, "assessments/history.html", context)


class UndoAnswer(ItemView):
    """Let an answer say again what it said before."""

    permission = Permission.ANSWER_WRITE

    def post(self, request, criterion_code):
        if not self.may_answer:
            return self.not_theirs(request)
        form = UndoForm(request.POST)
        if not form.is_valid():
            raise Http404
        criterion = self.criterion(criterion_code)
        rows = AnswerRevision.objects.filter(answer__assessment=self.assessment, answer__criterion=criterion)
        to = get_object_or_404(rows, revision=form.cleaned_data["to"])
        try:
            undo_answer(
                assessment=self.assessment,
                criterion=criterion,
                to=to,
                read_revision=form.cleaned_data["revision"],
                **self.who(),
            )
        except AnsweredMeanwhile:
            messages.error(request, _("Nothing was changed: somebody saved this answer meanwhile. Please look at it again."))
            return render(request, "assessments/item.html", item_page(self), status=409)
        messages.success(request, _("%(code)s says again what it said before.") % {"code": criterion_code})
        return redirect(self.place(criterion_code))


def item_page(view: ItemView, changed: Row | None = None) -> dict:
    """What the item page shows, in five queries, six after a bridge. ``changed`` stands in place of its row: somebody is just
    typing it."""
    questionnaire, assessment, item = view.questionnaire, view.assessment, view.item
    answers, previous = answers_in(assessment, item.code), previous_answers(assessment, item.code, view.request.membership)
    ratings = ratings_of(assessment)
    progress = progress_of_items(questionnaire, ratings)
    beside = beside_answers(assessment, item.code, view.request.membership)
    groups = question_groups(questionnaire, item, answers, previous, beside)
    rows, drafts = [row for group in groups for row in group["rows"]], open_drafts_in(assessment, item.code)
    verdicts = verdicts_for(view.request.membership, assessment, item.code)
    first = next((row for row in rows if not row.shown.rating), None)
    if first:
        first.is_next = True
    frame = row_frame(view)
    for row in rows:
        if changed and changed.code == row.code:
            row.typed, row.errors, row.overtaken, row.just_saved = (
                changed.typed,
                changed.errors,
                changed.overtaken,
                changed.just_saved,
            )
        row.draft = None if row.shown.rating else drafts.get(row.code)
        row.verdicts = verdicts.get(row.code, [])
        row.html = question_html(view, row, frame)
    return {
        "assessment": assessment,
        "questionnaire": questionnaire,
        "item": item,
        "may_write": view.may_answer,
        "items_path": frame["items_path"],
        "domain": questionnaire.domain_of[item.code],
        "item_list": item_list_html(view, progress, frame["items_path"]),
        "groups": groups,
        "standing": standing(assessment, item, ratings),
        "progress": Progress(len(ratings), len(questionnaire.item_of)),
        **neighbours(item, progress),
        "first_open": first,
        "assignment": view.assignment,
        "last_time": next((row.assessment for row in previous.values()), None),
        "may_take_over": view.may_answer and any(row.before and row.before.rating and not row.shown.rating for row in rows),
        "may_undo_take_over": view.may_answer and any(row.via == Via.TAKEN_OVER for row in answers.values()),
    }


def neighbours(item, progress: dict[str, Progress]) -> dict:
    """The items before and after, and the nearest with unanswered questions, round the end of the questionnaire."""
    codes = list(progress)
    place = codes.index(item.code)
    waiting = [code for code in codes[place + 1 :] + codes[:place] if progress[code].left]
    return {
        "previous": codes[place - 1] if place else None,
        "next": codes[place + 1] if place + 1 < len(codes) else None,
        "next_open": waiting[0] if waiting else None,
        "previous_open": waiting[-1] if waiting else None,
    }


def saved_fragment(view: ItemView, row: Row) -> dict:
    """What is shown after a save: the answer's state, how its item stands, and the progress."""
    questionnaire, assessment, item = view.questionnaire, view.assessment, view.item
    ratings, codes = ratings_of(assessment), rated_codes(item)
    return {
        "item": item,
        "state": state_html(view, row),
        "standing": standing(assessment, item, ratings),
        "progress": Progress(len(ratings), len(questionnaire.item_of)),
        "item_progress": Progress(sum(code in ratings for code in codes), len(codes)),
    }


def question_text(item, code: str) -> Text:
    if isinstance(item, PolicyAction):
        return item.question
    return next(criterion.text for criterion in item.criteria if criterion.code == code)


def question_groups(questionnaire: Questionnaire, item, answers, previous, beside) -> list[dict]:
    """The item's questions, grouped by level; a policy action is one group of one."""

    def row(code, text, criterion=None):
        return Row(code, text, answers.get(code), criterion, beside.get(code, Beside()), previous.get(code))

    if isinstance(item, PolicyAction):
        return [{"level": None, "rows": [row(item.code, item.question)]}]
    return [
        {
            "level": questionnaire.level_by_number[level],
            "rows": [row(criterion.code, criterion.text, criterion) for criterion in item.at_level(level)],
        }
        for level in LEVELS
    ]


def standing(assessment, item, ratings: dict[str, str]) -> dict | None:
    """How the item stands with the answers so far, and what is missing for the next level."""
    if isinstance(item, PolicyAction):
        return None
    questionnaire = assessment.questionnaire
    scored = score_item(item, ratings, find_method(questionnaire, assessment.method))
    if scored is None:
        return {"excluded": True}
    stop = next((level for level in scored.levels if not level.reached), None)
    return {
        "score": show(scored.score),
        "level": scored.level,
        "name": questionnaire.level_by_number[scored.level].name.in_language(get_language()),
        "next_level": stop.level if stop else None,
        "fulfilment": percent(stop.fulfilment) if stop else None,
        "open": len(unfulfilled(scored, stop.level)) - len(unfulfilled(scored, stop.level - 1)) if stop else 0,
    }


def panel_context(view: ItemView, code: str) -> dict:
    """What stands behind a fold of one question, also shown as a page of its own."""
    frame = row_frame(view)
    return {
        "assessment": view.assessment,
        "item": view.item,
        "code": code,
        "text": question_text(view.item, code),
        "place": view.place(code),
        "may_write": view.may_answer,
        "may_discuss": frame["may_discuss"],
        "path": f"{frame['answers_path']}{code}",
        "token": frame["token"],
    }


def panel(request, template: str, context: dict, status: int = 200):
    """The fragment for the fold; without htmx a whole page around it."""
    if request.htmx:
        return render(request, template, context, status=status)
    return render(request, "assessments/panel.html", {**context, "panel": template}, status=status)


def allowed_in(questionnaire: Questionnaire, item) -> dict[str, tuple[str, ...]]:
    """Criterion code -> the ratings it takes."""
    return {code: allowed_ratings(questionnaire, code) for code in rated_codes(item)}


def _typed(form: AnswerForm) -> Said:
    data = form.data
    return Said(data.get("rating", ""), data.get("na_reason", ""), data.get("note", ""))
