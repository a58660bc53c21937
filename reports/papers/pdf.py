"""The PDFs of a snapshot: full volume, two pages for the chief, a department's part, a version for outsiders.

Same snapshot, same versions: same bytes, unless the operator signs them.
"""

import base64
import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override
from pypdf import PdfReader

from assessments.gantt import Time
from reports import charts
from reports.content import annex, findings
from reports.content.external import refuse_leaks, stripped
from reports.content.narrowing import narrowed
from reports.content.parts import ItemPart, PlanPart, Snapshot
from reports.content.snapshot import as_canonical_json
from reports.papers import signing
from reports.papers.bilingual import side_by_side
from reports.papers.fonts import Missing, missing, printable
from reports.papers.typesetting import Attached, TypesettingFailed, typeset
from reports.variants import CHIEF, DEPARTMENT, EXTERNAL, FULL

TEMPLATES = Path(__file__).parents[1] / "templates" / "reports" / "pdf"
CHIEF_PAGES = 2
GANTT_ROWS = 26
PAIRED_ROWS, PAIRED_NAME, PAIRED_CELL = 16, 10, 40  # a heat map in halves: from so many rows, names of so many signs
PNG = b"\x89PNG\r\n\x1a\n"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CAPTION = re.compile(r"<(caption|figcaption)>(.*?)</\1>", re.DOTALL)
LISTS = "<!--lists-->"
# what no page can show, or what turns the order of the letters around it: control characters, lone surrogates, bidi overrides
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")


class CannotSetChinese(Exception):
    """Pango or a Chinese font is missing; ``lacks`` says what to install."""

    def __init__(self, lacks: list[Missing]):
        self.lacks = lacks
        super().__init__("; ".join(f"{lack.what} is missing: {lack.install}" for lack in lacks))


@dataclass(frozen=True)
class Pdf:
    content: bytes
    pages: int


@dataclass(frozen=True)
class Listed:
    """A numbered figure or table in its list."""

    id: str
    label: str
    title: str


def render_pdf(snapshot: Snapshot) -> bytes:
    """The full volume; raises CannotSetChinese rather than print boxes, and TypesettingFailed."""
    return render([snapshot]).content


def render(
    snapshots: Sequence[Snapshot],
    *,
    variant: str = FULL,
    items: tuple[str, ...] = (),
    final: bool = True,
    together: bool = True,
) -> Pdf:
    """The PDF of one snapshot, or of the same in two languages side by side (Chinese first).

    ``items``: those of a department volume. ``final=False`` or a snapshot that is a draft: with a watermark. ``together``: it
    may take two processors; the bytes are the same.
    Raises CannotSetChinese, TypesettingFailed, signing.CannotSign, and external.Leak rather than let out what must stay in.
    """
    if lacks := missing():
        raise CannotSetChinese(lacks)
    told = [told_by(snapshot, variant, items) for snapshot in snapshots]
    fingerprint = fingerprint_of(snapshots)
    content = _typeset(told, variant, final, fingerprint, together)
    if variant == CHIEF and pages_of(content) != CHIEF_PAGES * len(told):
        content = _typeset(told, variant, final, fingerprint, together, tight=True)
    if variant == EXTERNAL:
        for snapshot in snapshots:
            refuse_leaks(content, snapshot)
    pages = pages_of(content)
    if variant == CHIEF and pages != CHIEF_PAGES * len(told):
        raise TypesettingFailed(f"the chief's pages became {pages}")
    return Pdf(signing.sign(content) if signing.is_configured() else content, pages)


def told_by(snapshot: Snapshot, variant: str, items: tuple[str, ...]) -> Snapshot:
    """What a variant may tell."""
    if variant == DEPARTMENT:
        return narrowed(snapshot, items)
    return stripped(snapshot) if variant == EXTERNAL else snapshot


def fingerprint_of(snapshots: Sequence[Snapshot]) -> str:
    """SHA-256 of what was frozen: one canonical JSON, or a list of two."""
    texts = [as_canonical_json(snapshot) for snapshot in snapshots]
    frozen = texts[0] if len(texts) == 1 else f"[{','.join(texts)}]"
    return hashlib.sha256(frozen.encode()).hexdigest()


def volume_html(
    told: Sequence[Snapshot], variant: str, *, final: bool = True, fingerprint: str = "", tight: bool = False
) -> str:
    """The page that is set."""
    pages = [_page(snapshot, variant, final, fingerprint, tight) for snapshot in told]
    if len(pages) == 1:
        return pages[0]
    if variant == CHIEF:
        return pages[0].replace("</body>", '<div class="again"></div>' + _body(pages[1]) + "</body>")
    return side_by_side(*pages)


def stylesheets(snapshot: Snapshot) -> list[str]:
    """The style of a report, with the accent of its brand. Tokens are put in: looking them up costs time at every element."""
    tokens = Path(finders.find("site/tokens.css")).read_text(encoding="utf-8")
    values = dict(re.findall(r"--([\w-]+):\s*([^;]+);", tokens))
    if snapshot.brand and re.fullmatch(r"#[0-9a-fA-F]{6}", snapshot.brand.accent):
        values["accent"] = snapshot.brand.accent
    values["draft"] = '"草稿 DRAFT"'
    text = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    return [re.sub(r"var\(--([\w-]+)\)", lambda match: values[match[1]], text)]


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


def heat_map(snapshot: Snapshot, items: Sequence[ItemPart] | None = None, labels: Sequence[str] = (), **look):
    """Items by level, all or some; policy actions, which know no levels, as bars."""
    items = snapshot.items if items is None else items
    if snapshot.kind == "anchors":
        rows = [(item.name, item.score, item.share) for item in items]
        return charts.bars(rows, highest=snapshot.highest, target=None, title=findings.drag(snapshot))
    rows = [(item.code, item.name, item.level_reached, [level.share for level in item.levels]) for item in items]
    labels = labels or [f"{level.level} {level.name}" for level in snapshot.levels]
    return charts.heat_map(rows, title=findings.drag(snapshot), labels=labels, **look)


def heat_maps(snapshot: Snapshot) -> list:
    """The same drawing for paper, in two halves where it is long: side by side if the names are short enough."""
    items = snapshot.items
    half = (len(items) + 1) // 2
    if len(items) >= PAIRED_ROWS and snapshot.kind == "anchors":
        return [heat_map(snapshot, part) for part in (items[:half], items[half:])]
    if len(items) < PAIRED_ROWS or max(len(item.name) for item in items) > PAIRED_NAME:
        return [heat_map(snapshot)]
    numbers = [str(level.level) for level in snapshot.levels]
    return [heat_map(snapshot, part, numbers, cell=PAIRED_CELL) for part in (items[:half], items[half:])]


def gantts(plan: PlanPart) -> list:
    """The roadmap in time, as many charts as it needs."""
    running = [action for action in plan.actions if action.is_on and action.status != "dropped"]
    if not running:
        return []
    weeks = max(action.end for action in running)
    first = date.fromisoformat(plan.starts_on)
    marks = Time(first, first + timedelta(weeks=weeks)).marks
    needs = [(before, action.number) for action in running for before in action.needs]
    rows = [(action.number, action.title, action.start, action.end, _state(action)) for action in running]
    parts = [rows[start : start + GANTT_ROWS] for start in range(0, len(rows), GANTT_ROWS)]
    title = _("Roadmap: %(count)s actions in %(weeks)s weeks") % {"count": len(running), "weeks": weeks}
    return [charts.gantt(part, marks=marks, needs=needs, title=title) for part in parts]


def _state(action) -> str:
    if action.closed_on or action.status == "closed":
        return "closed"
    return "quick" if action.is_quick_win else "open"


def _page(snapshot: Snapshot, variant: str, final: bool, fingerprint: str, tight: bool) -> str:
    with override(snapshot.language):
        context = {
            **volume_context(snapshot),
            "variant": variant,
            "narrowed": variant == DEPARTMENT,
            "heat_maps": heat_maps(snapshot) if snapshot.items else [],
            "watermark": snapshot.is_draft or not final,
            "logo": _logo(snapshot),
            "gantts": gantts(snapshot.plan) if snapshot.plan else [],
            "fingerprint": fingerprint,
            "tight": tight,
            "duties": annex.asked(snapshot),
            "offers": annex.offered(snapshot),
            **_kind(snapshot, variant),
        }
        html = _with_lists(render_to_string("reports/pdf/volume.html", context))
    return printable(UNPRINTABLE.sub("\ufffd", html))


def _kind(snapshot: Snapshot, variant: str) -> dict[str, str]:
    if variant == DEPARTMENT:
        codes = ", ".join(item.code for item in snapshot.items)
        return {"kind": _("Department volume"), "kind_note": _("only the items %(items)s") % {"items": codes}}
    if variant == EXTERNAL:
        note = _("without names of evidence and persons, and without notes")
        return {"kind": _("External version"), "kind_note": note}
    return {}


def _with_lists(html: str) -> str:
    """Numbers the figures and tables that have a caption, and lists them behind the contents."""
    found: dict[str, list[Listed]] = {"figcaption": [], "caption": []}
    words = {"figcaption": _("Figure %(number)s"), "caption": _("Table %(number)s")}

    def number(match) -> str:
        tag, title = match.groups()
        rows = found[tag]
        row = Listed(f"{tag}-{len(rows) + 1}", words[tag] % {"number": len(rows) + 1}, title)
        rows.append(row)
        return f'<{tag} id="{row.id}"><b>{row.label}</b> {title}</{tag}>'

    numbered = CAPTION.sub(number, html)
    lists = render_to_string("reports/pdf/lists.html", {"figures": found["figcaption"], "tables": found["caption"]})
    return numbered.replace(LISTS, lists)


def _logo(snapshot: Snapshot) -> str:
    """The address of the brand's logo; empty unless it is a PNG."""
    if not snapshot.brand or not snapshot.brand.logo:
        return ""
    try:
        content = base64.b64decode(snapshot.brand.logo, validate=True)
    except ValueError:
        return ""
    return f"data:image/png;base64,{snapshot.brand.logo}" if content.startswith(PNG) else ""


def _body(html: str) -> str:
    return html.split("<body", 1)[1].split(">", 1)[1].rsplit("</body>", 1)[0]


def _typeset(
    told: Sequence[Snapshot], variant: str, final: bool, fingerprint: str, together: bool, tight: bool = False
) -> bytes:
    return typeset(
        volume_html(told, variant, final=final, fingerprint=fingerprint, tight=tight),
        stylesheets(told[0]),
        seconds=settings.RENDER_SECONDS,
        megabytes=settings.RENDER_MEGABYTES,
        attached=_attached(told),
        document_id=f"urn:sha256:{fingerprint}",
        together=together,
    )


def _attached(told: Sequence[Snapshot]) -> list[Attached]:
    """Everything that this PDF tells as data, in the order of the names."""
    day = told[0].date
    from reports.papers.workbook import render_workbook  # noqa: PLC0415 - pandas, which stays out of the web process

    files = [Attached("answers.xlsx", render_workbook(told[0]), XLSX, "Source", "Answers and scores as a workbook", day)]
    for snapshot in told:
        name = "snapshot.json" if len(told) == 1 else f"snapshot.{snapshot.language}.json"
        text = as_canonical_json(snapshot).encode()
        files.append(Attached(name, text, "application/json", "Data", "Everything this report says", day))
    return sorted(files, key=lambda file: file.name)


def pages_of(content: bytes) -> int:
    return len(PdfReader(io.BytesIO(content)).pages)
