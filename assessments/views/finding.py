from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from assessments.forms.finding import ONLY, FindForm
from assessments.queries.finding import find_questions
from assessments.views.access import AssessmentView
from assessments.views.rows import rating_words
from organizations.permissions import Permission


class FindCriteria(AssessmentView):
    """Search the questions of an assessment by words and by how they stand."""

    permission = Permission.ASSESSMENT_VIEW

    def get(self, request):
        form = FindForm(request.GET, questionnaire=self.questionnaire)
        context = {"assessment": self.assessment, "questionnaire": self.questionnaire, "form": form}
        if not form.is_valid():
            return render(request, "assessments/find.html", context, status=422)
        wanted = form.wanted()
        found, counts = find_questions(self.assessment, request.membership, wanted, timezone.localdate())
        path = reverse("assessment", args=[request.organization.slug, self.assessment.pk])
        context |= {
            "found": found,
            "total": sum(len(item.rows) for item in found),
            "wanted": wanted,
            "filters": [(name, label, counts[name], name in wanted.only) for name, label in ONLY],
            "words": rating_words(),
            "items_path": f"{path}items/",
        }
        return render(request, "assessments/find.html", context)
