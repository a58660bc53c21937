"""Charts as SVG: the same drawing on screen and in the PDF, text as text, scale always 0-5 (0-4 for policy actions).

Each function takes plain values and returns an SVG element as safe markup. Texts are escaped here; colours are the
design tokens (see ``dcmm_site/static/site/tokens.css``), given as attributes because a page allows no inline styles.
"""

from collections.abc import Sequence
from math import cos, pi, sin

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from assessments.drawing import ACCENT, BAND, INK, LEVEL_COLOURS, LINE, PAPER, SECONDARY, frame
from assessments.drawing import text as _text
from assessments.drawing import width_of as _width
from assessments.gantt import Row, draw

ON_LEVEL = {1: INK, 2: INK, 3: INK, 4: PAPER, 5: PAPER}


def radar(axes: Sequence[tuple[str, str, float]], *, highest: int, target: float | None, title: str) -> SafeString:
    """Axes are (name, shown value, share 0-1) clockwise from the top; ``target`` is a share 0-1, or None."""
    width, radius = 560, 145
    tallest = max((len(_lines(name, 13, 120)) for name, _value, _share in axes), default=1)
    height = 2 * (radius + 34 + 16 * tallest) + 20
    centre = (width / 2, height / 2)
    parts = [_rings(centre, radius, len(axes), highest)]
    if target is not None:
        points = _points([_on_axis(centre, radius * target, n, len(axes)) for n in range(len(axes))])
        parts.append(f'<polygon points="{points}" fill="none" stroke="{ACCENT}" stroke-width="1.5" stroke-dasharray="5 4"/>')
    corners = [_on_axis(centre, radius * share, n, len(axes)) for n, (_, _, share) in enumerate(axes)]
    parts.append(
        f'<polygon points="{_points(corners)}" fill="{LEVEL_COLOURS[3]}" fill-opacity="0.25" '
        f'stroke="{LEVEL_COLOURS[4]}" stroke-width="2"/>'
    )
    parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{LEVEL_COLOURS[4]}"/>' for x, y in corners]
    parts += [_axis_label(centre, radius, n, len(axes), name, value) for n, (name, value, _) in enumerate(axes)]
    return _svg(width, height, title, parts)


def heat_map(
    rows: Sequence[tuple[str, str, int, Sequence[float | None]]], *, title: str, labels: Sequence[str], cell: int = 62
) -> SafeString:
    """Rows are (code, name, level reached, fulfilment of levels 1-5 as shares or None); columns are the levels, ``cell`` wide.

    A level that is reached is filled in its colour, the next one in part, by its fulfilment.
    """
    step = 18
    top = 12 * max((len(_lines(label, 10, cell)) for label in labels), default=1) + 10
    left = 34 + max((_width(name, 12) for _code, name, _level, _shares in rows), default=0) + 12
    width, height = left + 5 * cell + 4, top + step * len(rows) + 4
    parts = [
        _text(
            left + cell * n + cell / 2, top - 7 - 12 * (len(lines) - 1 - line), words, size=10, anchor="middle", fill=SECONDARY
        )
        for n, lines in enumerate(_lines(label, 10, cell) for label in labels)
        for line, words in enumerate(lines)
    ]
    for place, (code, name, level, shares) in enumerate(rows):
        y = top + step * place
        parts.append(_text(0, y + 13, code, size=11, fill=SECONDARY))
        parts.append(_text(34, y + 13, name, size=12))
        parts += [_cell(left + cell * n, y, cell, step, n + 1, level, share) for n, share in enumerate(shares)]
    return _svg(width, height, title, parts)


def bars(rows: Sequence[tuple[str, str, float]], *, highest: int, target: float | None, title: str) -> SafeString:
    """Horizontal bars: rows are (name, shown value, share 0-1)."""
    span, step, top = 300, 26, 22
    left = max((_width(name, 12) for name, _value, _share in rows), default=0) + 14
    width, height = left + span + 60, top + step * len(rows) + 4
    parts = []
    for mark in range(highest + 1):
        x = left + span * mark / highest
        parts.append(f'<line x1="{x:.1f}" y1="{top - 4}" x2="{x:.1f}" y2="{height - 4}" stroke="{LINE}"/>')
        parts.append(_text(x, 12, str(mark), size=10, anchor="middle", fill=SECONDARY))
    for place, (name, value, share) in enumerate(rows):
        y = top + step * place
        parts.append(_text(0, y + 14, name, size=12))
        parts.append(f'<rect x="{left}" y="{y + 4}" width="{span * share:.1f}" height="13" fill="{LEVEL_COLOURS[4]}"/>')
        parts.append(_text(left + span + 10, y + 15, value, size=12))
    if target is not None:
        x = left + span * target
        parts.append(
            f'<line x1="{x:.1f}" y1="{top - 4}" x2="{x:.1f}" y2="{height - 4}" stroke="{ACCENT}" '
            'stroke-width="1.5" stroke-dasharray="5 4"/>'
        )
    return _svg(width, height, title, parts)


def slope(
    rows: Sequence[tuple[str, str, str, float | None, float | None]], *, sides: tuple[str, str], highest: int, title: str
) -> SafeString:
    """Two times or sides: rows are (name, shown before, shown after, share before, share after); None: left out on that side.

    What fell is drawn in the accent, what stayed in grey. Labels stand at the lines and are moved apart where they would meet.
    """
    left = max((_width(name, 12) for name, *_rest in rows), default=0) + 60
    span, tall, top = 260, max(260, 17 * len(rows)), 40
    right, width, height = left + span, left + span + left - 10, top + tall + 14
    parts = [_text(left, 16, sides[0], size=12, anchor="end", weight=600), _text(right, 16, sides[1], size=12, weight=600)]
    for mark in range(highest + 1):
        y = top + tall * (1 - mark / highest)
        parts.append(f'<line x1="{left}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="{LINE}"/>')
        parts.append(_text(left + span / 2, y - 2, str(mark), size=9, anchor="middle", fill=SECONDARY))
    places = [[None if row[side] is None else top + tall * (1 - row[side]) for row in rows] for side in (3, 4)]
    labels = [_apart(ys, 15, top, top + tall) for ys in places]
    for n, (name, before, after, one, other) in enumerate(rows):
        colour = SECONDARY if one is None or other is None or one == other else LEVEL_COLOURS[4] if other > one else ACCENT
        if one is not None and other is not None:
            parts.append(
                f'<line x1="{left}" y1="{places[0][n]:.1f}" x2="{right}" y2="{places[1][n]:.1f}" stroke="{colour}" '
                'stroke-width="2"/>'
            )
        for side, x in ((0, left), (1, right)):
            if places[side][n] is not None:
                parts.append(f'<circle cx="{x}" cy="{places[side][n]:.1f}" r="3.5" fill="{colour}"/>')
        if one is not None:
            parts.append(_text(left - 10, labels[0][n] + 4, f"{name} {before}", size=12, anchor="end"))
        if other is not None:
            parts.append(_text(right + 10, labels[1][n] + 4, after, size=12, weight=600, fill=colour))
            parts.append(_text(right + 40, labels[1][n] + 4, name, size=12))
    return _svg(f"{width:.0f}", f"{height:.0f}", title, parts)


def strips(
    rows: Sequence[tuple[str, tuple[float, float, float], str, float | None]], *, highest: int, title: str
) -> SafeString:
    """Distributions: rows are (name, shares of lower quartile, median, upper quartile, own value shown, own share or None)."""
    span, step, top = 320, 30, 22
    left = max((_width(row[0], 12) for row in rows), default=0) + 14
    width, height = left + span + 60, top + step * len(rows) + 4
    parts = []
    for mark in range(highest + 1):
        x = left + span * mark / highest
        parts.append(f'<line x1="{x:.1f}" y1="{top - 4}" x2="{x:.1f}" y2="{height - 4}" stroke="{LINE}"/>')
        parts.append(_text(x, 12, str(mark), size=10, anchor="middle", fill=SECONDARY))
    for place, (name, (low, middle, high), value, own) in enumerate(rows):
        y, at = top + step * place, left + span * middle
        parts.append(_text(0, y + 16, name, size=12))
        parts.append(
            f'<rect x="{left + span * low:.1f}" y="{y + 5}" width="{max(span * (high - low), 1):.1f}" height="14" '
            f'fill="{LEVEL_COLOURS[2]}"/>'
        )
        parts.append(f'<line x1="{at:.1f}" y1="{y + 3}" x2="{at:.1f}" y2="{y + 21}" stroke="{INK}" stroke-width="2"/>')
        if own is not None:
            parts.append(f'<circle cx="{left + span * own:.1f}" cy="{y + 12}" r="5" fill="{ACCENT}" stroke="{PAPER}"/>')
        parts.append(_text(left + span + 10, y + 16, value, size=12, weight=600, fill=ACCENT))
    return _svg(width, height, title, parts)


def heat_strip(rows: Sequence[tuple[str, Sequence[tuple[str, float | None, str]]]], *, title: str, unknown: str) -> SafeString:
    """One small cell per clause, by document: rows are (document, cells), cells (clause id, share 0-1 or None, shown value).

    Five steps from light to dark, each cell with its value; where nothing tells the cell is empty, as ``unknown`` says below.
    """
    cell, tall, across = 30, 22, 22
    parts, y = [], 0
    for document, cells in rows:
        parts.append(_text(0, y + 14, document, size=12, weight=600))
        y += 22
        for place, (clause, share, shown) in enumerate(cells):
            line, column = divmod(place, across)
            parts.append(_strip_cell(column * cell, y + line * tall, cell - 2, share, shown.rstrip("%"), f"{clause} {shown}"))
        y += tall * -(-len(cells) // across) + 10
    parts += [_strip_cell(n * 54, y, 52, n / 5, f"{20 * n}–{20 * n + 20}%") for n in range(5)]
    parts += [_strip_cell(5 * 54, y, 30, None, "–"), _text(5 * 54 + 36, y + 14, unknown, size=10, fill=SECONDARY)]
    return _svg(cell * across, y + tall, title, parts)


def _strip_cell(x, y, width, share, words, name="") -> str:
    step = None if share is None else min(5, int(share * 5) + 1)
    frame = f'fill="{PAPER}" stroke="{SECONDARY}" stroke-dasharray="2 2"' if step is None else f'fill="{LEVEL_COLOURS[step]}"'
    told = f"<title>{escape(name)}</title>" if name else ""
    text = _text(x + width / 2, y + 13, words, size=9, anchor="middle", fill=INK if step is None else ON_LEVEL[step])
    return f'<g>{told}<rect x="{x}" y="{y}" width="{width}" height="20" {frame}/>{text}</g>'


def _apart(places: Sequence[float | None], least: float, top: float, bottom: float) -> list[float | None]:
    """Where labels stand so that none covers another: those that would meet share the room around their middle."""
    order = sorted((n for n, y in enumerate(places) if y is not None), key=lambda n: places[n])
    blocks: list[list[int]] = []
    for n in order:
        blocks.append([n])
        while len(blocks) > 1 and _end(blocks[-2], places, least, top, bottom) > _start(blocks[-1], places, least, top, bottom):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    found = list(places)
    for block in blocks:
        for place, n in enumerate(block):
            found[n] = _start(block, places, least, top, bottom) + least * (place + 0.5)
    return found


def _start(block, places, least, top, bottom) -> float:
    """Where a block of labels begins: around the middle of its places, inside the drawing."""
    middle = sum(places[n] for n in block) / len(block)
    return max(top - least, min(middle - least * len(block) / 2, bottom + least / 2 - least * len(block)))


def _end(block, *room) -> float:
    return _start(block, *room) + room[1] * len(block)


def level_bar(level: int | None, shares: Sequence[float | None], *, title: str) -> SafeString:
    """Five small steps for one item: reached ones filled, the next one in part."""
    cell, height = 22, 12
    parts = [_cell(n * cell, 0, cell, height, n + 1, level or 0, share, gap=2) for n, share in enumerate(shares)]
    return _svg(5 * cell, height, title, parts, css="level-bar")


def _cell(x, y, width, height, level, reached, share, gap=3) -> str:
    inner, tall = width - gap, height - gap
    frame = f'<rect x="{x}" y="{y}" width="{inner}" height="{tall}" fill="{BAND}" stroke="{LINE}"/>'
    if level <= reached:
        return f'<rect x="{x}" y="{y}" width="{inner}" height="{tall}" fill="{LEVEL_COLOURS[level]}"/>' + _na(
            x, y, inner, tall, share, ON_LEVEL[level]
        )
    if level == reached + 1 and share:
        part = f'<rect x="{x}" y="{y}" width="{inner * share:.1f}" height="{tall}" fill="{LEVEL_COLOURS[level]}"/>'
        return frame + part
    return frame


def _na(x, y, width, height, share, colour) -> str:
    """A level without applicable criteria is passed, but marked."""
    if share is not None or height < 14:
        return ""
    return _text(x + width / 2, y + height - 5, "n/a", size=9, anchor="middle", fill=colour)


def _rings(centre, radius, count, highest) -> str:
    parts = []
    for ring in range(1, highest + 1):
        points = _points([_on_axis(centre, radius * ring / highest, n, count) for n in range(count)])
        parts.append(f'<polygon points="{points}" fill="none" stroke="{LINE}"/>')
    for n in range(count):
        x, y = _on_axis(centre, radius, n, count)
        parts.append(f'<line x1="{centre[0]}" y1="{centre[1]}" x2="{x:.1f}" y2="{y:.1f}" stroke="{LINE}"/>')
    for ring in range(highest + 1):
        parts.append(_text(centre[0] + 4, centre[1] - radius * ring / highest + 3, str(ring), size=9, fill=SECONDARY))
    return "".join(parts)


def _axis_label(centre, radius, place, count, name, value) -> str:
    x, y = _on_axis(centre, radius + 18, place, count)
    side = x - centre[0]
    anchor = "middle" if abs(side) < 12 else ("start" if side > 0 else "end")
    above = -6 if y < centre[1] - radius * 0.8 else (10 if y > centre[1] + radius * 0.8 else 0)
    lines = _lines(name, 13, 120)
    top = y + above - 2 - (16 * (len(lines) - 1) if y < centre[1] else 0)
    parts = [_text(x, top + 16 * n, words, size=13, anchor=anchor) for n, words in enumerate(lines)]
    parts.append(_text(x, top + 16 * len(lines), value, size=13, anchor=anchor, weight=600, fill=LEVEL_COLOURS[4]))
    return "".join(parts)


def gantt(
    rows: Sequence[tuple[int, str, int, int, str]],
    *,
    marks: Sequence[tuple[int, str]],
    needs: Sequence[tuple[int, int]],
    title: str,
) -> SafeString:
    """When actions run: rows are (number, name, first week, week after the last, state: closed, quick or open)."""
    return mark_safe(draw([Row(*row) for row in rows], marks=marks, needs=needs, title=title))


def _lines(words: str, size: float, most: float) -> list[str]:
    """Words broken at spaces into lines of about ``most`` wide; Chinese is left in one line."""
    lines = []
    for word in words.split(" "):
        if lines and _width(f"{lines[-1]} {word}", size) <= most:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _on_axis(centre, distance, place, count) -> tuple[float, float]:
    angle = 2 * pi * place / max(count, 1) - pi / 2
    return centre[0] + distance * cos(angle), centre[1] + distance * sin(angle)


def _points(corners) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)


def _svg(width, height, title, parts, css="chart") -> SafeString:
    return mark_safe(frame(width, height, title, parts, css=css))
