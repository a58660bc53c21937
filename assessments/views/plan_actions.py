"""One action of the plan: its page, writing it, and working on it."""

from dataclasses import dataclass

from django.contrib import messages
from django.forms import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.forms.evidence import LinkForm, wanted_from
from assessments.forms.planning import ActionForm, CommentForm, StatusForm
from assessments.models import Evidence, ImprovementAction
from assessments.operations.planning import (
    ChangedMeanwhile,
    add_action,
    add_proof,
    change_action,
    comment_action,
    remove_action,
    restore_action,
    set_status,
    take_proof_off,
    unmerge,
)
from assessments.queries.answers import ratings_of
from assessments.queries.evidence import is_expired, newest_versions
from assessments.queries.finding import questions_of
from assessments.queries.plan_reading import (
    closings_of,
    comments_of,
    history_of_action,
    known_people,
    mark_shown,
    needed_by,
    possible_proofs,
)
from assessments.queries.planning import action_at, confirms_alone
from assessments.views.plan_board import BoardView
from assessments.views.planning import REFUSALS, PlanView, refusal
from organizations.permissions import Permission

Status = ImprovementAction.Status
MOST_FOUND = 30


class ActionView(PlanView):
    """Something about one action; that of another assessment is not found. What is refused is said on its page."""

    def handle(self, request, *args, action_id, **kwargs):
        rows = ImprovementAction.objects.filter(assessment=self.assessment)
        self.action = self.read(get_object_or_404(rows, pk=action_id).number)
        try:
            return super().handle(request, *args, **kwargs)
        except REFUSALS as error:
            messages.error(request, refusal(error))
            return self.back()

    def read(self, number: int) -> ImprovementAction:
        action = action_at(self.assessment, number)
        action.assessment = self.assessment
        return action

    def back(self, anchor: str = "") -> HttpResponse:
        path = redirect("action", self.request.organization.slug, self.assessment.pk, self.action.pk)
        path["Location"] += anchor
        return path

    @property
    def stamp(self) -> dict:
        return {"by": self.request.user, "at": timezone.now()}


class ActionPage(ActionView):
    """Everything about one action, and what to do with it."""

    def page(self, request, status=200, **more):
        action, known, today = self.action, known_people(request.membership), timezone.localdate()
        by_number = {row.number: row for row in self.actions}
        newest = newest_versions([proof.evidence_id for proof in action.proof_rows])
        mark_shown(action.proof_rows, request.membership)
        for proof in action.proof_rows:
            proof.has_content = proof.evidence_id in newest
            proof.is_expired = is_expired(proof.evidence, today)
        text = wanted_from(request.GET).text
        may_work = self.may(Permission.PLAN_WORK)
        is_open = action.status not in (Status.CLOSING, Status.CLOSED) and not action.removed_at
        context = self.context(
            "action",
            action=action,
            entry=next((row for row in self.rows() if row.row.pk == action.pk), None),
            reckoning=self.reckoning,
            aims=self.aims(),
            needs=[by_number[number] for number in action.need_numbers if number in by_number],
            followers=[by_number[number] for number in needed_by(action) if number in by_number],
            comments=comments_of(action),
            closings=closings_of(action, known),
            history=history_of_action(action, known),
            is_open=is_open,
            statuses=[status for status in (Status.OPEN, Status.DOING, Status.DROPPED) if status != action.status],
            text=text,
            found=possible_proofs(action, text) if may_work and is_open else [],
            alone=bool(action.waiting) and action.waiting.asked_by_id == request.user.pk
            and confirms_alone(self.assessment, request.user),
            **more,
        )  # fmt: skip
        return render(request, "assessments/plan/action.html", context, status=status)

    def aims(self) -> list[dict]:
        """The criteria, each with its statement and what was answered."""
        ratings, found = ratings_of(self.assessment), []
        for code in self.action.codes:
            item = self.questionnaire.item_by_code[self.questionnaire.item_of[code]]
            text = next(text for own, text, _level in questions_of(item) if own == code)
            found.append({"code": code, "text": text, "item": item, "rating": ratings.get(code, "")})
        return found


class ShowAction(ActionPage):
    """The page of one action."""

    def get(self, request):
        return self.page(request)


class FormView:
    """What writing a new action and changing one have in common."""

    template = "assessments/plan/edit.html"

    def form_page(self, request, form, status=200, **more):
        ticked = [code for code in (form["codes"].value() or []) if code in self.questionnaire.item_of]
        sought = wanted_from({"q": request.POST.get("q", "")}).text
        statements = {code: (item, text) for item in self.questionnaire.items for code, text, _level in questions_of(item)}
        context = self.context(
            "action",
            form=form,
            ticked=[(code, *statements[code]) for code in ticked],
            found=self._found(statements, sought, set(ticked)) if sought else [],
            sought=sought,
            others=[row for row in self.actions if row.status not in (Status.CLOSED, Status.DROPPED)],
            **more,
        )
        return render(request, self.template, context, status=status)

    def _found(self, statements, sought: str, ticked: set[str]):
        terms = [term.casefold() for term in sought.split()]
        rows = []
        for code, (item, text) in statements.items():
            said = " ".join((code, item.name.zh, item.name.en, text.zh, text.en)).casefold()
            if code not in ticked and all(term in said for term in terms):
                rows.append((code, item, text))
        return rows[:MOST_FOUND]

    def refused(self, request, form, error):
        """The form with what an operation had against it, at its field."""
        field = "codes" if hasattr(error, "codes") else "needs" if hasattr(error, "numbers") else None
        form.add_error(field, ValidationError(refusal(error)))
        return self.form_page(request, form, status=422)


class NewAction(FormView, PlanView):
    """An action of one's own."""

    permission = Permission.PLAN_WRITE

    def get(self, request):
        codes = [code for code in request.GET.getlist("code") if code in self.questionnaire.item_of]
        return self.form_page(request, self.form(initial={"codes": codes, "days": 0, "weeks": 1}))

    def post(self, request):
        if request.POST.get("act") == "find":
            return self.form_page(request, self.form(initial=self.typed(request)))
        form = self.form(request.POST)
        if not form.is_valid():
            return self.form_page(request, form, status=422)
        try:
            action = add_action(assessment=self.assessment, **form.changes, by=request.user, at=timezone.now())
        except REFUSALS as error:
            return self.refused(request, form, error)
        messages.success(request, _("Action %(n)d is in the plan.") % {"n": action.number})
        return redirect("action", request.organization.slug, self.assessment.pk, action.pk)

    def form(self, *args, **kwargs):
        return ActionForm(*args, questionnaire=self.questionnaire, starts_on=self.setting.starts_on, **kwargs)

    def typed(self, request) -> dict:
        return {**request.POST.dict(), "codes": request.POST.getlist("codes")}


class EditAction(FormView, ActionView):
    """Write it anew; over somebody else's change only after seeing it."""

    permission = Permission.PLAN_WRITE

    def get(self, request):
        return self.form_page(request, self.form(), action=self.action)

    def post(self, request):
        if request.POST.get("act") == "find":
            typed = {**request.POST.dict(), "codes": request.POST.getlist("codes")}
            return self.form_page(request, self.form(initial=typed), action=self.action)
        form = self.form(request.POST)
        if not form.is_valid():
            return self.form_page(request, form, status=422, action=self.action)
        revision = form.cleaned_data["revision"]
        try:
            self.action = change_action(action=self.action, revision=revision, changes=form.changes, **self.stamp)
        except ChangedMeanwhile as error:
            return self.overtaken(request, form, error.current)
        except REFUSALS as error:
            return self.refused(request, form, error)
        messages.success(request, _("Saved."))
        return self.back()

    def form(self, *args, **kwargs):
        starts_on = self.setting.starts_on
        return ActionForm(*args, questionnaire=self.questionnaire, starts_on=starts_on, action=self.action, **kwargs)

    def form_page(self, request, form, status=200, **more):
        return super().form_page(request, form, status, **{"action": self.action, **more})

    def overtaken(self, request, form, current: ImprovementAction):
        """Both side by side; saving again is then over what stands there now."""
        theirs = ActionForm(questionnaire=self.questionnaire, starts_on=self.setting.starts_on, action=current)
        data = request.POST.copy()
        data["revision"] = str(current.revision)
        self.action = current
        mine = self.form(data)
        return self.form_page(request, mine, status=409, differences=differences(theirs, form), action=current)


@dataclass(frozen=True)
class Difference:
    label: str
    theirs: str
    mine: str


def differences(theirs: ActionForm, mine: ActionForm) -> list[Difference]:
    """The fields in which what stands there now is not what was typed."""
    found = []
    for name, field in mine.fields.items():
        if name == "revision":
            continue
        there, typed = _said(theirs[name]), _said(mine[name])
        if there != typed:
            found.append(Difference(str(field.label), there, typed))
    return found


def _said(bound) -> str:
    """What a field says, in words."""
    value = bound.value()
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(sorted(map(str, value)))
    choices = dict(getattr(bound.field, "choices", ()))
    if choices:
        return str(choices.get(value, value)) if value else ""
    try:
        cleaned = bound.field.to_python(value)
    except ValidationError:
        cleaned = value
    return "" if cleaned is None else f"{cleaned.normalize():f}" if hasattr(cleaned, "normalize") else str(cleaned)


class SetActionStatus(BoardView, ActionView):
    """To do, in progress or dropped. The board, which asks by script, is answered with its columns as they stand now."""

    permission = Permission.PLAN_WORK

    def post(self, request):
        refused = self.refused(request)
        if request.htmx:
            return self.board(status=422 if refused else 200, refused=refused, moved=self.action)
        if refused:
            messages.error(request, refused)
        elif request.POST.get("back") == "board":
            return redirect("plan_board", request.organization.slug, self.assessment.pk)
        return self.back()

    def refused(self, request) -> str:
        """Why the action stays as it is; empty when it was moved."""
        form = StatusForm(request.POST)
        if not form.is_valid():
            if request.POST.get("status") in (Status.CLOSING, Status.CLOSED):
                return _("Closing goes by the page of the action: with proof, and a second person.")
            return _("Please choose one of the states offered.")
        try:
            self.action = set_status(action=self.action, status=form.cleaned_data["status"], **self.stamp)
        except REFUSALS as error:
            return refusal(error)
        return ""


class RemoveAction(ActionView):
    """Out of the plan; it can be brought back."""

    permission = Permission.PLAN_WRITE

    def post(self, request):
        remove_action(action=self.action, **self.stamp)
        return self.to_plan(f"?removed={self.action.pk}")


class RestoreAction(ActionView):
    """Back into the plan."""

    permission = Permission.PLAN_WRITE

    def post(self, request):
        restore_action(action=self.action, **self.stamp)
        messages.success(request, _("Action %(n)d is in the plan again.") % {"n": self.action.number})
        return self.back()


class UnmergeAction(ActionView):
    """Bring back what was merged into this one."""

    permission = Permission.PLAN_WRITE

    def post(self, request):
        if unmerge(action=self.action, **self.stamp):
            messages.success(request, _("The merged actions are back as they were."))
        return self.to_plan()


class CommentAction(ActionPage):
    """Say something about it."""

    permission = Permission.PLAN_WORK

    def post(self, request):
        form = CommentForm(request.POST)
        if not form.is_valid():
            errors = [error for errors in form.errors.values() for error in errors]
            return self.page(request, status=422, comment_errors=errors, comment=request.POST.get("text", ""))
        comment_action(action=self.action, text=form.cleaned_data["text"], **self.stamp)
        return self.back("#comments")


class ProveAction(ActionPage):
    """A piece of the library that shows that it is done."""

    permission = Permission.PLAN_WORK

    def post(self, request):
        form = LinkForm(request.POST)
        if not form.is_valid():
            errors = [error for errors in form.errors.values() for error in errors]
            return self.page(request, status=422, proof_errors=errors)
        values = form.cleaned_data
        add_proof(action=self.action, evidence=values["evidence"], place=values["place"], **self.stamp)
        return self.back("#proof")


class UnproveAction(ActionView):
    """Take a piece off; it stays in the library."""

    permission = Permission.PLAN_WORK

    def post(self, request, evidence_id):
        evidence = get_object_or_404(Evidence.objects.all(), pk=evidence_id)
        take_proof_off(action=self.action, evidence=evidence, **self.stamp)
        return self.back("#proof")
