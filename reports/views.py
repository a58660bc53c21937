import logging

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessments.queries.visible import of_other_firms
from assessments.views.access import AssessmentView
from organizations.permissions import Permission
from reports.fonts import missing
from reports.models import Report
from reports.operations.reporting import make_report
from reports.pdf import CannotSetChinese, volume_context
from reports.queries import snapshot_of
from reports.typesetting import TypesettingFailed

log = logging.getLogger(__name__)


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
        reports = Report.objects.filter(assessment=self.assessment).select_related("organization", "made_by").defer("snapshot")
        reports = list(reports[:20])
        hidden = of_other_firms(self.request.membership, [report.engagement_id for report in reports])
        for report in reports:
            if report.engagement_id in hidden:
                report.made_by = None
        return {"reports": reports, "may_report": self.may(Permission.REPORT_MAKE), "lacks": missing()}


class ShowDerivation(SnapshotView):
    template = "reports/derivation.html"


class ShowGaps(SnapshotView):
    template = "reports/gaps.html"


class MakeReport(AssessmentView):
    permission = Permission.REPORT_MAKE

    def post(self, request):
        result = redirect("result", request.organization.slug, self.assessment.pk)
        try:
            report = make_report(
                assessment=self.assessment,
                language=get_language(),
                place=request.membership,
                by=request.user,
                at=timezone.now(),
            )
        except CannotSetChinese as lacking:
            for lack in lacking.lacks:
                messages.error(request, _("The report can't be set: %(what)s is missing on the server. Install it: %(how)s") % {
                    "what": lack.what, "how": lack.install,
                })  # fmt: skip
        except TypesettingFailed:
            log.exception("report of assessment %s", self.assessment.pk)
            messages.error(request, _("The report could not be set. Your answers are safe; please tell the operator."))
        else:
            messages.success(request, _("The report is ready: %(pages)d pages.") % {"pages": report.pages})
        return result


class DownloadReport(AssessmentView):
    """The PDF, as an attachment, to those who may see the assessment."""

    permission = Permission.ASSESSMENT_VIEW

    def get(self, request, report_id):
        report = get_object_or_404(Report.objects.defer("snapshot"), pk=report_id, assessment=self.assessment)
        name = get_valid_filename(f"{self.assessment.organization.name}-{self.assessment.name}-{report.made_at:%Y-%m-%d}.pdf")
        try:
            file = report.file.open("rb")
        except FileNotFoundError:
            log.exception("the file of report %s is gone", report.pk)
            messages.error(request, _("The file of this report is missing on the server. Please make the report again."))
            return redirect("result", request.organization.slug, self.assessment.pk)
        return FileResponse(file, as_attachment=True, filename=name, content_type="application/pdf")
