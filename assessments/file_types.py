"""Which files are taken as evidence, and what they are: decided by content and ending together. Pure.

Office files are never unpacked; only the names of their members are read, and only from a list of bounded length.
"""

import re
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

import filetype

HEAD = 8192
OLE = bytes.fromhex("D0CF11E0A1B11AE1")
ZIP = b"PK\x03\x04"
ZIP_END = b"PK\x05\x06"
ZIP_END_BYTES = 22 + 65_535
ZIP_LARGE = b"PK\x06\x07"
MOST_LISTED_BYTES = 2 * 1024 * 1024
MARKUP = re.compile(rb"\s*<(\?xml|!doctype|html|head|body|svg|script)", re.IGNORECASE)
OPEN_XML = "application/vnd.openxmlformats-officedocument."
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": OPEN_XML + "wordprocessingml.document",
    "xlsx": OPEN_XML + "spreadsheetml.sheet",
    "pptx": OPEN_XML + "presentationml.presentation",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "wps": "application/vnd.ms-works",
    "et": "application/vnd.ms-excel",
    "dps": "application/vnd.ms-powerpoint",
    "ofd": "application/ofd",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "txt": "text/plain",
    "csv": "text/csv",
}
BY_SIGNATURE = frozenset({"pdf", "png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff"})
OLD_OFFICE = frozenset({"doc", "xls", "ppt", "wps", "et", "dps"})
MEMBERS = {  # a member that must be there, by ending; WPS saves its own endings in either form
    "docx": ("word/",),
    "xlsx": ("xl/",),
    "pptx": ("ppt/",),
    "wps": ("word/",),
    "et": ("xl/",),
    "dps": ("ppt/",),
    "ofd": ("OFD.xml",),
}
SHOWN_IN_PLACE = frozenset({"application/pdf", "image/png", "image/jpeg", "image/webp", "image/gif"})
ARCHIVES = frozenset({"zip", "rar", "7z", "tar", "gz", "tgz", "bz2", "xz", "zst", "lz", "cab", "iso", "jar"})


class Refused(Exception):
    """The file is not taken. ``code``: archive, ending, content, empty, macros, protected."""

    def __init__(self, code: str):
        self.code = code
        super().__init__(code)


def media_type_of(name: str, file: BinaryIO) -> str:
    """The media type of a file that may be taken, read from its beginning; raises Refused."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending in ARCHIVES:
        raise Refused("archive")
    if ending not in MEDIA_TYPES:
        raise Refused("ending")
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    if not head:
        raise Refused("empty")
    if ending in BY_SIGNATURE:
        _check_signature(ending, head)
    elif ending in ("txt", "csv"):
        _check_text(head)
    else:
        _check_office(ending, head, file)
    return MEDIA_TYPES[ending]


def may_show_in_place(media_type: str, head: bytes) -> bool:
    """Whether a stored file may be shown by the browser itself: a type that runs nothing, and still what it says."""
    return media_type in SHOWN_IN_PLACE and filetype.guess_mime(head) == media_type


def _check_signature(ending: str, head: bytes):
    if filetype.guess_mime(head) != MEDIA_TYPES[ending]:
        raise Refused("content")


def _check_text(head: bytes):
    if MARKUP.match(head) or head.startswith((b"MZ", b"\x7fELF", b"#!")):
        raise Refused("content")
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused("content")


def _check_office(ending: str, head: bytes, file: BinaryIO):
    if head.startswith(OLE):
        if ending not in OLD_OFFICE:
            raise Refused("protected")  # a docx of today inside an old container is one with a password
        return
    if not head.startswith(ZIP) or ending not in MEMBERS:
        raise Refused("content")
    names = _member_names(file)
    if ending != "ofd" and "[Content_Types].xml" not in names:
        raise Refused("content")
    if not any(name.startswith(MEMBERS[ending]) for name in names):
        raise Refused("content")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refused("macros")


def _member_names(file: BinaryIO) -> list[str]:
    """The names in a zip container whose list of members is of bounded length."""
    size = file.seek(0, 2)
    file.seek(max(0, size - ZIP_END_BYTES - 20))
    tail = file.read()
    at_end = tail[-22:-18] == ZIP_END and tail.endswith(b"\0\0")  # where zipfile looks first
    place = len(tail) - 22 if at_end else tail.rfind(ZIP_END)
    listed = int.from_bytes(tail[place + 12 : place + 16], "little")
    if place < 0 or listed > MOST_LISTED_BYTES or tail[max(0, place - 20) : place].startswith(ZIP_LARGE):
        raise Refused("content")
    file.seek(0)
    try:
        with ZipFile(file) as archive:
            return archive.namelist()
    except (BadZipFile, ValueError, NotImplementedError, OSError, OverflowError, EOFError) as error:
        raise Refused("content") from error
    finally:
        file.seek(0)
