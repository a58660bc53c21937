from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.forms.starting import StartAssessmentForm
from assessments.models import Assessment
from assessments.operations.lifecycle import start_assessment
from assessments.queries.answers import Progress, overall_progress, progress_by_domain, ratings_of, with_answer_counts
from assessments.views.access import AssessmentView
from organizations.access import TenantView
from organizations.permissions import Permission


class OrganizationHome(TenantView):
    """What is under way here, and where to go on."""

    permission = Permission.ASSESSMENT_VIEW

    def get(self, request):
        rows = with_answer_counts(Assessment.objects.select_related("organization", "version").defer("version__content"))
        assessments = [(row, Progress(row.answered_count, len(row.questionnaire.item_of))) for row in rows]
        context = {"assessments": assessments, "may_start": self.may(Permission.ASSESSMENT_START)}
        return render(request, "assessments/home.html", context)


class StartAssessment(TenantView):
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
            name=values["name"],
            target=values["target"],
            method=values["method"],
            by=request.user,
            at=timezone.now(),
        )
        messages.success(request, _("The assessment has begun. Every answer is saved as it is given."))
        return redirect(assessment)

    @staticmethod
    def _page(request, form, status=200):
        return render(request, "assessments/start.html", {"form": form}, status=status)


class AssessmentOverview(AssessmentView):
    """All domains and items with their progress, and the one place to go on."""

    permission = Permission.ASSESSMENT_VIEW

    def get(self, request):
        answered = set(ratings_of(self.assessment))
        domains = progress_by_domain(self.questionnaire, answered)
        items = [row for domain in domains for row in domain.items]
        context = {
            "assessment": self.assessment,
            "questionnaire": self.questionnaire,
            "domains": domains,
            "progress": overall_progress(self.questionnaire, answered),
            "next_item": next((row.item for row in items if row.progress.left), None),
        }
        return render(request, "assessments/overview.html", context)
