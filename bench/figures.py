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
