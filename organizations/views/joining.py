from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.core.internal import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import never_cache

from organizations.operations.invitations import InvitationGone, OtherAddress, accept_invitation
from organizations.queries import has_account, invitation_by_token, is_pending

GUESSES = {"guess_invitation": "30/5m/ip"}


@method_decorator([login_not_required, never_cache], name="dispatch")
class AcceptInvitation(View):
    """Where the link of an invitation leads: to signing in or up and back here, then to one button.

    Whatever is wrong with a link, the page says the same. Links that lead nowhere are counted by address of the caller.
    """

    def dispatch(self, request, token):
        if not self._count(request, dry_run=True):
            return ratelimit.respond_429(request)
        self.invitation = invitation_by_token(token)
        if self.invitation is None:
            self._count(request)
            return self._gone()
        if self._was_accepted_by(request.user):
            return redirect(self.invitation.organization)
        if not is_pending(self.invitation, timezone.now()):
            return self._gone()
        return super().dispatch(request, token)

    def get(self, request, token):
        context = {"invitation": self.invitation, "address": masked(self.invitation.email), "is_theirs": self._is_theirs()}
        return render(request, "organizations/accept_invitation.html", context)

    def post(self, request, token):
        if not request.user.is_authenticated:
            return self._sign_up()
        try:
            membership = accept_invitation(token=token, by=request.user, at=timezone.now())
        except InvitationGone:
            return self._gone()
        except OtherAddress:
            return redirect(request.path)
        messages.success(request, _("Welcome to %(organization)s.") % {"organization": membership.organization.name})
        return redirect(membership.organization)

    def _sign_up(self):
        """On to creating an account; a link that came by mail has proved the address."""
        if self.invitation.proves_address and not has_account(self.invitation.email):
            get_adapter().stash_verified_email(self.request, self.invitation.email)
        query = urlencode({"email": self.invitation.email, "next": self.request.path})
        return redirect(f"{reverse('account_signup')}?{query}")

    def _is_theirs(self) -> bool:
        user = self.request.user
        return user.is_authenticated and user.email.casefold() == self.invitation.email.casefold()

    def _was_accepted_by(self, user) -> bool:
        return user.is_authenticated and self.invitation.accepted_by_id == user.pk

    def _gone(self):
        return render(self.request, "organizations/invitation_gone.html", status=404)

    @staticmethod
    def _count(request, dry_run=False) -> bool:
        usage = ratelimit.consume(
            request, app="organizations", action="guess_invitation", config=GUESSES, limit_get=True, dry_run=dry_run
        )
        return usage is not None


def masked(email: str) -> str:
    """Enough to recognise one's own address: d***@acme.example."""
    name, _at, host = email.rpartition("@")
    return f"{name[:1]}***@{host}"
