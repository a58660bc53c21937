"""Many reports at once: ordered for clients from the portfolio, watched and fetched as one archive."""

import tempfile

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from organizations.access import TenantView
from organizations.permissions import Permission
from reports.batching import batches_visible_to, clients_to_choose, overview, targets_of, write_archive
from reports.forms.ordering import BatchForm
from reports.operations.handing_over import record_archive
from reports.operations.ordering import cancel_reports, make_all_again, order_batch
from reports.operations.queueing import TooManyWaiting
from reports.portfolio.views import PortfolioView
from reports.views.ordering import too_many

IN_MEMORY = 8 * 1024 * 1024  # bytes; a larger archive goes through a temporary file
SHOWN, MOST = 20, 1000  # batches on the page, and those that can be opened


class PortfolioReports(PortfolioView):
    """Choose clients, order a report of each."""

    def get(self, request):
        return self.page(self.form(initial={"clients": request.GET.getlist("client")}))

    def post(self, request):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        values, at = form.cleaned_data, timezone.now()
        targets, left_out = targets_of(request.user, request.organization, values["clients"])
        if not targets:
            form.add_error("clients", _("For none of these clients you may make a report, or there is nothing to report on."))
            return self.page(form, status=422)
        try:
            batch = order_batch(
                organization=request.organization,
                title=values["title"] or _("Reports of %(day)s") % {"day": timezone.localdate(at)},
                targets=targets,
                left_out=left_out,
                variant=values["variant"],
                language=values["language"],
                formats=values["formats"],
                by=request.user,
                at=at,
            )
        except TooManyWaiting:
            form.add_error(None, too_many())
            return self.page(form, status=422)
        return redirect(batch)

    def form(self, data=None, **options) -> BatchForm:
        return BatchForm(data, clients=clients_to_choose(self.request.user, self.request.organization), **options)

    def page(self, form: BatchForm, status=200):
        batches = batches_visible_to(self.request.membership, self.request.user, most=SHOWN)
        context = {"form": form, "batches": batches, "has_clients": bool(form.fields["clients"].choices)}
        return render(self.request, "reports/reports/portfolio.html", context, status=status)


class BatchView(TenantView):
    """One batch of the organization at hand that its reader may see; any other is not found."""

    permission = Permission.PORTFOLIO_VIEW

    def handle(self, request, *args, batch_id, **kwargs):
        rows = batches_visible_to(request.membership, request.user, most=MOST)
        self.batch = next((row for row in rows if row.pk == batch_id), None)
        if self.batch is None:
            raise Http404
        return super().handle(request, *args, **kwargs)


class ShowBatch(BatchView):
    def get(self, request):
        context = {"overview": overview(self.batch, request.user)}
        template = "reports/reports/batch_state.html" if request.htmx else "reports/reports/batch.html"
        return render(request, template, context)


class CancelBatch(BatchView):
    """Stop what is not finished, as far as the reader may make it themselves; what is made stays."""

    def post(self, request):
        stopped = cancel_reports(reports=overview(self.batch, request.user).stoppable, by=request.user, at=timezone.now())
        if request.htmx:
            return render(request, "reports/reports/batch_state.html", {"overview": overview(self.batch, request.user)})
        if not stopped:
            messages.info(request, _("There was nothing to stop: none of these reports is being made any more."))
        return redirect(self.batch)


class MakeBatchAgain(BatchView):
    """Queue all of it that was stopped, failed or has expired, as far as the reader may make it themselves."""

    def post(self, request):
        try:
            if not make_all_again(asked=overview(self.batch, request.user).repeatable, by=request.user, at=timezone.now()):
                messages.info(request, _("These reports are there or being made already."))
        except TooManyWaiting:
            messages.error(request, too_many())
        return redirect(self.batch)


class DownloadBatch(BatchView):
    """All files that are ready and that the reader may see now."""

    def get(self, request):
        found = overview(self.batch, request.user)
        if not found.ready:
            messages.error(request, _("None of these reports is there (any more)."))
            return redirect(self.batch)
        archive = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed by the response
        packed = write_archive(found, archive)
        record_archive(reports=packed, by=request.user, at=timezone.now())
        archive.seek(0)
        name = get_valid_filename(f"{self.batch.title[:60]}-{self.batch.made_at:%Y-%m-%d}.zip")
        return FileResponse(archive, as_attachment=True, filename=name, content_type="application/zip")
