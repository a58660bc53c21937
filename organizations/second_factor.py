"""Who needs a second factor, and whether this session has shown one."""

import base64
import logging
import secrets

from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.queries import needs_second_factor

logger = logging.getLogger(__name__)
SET_UP_HERE = "second_factor_set_up"  # session key: this session typed its first code when it was set up


def must_show_second_factor(request) -> bool:
    """The person needs a second factor, and signed in without."""
    if not settings.SECOND_FACTOR_ENFORCED or not request.user.is_authenticated:
        return False
    return needs_second_factor(request.user) and not has_shown_second_factor(request)


def has_shown_second_factor(request) -> bool:
    records = get_authentication_records(request, request.user)
    return SET_UP_HERE in request.session or any(record.get("method") == "mfa" for record in records)


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps the secrets encrypted with a key derived from SECRET_KEY (older ones in SECRET_KEY_FALLBACKS can still be read)."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": gettext_lazy("You need the second factor: it can't be switched off."),
        "incorrect_code": gettext_lazy("This code is not valid, or no longer."),
    }

    def encrypt(self, text):
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        """What was encrypted with a lost key matches no code; the person sees "incorrect code", not a broken page."""
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            logger.error("A second factor can't be decrypted: SECRET_KEY changed without SECRET_KEY_FALLBACKS.")
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def can_delete_authenticator(self, authenticator):
        return not (settings.SECOND_FACTOR_ENFORCED and needs_second_factor(authenticator.user))

    def get_totp_issuer(self):
        return _("DCMM Readiness")


def _box() -> MultiFernet:
    return MultiFernet([_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"second factor").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
