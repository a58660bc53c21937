"""The result as a whole."""

from django.utils.translation import gettext as _

from reports.content import findings
from reports.content.parts import Snapshot
from reports.papers.chapters.cells import NONE, level_cell
from reports.papers.chapters.volume import Volume
from reports.papers.manuscript import Chapter, Heading, Paragraph, Picture, Points, Table

LARGE, TALL = 150, 118  # millimetres


def overall(volume: Volume) -> Chapter:
    snapshot = volume.snapshot
    blocks: Chapter = [Heading(1, _("Overall result")), *overview(volume, LARGE)]
    blocks.append(_domain_table(snapshot))
    if snapshot.earlier:
        values = {"name": snapshot.earlier.name, "date": snapshot.earlier.date, "score": snapshot.earlier.score or NONE}
        blocks.append(Paragraph(_("Last cycle: %(name)s, %(date)s, total %(score)s.") % values, "Hint"))
    if snapshot.excluded:
        named = _(", ").join(f"{part.code} {part.name}" for part in snapshot.excluded)
        blocks.append(Paragraph(f"{_('Left out, because none of their criteria applies:')} {named}"))
    if flagged := findings.flagged_levels(snapshot):
        named = _(", ").join(f"{item.code} {_('level')} {level.level}" for item, level in flagged)
        first = _("Levels that count as passed only because none of their criteria applies:")
        blocks.append(Paragraph(f"{first} {named}"))
    if snapshot.findings:
        blocks += _told(snapshot)
    for drawing in volume.drawings.get("heat", ()):
        kind = _("Items by level") if snapshot.kind == "levels" else _("Actions")
        blocks += [Heading(2, kind, is_listed=False), Picture(drawing.png, drawing.title, TALL, drawing.title)]
        if snapshot.kind == "levels":
            blocks.append(Paragraph(_("Filled: levels passed. Partly filled: how far the next level is fulfilled."), "Hint"))
    return blocks


def overview(volume: Volume, millimetres: int) -> Chapter:
    """The radar of the domains, with its scale."""
    snapshot = volume.snapshot
    hint = _("Scale 0–%(highest)s. Source: the answers of this assessment.") % {"highest": snapshot.highest}
    if snapshot.target:
        hint += " " + _("Dashed red: the target.")
    blocks: Chapter = []
    for drawing in volume.drawings.get("overview", ()):
        blocks += [Picture(drawing.png, drawing.title, millimetres, drawing.title), Paragraph(hint, "Hint")]
    return blocks


def _domain_table(snapshot: Snapshot) -> Table:
    earlier = snapshot.earlier
    has_levels = snapshot.kind == "levels"
    head = [_("Code"), _("Domain") if has_levels else _("Action group"), _("Score"), *([_("Level")] if has_levels else [])]
    widths = [12, 46, 14, 28] if has_levels else [12, 70, 18]
    if earlier:
        head.insert(2, _("Last cycle"))
        widths.insert(2, 18)
    rows = []
    for domain in snapshot.domains:
        row = [domain.clause or domain.code, domain.name, domain.score]
        row += [level_cell(domain.level, domain.level_name)] if has_levels else []
        if earlier:
            row.insert(2, earlier.domains.get(domain.code, NONE))
        rows.append(tuple(row))
    figures = (2, 3) if earlier else (2,)
    return Table(
        tuple(head), tuple(rows), tuple(widths), _("Scores by domain") if has_levels else _("Scores by group"), figures
    )


def _told(snapshot: Snapshot) -> Chapter:
    told, blocks = snapshot.findings, []
    if told.strengths:
        blocks += [Heading(2, _("What is strong"), is_listed=False), Points(told.strengths)]
    if told.causes:
        blocks.append(Heading(2, _("Common causes"), is_listed=False))
        for cause in told.causes:
            blocks += [Heading(3, cause.title), Paragraph(cause.text), Paragraph(_(", ").join(cause.criteria), "Hint")]
    if told.flags:
        blocks += [Heading(2, _("Contradictions and missing proof"), is_listed=False), Points(told.flags)]
    return blocks
