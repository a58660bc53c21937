from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations.access import TenantView
from organizations.forms import MembershipForm, SettingsForm
from organizations.models import Membership
from organizations.operations.membership import (
    LastOwner,
    change_membership,
    edit_organization,
    remove_member,
    renew_contact_code,
)
from organizations.permissions import Permission, invitable_roles
from organizations.queries import is_last_owner, members_of, pending_invitations


class Members(TenantView):
    """Who belongs to the organization, and who has been invited."""

    permission = Permission.MEMBERS_VIEW

    def get(self, request):
        members = members_of(request.organization)
        context = {
            "members": members,
            "invitations": self._invitations(request),
            "invitable": invitable_roles(request.membership.role),
            "may_invite": self.may(Permission.MEMBERS_INVITE),
            "may_manage": self.may(Permission.MEMBERS_MANAGE),
            "may_edit": self.may(Permission.ORGANIZATION_EDIT),
        }
        return render(request, "organizations/members.html", context)

    def _invitations(self, request):
        """For those who invite; the others see who is here."""
        return pending_invitations(request.organization, timezone.now()) if self.may(Permission.MEMBERS_INVITE) else []


class MembershipView(TenantView):
    """A page about one membership of the organization."""

    permission = Permission.MEMBERS_MANAGE

    def handle(self, request, *args, membership_id, **kwargs):
        rows = Membership.objects.filter(organization=request.organization).select_related("user", "organization")
        self.membership = get_object_or_404(rows, pk=membership_id)
        try:
            return super().handle(request, *args, **kwargs)
        except Membership.DoesNotExist as error:  # ended while the request was under way
            raise Http404 from error


class ChangeMembership(MembershipView):
    def get(self, request):
        return self._page(request, MembershipForm(membership=self.membership))

    def post(self, request):
        form = MembershipForm(request.POST, membership=self.membership)
        if not form.is_valid():
            return self._page(request, form, status=422)
        values = form.cleaned_data
        try:
            change_membership(
                membership=self.membership,
                role=values["role"],
                department=values["department"],
                by=request.user,
                at=timezone.now(),
            )
        except LastOwner:
            form.add_error("role", last_owner())
            return self._page(request, form, status=422)
        messages.success(request, _("%(name)s: saved.") % {"name": self.membership.user})
        return redirect("members", request.organization.slug)

    def _page(self, request, form, status=200):
        context = {"form": form, "membership": self.membership, "may_edit": self.may(Permission.ORGANIZATION_EDIT)}
        return render(request, "organizations/change_membership.html", context, status=status)


class RemoveMember(MembershipView):
    """Asks first; then the rights end with the next request."""

    def get(self, request):
        return self._page(request)

    def post(self, request):
        try:
            remove_member(membership=self.membership, by=request.user, at=timezone.now())
        except LastOwner:
            return self._page(request, status=422)
        if self.membership.user_id == request.user.pk:
            messages.success(request, _("You have left %(organization)s.") % {"organization": request.organization.name})
            return redirect("home")
        messages.success(request, _("%(name)s is no member any more.") % {"name": self.membership.user})
        return redirect("members", request.organization.slug)

    def _page(self, request, status=200):
        context = {
            "membership": self.membership,
            "leaves": self.membership.user_id == request.user.pk,
            "is_last_owner": is_last_owner(self.membership),
        }
        return render(request, "organizations/remove_member.html", context, status=status)


class LeaveOrganization(RemoveMember):
    """Everybody may end their own place."""

    permission = Permission.MEMBERS_VIEW

    def handle(self, request):
        return super().handle(request, membership_id=request.membership.pk)


class OrganizationSettings(TenantView):
    permission = Permission.ORGANIZATION_EDIT

    def get(self, request):
        return self._page(request, SettingsForm(organization=request.organization))

    def post(self, request):
        form = SettingsForm(request.POST, organization=request.organization)
        if not form.is_valid():
            return self._page(request, form, status=422)
        edit_organization(organization=request.organization, **form.cleaned_data, by=request.user, at=timezone.now())
        messages.success(request, _("The settings are saved."))
        return redirect("organization_settings", request.organization.slug)

    @staticmethod
    def _page(request, form, status=200):
        return render(request, "organizations/settings.html", {"form": form, "may_edit": True}, status=status)


class RenewContactCode(TenantView):
    """Makes the code, and a new one instead of it: whoever had the old one can use it no more."""

    permission = Permission.ORGANIZATION_EDIT

    def post(self, request):
        renew_contact_code(organization=request.organization, by=request.user, at=timezone.now())
        messages.success(request, _("The contact code is new."))
        return redirect("organization_settings", request.organization.slug)


def last_owner() -> str:
    return _("An organization keeps at least one owner. Make somebody else an owner first.")
