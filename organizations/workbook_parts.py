"""What must not stand in the XML of a workbook that people upload, found before a library parses it. Pure."""

import re

DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
FORMAT = b"formatCode"
LONG_FORMAT = re.compile(FORMAT + rb"""\s*=\s*(?:"[^"]{1000}|'[^']{1000})""")
MOST_FORMATS = 1_000


def is_suspect(content: bytes) -> bool:
    """A document type or an entity, which no spreadsheet program writes; or formats of numbers longer (255 characters) or more
    than a program writes: openpyxl looks for dates in them with an expression that takes time by the square of their length.
    """
    content = content.replace(b"\0", b"")  # the same in UTF-16
    return bool(DECLARED.search(content) or LONG_FORMAT.search(content)) or content.count(FORMAT) > MOST_FORMATS
