from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.forms.phases import PhasesForm
from assessments.operations.phases import plan_phases
from assessments.queries.cockpit import cockpit_of, responsible_people, usual_dates
from organizations.access import SAFE_METHODS, TenantView
from organizations.guests import Guest, engagements_at, places_at, today
from organizations.models import Engagement, TeamRole
from organizations.permissions import Permission


class Cockpit(TenantView):
    """How one engagement goes: for its team, and for the enterprise's owner and coordinators. Its leads plan."""

    permission = Permission.COCKPIT_VIEW
    write_permission = Permission.REVIEW_LEAD

    def dispatch(self, request, *args, engagement_id, **kwargs):
        self.role = None
        if isinstance(request.membership, Guest):
            places = {row.engagement_id: row for row in places_at(request.user, request.organization)}
            if engagement_id not in places:
                raise Http404
            self.engagement, self.role = places[engagement_id].engagement, places[engagement_id].role
        else:
            rows = engagements_at(request.organization).filter(accepted_at__isnull=False, kind=Engagement.Kind.ADVICE)
            self.engagement = next((row for row in rows if row.pk == engagement_id), None)
            if self.engagement is None:
                raise Http404
        return super().dispatch(request, *args, **kwargs)

    def handle(self, request, *args, **kwargs):
        if request.method not in SAFE_METHODS and self.role != TeamRole.LEAD:  # of this engagement, not of another
            raise PermissionDenied
        return super().handle(request, *args, **kwargs)

    def get(self, request):
        return self.page(self.form() if self.role == TeamRole.LEAD else None)

    def post(self, request):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        plan_phases(engagement=self.engagement, steps=form.steps(), by=request.user, at=timezone.now())
        messages.success(request, _("The plan is saved."))
        return redirect("cockpit", request.organization.slug, self.engagement.pk)

    def form(self, data=None) -> PhasesForm:
        people, usual = responsible_people(self.engagement), usual_dates(self.engagement)
        return PhasesForm(cockpit_of(self.engagement, today()), people, usual, data)

    def page(self, form, status=200):
        cockpit = form.cockpit if form else cockpit_of(self.engagement, today(), for_team=self.role is not None)
        context = {"cockpit": cockpit, "engagement": self.engagement, "form": form}
        return render(self.request, "assessments/cockpit.html", context, status=status)
