import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

FORBIDDEN = ("Cc", "Cs")
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def printable(value: str):
    """Validator: no control characters, no marks that turn the direction of text, and something to see."""
    if any((unicodedata.category(c) in FORBIDDEN and c not in "\r\n\t") or c in BIDI or _is_no_character(c) for c in value):
        raise ValidationError(_("The text holds control characters; please type it anew."))
    if not any(unicodedata.category(c)[0] in "LNPSC" and unicodedata.category(c) != "Cf" for c in value):
        raise ValidationError(_("The text holds nothing that can be seen."))


def _is_no_character(letter: str) -> bool:
    """Code points that never name a character; newer characters, unknown to this Python, are welcome."""
    return 0xFDD0 <= ord(letter) <= 0xFDEF or ord(letter) & 0xFFFE == 0xFFFE
