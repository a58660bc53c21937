"""Platform staff: accounts and organizations. No way from here into an organization: staff see names, kinds and numbers."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from organizations.models import User
from organizations.operations.accounts import (
    NoSecondFactor,
    OwnAccount,
    deactivate_account,
    reactivate_account,
    remove_second_factor,
)
from organizations.queries import accounts_found, member_counts, organizations_found, organizations_of, with_second_factor

PAGE_SIZE = 50


class StaffView(View):
    """For platform staff; for everybody else the page does not exist."""

    def dispatch(self, request, *args, **kwargs):
        if not request.user.is_staff:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    @staticmethod
    def words(request) -> str:
        return request.GET.get("q", "").replace("\x00", "").strip()[:100]


class Accounts(StaffView):
    def get(self, request):
        page = Paginator(accounts_found(self.words(request)), PAGE_SIZE).get_page(request.GET.get("page"))
        context = {"page": page, "factors": with_second_factor(page.object_list), "query": self.words(request)}
        return render(request, "organizations/staff/accounts.html", context)


class Organizations(StaffView):
    def get(self, request):
        page = Paginator(organizations_found(self.words(request)), PAGE_SIZE).get_page(request.GET.get("page"))
        counts = member_counts(page.object_list)
        rows = [(organization, counts.get(organization.pk, 0)) for organization in page.object_list]
        context = {"page": page, "rows": rows, "query": self.words(request)}
        return render(request, "organizations/staff/organizations.html", context)


class AccountView(StaffView):
    """A page about one account."""

    def dispatch(self, request, *args, user_id, **kwargs):
        if not request.user.is_staff:
            raise Http404
        self.account = get_object_or_404(User, pk=user_id)
        return super().dispatch(request, *args, **kwargs)


class Account(AccountView):
    def get(self, request, status=200):
        context = {
            "account": self.account,
            "is_own": self.account.pk == request.user.pk,
            "has_factor": bool(with_second_factor([self.account])),
            "organizations": organizations_of(self.account),
        }
        return render(request, "organizations/staff/account.html", context, status=status)


class ActOnAccount(AccountView):
    def post(self, request):
        try:
            self.act(request)
        except OwnAccount:
            messages.error(request, _("This is your own account: another member of the platform staff has to do it."))
        return redirect("staff_account", self.account.pk)

    def act(self, request):
        raise NotImplementedError


class DeactivateAccount(ActOnAccount):
    def act(self, request):
        deactivate_account(user=self.account, by=request.user, at=timezone.now())
        messages.success(request, _("The account is deactivated; its sessions have ended."))


class ReactivateAccount(ActOnAccount):
    def act(self, request):
        reactivate_account(user=self.account, by=request.user, at=timezone.now())
        messages.success(request, _("The account is active again."))


class RemoveSecondFactor(ActOnAccount):
    def act(self, request):
        try:
            remove_second_factor(user=self.account, by=request.user, at=timezone.now())
        except NoSecondFactor:
            messages.error(request, _("There is no second factor to remove."))
        else:
            messages.success(request, _("The second factor is removed, the sessions have ended; the person was told by mail."))
