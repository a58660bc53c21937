import hashlib
import secrets
from types import SimpleNamespace
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as current
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from organizations.mail import in_language_of
from organizations.models import User
from organizations.operations.mail import queue_mail

KNOWN_BROWSER = "known_browser"
KNOWN_FOR = 365 * 24 * 60 * 60


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": gettext_lazy("This account is closed."),
        "email_password_mismatch": gettext_lazy("The e-mail address or the password is not right."),
        "email_taken": gettext_lazy("There is an account with this e-mail address already."),
        "enter_current_password": gettext_lazy("This is not the current password."),
        "incorrect_password": gettext_lazy("This is not the password."),
        "rate_limited": gettext_lazy("Too many tries in a short time. Please wait a few minutes."),
        "too_many_login_attempts": gettext_lazy(
            "Too many tries in a short time. Please wait a few minutes, or reset the password."
        ),
    }

    def is_safe_url(self, url):
        """An address that can't even be parsed is not safe (the library would raise)."""
        try:
            return super().is_safe_url(url)
        except ValueError:
            return False

    def save_user(self, request, user, form, commit=True):
        """Mails go out in the language in which the person signed up."""
        user.language = get_language() or ""
        return super().save_user(request, user, form, commit)

    def render_mail(self, template_prefix, email, context, headers=None):
        """In the recipient's language; its links lead to the configured host, whatever host the request named."""
        site = SimpleNamespace(name=_("DCMM Readiness"), domain=urlsplit(settings.SITE_URL).netloc)
        links = {name: _on_our_host(value) for name, value in context.items()}
        return super().render_mail(template_prefix, email, context | links | {"current_site": site}, headers)

    def send_mail(self, template_prefix, email, context):
        """Queued for the worker: whether an account exists can't be told from how long the answer takes."""
        person = User.objects.filter(email__iexact=email).first()
        with in_language_of(person):
            message = self.render_mail(template_prefix, email, {"email": email, **context})
        queue_mail(to=email, subject=message.subject, text=message.body, at=timezone.now())

    def format_email_subject(self, subject):
        return str(subject)

    def post_login(self, request, user, **kwargs):
        response = super().post_login(request, user, **kwargs)
        value = f"{_fingerprint(user.email)}.{secrets.token_urlsafe(9)}"
        response.set_signed_cookie(
            KNOWN_BROWSER, value, max_age=KNOWN_FOR, httponly=True, samesite="Lax", secure=settings.PRODUCTION
        )
        return response

    def _get_login_attempts_cache_key(self, request, **credentials):
        """A browser in which the person signed in before has attempts of its own: nobody can lock them out of it."""
        email = credentials.get("email", "")
        known = request.get_signed_cookie(KNOWN_BROWSER, default="", max_age=KNOWN_FOR)
        return known if known.startswith(f"{_fingerprint(email)}.") else email.casefold()


def _on_our_host(value):
    here = current.request.build_absolute_uri("/")
    return settings.SITE_URL + "/" + value.removeprefix(here) if isinstance(value, str) and value.startswith(here) else value


def _fingerprint(email: str) -> str:
    return hashlib.sha256(email.casefold().encode()).hexdigest()[:32]
