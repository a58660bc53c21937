"""Reports of one assessment: ordered here, made by the worker, fetched here."""

import logging

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessments.views.access import AssessmentView
from organizations.guests import Guest
from organizations.permissions import Permission
from reports.batching import file_name
from reports.forms.ordering import OrderForm
from reports.freezing import NothingAssigned, departments_with_items
from reports.jobs import MEDIA_TYPES
from reports.models import Report
from reports.operations.ordering import NothingToDo, cancel_report, make_again, order_batch, order_report
from reports.operations.queueing import TooManyWaiting
from reports.papers.fonts import missing
from reports.rights import reports_visible_to
from reports.telling import told

log = logging.getLogger(__name__)
SHOWN = 50  # reports on a page


class Reports(AssessmentView):
    """What was ordered so far, and the form for another."""

    permission = Permission.ASSESSMENT_VIEW
    write_permission = Permission.REPORT_MAKE

    def get(self, request):
        return self.page(self.form())

    def post(self, request):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        try:
            return self.ordered(form)
        except TooManyWaiting:
            form.add_error(None, too_many())
        except NothingAssigned:
            form.add_error("department", _("Nothing is assigned to this department. Choose another."))
        return self.page(form, status=422)

    def form(self, data=None) -> OrderForm:
        return OrderForm(data, departments=departments_with_items(self.assessment), earlier=self.earlier())

    def earlier(self) -> list[Report]:
        rows = reports_visible_to(self.request.membership, self.assessment).exclude(sha256="")
        return list(rows.order_by("-made_at", "-pk")[:SHOWN])

    def ordered(self, form: OrderForm):
        values, by, at = form.cleaned_data, self.request.user, timezone.now()
        order = {name: values[name] for name in ("variant", "language", "formats")} | {"by": by, "at": at}
        place = self.request.membership
        if len(form.chosen) > 1:
            batch = order_batch(
                organization=place.engagement.consultancy if isinstance(place, Guest) else place.organization,
                title=self.batch_title(place, at),
                targets=[(self.assessment, place, department) for department in form.chosen],
                **order,
            )
            return redirect(batch)
        department = form.chosen[0] if form.chosen else None
        order_report(assessment=self.assessment, place=place, department=department, since=form.compared, **order)
        messages.success(self.request, ordered_words())
        return redirect("reports", self.request.organization.slug, self.assessment.pk)

    def batch_title(self, place, at) -> str:
        """Colleagues of a guest, who may not have this assessment in their scope, see the batch in the portfolio."""
        if isinstance(place, Guest):
            return _("Department volumes of %(day)s") % {"day": timezone.localdate(at)}
        return self.assessment.name

    def page(self, form: OrderForm, status=200):
        place = self.request.membership
        rows = reports_visible_to(place, self.assessment).select_related("organization", "made_by")[: SHOWN + 1]
        reports = told(rows, place)
        context = {
            "assessment": self.assessment,
            "form": form,
            "reports": reports[:SHOWN],
            "more": len(reports) > SHOWN,
            "shown": SHOWN,
            "may_make": self.may(Permission.REPORT_MAKE),
            "lacks": missing(),
        }
        return render(self.request, "reports/reports/list.html", context, status=status)


class MakeReport(AssessmentView):
    """The usual one: the full volume as a PDF, in the language of the page."""

    permission = Permission.REPORT_MAKE

    def post(self, request):
        try:
            order_report(
                assessment=self.assessment,
                place=request.membership,
                language=get_language(),
                by=request.user,
                at=timezone.now(),
            )
        except TooManyWaiting:
            messages.error(request, too_many())
        else:
            messages.success(request, ordered_words())
        return redirect("reports", request.organization.slug, self.assessment.pk)


class ReportView(AssessmentView):
    """One report that its reader may see; any other is not found."""

    permission = Permission.ASSESSMENT_VIEW

    def handle(self, request, *args, report_id, **kwargs):
        rows = reports_visible_to(request.membership, self.assessment).select_related("organization", "made_by")
        self.report: Report = get_object_or_404(rows, pk=report_id)
        self.report.assessment = self.assessment
        return super().handle(request, *args, **kwargs)

    def line(self, request):
        """The report's line for htmx, the whole list without."""
        if not request.htmx:
            return redirect("reports", request.organization.slug, self.assessment.pk)
        context = {
            "report": told([self.report], request.membership)[0],
            "assessment": self.assessment,
            "may_make": self.may(Permission.REPORT_MAKE),
        }
        return render(request, "reports/reports/line.html", context)


class ReportState(ReportView):
    def get(self, request):
        return self.line(request)


class CancelReport(ReportView):
    write_permission = Permission.REPORT_MAKE

    def post(self, request):
        try:
            cancel_report(report=self.report, by=request.user, at=timezone.now())
        except NothingToDo:
            messages.info(request, _("There was nothing to stop: the report is not being made any more."))
        return self.line(request)


class MakeAgain(ReportView):
    write_permission = Permission.REPORT_MAKE

    def post(self, request):
        try:
            make_again(report=self.report, place=request.membership, by=request.user, at=timezone.now())
        except NothingToDo:
            messages.info(request, _("The report is there or being made already."))
        except TooManyWaiting:
            messages.error(request, too_many())
        return self.line(request)


class DownloadReport(ReportView):
    """A file of the report, as an attachment, to those who may see it. ``?as=``: the format."""

    def get(self, request):
        files = self.report.file_of
        kind = request.GET.get("as") or next(iter(files), "")
        if kind and kind not in MEDIA_TYPES:
            raise Http404
        try:
            file = files[kind].open("rb")
        except KeyError:
            messages.error(request, _("This file is not there (any more). Please make the report again."))
        except FileNotFoundError:
            log.exception("the file of report %s is gone", self.report.pk)
            messages.error(request, _("The file of this report is missing on the server. Please make the report again."))
        else:
            return FileResponse(file, as_attachment=True, filename=file_name(self.report, kind), content_type=MEDIA_TYPES[kind])
        return redirect("reports", request.organization.slug, self.assessment.pk)


def ordered_words() -> str:
    return _("The report is being made; the answers are frozen as they stand. You get a mail when it is ready.")


def too_many() -> str:
    return _("Too many reports are waiting or were asked for within the hour. Please wait a while, or stop some of them.")
