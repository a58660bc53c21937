from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from assessments.views.access import AssessmentView
from organizations.permissions import Permission
from reports.papers.fonts import missing
from reports.papers.pdf import volume_context
from reports.queries import snapshot_of
from reports.rights import reports_visible_to
from reports.telling import told

LAST = 5  # reports on the page of the result


class SnapshotView(AssessmentView):
    """A page that tells the assessment as it stands now."""

    permission = Permission.ASSESSMENT_VIEW
    template: str

    def get(self, request):
        snapshot = snapshot_of(self.assessment, on=timezone.localdate(), language=get_language(), place=request.membership)
        context = {**volume_context(snapshot), "assessment": self.assessment, **self.more()}
        return render(request, self.template, context)

    def more(self) -> dict:
        return {}


class ShowResult(SnapshotView):
    template = "reports/result.html"

    def more(self):
        place = self.request.membership
        rows = reports_visible_to(place, self.assessment).select_related("organization", "made_by")
        may_make = self.may(Permission.REPORT_MAKE)
        return {"reports": told(rows[:LAST], place), "may_report": may_make, "may_make": may_make, "lacks": missing()}


class ShowDerivation(SnapshotView):
    template = "reports/derivation.html"


class ShowGaps(SnapshotView):
    template = "reports/gaps.html"
