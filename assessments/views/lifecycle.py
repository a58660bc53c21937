from itertools import groupby

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.checking import Severity
from assessments.forms.lifecycle import FinalizeForm, ReopenForm, ReturnForm, SubmitForm
from assessments.models import ReturnPoint
from assessments.operations.lifecycle import (
    NotReadyToSubmit,
    NotSigned,
    VerdictsMissing,
    finalize_assessment,
    move_assessment,
    reopen_assessment,
    return_assessment,
    submit_assessment,
)
from assessments.queries.checking import findings_of
from assessments.queries.returning import open_points
from assessments.queries.reviewing import undecided_codes
from assessments.queries.signing import own_engagement, signature_for, signatures_of, works_alone
from assessments.views.access import AssessmentView
from organizations.guests import Guest
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

    def post(self, request):
        response = super().post(request)
        if isinstance(request.membership, Guest):
            return redirect("review", request.organization.slug, self.assessment.pk)
        return response


class StepWithForm(AssessmentView):
    """A step to another state that asks something first: its form on a page of its own."""

    template: str

    def get(self, request):
        if not self.state_allows(self.permission):
            return redirect(self.assessment)
        return self.page(request, self.form())

    def post(self, request):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.page(request, form, status=422)
        return self.move(form, by=request.user, at=timezone.now()) or redirect(self.assessment)

    def form(self, data=None):
        raise NotImplementedError

    def move(self, form, **who_and_when):
        raise NotImplementedError

    def page(self, request, form, status=200):
        context = {"assessment": self.assessment, "form": form, **self.more()}
        return render(request, self.template, context, status=status)

    def more(self) -> dict:
        return {}

    @cached_property
    def engagement(self):
        return own_engagement(self.request.membership)


class ReturnAssessment(StepWithForm):
    """Back for rework, with the list of what is asked for; a guest ticks it out of what their review left open."""

    permission = Permission.REVIEW_RETURN
    template = "assessments/return.html"

    @cached_property
    def points(self):
        return open_points(self.assessment, self.engagement, timezone.localdate()) if self.engagement else []

    def form(self, data=None):
        return ReturnForm(data, offered=[point.criterion.code for point in self.points])

    def more(self):
        item_of = self.questionnaire.item_of
        ticked = self.request.POST.getlist("point") if self.request.method == "POST" else None
        rows = [
            {
                "point": point,
                "item": self.questionnaire.item_by_code[item_of[point.criterion.code]],
                "ticked": ticked is None or point.criterion.code in ticked,
            }
            for point in self.points
        ]
        unproven = [row for row in rows if row["point"].kind == ReturnPoint.Kind.UNPROVEN]
        return {"asked": [row for row in rows if row not in unproven], "unproven": unproven}

    def move(self, form, **who_and_when):
        chosen = set(form.cleaned_data["point"])
        return_assessment(
            assessment=self.assessment,
            note=form.cleaned_data["reason"],
            points=[point for point in self.points if point.criterion.code in chosen],
            engagement=self.engagement,
            **who_and_when,
        )
        messages.success(self.request, _("Returned. The departments see the reason and can answer again."))


class FinalizeAssessment(StepWithForm):
    """The lock: a second person has signed, and what stays unjudged is said by its number."""

    permission = Permission.ASSESSMENT_FINALIZE
    template = "assessments/finalize.html"

    @cached_property
    def undecided(self) -> list[str]:
        return undecided_codes(self.assessment, self.engagement)

    def form(self, data=None):
        return FinalizeForm(data, left=len(self.undecided))

    def more(self):
        by = self.request.user
        return {
            "undecided": len(self.undecided),
            "signature": signature_for(self.assessment, by, self.engagement),
            "signatures": signatures_of(self.assessment, self.engagement),
            "alone": works_alone(self.assessment, by),
        }

    def move(self, form, **who_and_when):
        leaving = form.cleaned_data.get("leaving", 0)
        try:
            finalize_assessment(assessment=self.assessment, leaving=leaving, engagement=self.engagement, **who_and_when)
        except NotSigned:
            messages.error(self.request, _("Not final: a second person signs the review first."))
            return self.page(self.request, form, status=422)
        except VerdictsMissing:
            messages.error(self.request, _("Not final: the number of unjudged criteria has changed. Please look at it again."))
            return self.page(self.request, form, status=422)
        messages.success(self.request, _("The assessment is final."))
        return None


class ReopenAssessment(StepWithForm):
    """Out of final again, as the next revision; what was final before is kept as it was."""

    permission = Permission.ASSESSMENT_REOPEN
    template = "assessments/reopen.html"

    def form(self, data=None):
        return ReopenForm(data)

    def move(self, form, **who_and_when):
        reason = form.cleaned_data["reason"]
        reopen_assessment(assessment=self.assessment, reason=reason, engagement=self.engagement, **who_and_when)
        messages.success(self.request, _("Reopened: the answers can be changed again. The final before stays as it is."))


def check_page(view: AssessmentView, form: SubmitForm, status: int = 200):
    now = timezone.now()
    findings = findings_of(view.assessment, now=now, today=timezone.localdate(now), reader=view.request.membership)
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
