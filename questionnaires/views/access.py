from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.utils.decorators import method_decorator
from django.views import View

from questionnaires.library import current_version, questionnaire_of
from questionnaires.packages import QUESTIONNAIRES
from questionnaires.schema import PolicyClause, PolicyLibrary, Questionnaire


@method_decorator(login_not_required, name="dispatch")
class ContentView(View):
    """A page of the content, which belongs to nobody: for signed-in people, or for all where LIBRARY_IS_PUBLIC."""

    def dispatch(self, request, *args, **kwargs):
        if not settings.LIBRARY_IS_PUBLIC and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return super().dispatch(request, *args, **kwargs)


class StaffView(ContentView):
    """Only platform staff may change the library; for everybody else the page does not exist."""

    def dispatch(self, request, *args, **kwargs):
        if not request.user.is_authenticated or not request.user.is_staff:
            raise Http404
        return super().dispatch(request, *args, **kwargs)


def current(code: str) -> Questionnaire:
    return questionnaire_of(current_version(code))


def graded_questionnaires() -> list[Questionnaire]:
    return [current(code) for code in QUESTIONNAIRES if code != "policy-actions"]


def questionnaire_or_404(code: str) -> Questionnaire:
    if code not in QUESTIONNAIRES:
        raise Http404
    return current(code)


def clause_or_404(library: PolicyLibrary, clause_id: str) -> PolicyClause:
    try:
        return library.clause_by_id[clause_id]
    except KeyError as error:
        raise Http404 from error
