"""Write a kit: instructions, one sheet per domain with locked questions and open answer cells, a hidden signed sheet."""

import io
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import ceil
from unicodedata import east_asian_width

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from xlsxwriter.utility import xl_col_to_name

from assessments.kit import layout
from assessments.workbooks import WRITER_OPTIONS, as_text
from questionnaires.schema import Domain, PolicyAction, Questionnaire, rated_codes

HIDDEN = "dcmm_kit"
LONGEST_NAME = 31  # of a sheet
NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
PLACES = {name: place for place, name in enumerate(layout.COLUMNS)}
PROTECTION = {"format_columns": True, "format_rows": True, "autofilter": True}
A4 = 9
LINE_HEIGHT, TALLEST = 15, 409  # points; Excel takes no taller row
INK, LINE, BAND, STOP = "#1b2733", "#c9d2da", "#f7f9fb", "#fbe3df"


@dataclass(frozen=True)
class Handout:
    """What a kit says about itself, and the rows that stand in it (code -> what stood there)."""

    organization: str
    assessment: str
    number: int
    language: str
    for_whom: str
    issued_at: datetime
    due_on: date | None
    signature: str
    baseline: dict[str, dict]


def write_kit(questionnaire: Questionnaire, handout: Handout) -> bytes:
    """The workbook; the same handout gives the same bytes."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, WRITER_OPTIONS)
    made = handout.issued_at.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    book.set_properties({"title": as_text(handout.assessment), "author": as_text(handout.organization), "created": made})
    looks = _looks(book)
    with override(handout.language):
        _instructions(book.add_worksheet(_("Instructions")), questionnaire, handout, looks)
        taken = {_("Instructions").casefold(), HIDDEN}
        for domain in questionnaire.domains:
            codes = [code for item in domain.items for code in rated_codes(item) if code in handout.baseline]
            if codes:
                name = sheet_name(f"{domain.code} {domain.name.in_language(handout.language)}", taken)
                _domain(book.add_worksheet(name), domain, codes, questionnaire, handout, looks)
    hidden = book.add_worksheet(HIDDEN)
    hidden.write_string(0, 0, handout.signature)
    hidden.very_hidden()
    book.close()
    return buffer.getvalue()


def sheet_name(wanted: str, taken: set[str]) -> str:
    """A name that a spreadsheet takes and that no other sheet has; it is added to ``taken``."""
    name = NOT_IN_NAMES.sub(" ", wanted).strip()[:LONGEST_NAME].strip()
    number = 2
    while name.casefold() in taken:
        name = f"{name[: LONGEST_NAME - 4].strip()} ({number})"
        number += 1
    taken.add(name.casefold())
    return name


def _looks(book) -> dict:
    cell = {"text_wrap": True, "valign": "top", "border": 1, "border_color": LINE, "font_color": INK}
    return {
        "title": book.add_format({"bold": True, "font_size": 18, "font_color": INK}),
        "label": book.add_format({"bold": True, "valign": "top", "font_color": INK}),
        "text": book.add_format({"text_wrap": True, "valign": "top", "font_color": INK}),
        "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 2, "font_color": INK}),
        "read": book.add_format({**cell, "bg_color": BAND}),
        "fill": book.add_format({**cell, "locked": False, "num_format": "@"}),  # @: what is typed stays text
        "lacks": book.add_format({"bg_color": STOP}),
    }


def _instructions(sheet, questionnaire: Questionnaire, handout: Handout, looks: dict):
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 112)
    sheet.write_string(0, 0, _("Offline kit"), looks["title"])
    row = 2
    for label, value in _facts(questionnaire, handout):
        sheet.write_string(row, 0, label, looks["label"])
        sheet.write_string(row, 1, as_text(value), looks["text"])
        row += 1
    row += 1
    for number, line in enumerate(_steps(questionnaire), start=1):
        sheet.write_string(row, 0, str(number), looks["label"])
        sheet.write_string(row, 1, line, looks["text"])
        row += 1
    sheet.protect("", PROTECTION)
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)


def _facts(questionnaire: Questionnaire, handout: Handout):
    title = questionnaire.title.in_language(handout.language)
    yield _("Organization"), handout.organization
    yield _("Assessment"), handout.assessment
    yield _("Questionnaire"), f"{title} · {_('version')} {questionnaire.version}"
    yield _("Kit number"), str(handout.number)
    yield _("Questions"), str(len(handout.baseline))
    yield _("For"), handout.for_whom
    yield _("Handed out on"), timezone.localdate(handout.issued_at).isoformat()
    yield _("Return until"), handout.due_on.isoformat() if handout.due_on else _("as agreed with the coordinator")


def _steps(questionnaire: Questionnaire):
    yield _("One sheet per domain. Only the white cells are open: rating, reason, note, evidence titles.")
    if questionnaire.kind == "levels":
        yield _("Choose the rating from the list in the cell. Rate what is in place today, not what is planned.")
    else:
        yield _("Choose the anchor 0–4 from the list in the cell: the highest one that is wholly true today.")
    yield _("“Not applicable” needs a reason from the list and a note. “Not yet” is no reason: that is not met.")
    yield _("A note takes up to %(most)d characters. Alt+Enter starts a new line.") % {"most": layout.MAX_NOTE}
    yield _("Evidence: one title per line, exactly as in the evidence library. Unknown titles are listed on return.")
    yield _("An empty cell says that nothing was answered. What you clear here is cleared on return too.")
    yield _("Please leave codes, headings and the hidden sheet as they are; use no formulas and merge no cells.")
    yield _("Sorting, hiding and widening do no harm.")
    yield _("Return the file as .xlsx under “Offline kit” of this assessment, or send it to the coordinator.")
    yield _("Nothing is overwritten unseen: before anything is taken over, a preview shows what would change.")


def _domain(sheet, domain: Domain, codes: list[str], questionnaire: Questionnaire, handout: Handout, looks: dict):
    for place, (heading, width) in enumerate(layout.COLUMNS.values()):
        sheet.set_column(place, place, width, None, {"hidden": _is_unused(place, questionnaire, handout)})
        sheet.write_string(0, place, heading.in_language(handout.language), looks["head"])
    for row, code in enumerate(codes, start=1):
        cells = _cells(questionnaire, code, handout)
        sheet.set_row(row, row_height(cells))
        for name, value in cells.items():
            look = looks["fill" if name in layout.INPUTS else "read"]
            if value:
                sheet.write_string(row, PLACES[name], as_text(value), look)
            else:
                sheet.write_blank(row, PLACES[name], None, look)
    _choices(sheet, codes, questionnaire, handout)
    _warn(sheet, len(codes), handout.language, looks["lacks"])
    sheet.protect("", PROTECTION)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(codes), len(PLACES) - 1)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer(f"&L{domain.code}&C&P / &N&R{handout.number}")


def row_height(cells: dict[str, str]) -> float:
    """Points that show all of the row's text: not every program fits rows by itself."""
    lines = max(_lines(value, layout.COLUMNS[name][1]) for name, value in cells.items())
    return min(TALLEST, LINE_HEIGHT * lines + 4)


def _lines(text: str, width: int) -> int:
    """How many lines a text takes in a column that is so many digits wide; a Han character is as wide as two."""
    wide = [sum(2 if east_asian_width(letter) in "WF" else 1 for letter in line) for line in text.split("\n")]
    return sum(max(1, ceil(units / (width - 1))) for units in wide)


def _is_unused(place: int, questionnaire: Questionnaire, handout: Handout) -> bool:
    name = list(layout.COLUMNS)[place]
    if name == "last":
        return not any(entry.get("last") for entry in handout.baseline.values())
    return name == "level" and questionnaire.kind != "levels"


def _cells(questionnaire: Questionnaire, code: str, handout: Handout) -> dict[str, str]:
    language, entry = handout.language, handout.baseline[code]
    item = questionnaire.item_by_code[questionnaire.item_of[code]]
    criterion = questionnaire.criterion_by_code.get(code)
    return {
        "code": code,
        "item": f"{item.code} {item.name.in_language(language)}",
        "level": str(criterion.level) if criterion else "",
        "statement": layout.statement(questionnaire, code, language),
        "rating": layout.rating_word(questionnaire, entry["rating"], language),
        "na_reason": layout.reason_word(entry["na_reason"], language),
        "note": entry["note"],
        "evidence": "\n".join(entry["evidence"]),
        "last": layout.rating_word(questionnaire, entry.get("last", ""), language),
        "help": _help(item if isinstance(item, PolicyAction) else criterion, language),
    }


def _help(asked, language: str) -> str:
    """How to rate it, where the bank says so, and what an assessor asks to see."""
    lines = [] if isinstance(asked, PolicyAction) else [asked.guidance.in_language(language)]
    return "\n".join([*lines, *(f"· {evidence.in_language(language)}" for evidence in asked.evidence)])


def _choices(sheet, codes: list[str], questionnaire: Questionnaire, handout: Handout):
    language, last = handout.language, len(codes)
    for row, code in enumerate(codes, start=1):
        words = layout.choices(questionnaire, code, language)
        sheet.data_validation(row, PLACES["rating"], row, PLACES["rating"], {"validate": "list", "source": words})
    reasons = [name.in_language(language) for name in layout.REASON_NAMES.values()]
    sheet.data_validation(1, PLACES["na_reason"], last, PLACES["na_reason"], {"validate": "list", "source": reasons})
    length = {"validate": "length", "criteria": "<=", "value": layout.MAX_NOTE}
    sheet.data_validation(1, PLACES["note"], last, PLACES["note"], length)


def _warn(sheet, rows: int, language: str, look):
    """Colour reason and note where "not applicable" stands without them."""
    rating, reason, note = (f"${xl_col_to_name(PLACES[name])}2" for name in ("rating", "na_reason", "note"))
    na = layout.RATING_NAMES["na"].in_language(language)
    for name, cell in (("na_reason", reason), ("note", note)):
        rule = {"type": "formula", "criteria": f'=AND({rating}="{na}",{cell}="")', "format": look}
        sheet.conditional_format(1, PLACES[name], rows, PLACES[name], rule)
