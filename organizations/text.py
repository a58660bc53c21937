import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# control characters but tab and line ends, halves of characters, marks that turn the direction, code points that never name
# a character (newer characters, unknown to this Python, are welcome); an expression, because a text may have megabytes
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)


def one_line(text: str) -> str:
    """Text as it is kept: composed characters, single spaces, no line breaks."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def printable(value: str):
    """Validator: no control characters, no marks that turn the direction of text, and something to see."""
    if FORBIDDEN.search(value):
        raise ValidationError(_("The text holds control characters; please type it anew."))
    if not any(unicodedata.category(c)[0] in "LNPSC" and unicodedata.category(c) != "Cf" for c in value):
        raise ValidationError(_("The text holds nothing that can be seen."))
