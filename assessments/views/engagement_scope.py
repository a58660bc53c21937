"""What an engagement covers: offered, accepted and changed by the enterprise, which alone knows its assessments."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.forms.engagement_scope import ALL, CHOSEN, OfferWithScopeForm, ScopeForm
from assessments.models import Assessment, EngagementScope
from assessments.operations.engagement_scope import accept_with_scope, offer_with_scope, set_scope
from organizations.access import TenantView
from organizations.engagement_forms import ENTERPRISES
from organizations.guests import organization_by_code
from organizations.models import Engagement, Organization
from organizations.operations.engagement import NoLongerOpen, accept_engagement, offer_engagement
from organizations.permissions import Permission
from organizations.views.engagements import EngagementView, count_guess


class OfferEngagement(TenantView):
    """Offer an engagement to the organization whose contact code one was told."""

    permission = Permission.ENGAGEMENT_MANAGE

    def get(self, request):
        return self._page(request, self._form())

    def post(self, request):
        form = self._form(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        if not count_guess(request, dry_run=True):
            form.add_error("code", _("Too many wrong codes were typed. Please try again in an hour."))
            return self._page(request, form, status=429)
        other = organization_by_code(form.cleaned_data["code"])
        if other is None:
            count_guess(request)
            form.add_error("code", _("No organization has this code. Please ask for it again; it may have been replaced."))
            return self._page(request, form, status=422)
        fault = form.fault_of(other)
        if fault:
            form.add_error("code", fault)
            return self._page(request, form, status=422)
        self._offer(form, other)
        messages.success(request, _("The offer to %(name)s is on its way. It waits for their answer.") % {"name": other.name})
        return redirect("engagements", request.organization.slug)

    def _form(self, *args):
        organization = self.request.organization
        can_host = organization.kind in ENTERPRISES
        rows = assessment_rows(organization) if can_host else []
        return OfferWithScopeForm(*args, organization=organization, rows=rows, can_host=can_host)

    def _offer(self, form: OfferWithScopeForm, other: Organization):
        own, by, at = self.request.organization, self.request.user, timezone.now()
        if form.by_enterprise:
            offer_with_scope(
                enterprise=own,
                consultancy=other,
                kind=kind_for(other),
                covers_all=form.covers_all,
                assessments=form.chosen,
                **form.terms(),
                by=by,
                at=at,
            )
        else:
            offer_engagement(
                enterprise=other,
                consultancy=own,
                kind=kind_for(own),
                offered_by_enterprise=False,
                covers_all=False,  # the enterprise chooses when it accepts
                **form.terms(),
                by=by,
                at=at,
            )

    @staticmethod
    def _page(request, form, status=200):
        context = {"form": form, "is_enterprise": request.organization.kind in ENTERPRISES}
        return render(request, "assessments/engagements/offer.html", context, status=status)


class ScopeView(EngagementView):
    """A page on which the enterprise chooses assessments."""

    permission = Permission.ENGAGEMENT_MANAGE
    side = "enterprise"
    template = "assessments/engagements/scope.html"

    def get(self, request):
        if self.line.is_past:
            return self.back()
        return self._page(request, self._form())

    def post(self, request):
        if self.line.is_past:
            raise NoLongerOpen
        form = self._form(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        self.act(form)
        return self.back()

    def act(self, form: ScopeForm):
        set_scope(
            engagement=self.engagement,
            covers_all=form.covers_all,
            assessments=form.chosen,
            by=self.request.user,
            at=timezone.now(),
        )
        messages.success(self.request, _("Saved; it holds from the next click of the team on."))

    def _form(self, *args) -> ScopeForm:
        chosen = EngagementScope.objects.filter(engagement=self.engagement).values_list("assessment_id", flat=True)
        covers = CHOSEN if chosen and not self.engagement.covers_all else ALL
        initial = {"covers": covers, "assessments": list(chosen)}
        return ScopeForm(*args, rows=assessment_rows(self.request.organization), initial=initial)

    def _page(self, request, form, status=200):
        context = {"form": form, "line": self.line, "engagement": self.engagement}
        return render(request, self.template, context, status=status)


class SetScope(ScopeView):
    """Widen or narrow what a running engagement opens."""


class AcceptEngagement(ScopeView):
    """The enterprise accepts and says what it opens; a firm accepts what it was offered."""

    side = ""
    template = "assessments/engagements/accept.html"

    def get(self, request):
        if self.line.stage != "to_answer":
            return self.back()
        return super().get(request)

    def post(self, request):
        if self.line.stage != "to_answer":
            raise NoLongerOpen
        if self.line.is_enterprise:
            return super().post(request)
        accept_engagement(engagement=self.engagement, by=request.user, at=timezone.now())
        return self._welcome()

    def act(self, form: ScopeForm):
        accept_with_scope(
            engagement=self.engagement,
            covers_all=form.covers_all,
            assessments=form.chosen,
            by=self.request.user,
            at=timezone.now(),
        )
        self._welcome()

    def _welcome(self):
        messages.success(self.request, _("The offer of %(name)s is accepted.") % {"name": self.line.other.name})
        return self.back()

    def _form(self, *args):
        return super()._form(*args) if self.line.is_enterprise else None


def kind_for(firm: Organization) -> str:
    is_sponsor = firm.kind == Organization.Kind.SPONSOR
    return Engagement.Kind.SPONSORSHIP if is_sponsor else Engagement.Kind.ADVICE


def assessment_rows(organization: Organization) -> list[Assessment]:
    rows = Assessment.objects.filter(organization=organization).only("name", "organization")
    return list(rows.order_by("-started_at", "-pk"))
