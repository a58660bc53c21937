"""The improvement plan as a whole: its table with the what-if, where it comes from, and how it is reckoned."""

from decimal import Decimal
from functools import cached_property

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from assessments.forms.planning import MergeForm, SettingsForm, SuggestForm, SwitchForm
from assessments.models import ImprovementAction
from assessments.operations.evidence import InTheBin
from assessments.operations.planning import (
    ActionClosed,
    ActionGone,
    ChangedMeanwhile,
    NoProof,
    NotWaiting,
    SamePerson,
    TooMuchForOne,
    UnknownAims,
    UnknownNeeds,
    change_settings,
    merge_actions,
    suggest_actions,
    switch_actions,
)
from assessments.planning import CircularNeeds, Plan, cost, what_if
from assessments.queries.answers import ratings_of
from assessments.queries.plan_reading import earlier_plan, merged_one, removed_one
from assessments.queries.planning import actions_of, as_plan, reckoning_of, setting_of
from assessments.views.access import AssessmentView
from assessments.views.plan_rows import GROUPS, SORTS, STATUS_ORDER, choice_of, chosen, grouped, paged, plan_rows, quick_choices
from organizations.permissions import Permission
from organizations.sorting import collated

Status = ImprovementAction.Status
REFUSALS = (
    ActionClosed, ActionGone, CircularNeeds, UnknownAims, UnknownNeeds, NoProof, SamePerson, NotWaiting, InTheBin,
    TooMuchForOne,
)  # fmt: skip


def refusal(error: Exception) -> str:
    """Why nothing was changed, and what to do."""
    if isinstance(error, ActionClosed) and error.status == Status.CLOSED:
        return _("This action is closed. Reopen it first.")
    if isinstance(error, CircularNeeds | UnknownNeeds):
        words = {"numbers": ", ".join(map(str, error.numbers))}
        if isinstance(error, CircularNeeds):
            return _("Actions %(numbers)s would wait for each other. Take one of them out of “comes after”.") % words
        return _("The plan has no action %(numbers)s.") % words
    if isinstance(error, UnknownAims):
        return _("The questionnaire has no %(codes)s.") % {"codes": ", ".join(error.codes)}
    if isinstance(error, TooMuchForOne):
        words = {
            "text": _("Together their texts have more than %(most)d characters, too many for one action. Merge fewer, please."),
            "days": _("Together they take more than %(most)d person-days, too many for one action. Merge fewer, please."),
            "aims": _("Together they meet more than %(most)d criteria, too many for one action. Merge fewer, please."),
            "needs": _("Together they wait for more than %(most)d other actions, too many for one. Merge fewer, please."),
        }
        return words[error.what] % {"most": error.most}
    words = {
        ActionClosed: _("This action waits for a second person. Withdraw the closing first."),
        ActionGone: _("This action was removed. Bring it back first."),
        NoProof: _("Closing needs proof: link a piece of evidence that has a file or link and has not expired."),
        SamePerson: _("Whoever says that an action is done does not confirm it. Ask a colleague, please."),
        NotWaiting: _("Somebody was quicker: this was decided already."),
        InTheBin: _("This piece is in the bin. Restore it first."),
    }
    return words[type(error)]


class PlanView(AssessmentView):
    """Something about the plan of an assessment; what the plan says is reckoned once."""

    permission = Permission.PLAN_VIEW

    @cached_property
    def actions(self) -> list[ImprovementAction]:
        return actions_of(self.assessment)

    @cached_property
    def setting(self):
        return setting_of(self.assessment)

    @cached_property
    def plan(self) -> Plan:
        return as_plan(self.setting, self.actions)

    @cached_property
    def reckoning(self):
        return reckoning_of(self.assessment, plan=self.plan)

    def rows(self):
        return plan_rows(self.actions, self.reckoning, self.questionnaire)

    def what_if(self, plan: Plan | None = None) -> dict:
        """What the strip above the plan says."""
        plan = plan or self.plan
        on = [action for action in plan.actions if action.counts]
        numbers = {action.number for action in on}
        answer = what_if(self.questionnaire, ratings_of(self.assessment), self.assessment.method or None, plan, numbers)
        names = {domain.code: domain.name for domain in self.questionnaire.domains}
        return {
            "assessment": self.assessment,
            "what_if": answer,
            "changes": [(names[row.code], row) for row in answer.domains if row.after != row.before],
            "counted": len(on),
            "countable": sum(not action.is_settled for action in plan.actions),
            "days": sum((action.days for action in on), Decimal(0)),
            "money": sum((cost(action, plan.rates) for action in on), Decimal(0)),
            "currency": plan.currency,
            "is_graded": self.questionnaire.kind == "levels",
        }

    def context(self, here: str, **more) -> dict:
        return {
            "assessment": self.assessment,
            "here": here,
            "has_plan": bool(self.actions),
            "may_write": self.may(Permission.PLAN_WRITE),
            "may_work": self.may(Permission.PLAN_WORK),
            "may_confirm": self.may(Permission.PLAN_CONFIRM),
            **more,
        }

    def to_plan(self, query: str = "") -> HttpResponse:
        return redirect(reverse("plan", args=[self.request.organization.slug, self.assessment.pk]) + query)


class ShowPlan(PlanView):
    """All actions as a table, with the score before and after."""

    def get(self, request):
        choice = choice_of(request.GET, self.questionnaire)
        rows = self.rows()
        found = chosen(rows, choice)
        groups, page = paged(grouped(found, choice, self.questionnaire), request.GET.get("page", ""))
        context = self.context(
            "plan",
            choice=choice,
            quick=quick_choices(rows, choice, request.user),
            groups=groups,
            page=page,
            shown=[row.row.number for group in groups for row in group.shown if not row.is_settled],
            found=len(found),
            reckoning=self.reckoning,
            waiting=[row.row for row in rows if row.row.waiting],
            owners=collated({row.row.owner for row in rows if row.row.owner}),
            statuses=[(key, Status(key).label) for key in STATUS_ORDER],
            group_choices=list(zip(GROUPS, group_words(), strict=True)),
            sort_choices=list(zip(SORTS, sort_words(), strict=True)),
            domains=self.questionnaire.domains,
            earlier=earlier_plan(self.assessment, request.membership),
            removed=removed_one(self.assessment, request.GET.get("removed", "")),
            merged=merged_one(self.assessment, request.GET.get("merged", "")),
            may_suggest=self.questionnaire.kind == "levels" and self.may(Permission.PLAN_WRITE),
            **self.what_if(self.reckoning.plan),
        )
        return render(request, "assessments/plan/plan.html", context)


def group_words() -> list[str]:
    return [
        _("Quick wins, then quarters"), _("By quarter"), _("By domain"), _("By person responsible"), _("By status"),
        _("Ungrouped"),
    ]  # fmt: skip


def sort_words() -> list[str]:
    return [
        _("In order of doing"), _("Highest priority first"), _("Largest gain first"), _("Least effort first"),
        _("Earliest due first"), _("By number"),
    ]  # fmt: skip


class SuggestActions(PlanView):
    """Turn the gaps into actions, as the bank advises."""

    permission = Permission.PLAN_WRITE

    def post(self, request):
        form = SuggestForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Please choose which gaps the plan is to close."))
            return self.to_plan()
        made = suggest_actions(
            assessment=self.assessment,
            scope=form.cleaned_data["scope"],
            merge_by_item=form.cleaned_data["merge"],
            language=get_language(),
            by=request.user,
            at=timezone.now(),
        )
        if made:
            said = ngettext("%(n)d action was added.", "%(n)d actions were added.", len(made)) % {"n": len(made)}
            messages.success(request, said)
        elif self.assessment.target is None and not self.assessment.targets:
            messages.info(request, _("There is no target level yet, so there are no gaps. Set one under “Edit”."))
        else:
            messages.info(request, _("Nothing was added: every gap up to the target has its action."))
        return self.to_plan()


class SwitchActions(PlanView):
    """Which actions count in the what-if; answers with the new total."""

    permission = Permission.PLAN_WRITE

    def post(self, request):
        form = SwitchForm(request.POST)
        form.is_valid()  # what is no number is left out
        values = form.cleaned_data
        switch_actions(assessment=self.assessment, shown=values["shown"], on=values["on"], by=request.user, at=timezone.now())
        if not request.htmx:
            return self.to_plan()
        return render(request, "assessments/plan/what_if.html", self.what_if())


class MergeActions(PlanView):
    """One action in the place of several."""

    permission = Permission.PLAN_WRITE

    def get(self, request):
        return self.page(request, MergeForm(), set(request.GET.getlist("number")))

    def post(self, request):
        form = MergeForm(request.POST)
        ticked = set(request.POST.getlist("number"))
        if not form.is_valid():
            return self.page(request, form, ticked, status=422)
        wanted = form.cleaned_data["number"]
        actions = [action for action in self.actions if action.number in wanted]
        if len(actions) < len(wanted):
            form.add_error("number", _("One of these actions is not in the plan any more. Please look again."))
            return self.page(request, form, ticked, status=422)
        title = form.cleaned_data["title"]
        try:
            action = merge_actions(assessment=self.assessment, actions=actions, title=title, by=request.user, at=timezone.now())
        except REFUSALS as error:
            form.add_error("number", refusal(error))
            return self.page(request, form, ticked, status=422)
        return self.to_plan(f"?merged={action.pk}")

    def page(self, request, form, ticked: set[str], status=200):
        rows = [row for row in self.rows() if row.row.status in (Status.OPEN, Status.DOING)]
        by_first_item = sorted(rows, key=lambda row: (row.items[0][0] if row.items else "", row.row.number))
        context = self.context("plan", form=form, rows=by_first_item, ticked=ticked)
        return render(request, "assessments/plan/merge.html", context, status=status)


class PlanSettings(PlanView):
    """When the plan begins, rates by role, actions side by side."""

    permission = Permission.PLAN_VIEW
    write_permission = Permission.PLAN_WRITE

    def get(self, request):
        return self.page(request, SettingsForm(setting=self.setting))

    def post(self, request):
        form = SettingsForm(request.POST, setting=self.setting)
        if not form.is_valid():
            return self.page(request, form, status=422)
        values = form.cleaned_data
        words = {name: values[name] for name in ("starts_on", "currency", "parallel", "revision")}
        try:
            change_settings(assessment=self.assessment, **words, rates=form.rates, by=request.user, at=timezone.now())
        except ChangedMeanwhile as error:
            data = request.POST.copy()
            data["revision"] = error.current.revision
            return self.page(request, SettingsForm(data, setting=error.current), error.current, status=409)
        messages.success(request, _("Saved. Order, quarters and cost follow from it."))
        return self.to_plan()

    def page(self, request, form, current=None, status=200):
        context = self.context("plan_settings", form=form, current=SettingsForm(setting=current) if current else None)
        return render(request, "assessments/plan/settings.html", context, status=status)
