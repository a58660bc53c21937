"""Reference pictures of the charts, and the hand that draws them. ``python -m tests.reports.pictures`` draws them anew."""

import io
import subprocess
from pathlib import Path

from PIL import Image, ImageChops

from reports import charts
from reports.papers.typesetting import typeset

FOLDER = Path(__file__).parent
NAMES = {
    "zh": ("数据战略", "数据治理", "数据架构", "数据资产", "数据标准", "数据质量", "数据安全", "数据生存周期", "数据应用流通"),
    "en": (
        "Data strategy",
        "Data governance",
        "Data architecture",
        "Data assets",
        "Data standards",
        "Data quality",
        "Data security",
        "Data life cycle",
        "Data application and circulation",
    ),
}


def drawings() -> dict[str, str]:
    """Name of the picture -> SVG."""
    made = {}
    for language, names in NAMES.items():
        shares = [0.3, 0.5, 0.42, 0.6, 0.7, 0.25, 0.8, 0.55, 0.9]
        rows = [(name, f"{5 * share:.2f}", share) for name, share in zip(names, shares, strict=True)]
        heat = [(f"DS{n}", name, n % 6, [1.0, 0.9, None, 0.4, 0.1]) for n, name in enumerate(names)]
        slope = [(name, f"{5 * s:.2f}", f"{4 * s:.2f}", s, 0.8 * s) for name, _shown, s in rows]
        strips = [(name, (0.3, 0.5, 0.7), f"{5 * s:.2f}", s) for name, _shown, s in rows]
        plan = [(n, name, 3 * n, 3 * n + 8, ("closed", "quick", "open")[n % 3]) for n, name in enumerate(names)]
        title = names[0]
        made |= {
            f"radar-{language}": charts.radar(rows, highest=5, target=0.6, title=title),
            f"heat_map-{language}": charts.heat_map(heat, title=title, labels=["1", "2", "3", "4", "5"]),
            f"bars-{language}": charts.bars(rows, highest=4, target=0.5, title=title),
            f"slope-{language}": charts.slope(slope, sides=("2025", "2026"), highest=5, title=title),
            f"strips-{language}": charts.strips(strips, highest=5, title=title),
            f"gantt-{language}": charts.gantt(
                plan, marks=[(0, "2026Q4"), (13, "2027Q1"), (26, "2027Q2")], needs=[(0, 4), (4, 5)], title=title
            ),
            f"level_bar-{language}": charts.level_bar(2, [1, 0.9, 0.5, 0, 0], title=title),
        }
    return made


def rendered(svg: str) -> Image.Image:
    """The drawing as WeasyPrint and Poppler show it, small and in grey."""
    pdf = typeset(f'<html lang="zh">{svg}', ["@page { size: 200mm 200mm; margin: 5mm }"], seconds=60, megabytes=2048)
    png = subprocess.run(["pdftoppm", "-r", "36", "-png", "-gray", "-"], input=pdf, capture_output=True, check=True).stdout
    return Image.open(io.BytesIO(png)).convert("L")


def difference(one: Image.Image, other: Image.Image) -> float:
    """Share of the pixels that differ by more than a shade."""
    if one.size != other.size:
        return 1.0
    changed = ImageChops.difference(one, other).point(lambda value: 255 if value > 60 else 0)
    return changed.histogram()[255] / (one.width * one.height)
