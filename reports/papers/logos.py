"""A logo that somebody uploads: decoded within limits and drawn anew, so that nothing of the file itself goes on."""

import base64
import io
import warnings

from django.utils.translation import gettext as _
from PIL import Image, ImageFile, ImageOps

MAX_BYTES = 2_000_000
MAX_SIDE = 4000  # pixels
SHOWN = (800, 300)  # at most, in pixels
KINDS = ("PNG", "JPEG", "WEBP")


class BadLogo(ValueError):
    """Says in the reader's language what is wrong with the file."""


def as_png(content: bytes) -> str:
    """The picture on white, at most ``SHOWN`` large, as PNG in base64. Raises BadLogo."""
    if len(content) > MAX_BYTES:
        raise BadLogo(_("The picture is larger than %(size)d MB.") % {"size": MAX_BYTES // 1_000_000})
    try:
        with warnings.catch_warnings(action="error", category=Image.DecompressionBombWarning):
            return _drawn(content)
    except BadLogo:
        raise
    except Exception as error:  # whatever a decoder raises on a broken file
        raise BadLogo(_("This is no picture that can be read. Please choose a PNG, JPEG or WebP file.")) from error


def _drawn(content: bytes) -> str:
    ImageFile.LOAD_TRUNCATED_IMAGES = False  # the typesetting library, where it is loaded, switches it on for all
    with Image.open(io.BytesIO(content), formats=KINDS) as picture:
        if max(picture.size) > MAX_SIDE:
            raise BadLogo(_("The picture has more than %(side)d pixels on a side.") % {"side": MAX_SIDE})
        colours = ImageOps.exif_transpose(picture).convert("RGBA")
    colours.thumbnail(SHOWN)
    flat = Image.new("RGB", colours.size, "white")
    flat.paste(colours, mask=colours.getchannel("A"))
    buffer = io.BytesIO()
    flat.save(buffer, "PNG", optimize=True)
    return base64.b64encode(buffer.getvalue()).decode()
