from django.http import Http404
from django.shortcuts import get_object_or_404, render

from assessments.operations.holding import Closed
from assessments.queries.visible import assessments_visible_to
from assessments.states import state_allows
from organizations.access import SAFE_METHODS, TenantView
from organizations.permissions import Permission


class AssessmentView(TenantView):
    """A page about one assessment of the organization; someone else's is not found, nor one outside a guest's engagement.

    Reading depends on the role only; what writes also needs a state that allows it, else the answer is 409 with a sentence.
    """

    def dispatch(self, request, *args, assessment_id, **kwargs):
        rows = assessments_visible_to(request.membership).select_related("version").defer("version__content")
        self.assessment = get_object_or_404(rows, pk=assessment_id)
        self.assessment.organization = request.organization  # the scope's
        return super().dispatch(request, *args, **kwargs)

    def handle(self, request, *args, **kwargs):
        if request.method not in SAFE_METHODS and not all(map(self.state_allows, self.needed(request))):
            return self.closed(request)
        try:
            return super().handle(request, *args, **kwargs)
        except Closed as error:  # the state changed while the request was under way
            self.assessment.state = error.state
            return self.closed(request)

    def closed(self, request):
        """The page, or for htmx the line, that says why nothing was changed."""
        template = "assessments/closed_line.html" if request.htmx else "assessments/closed.html"
        response = render(request, template, {"assessment": self.assessment}, status=409)
        response["X-Closed"] = self.assessment.state  # for the script: nothing to choose, nothing to retry
        return response

    def may(self, permission: Permission) -> bool:
        return super().may(permission) and self.state_allows(permission)

    def state_allows(self, permission: Permission) -> bool:
        return state_allows(self.assessment.state, permission)

    @property
    def questionnaire(self):
        return self.assessment.questionnaire

    def item_or_404(self, code: str):
        try:
            return self.questionnaire.item_by_code[code]
        except KeyError as error:
            raise Http404 from error
