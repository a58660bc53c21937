from zoneinfo import ZoneInfo

from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from organizations.second_factor import must_show_second_factor
from organizations.session_limits import ENDED, PASSWORD_TOO_OLD, is_over, note_activity

WITHOUT_SECOND_FACTOR = {"second_factor", "set_language", "health", "account_login", "account_logout", "account_reauthenticate"}

WITH_OLD_PASSWORD = WITHOUT_SECOND_FACTOR | {"account_change_password", "account_reset_password", "account_reset_password_done"}


def by_script(request) -> bool:
    """The request was made by a script of the page, which could not show the page that a redirect leads to."""
    return request.headers.get("HX-Request") == "true" or request.headers.get("Sec-Fetch-Mode") in ("cors", "same-origin")


class SessionLimitsMiddleware:
    """Signs out whoever was idle too long or signed in too long ago."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            if is_over(request.session):
                logout(request)
                request.session[ENDED] = True  # for the sentence on the sign-in page
            else:
                note_activity(request.session)
        return self.get_response(request)


class SignInMiddleware(LoginRequiredMiddleware):
    """Asks for signing in; a script gets 401 instead, keeps what was typed and says so."""

    def handle_no_permission(self, request, view_func):
        if by_script(request):
            return HttpResponse(_("Please sign in again."), status=401, content_type="text/plain; charset=utf-8")
        return super().handle_no_permission(request, view_func)


class PreferencesMiddleware:
    """The page in the person's own language, its times in their own zone."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        user = request.user
        if user.is_authenticated and user.language:
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language()
        if not user.is_authenticated or not user.time_zone:
            return self.get_response(request)
        with timezone.override(ZoneInfo(user.time_zone)):
            return self.get_response(request)


class PasswordAgeMiddleware:
    """Under the 等保 profile a password that is too old opens nothing but the page to change it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        name = request.resolver_match.url_name or ""
        if name in WITH_OLD_PASSWORD or name.startswith("mfa_") or not request.session.get(PASSWORD_TOO_OLD):
            return None
        if by_script(request):
            return HttpResponse(_("Please sign in again."), status=401, content_type="text/plain; charset=utf-8")
        return redirect("account_change_password")


class SecondFactorMiddleware:
    """Whoever needs a second factor sees nothing but the way to it until this session has shown one."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        name = request.resolver_match.url_name or ""
        if name in WITHOUT_SECOND_FACTOR or name.startswith("mfa_") or not must_show_second_factor(request):
            return None
        if by_script(request):
            return HttpResponse(_("A second factor is needed."), status=401, content_type="text/plain; charset=utf-8")
        back = {"next": request.get_full_path()} if request.method == "GET" else {}
        return redirect(f"{reverse('second_factor')}?{urlencode(back)}")
