"""What a report says otherwise than an earlier one of the same assessment."""

from django.http import Http404
from django.shortcuts import render

from assessments.views.access import AssessmentView
from organizations.permissions import Permission
from reports.content.changes import changes_between
from reports.freezing import thaw
from reports.models import Report
from reports.rights import reports_visible_to


class ShowChanges(AssessmentView):
    """``since``: the report to compare with; by default the one before."""

    permission = Permission.ASSESSMENT_VIEW

    def get(self, request, report_id):
        rows = list(reports_visible_to(request.membership, self.assessment).exclude(sha256="").order_by("-made_at", "-pk"))
        report = next((row for row in rows if row.pk == report_id), None)
        if report is None:
            raise Http404
        others = [row for row in rows if row.pk != report.pk and row.sha256 != report.sha256]
        other = self.other(request, others, report)
        context = {"assessment": self.assessment, "report": report, "others": others, "other": other}
        if other is not None:
            context["changes"] = changes_between(self.snapshot(other), self.snapshot(report))
        return render(request, "reports/changes.html", context)

    @staticmethod
    def other(request, others: list[Report], report: Report) -> Report | None:
        """The one asked for, else the newest that was made before."""
        if asked := request.GET.get("since", ""):
            found = next((row for row in others if str(row.pk) == asked), None)
            if found is None:
                raise Http404
            return found
        return next((row for row in others if row.made_at < report.made_at), None)

    @staticmethod
    def snapshot(report: Report):
        return thaw(Report.objects.values_list("snapshot", flat=True).get(pk=report.pk))[0]
