"""What makes WeasyPrint 70 quicker on long Chinese tables, with the same bytes in the end. Runs in the typesetter's child."""

import re

import pydyf
from weasyprint import CSS, HTML
from weasyprint.html import UA, UA_COUNTER_STYLE

# notes and form fields, which no report has: six styles for every single element, a quarter of all memory
IDLE = re.compile(r"::(foot)?note|(:is\()?(input|select|button|textarea|fieldset)\b")
STYLE = CSS(
    string="\n".join(f"li{line}" if line.startswith("::marker") else line for line in UA.splitlines() if not IDLE.match(line)),
    counter_style=UA_COUNTER_STYLE,
)


class Page(HTML):
    """An HTML document under the part of WeasyPrint's own style that reports use."""

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:
        return [STYLE]


class QuickPdf(pydyf.PDF):
    """pydyf makes the list of pages anew for every tagged element: with 300 pages most of the time of tagging."""

    @property
    def page_references(self):
        kids = self.pages["Kids"]
        known = self.__dict__.get("_known_pages", ())
        if len(known) * 3 != len(kids):
            known = self._known_pages = super().page_references
        return known


def quicken():
    pydyf.PDF = QuickPdf
