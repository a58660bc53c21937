"""Tables of ``bench/RESULTS.md`` out of what the measuring scripts printed."""

import statistics


def portfolio_table(figures: list[dict]) -> list[str]:
    lines = [
        "",
        "| portfolio, 100 rows, in process | queries | kB | median | empty view | plain GROUP BY | page ÷ GROUP BY |",
        "|---|---|---|---|---|---|---|",
    ]
    for size in figures:
        plain = statistics.median(size["group_by_ms"])
        for name, page in size["pages"].items():
            middle, floor = statistics.median(page["page_ms"]), statistics.median(page["empty_ms"])
            what = f"{name}, {size['clients']} × {size['cycles']} × 33"
            cells = [what, page["queries"], f"{page['bytes'] / 1000:.0f}", f"{middle:.0f}", f"{floor:.1f}", f"{plain:.0f}"]
            lines.append(f"| {' | '.join(map(str, cells))} | {middle / plain:.2f} |")
    return lines


def office_table(office: dict) -> list[str]:
    lines = ["", "| full volume, 594 answers | kB | median s | fastest-slowest |", "|---|---|---|---|"]
    for name, seconds in office["seconds"].items():
        size = office["bytes"][name] / 1000
        lines.append(f"| {name} | {size:.0f} | {statistics.median(seconds):.2f} | {min(seconds):.2f}-{max(seconds):.2f} |")
    return [*lines, "", f"Reading the programs of both takes {office['imports']:.1f} s, once per process."]


def report_table(figures: dict) -> list[str]:
    middle = {name: statistics.median(values) for name, values in figures["seconds"].items()}
    rows = {
        "WeasyPrint as we use it, tags and all": middle["weasyprint"],
        "Chromium's print of the same HTML": middle["chromium"],
        "WeasyPrint without HarfBuzz subsetting": middle["without_harfbuzz"],
        "chief's two pages": middle["chief"],
    }
    lines = ["", f"| full volume, {figures['pages']} pages, whole process | median s | ÷ ours |", "|---|---|---|"]
    lines += [f"| {name} | {value:.2f} | {value / middle['weasyprint']:.2f} |" for name, value in rows.items()]
    lines += ["", f"File {figures['bytes'] / 1e6:.2f} MB with attachments; peak memory {figures['peak_mb']} MB."]
    for pages, row in figures["growth"].items():
        lines.append(f"{pages} pages: {row['seconds']:.2f} s, {1000 * row['seconds'] / int(pages):.0f} ms per page.")
    return lines
