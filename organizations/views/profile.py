from allauth.mfa.utils import is_mfa_enabled
from django.apps import apps
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import View

from organizations.account_forms import ProfileForm
from organizations.models import User
from organizations.operations.profile import change_profile
from organizations.second_factor import has_shown_second_factor


class Profile(View):
    """What a person says about themself, and the ways to password, second factor, sessions and address."""

    def get(self, request):
        return self._page(request, ProfileForm(instance=_fresh(request)))

    def post(self, request):
        form = ProfileForm(request.POST, instance=_fresh(request))
        if not form.is_valid():
            return self._page(request, form, status=422)
        change_profile(user=request.user, **form.cleaned_data, by=request.user, at=timezone.now())
        with translation.override(form.cleaned_data["language"]):
            messages.success(request, _("Saved."))
        return redirect("profile")

    @staticmethod
    def _page(request, form, status=200):
        context = {
            "form": form,
            "has_second_factor": is_mfa_enabled(request.user),
            "has_providers": apps.is_installed("allauth.socialaccount"),
        }
        return render(request, "organizations/profile.html", context, status=status)


class SecondFactor(View):
    """Says why a second factor is needed, and leads to setting it up or to typing the code."""

    def get(self, request):
        goal = request.GET.get("next", "")
        safe = url_has_allowed_host_and_scheme(goal, allowed_hosts={request.get_host()}, require_https=request.is_secure())
        context = {
            "next": goal if safe else "",
            "is_set_up": is_mfa_enabled(request.user),
            "is_shown": has_shown_second_factor(request),
        }
        return render(request, "organizations/second_factor.html", context)


def _fresh(request) -> User:
    """The form writes into its instance even when it is refused; the page around it shows the person as stored."""
    return User.objects.get(pk=request.user.pk)
