"""The workbook of a snapshot: its sheets and native charts. Text cells are text, never formulas; same snapshot, same bytes."""

import io
from collections.abc import Iterator, Sequence

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import override

from assessments.workbooks import FIXED_DATE, WRITER_OPTIONS, as_text
from organizations.table_writing import MOST_CHARACTERS
from reports.charts import ACCENT, LEVEL_COLOURS, LINE, ON_LEVEL
from reports.content import findings
from reports.content.parts import Snapshot
from reports.papers.sheets import SCORE, TEXT, WHOLE, Sheet, number, sheets_of

A4 = 9
MOST_HEADER = 200  # characters; a header holds 255
LINE_HEIGHT, TALLEST = 15, 409  # points of a row
WIDE, ROOM = 1.9, 1.1  # a Chinese character in units of a column's width
FEWEST_AXES = 3  # of a radar
ITEM_HEIGHT, LEAST_HEIGHT = 22, 260  # pixels


def render_workbook(snapshots: Snapshot | Sequence[Snapshot]) -> bytes:
    """The XLSX of a snapshot, in its language; of several the sheets of one after those of the other."""
    told = [snapshots] if isinstance(snapshots, Snapshot) else list(snapshots)
    buffer = io.BytesIO()
    engine = {"engine": "xlsxwriter", "engine_kwargs": {"options": WRITER_OPTIONS}}
    with pd.ExcelWriter(buffer, **engine) as writer:
        first = told[0]
        title, author = as_text(first.title), as_text(first.organization)
        writer.book.set_properties({"title": title, "author": author, "created": FIXED_DATE})
        formats = _Formats(writer.book)
        taken: set[str] = set()
        for snapshot in told:
            with override(snapshot.language):
                for sheet in sheets_of(snapshot):
                    _write(writer, sheet, _free(sheet.name, taken), formats, snapshot)
                if snapshot.domains:
                    _draw(writer.book, snapshot, _free(_("Charts"), taken), formats)
    return buffer.getvalue()


def _free(name: str, taken: set[str]) -> str:
    """A name for a sheet that no other has yet."""
    found, count = name, 1
    while found.lower() in taken:
        count += 1
        found = f"{name} {count}"
    taken.add(found.lower())
    return found


class _Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, book):
        self.book, self.kept = book, {}

    def of(self, form: str):
        if form not in self.kept:
            self.kept[form] = self.book.add_format({"text_wrap": True, "valign": "top", "num_format": form})
        return self.kept[form]

    def of_head(self):
        if "head" not in self.kept:
            self.kept["head"] = self.book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 2})
        return self.kept["head"]

    def of_level(self, level: int):
        if level not in self.kept:
            self.kept[level] = self.book.add_format({"bg_color": LEVEL_COLOURS[level], "font_color": ON_LEVEL[level]})
        return self.kept[level]


def _write(writer, sheet: Sheet, name: str, formats: _Formats, snapshot: Snapshot):
    rows = [[as_text(cell) for cell in row] for row in _continued(sheet.rows)]
    titles = [as_text(column.title) for column in sheet.columns]
    frame = pd.DataFrame(rows, columns=titles, dtype=object)
    frame.to_excel(writer, sheet_name=name, index=False, freeze_panes=(1, sheet.wide))
    page = writer.sheets[name]
    for n, row in enumerate([titles, *rows]):
        page.set_row(n, _height(row, sheet))
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width, formats.of(column.form))
        page.write_string(0, place, titles[place], formats.of_head())
        if column.form == TEXT:
            _figures_in(page, place, rows, formats)
    if rows:
        page.autofilter(0, 0, len(rows), len(sheet.columns) - 1)
        for place in sheet.levels:
            for level in LEVEL_COLOURS:
                rule = {"type": "cell", "criteria": "==", "value": level, "format": formats.of_level(level)}
                page.conditional_format(1, place, len(rows), place, rule)
    _for_paper(page, snapshot)


def _height(row: Sequence, sheet: Sheet) -> float:
    """Points that the tallest cell of a row needs: programs that don't work it out would show the first line alone."""
    lines = (
        sum(-(-_units(line) // column.width) or 1 for line in cell.split("\n"))
        for cell, column in zip(row, sheet.columns, strict=True)
        if isinstance(cell, str)
    )
    return min(TALLEST, LINE_HEIGHT * max(lines, default=1))


def _units(text: str) -> float:
    """How wide a text is, in the units of columns, with room for lines that break early."""
    wide = (len(text.encode()) - len(text)) / 2  # Chinese takes three bytes
    return ROOM * (len(text) + (WIDE - 1) * wide)


def _figures_in(page, place: int, rows: list[list], formats: _Formats):
    """Figures among texts: numbers all the same, with the digits that are shown."""
    for n, row in enumerate(rows, start=1):
        if isinstance(row[place], int | float):
            page.write_number(n, place, row[place], formats.of(WHOLE if isinstance(row[place], int) else SCORE))


def _for_paper(page, snapshot: Snapshot):
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_header(f"&L{_escaped(snapshot.organization)}&R&A")
    page.set_footer(f"&L{_escaped(snapshot.short_title)} · {snapshot.date}&R&P / &N")


def _escaped(text: str) -> str:
    """For a header: a single & begins a command."""
    return as_text(text)[: MOST_HEADER // 2].replace("\n", " ").replace("&", "&&")


def _continued(rows: Sequence[tuple]) -> Iterator[tuple]:
    """Rows as they are; a text that is longer than a cell holds goes on in the row below, which says so."""
    for row in rows:
        pieces = [_pieces(cell) for cell in row]
        yield tuple(parts[0] for parts in pieces)
        for n in range(1, max(map(len, pieces))):
            rest = [parts[n] if n < len(parts) else "" for parts in pieces]
            yield (rest[0] or f"{row[0]} ({_('continued')} {n})", *rest[1:])


def _pieces(cell) -> list:
    if not isinstance(cell, str) or len(cell) <= MOST_CHARACTERS:
        return [cell]
    return [cell[start : start + MOST_CHARACTERS] for start in range(0, len(cell), MOST_CHARACTERS)]


# charts


def _draw(book, snapshot: Snapshot, name: str, formats: _Formats):
    """Domains as a radar against the target, items as bars; the figures that they draw stand beside them."""
    page = book.add_worksheet(name)
    shown, whole = formats.of("0.00"), formats.of(WHOLE)
    page.set_column(0, 0, 34)
    page.set_column(1, 1, 9, shown)
    page.set_column(2, 2, 9, whole)
    domains = [(domain.name, domain.score) for domain in snapshot.domains]
    items = [(f"{item.code} {item.name}", item.score) for item in snapshot.items]
    below = _table(page, 0, (_("Domain"), _("Score"), _("Target")), domains, snapshot.target)
    _table(page, below + 2, (_("Item"), _("Score"), _("Target")), items, None)
    title = findings.drag(snapshot)
    if len(domains) >= FEWEST_AXES:
        radar = book.add_chart({"type": "radar", "subtype": "with_markers"})
        _fill(radar, name, 1, len(domains), snapshot, with_target=bool(snapshot.target))
        _dress(radar, title, snapshot, 480)
        page.insert_chart("E2", radar, {"description": as_text(title)})
    bars = book.add_chart({"type": "bar"})
    _fill(bars, name, below + 3, len(items), snapshot, with_target=False)
    _dress(bars, _("Items"), snapshot, max(LEAST_HEIGHT, ITEM_HEIGHT * len(items)))
    bars.set_y_axis({"reverse": True, "num_font": {"size": 8}})
    bars.set_x_axis(
        {"min": 0, "max": snapshot.highest, "major_unit": 1, "major_gridlines": {"visible": True, "line": {"color": LINE}}}
    )
    page.insert_chart("E28", bars, {"description": _("Scores by item")})
    _for_paper(page, snapshot)
    page.fit_to_pages(1, 1)


def _table(page, top: int, head: tuple[str, ...], rows, target: int | None) -> int:
    """Writes the figures and gives the row below them."""
    for place, title in enumerate(head):
        page.write_string(top, place, as_text(title))
    for n, (name, score) in enumerate(rows, start=top + 1):
        page.write_string(n, 0, as_text(name))
        if score:
            page.write_number(n, 1, number(score))
        if target:
            page.write_number(n, 2, target)
    return top + len(rows) + 1


def _fill(chart, sheet: str, top: int, count: int, snapshot: Snapshot, *, with_target: bool):
    names, values = [sheet, top, 0, top + count - 1, 0], [sheet, top, 1, top + count - 1, 1]
    dark = LEVEL_COLOURS[4]
    line = {"color": dark, "width": 2}
    chart.add_series({"name": _("Score"), "categories": names, "values": values, "line": line, "fill": {"color": dark}})
    if with_target:
        goal = [sheet, top, 2, top + count - 1, 2]
        red = {"color": ACCENT, "dash_type": "dash", "width": 1.5}
        chart.add_series({"name": _("Target"), "categories": names, "values": goal, "line": red, "marker": {"type": "none"}})


def _dress(chart, title: str, snapshot: Snapshot, height: int):
    chart.set_title({"name": as_text(title), "name_font": {"size": 11}})
    chart.set_y_axis(
        {"min": 0, "max": snapshot.highest, "major_unit": 1, "major_gridlines": {"visible": True, "line": {"color": LINE}}}
    )
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 640, "height": height})
