from dataclasses import dataclass

from allauth.core.internal import ratelimit
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django_scopes import scope

from organizations.access import TenantView
from organizations.engagement_forms import ENTERPRISES, EndForm, TeamForm, TermForm
from organizations.guests import engagement_by, engagements_at, engagements_by, history_of, today
from organizations.models import Engagement, Organization, TeamMember
from organizations.operations.engagement import (
    NoLongerOpen,
    NotOfThisFirm,
    decline_engagement,
    end_engagement,
    prolong_engagement,
    put_on_team,
    take_off_team,
)
from organizations.permissions import Permission
from organizations.queries import members_of

GUESSES = {"guess_contact_code": "20/1h/user,60/1h/ip"}


@dataclass(frozen=True)
class Line:
    """An engagement as one side sees it. ``stage``: to_answer, offered, running, coming, or over in one of its ways."""

    engagement: Engagement
    is_enterprise: bool

    @property
    def other(self) -> Organization:
        return self.engagement.consultancy if self.is_enterprise else self.engagement.organization

    @property
    def stage(self) -> str:
        row, day = self.engagement, today()
        if row.declined_at:
            return "declined"
        if row.ended_at:
            return "ended" if row.accepted_at else "withdrawn"
        if row.ends_on < day:
            return "over" if row.accepted_at else "lapsed"
        if not row.accepted_at:
            return "offered" if row.offered_by_enterprise == self.is_enterprise else "to_answer"
        return "running" if row.starts_on <= day else "coming"

    @property
    def is_live(self) -> bool:
        return self.stage in ("running", "coming")

    @property
    def is_past(self) -> bool:
        return self.stage in ("declined", "ended", "withdrawn", "over", "lapsed")

    @property
    def days_left(self) -> int:
        return (self.engagement.ends_on - today()).days + 1

    @property
    def team(self) -> list[TeamMember]:
        """Lead first, each role by name."""
        order = ["lead", "reviewer", "observer"]
        return sorted(self.engagement.team.all(), key=lambda row: (order.index(row.role), str(row.user)))

    @property
    def results_only(self) -> bool:
        return self.engagement.kind == Engagement.Kind.SPONSORSHIP


class Engagements(TenantView):
    """Who works with us, and for whom we work; both sides on one page."""

    permission = Permission.ENGAGEMENT_VIEW

    def get(self, request):
        organization = request.organization
        hosts, sends = organization.kind in ENTERPRISES, organization.has_clients
        here = [Line(row, True) for row in engagements_at(organization)]
        there = [Line(row, False) for row in engagements_by(organization)] if sends else []
        context = {
            "hosts": hosts or bool(here),
            "sends": sends,
            "sides": [side for side in (self._side(here, True, hosts), self._side(there, False, sends)) if side["is_shown"]],
            "may_offer": self.may(Permission.ENGAGEMENT_MANAGE),
            "may_edit": self.may(Permission.ORGANIZATION_EDIT),
        }
        return render(request, "organizations/engagements/list.html", context)

    @staticmethod
    def _side(lines: list[Line], is_enterprise: bool, is_kind: bool) -> dict:
        return {
            "is_enterprise": is_enterprise,
            "is_shown": is_kind or bool(lines),
            "to_answer": [line for line in lines if line.stage == "to_answer"],
            "live": [line for line in lines if line.is_live],
            "offered": [line for line in lines if line.stage == "offered"],
            "past": [line for line in lines if line.is_past],
            "any": bool(lines),
        }


class EngagementView(TenantView):
    """A page about one engagement, for the enterprise or the firm; anybody else's is not found, nor what is over for a firm."""

    permission = Permission.ENGAGEMENT_VIEW
    side: str = ""  # "enterprise" or "firm": only that side may

    def handle(self, request, *args, engagement_id, **kwargs):
        self.line = line_or_404(request.organization, engagement_id)
        self.engagement = self.line.engagement
        if self.side and self.side != ("enterprise" if self.line.is_enterprise else "firm"):
            raise PermissionDenied
        try:
            return super().handle(request, *args, **kwargs)
        except NoLongerOpen:
            messages.error(request, _("The engagement was answered or ended meanwhile; nothing was changed."))
            return redirect("engagements", request.organization.slug)

    def back(self):
        return redirect("engagement", self.request.organization.slug, self.engagement.pk)

    def list_page(self):
        return redirect("engagements", self.request.organization.slug)


class ShowEngagement(EngagementView):
    def get(self, request):
        return engagement_page(self)


class DeclineEngagement(EngagementView):
    write_permission = Permission.ENGAGEMENT_MANAGE

    def post(self, request):
        if self.line.stage != "to_answer":
            raise NoLongerOpen
        decline_engagement(engagement=self.engagement, by=request.user, at=timezone.now())
        messages.success(request, _("The offer of %(name)s is declined.") % {"name": self.line.other.name})
        return self.list_page()


class EndEngagement(EngagementView):
    """Asks first; then the team sees nothing from its next request on. An offer is withdrawn in the same way."""

    permission = Permission.ENGAGEMENT_MANAGE

    def get(self, request):
        return self._page(request, EndForm())

    def post(self, request):
        if self.line.is_past or self.line.stage == "to_answer":
            raise NoLongerOpen
        form = EndForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        end_engagement(engagement=self.engagement, **form.cleaned_data, by=request.user, at=timezone.now())
        if self.line.is_live:
            messages.success(request, _("The engagement with %(name)s has ended.") % {"name": self.line.other.name})
        else:
            messages.success(request, _("The offer to %(name)s is withdrawn.") % {"name": self.line.other.name})
        return self.list_page()

    def _page(self, request, form, status=200):
        if self.line.is_past or self.line.stage == "to_answer":
            return self.back()
        return render(request, "organizations/engagements/end.html", {"line": self.line, "form": form}, status=status)


class ProlongEngagement(EngagementView):
    """Another last day; the enterprise's alone to say."""

    permission = Permission.ENGAGEMENT_MANAGE
    side = "enterprise"

    def post(self, request):
        form = TermForm(request.POST, engagement=self.engagement)
        if not form.is_valid():
            return engagement_page(self, term_form=form, status=422)
        prolong_engagement(engagement=self.engagement, **form.cleaned_data, by=request.user, at=timezone.now())
        messages.success(request, _("Saved."))
        return self.back()


class AddToTeam(EngagementView):
    """Whom the firm sends; a second time for the same person gives them another role."""

    permission = Permission.TEAM_MANAGE
    side = "firm"

    def post(self, request):
        form = team_form(self, request.POST)
        if not form.is_valid():
            return engagement_page(self, team_form_=form, status=422)
        user = form.users[form.cleaned_data["user"]]
        try:
            put_on_team(
                engagement=self.engagement, user=user, role=form.cleaned_data["role"], by=request.user, at=timezone.now()
            )
        except NotOfThisFirm:
            form.add_error("user", _("%(name)s is no member any more.") % {"name": user})
            return engagement_page(self, team_form_=form, status=422)
        messages.success(request, _("%(name)s is on the team.") % {"name": user})
        return self.back()


class TakeOffTeam(EngagementView):
    permission = Permission.TEAM_MANAGE
    side = "firm"

    def post(self, request, member_id):
        member = next((row for row in self.line.team if row.pk == member_id), None)
        if member is None:
            raise Http404
        member.organization = self.engagement.organization
        take_off_team(member=member, by=request.user, at=timezone.now())
        messages.success(request, _("%(name)s is not on the team any more.") % {"name": member.user})
        return self.back()


def line_or_404(organization: Organization, pk: int) -> Line:
    row = engagements_at(organization).filter(pk=pk).first()
    if row is not None:
        row.organization = organization
        return Line(row, True)
    row = engagement_by(organization, pk) if organization.has_clients else None
    if row is None:
        raise Http404
    return Line(row, False)


def team_form(view: EngagementView, data=None) -> TeamForm:
    return TeamForm(data, members=members_of(view.request.organization), results_only=view.line.results_only)


def engagement_page(view: EngagementView, term_form=None, team_form_=None, status=200):
    line = view.line
    manages = view.may(Permission.ENGAGEMENT_MANAGE) and not line.is_past
    staffs = view.may(Permission.TEAM_MANAGE) and not line.is_enterprise and not line.is_past
    with scope(organization=line.engagement.organization):  # the firm may see it: ``line_or_404`` found it for them
        scopes = [row.assessment for row in line.engagement.scopes.select_related("assessment").order_by("pk")]
        history = history_of(line.engagement)
    context = {
        "line": line,
        "engagement": line.engagement,
        "covered": scopes if line.is_enterprise or line.stage == "running" else [],
        "history": history,
        "may_answer": manages and line.stage == "to_answer",
        "may_end": manages and line.stage in ("running", "coming", "offered"),
        "may_widen": manages and line.is_enterprise and line.stage != "to_answer",
        "term_form": (term_form or TermForm(engagement=line.engagement))
        if manages and line.is_enterprise and line.is_live
        else None,
        "team_form": (team_form_ or team_form(view)) if staffs else None,
        "may_edit": view.may(Permission.ORGANIZATION_EDIT),
    }
    return render(view.request, "organizations/engagements/engagement.html", context, status=status)


def count_guess(request, dry_run=False) -> bool:
    """False once this person or address has typed too many wrong contact codes."""
    usage = ratelimit.consume(
        request,
        app="organizations",
        action="guess_contact_code",
        config=GUESSES,
        user=request.user,
        dry_run=dry_run,
    )
    return usage is not None
