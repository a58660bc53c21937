from itertools import groupby

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.checking import Severity
from assessments.forms.lifecycle import FinalizeForm, ReturnForm, SubmitForm
from assessments.operations.lifecycle import NotReadyToSubmit, move_assessment, submit_assessment
from assessments.queries.checking import findings_of
from assessments.views.access import AssessmentView
from organizations.permissions import Permission


class CheckAssessment(AssessmentView):
    """What to look at before submitting, each with the place, and the box that submits."""

    permission = Permission.ASSESSMENT_VIEW

    def get(self, request):
        return check_page(self, SubmitForm())


class SubmitAssessment(AssessmentView):
    permission = Permission.ASSESSMENT_SUBMIT

    def post(self, request):
        form = SubmitForm(request.POST)
        if not form.is_valid():
            return check_page(self, form, status=422)
        try:
            submit_assessment(assessment=self.assessment, by=request.user, at=timezone.now())
        except NotReadyToSubmit:
            messages.error(request, _("Not submitted: the check still finds errors."))
            return check_page(self, form, status=422)
        messages.success(request, _("Submitted. The answers are frozen until the review ends or the assessment is returned."))
        return redirect(self.assessment)


class MoveAssessment(AssessmentView):
    """One step to another state that needs no more than a click."""

    done: str

    def post(self, request):
        move_assessment(assessment=self.assessment, permission=self.permission, by=request.user, at=timezone.now())
        messages.success(request, self.done)
        return redirect(self.assessment)


class OpenAssessment(MoveAssessment):
    permission = Permission.ASSESSMENT_OPEN
    done = gettext_lazy("The assessment is open: the departments can answer.")


class WithdrawAssessment(MoveAssessment):
    permission = Permission.ASSESSMENT_WITHDRAW
    done = gettext_lazy("Withdrawn: the departments can answer again.")


class BeginReview(MoveAssessment):
    permission = Permission.REVIEW_BEGIN
    done = gettext_lazy("The review has begun.")


class StepWithForm(AssessmentView):
    """A step to another state that asks something first: its form on a page of its own."""

    form_class: type
    template: str

    def get(self, request):
        if not self.state_allows(self.permission):
            return redirect(self.assessment)
        return self._page(request, self.form_class())

    def post(self, request):
        form = self.form_class(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        self.move(form, by=request.user, at=timezone.now())
        return redirect(self.assessment)

    def move(self, form, **who_and_when):
        raise NotImplementedError

    def _page(self, request, form, status=200):
        return render(request, self.template, {"assessment": self.assessment, "form": form}, status=status)


class ReturnAssessment(StepWithForm):
    permission = Permission.REVIEW_RETURN
    form_class = ReturnForm
    template = "assessments/return.html"

    def move(self, form, **who_and_when):
        reason = form.cleaned_data["reason"]
        move_assessment(assessment=self.assessment, permission=self.permission, note=reason, **who_and_when)
        messages.success(self.request, _("Returned. The departments see the reason and can answer again."))


class FinalizeAssessment(StepWithForm):
    permission = Permission.ASSESSMENT_FINALIZE
    form_class = FinalizeForm
    template = "assessments/finalize.html"

    def move(self, form, **who_and_when):
        move_assessment(assessment=self.assessment, permission=self.permission, **who_and_when)
        messages.success(self.request, _("The assessment is final."))


def check_page(view: AssessmentView, form: SubmitForm, status: int = 200):
    now = timezone.now()
    findings = findings_of(view.assessment, now=now, today=timezone.localdate(now))
    parts = [(severity, _by_rule(view, findings, severity)) for severity in Severity]
    counts = {severity: sum(finding.severity == severity for finding in findings) for severity in Severity}
    context = {
        "assessment": view.assessment,
        "questionnaire": view.questionnaire,
        "parts": [(severity, counts[severity], groups) for severity, groups in parts],
        "errors": counts[Severity.ERROR],
        "first_error": next((f for f in findings if f.severity == Severity.ERROR), None),
        "form": form,
        "may_submit": view.may(Permission.ASSESSMENT_SUBMIT),
        "is_open": view.state_allows(Permission.ASSESSMENT_SUBMIT),
    }
    return render(view.request, "assessments/check.html", context, status=status)


def _by_rule(view: AssessmentView, findings, severity) -> list[tuple[str, list]]:
    """(rule, [(finding, item, places)]) of one severity."""
    rows = [finding for finding in findings if finding.severity == severity]
    return [(code, [_located(view, finding) for finding in group]) for code, group in groupby(rows, lambda row: row.code)]


def _located(view: AssessmentView, finding) -> dict:
    """A finding with the items that its places lie in."""
    questionnaire = view.questionnaire
    places = [(code, questionnaire.item_of[code]) for code in finding.criteria]
    return {"finding": finding, "item": questionnaire.item_by_code.get(finding.item), "places": places}
