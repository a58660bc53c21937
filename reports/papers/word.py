"""The Word volumes of a snapshot, for those who have to edit them. Same snapshot, same bytes."""

import re
from collections.abc import Sequence
from datetime import datetime

import resvg_py
from django.utils.translation import gettext as _
from django.utils.translation import override

from reports.content import annex, findings
from reports.content.external import refuse_telling
from reports.content.parts import Snapshot
from reports.papers import pdf
from reports.papers.chapters import Drawing, Volume, chapters_of
from reports.papers.docx_writing import Dress, text_of, write_docx
from reports.papers.manuscript import side_by_side

ACCENT = "B83A26"
COLOUR = re.compile("#[0-9a-fA-F]{6}")
FACE = "Noto Sans CJK SC"
ZOOM = 2  # of the pictures: about 200 dots per inch on paper


def render_word(snapshots: Sequence[Snapshot], *, variant: str = pdf.FULL, items: tuple[str, ...] = ()) -> bytes:
    """The DOCX of one snapshot, or of the same in two languages with the second below the first, line by line.

    ``variant`` and ``items`` as of ``pdf.render``. Raises external.Leak rather than let out what must stay in.
    """
    told = [pdf.told_by(snapshot, variant, items) for snapshot in snapshots]
    fingerprint = pdf.fingerprint_of(snapshots)
    volumes = [_chapters(snapshot, variant, fingerprint) for snapshot in told]
    chapters = volumes[0] if len(volumes) == 1 else side_by_side(*volumes)
    with override(told[0].language):
        content = write_docx([block for chapter in chapters for block in chapter], _dress(told[0]))
    if variant == pdf.EXTERNAL:
        refuse_telling(text_of(content), snapshots)
    return content


def _chapters(snapshot: Snapshot, variant: str, fingerprint: str):
    with override(snapshot.language):
        return chapters_of(Volume(snapshot, variant, fingerprint, _drawings(snapshot, variant)))


def _drawings(snapshot: Snapshot, variant: str) -> dict[str, tuple[Drawing, ...]]:
    """The charts there is something to draw for."""
    found = {}
    if snapshot.domains and variant != pdf.DEPARTMENT:
        title = findings.drag(snapshot)
        found["overview"] = (Drawing(as_png(pdf.overview_chart(snapshot)), title),)
        if variant != pdf.CHIEF:
            found["heat"] = (Drawing(as_png(pdf.heat_map(snapshot)), title),)
    if snapshot.plan and variant != pdf.CHIEF:
        found["plan"] = tuple(Drawing(as_png(svg), _("When the actions run")) for svg in pdf.gantts(snapshot.plan))
    if snapshot.annex and snapshot.annex.rows and variant != pdf.CHIEF:
        found["annex"] = (Drawing(as_png(annex.strip(snapshot)), annex.strip_title(snapshot)),)
    return found


def as_png(svg: str) -> bytes:
    """A chart as a picture, set in the face that the PDF uses."""
    return bytes(resvg_py.svg_to_bytes(svg_string=str(svg), zoom=ZOOM, background="white", sans_serif_family=FACE))


def _dress(snapshot: Snapshot) -> Dress:
    brand, method = snapshot.brand, snapshot.method
    edition = [snapshot.short_title, method.name if method else "", snapshot.version, snapshot.date]
    return Dress(
        title=_("Data management readiness report"),
        author=brand.name if brand else snapshot.organization,
        subject=f"{snapshot.organization} · {snapshot.assessment}",
        language="zh-CN" if snapshot.language.startswith("zh") else "en-US",
        on=datetime.fromisoformat(snapshot.date),
        header=snapshot.organization,
        footer=" · ".join(filter(None, edition)),
        accent=brand.accent[1:].upper() if brand and COLOUR.fullmatch(brand.accent) else ACCENT,
        label={"Figure": _("Figure %(number)s"), "Table": _("Table %(number)s")},
    )
