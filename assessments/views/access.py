from django.http import Http404
from django.shortcuts import get_object_or_404

from assessments.models import Assessment
from organizations.access import TenantView


class AssessmentView(TenantView):
    """A page about one assessment of the organization; someone else's is not found."""

    def dispatch(self, request, *args, assessment_id, **kwargs):
        rows = Assessment.objects.select_related("organization", "version").defer("version__content")
        self.assessment = get_object_or_404(rows, pk=assessment_id)
        return super().dispatch(request, *args, **kwargs)

    @property
    def questionnaire(self):
        return self.assessment.questionnaire

    def item_or_404(self, code: str):
        try:
            return self.questionnaire.item_by_code[code]
        except KeyError as error:
            raise Http404 from error
