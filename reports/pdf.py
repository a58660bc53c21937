"""The PDF volume of a snapshot. Same snapshot, same versions: same bytes."""

from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.translation import override

from reports import charts, findings
from reports.fonts import Missing, missing
from reports.parts import Snapshot
from reports.typesetting import typeset

TEMPLATES = Path(__file__).parent / "templates" / "reports" / "pdf"


class CannotSetChinese(Exception):
    """Pango or a Chinese font is missing; ``lacks`` says what to install."""

    def __init__(self, lacks: list[Missing]):
        self.lacks = lacks
        super().__init__("; ".join(f"{lack.what} is missing: {lack.install}" for lack in lacks))


def render_pdf(snapshot: Snapshot) -> bytes:
    """The full volume; raises CannotSetChinese rather than print boxes, and TypesettingFailed."""
    if lacks := missing():
        raise CannotSetChinese(lacks)
    with override(snapshot.language):
        html = render_to_string("reports/pdf/volume.html", volume_context(snapshot))
    return typeset(html, _stylesheets(), seconds=settings.RENDER_SECONDS, megabytes=settings.RENDER_MEGABYTES)


def volume_context(snapshot: Snapshot) -> dict:
    """What the templates of page and paper share: the snapshot, its sentences and its charts."""
    return {
        "snapshot": snapshot,
        "verdict": findings.verdict(snapshot),
        "lowest_items": findings.lowest_items(snapshot),
        "path_sentence": findings.path_sentence(snapshot),
        "flagged": findings.flagged_levels(snapshot),
        "overview": overview_chart(snapshot),
        "heat_map": heat_map(snapshot),
    }


def overview_chart(snapshot: Snapshot):
    """Radar of the domains with the target; its title is the finding."""
    axes = [(domain.name, domain.score, domain.share) for domain in snapshot.domains]
    target = snapshot.target / snapshot.highest if snapshot.target else None
    title = findings.drag(snapshot)
    if len(axes) < 3:
        return charts.bars(axes, highest=snapshot.highest, target=target, title=title)
    return charts.radar(axes, highest=snapshot.highest, target=target, title=title)


def heat_map(snapshot: Snapshot):
    """Items by level; policy actions, which know no levels, as bars."""
    if snapshot.kind == "anchors":
        rows = [(item.name, item.score, item.share) for item in snapshot.items]
        return charts.bars(rows, highest=snapshot.highest, target=None, title=findings.drag(snapshot))
    rows = [(item.code, item.name, item.level_reached, [level.share for level in item.levels]) for item in snapshot.items]
    labels = [f"{level.level} {level.name}" for level in snapshot.levels]
    return charts.heat_map(rows, title=findings.drag(snapshot), labels=labels)


def _stylesheets() -> list[str]:
    tokens = Path(finders.find("site/tokens.css")).read_text(encoding="utf-8")
    return [tokens, (TEMPLATES / "report.css").read_text(encoding="utf-8")]
