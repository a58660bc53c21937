"""The plan as files."""

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from assessments.plan_exporting import Table, calendar_of, table_of
from assessments.queries.planning import as_plan, plan_of
from assessments.views.planning import PlanView
from organizations.operations.trail import record_activity
from organizations.table_writing import write_csv, write_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ExportView(PlanView):
    """A file of the plan; taking it along stands on the trail."""

    ending = ""
    media_type = ""

    def get(self, request):
        content = self.content()
        about = f"assessment {self.assessment.pk} {self.ending}"
        with transaction.atomic():
            record_activity("plan.exported", organization=request.organization, about=about, by=request.user, at=timezone.now())
        name = get_valid_filename(f"{_('Improvement plan')} {self.assessment.name} {timezone.localdate()}.{self.ending}")
        header = content_disposition_header(True, name)
        return HttpResponse(content, content_type=self.media_type, headers={"Content-Disposition": header})

    def table(self) -> Table:
        plan = plan_of(self.assessment) or as_plan(self.setting, [])
        return table_of(self.assessment, plan, self.reckoning)


class PlanCsv(ExportView):
    ending, media_type = "csv", "text/csv; charset=utf-8"

    def content(self) -> bytes:
        table = self.table()
        return write_csv(table.heads, table.rows)


class PlanXlsx(ExportView):
    ending, media_type = "xlsx", XLSX

    def content(self) -> bytes:
        table = self.table()
        return write_xlsx(table.title, table.heads, table.widths, table.rows)


class PlanIcs(ExportView):
    ending, media_type = "ics", "text/calendar; charset=utf-8"

    def content(self) -> bytes:
        return calendar_of(self.assessment, self.actions, self.reckoning)
