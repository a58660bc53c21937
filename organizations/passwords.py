import re
import unicodedata

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations.models import FormerPassword, User

PRODUCT_WORDS = (
    "datamanagement",
    "selfassessment",
    "assessment",
    "readiness",
    "maturity",
    "gbt36073",
    "36073",
    "dcmm",
    "数据管理",
    "成熟度",
)
COMMON_WORDS = (
    "password",
    "passw0rd",
    "qwertyuiop",
    "qwerty",
    "admin",
    "welcome",
    "letmein",
    "iloveyou",
    "woaini",
    "mima",
    "密码",
)
LEFT, DIFFERENT = 6, 4  # signs that must remain without these words


class ProductWordsValidator:
    """Refuses passwords that are little more than a product word, a common one, a year or a row of digits."""

    def validate(self, password, user=None):
        rest = unicodedata.normalize("NFKC", password).casefold()
        for word in (*PRODUCT_WORDS, *COMMON_WORDS):
            rest = rest.replace(word, "")
        rest = re.sub(r"(19|20)\d\d|0?123456789?0?|[\W_]", "", rest)
        if len(rest) < LEFT or len(set(rest)) < DIFFERENT:
            raise ValidationError(self.get_help_text(), code="password_of_product_words")

    def get_help_text(self):
        return _("The password is little more than a word that others guess first; please add something of your own.")


class ThreeKindsValidator:
    """等保 profile: three of small letters, capital letters, digits, other signs."""

    def validate(self, password, user=None):
        kinds = (str.islower, str.isupper, str.isdigit, lambda sign: not sign.isalnum())
        if sum(any(map(kind, password)) for kind in kinds) < 3:
            raise ValidationError(self.get_help_text(), code="password_of_few_kinds")

    def get_help_text(self):
        return _("The password needs three of these: small letters, capital letters, digits, other signs.")


class FormerPasswordsValidator:
    """等保 profile: none of the last five again. Django tells every new password of a saved person to ``password_changed``."""

    def validate(self, password, user=None):
        former = FormerPassword.objects.filter(user=user) if user and user.pk else ()
        if any(check_password(password, row.password) for row in former):
            raise ValidationError(_("The password was used before; please choose another."), code="password_used_before")

    def password_changed(self, password, user=None):
        FormerPassword.objects.create(user=user, password=user.password, set_at=timezone.now())
        kept = FormerPassword.objects.filter(user=user).values_list("pk", flat=True)[: settings.PASSWORDS_REMEMBERED]
        FormerPassword.objects.filter(user=user).exclude(pk__in=list(kept)).delete()

    def get_help_text(self):
        return _("The password must not be one of the last five.")


def is_too_old(user: User) -> bool:
    """等保 profile: the password was set more than 90 days ago, or nobody knows when."""
    if not settings.PASSWORD_MAX_AGE or not user.has_usable_password():
        return False
    newest = FormerPassword.objects.filter(user=user).first()
    return newest is None or timezone.now() - newest.set_at > settings.PASSWORD_MAX_AGE
