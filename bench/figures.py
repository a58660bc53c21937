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
    ours = middle["weasyprint"]
    rows = (
        ("WeasyPrint as we use it, tags and all", "weasyprint", ""),
        (
            "Chromium's print of the same HTML",
            "chromium",
            f"ours takes {ours / middle['chromium']:.2f} times as long (at most 1.7)",
        ),
        (
            "WeasyPrint without HarfBuzz subsetting",
            "without_harfbuzz",
            f"{middle['without_harfbuzz'] / ours:.2f} times (at least 3.5)",
        ),
        ("chief's two pages", "chief", f"{middle['chief'] / ours:.2f} of ours (at most 0.2)"),
    )
    lines = [
        "",
        f"| full volume, {figures['pages']} pages, whole process | median s | fastest-slowest | against ours |",
        "|---|---|---|---|",
    ]
    for label, name, words in rows:
        seconds = figures["seconds"][name]
        lines.append(f"| {label} | {middle[name]:.2f} | {min(seconds):.2f}-{max(seconds):.2f} | {words} |")
    size = f"File {figures['bytes'] / 1e6:.2f} MB with attachments (1.5); peak memory {figures['peak_mb']} MB (350)."
    lines += [
        "",
        size,
        "",
        "| pages of one mix | seconds | ms per page | against the first (1.2) | peak MB |",
        "|---|---|---|---|---|",
    ]
    first = None
    for pages, row in figures["growth"].items():
        each = 1000 * row["seconds"] / int(pages)
        first = first or each
        lines.append(f"| {pages} | {row['seconds']:.2f} | {each:.0f} | {each / first:.2f} | {row['peak_mb']} |")
    return lines


def workers_table(figures: dict) -> list[str]:
    one, two = figures["workers_1"], figures["workers_2"]
    idle, busy = figures["idle_ms"], figures["busy_ms"]
    return [
        "",
        f"{figures['enterprises']} enterprises, a full volume each: one worker {one:.0f} s, two {two:.0f} s, "
        f"{one / two:.2f} times the throughput (1.7); {figures['failed']} failed.",
        f"Saves at 50/s, p95: idle {idle:.1f} ms, beside two workers {busy:.1f} ms, {busy / idle:.2f} times (2.5); "
        f"{figures['still_left']} volumes were left when that load ended.",
    ]
