from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations.access import TenantView
from organizations.forms import InviteForm
from organizations.inviting import Plan, plan_invitations, surroundings_of
from organizations.operations.invitations import (
    InvitationGone,
    ListOutdated,
    invite_members,
    resend_invitation,
    revoke_invitation,
    show_invitation_link,
)
from organizations.permissions import Permission, invitable_roles
from organizations.queries import open_invitations


class InviteMembers(TenantView):
    """A list, then a preview that accounts for every line, then the invitations: all of them or none."""

    permission = Permission.MEMBERS_INVITE

    def get(self, request):
        return self._page(request, self._form())

    def post(self, request):
        form = self._form(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(request, form, status=422)
        plan = self._plan(form)
        if "send" in request.POST and plan.may_be_sent:
            return self._send(form, plan)
        return self._preview(form, plan)

    def _form(self, *args, **kwargs):
        return InviteForm(*args, organization=self.request.organization, roles=self.roles, **kwargs)

    @property
    def roles(self):
        return invitable_roles(self.request.membership.role)

    def _plan(self, form) -> Plan:
        around = surroundings_of(self.request.organization, self.roles, timezone.now())
        return plan_invitations(form.cleaned_data["text"], form.defaults, around)

    def _send(self, form, plan: Plan):
        try:
            sent = invite_members(
                organization=self.request.organization,
                entries=plan.ready,
                language=form.cleaned_data["language"],
                by=self.request.user,
                at=timezone.now(),
            )
        except ListOutdated:
            messages.error(
                self.request, _("Members or departments have changed meanwhile; nothing was sent. Please look again.")
            )
            return self._preview(form, self._plan(form))
        text = ngettext("%(count)d invitation is on its way.", "%(count)d invitations are on their way.", len(sent))
        messages.success(self.request, text % {"count": len(sent)})
        return redirect("members", self.request.organization.slug)

    def _preview(self, form, plan: Plan):
        """The list as it was understood, to be sent, and the same list to be corrected."""
        values = form.cleaned_data
        kept = {
            "text": values["text"],
            "role": values["role"],
            "department": values["department"].pk if values["department"] else "",
            "language": values["language"],
        }
        status = 422 if plan.faults else 200
        return self._page(self.request, self._form(initial=kept), plan=plan, kept=kept, status=status)

    @staticmethod
    def _page(request, form, plan=None, kept=None, status=200):
        context = {"form": form, "plan": plan, "kept": kept}
        return render(request, "organizations/invite.html", context, status=status)


class InvitationView(TenantView):
    """An act on one open invitation; coordinators act on those to roles that they may invite to."""

    permission = Permission.MEMBERS_INVITE

    def handle(self, request, *args, invitation_id, **kwargs):
        rows = open_invitations(request.organization).filter(role__in=invitable_roles(request.membership.role))
        self.invitation = get_object_or_404(rows.select_related("organization"), pk=invitation_id)
        return super().handle(request, *args, **kwargs)

    def post(self, request):
        try:
            return self.act(request)
        except InvitationGone:
            messages.error(request, _("This invitation was accepted or revoked meanwhile."))
            return redirect("members", request.organization.slug)

    def act(self, request):
        raise NotImplementedError


class ResendInvitation(InvitationView):
    def act(self, request):
        resend_invitation(invitation=self.invitation, by=request.user, at=timezone.now())
        messages.success(request, _("A new mail to %(address)s is on its way.") % {"address": self.invitation.email})
        return redirect("members", request.organization.slug)


class RevokeInvitation(InvitationView):
    def act(self, request):
        revoke_invitation(invitation=self.invitation, by=request.user, at=timezone.now())
        messages.success(request, _("The invitation of %(address)s is revoked.") % {"address": self.invitation.email})
        return redirect("members", request.organization.slug)


class ShowInvitationLink(InvitationView):
    """A new link, shown this once, for somebody whom mail does not reach."""

    def act(self, request):
        link = show_invitation_link(invitation=self.invitation, by=request.user, at=timezone.now())
        return render(request, "organizations/invitation_link.html", {"invitation": self.invitation, "link": link})
