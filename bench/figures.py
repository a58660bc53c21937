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
    peak = figures["peak_mb"]
    lines += [
        "",
        f"File {figures['bytes'] / 1e6:.2f} MB with attachments (1.5); peak memory {peak['largest']} MB in the largest "
        f"process, {peak['together']} MB in all of them together, shared pages counted once (350).",
        "",
        "| pages of one mix | seconds | ms per page | against the first (1.2) | without HarfBuzz | peak MB |",
        "|---|---|---|---|---|---|",
    ]
    first = None
    for pages, row in figures["growth"].items():
        each = 1000 * row["seconds"] / int(pages)
        first = first or each
        without, largest = row["without_harfbuzz"] / row["seconds"], row["peak_mb"]["largest"]
        lines.append(f"| {pages} | {row['seconds']:.2f} | {each:.0f} | {each / first:.2f} | {without:.2f} times | {largest} |")
    return [*lines, "", "HarfBuzz saves the same seconds whatever the volume's length, so its share falls with the pages."]


def workers_table(figures: dict) -> list[str]:
    one, two = figures["workers_1"], figures["workers_2"]
    lines = [
        "",
        f"{figures['enterprises']} enterprises, a full volume each: one worker {one:.0f} s, two {two:.0f} s, "
        f"{one / two:.2f} times the throughput (1.7); {figures['failed']} failed.",
        "",
        "| saves | median ms, idle | p95 ms, idle | median ms, two workers | p95 ms, two workers | ratio (2.5) | failed |",
        "|---|---|---|---|---|---|---|",
    ]
    for rate, saves in figures["saves"].items():
        idle, busy = saves["idle"], saves["busy"]
        cells = [
            *(f"{load[part]:.1f}" for load in (idle, busy) for part in ("median", "p95")),
            f"{busy['p95'] / idle['p95']:.2f}",
        ]
        lines.append(f"| {rate} a second | {' | '.join(cells)} | {idle['failures'] + busy['failures']} |")
    return [
        *lines,
        "",
        "Twenty saves a second are two hundred people who save once in ten seconds. "
        f"{figures['still_left']} volumes were left when the last load ended.",
    ]
