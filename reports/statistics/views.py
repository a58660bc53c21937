import logging

from django.shortcuts import render

from assessments.models import Verdict
from organizations.access import TenantView
from organizations.permissions import Permission
from reports.statistics import queries
from reports.statistics.alpha import NoFigure

log = logging.getLogger(__name__)


class ShowStatistics(TenantView):
    """What the firm's reviews say together, over the clients whose team the reader is on."""

    permission = Permission.STATISTICS_VIEW

    def get(self, request):
        context = {
            "least_answers": queries.LEAST_ANSWERS,
            "least_of_item": queries.LEAST_OF_ITEM,
            "least_units": queries.LEAST_UNITS,
            "least_units_of_item": queries.LEAST_UNITS_OF_ITEM,
            "reason_words": dict(Verdict.Reason.choices),
        }
        try:
            context["clients"], context["versions"] = queries.statistics_of(request.user, request.organization)
        except NoFigure:
            log.exception("The agreement of reviewers could not be computed.")
            return render(request, "reports/statistics/unavailable.html", context, status=503)
        return render(request, "reports/statistics/statistics.html", context)
