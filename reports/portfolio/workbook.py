"""Run as ``python -m reports.portfolio.workbook``: a table as JSON comes in, an XLSX goes out. Knows no Django.

Text cells are typed as text, so that nothing a user wrote becomes a formula.
"""

import io
import json
import resource
import sys

from assessments.workbooks import FIXED_DATE, WRITER_OPTIONS, as_text

MEGABYTES, SECONDS = 1500, 55


def main():
    limit = MEGABYTES * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    sys.stdout.buffer.write(render(json.load(sys.stdin)))


def render(table: dict) -> bytes:
    import pandas as pd  # noqa: PLC0415 - only the child process pays for this import

    out = io.BytesIO()
    frame = pd.DataFrame([[as_text(cell) for cell in row] for row in table["rows"]], columns=table["heads"])
    engine = {"engine": "xlsxwriter", "engine_kwargs": {"options": WRITER_OPTIONS}}
    with pd.ExcelWriter(out, **engine) as writer:
        writer.book.set_properties({"title": table["title"], "created": FIXED_DATE})
        frame.to_excel(writer, sheet_name="1", index=False, freeze_panes=(1, 1))
        sheet = writer.sheets["1"]
        for place, head in enumerate(table["heads"]):
            sheet.set_column(place, place, 10 if place in table["figures"] else min(40, max(14, 2 * len(head))))
        if table["rows"]:
            sheet.autofilter(0, 0, len(table["rows"]), len(table["heads"]) - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
    return out.getvalue()


if __name__ == "__main__":
    main()
