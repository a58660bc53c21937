from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.forms.starting import EditAssessmentForm, StartAssessmentForm
from assessments.operations.editing import edit_assessment
from assessments.operations.lifecycle import start_assessment
from assessments.views.access import AssessmentView
from organizations.access import TenantView
from organizations.permissions import Permission

ABOUT = ("name", "department", "period_from", "period_until")
AIM = ("target", "targets", "method")


class StartAssessment(TenantView):
    """A new assessment, on the newest version of a questionnaire."""

    permission = Permission.ASSESSMENT_START

    def get(self, request):
        name = _("%(year)d self-assessment") % {"year": timezone.localdate().year}
        return self._page(request, StartAssessmentForm(initial={"name": name}))

    def post(self, request):
        form = StartAssessmentForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        values = form.cleaned_data
        assessment = start_assessment(
            organization=request.organization,
            version=values["questionnaire"],
            **{name: values[name] for name in (*ABOUT, "target", "method", "prepare_first")},
            by=request.user,
            at=timezone.now(),
        )
        if values["prepare_first"]:
            messages.success(request, _("The assessment is being prepared: hand out the items, then open it for answering."))
        else:
            messages.success(request, _("The assessment has begun. Every answer is saved as it is given."))
        return redirect(assessment)

    @staticmethod
    def _page(request, form, status=200):
        return render(request, "assessments/start.html", {"form": form}, status=status)


class EditAssessment(AssessmentView):
    """What the assessment is about, and its targets: overall, and of its own for any domain or item."""

    permission = Permission.ASSESSMENT_EDIT

    def get(self, request):
        return self._page(request, EditAssessmentForm(assessment=self.assessment))

    def post(self, request):
        form = EditAssessmentForm(request.POST, assessment=self.assessment)
        if not form.is_valid():
            return self._page(request, form, status=422)
        values = {name: form.cleaned_data[name] for name in (*ABOUT, *AIM) if name in form.cleaned_data}
        edit_assessment(assessment=self.assessment, **values, by=request.user, at=timezone.now())
        messages.success(request, _("Saved."))
        return redirect(self.assessment)

    def _page(self, request, form, status=200):
        context = {"assessment": self.assessment, "form": form, "may_write": self.may(self.permission)}
        return render(request, "assessments/edit.html", context, status=status)
