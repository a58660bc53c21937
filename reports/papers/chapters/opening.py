"""Cover, summary, contents, and how to read it."""

import base64
import binascii

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.content import findings
from reports.content.parts import Snapshot
from reports.papers.chapters.cells import NONE, anchor_rule, facts, level_cell, version_of
from reports.papers.chapters.volume import Volume
from reports.papers.manuscript import Cell, Chapter, Contents, Heading, Paragraph, Picture, Points, Table
from reports.variants import DEPARTMENT, EXTERNAL

LOWEST = 5
PNG = b"\x89PNG\r\n\x1a\n"


def cover(volume: Volume) -> Chapter:
    snapshot = volume.snapshot
    brand, method = snapshot.brand, snapshot.method
    blocks: Chapter = []
    if brand and (logo := _logo(brand.logo)):
        blocks.append(Picture(logo, brand.name, 45))
    if brand and brand.name != snapshot.organization:
        blocks.append(Paragraph(brand.name))
    blocks.append(Paragraph("", "Cover Rule"))
    blocks.append(Paragraph(snapshot.short_title))
    blocks.append(Paragraph(_("Data management readiness report"), "Title"))
    blocks.append(Paragraph(snapshot.organization, "Subtitle"))
    if kind := _kind(volume):
        blocks.append(Paragraph(kind, "Lead"))
    if snapshot.is_draft:
        blocks.append(Paragraph(_("Draft, not yet final"), "Warning"))
    target = _("Level %(level)s · %(name)s") % {"level": snapshot.target, "name": snapshot.target_name}
    rows = [
        (_("Assessment"), snapshot.assessment),
        (_("Scope"), snapshot.scope),
        (_("Period"), snapshot.period),
        (_("Edition"), snapshot.standard),
        (_("Method"), method.name + _(" (unofficial)") if method else ""),
        (_("Target"), target if snapshot.target else ""),
        (_("State"), snapshot.state),
        (_("Date"), snapshot.date),
        (_("Content version"), version_of(snapshot)),
    ]
    blocks.append(facts(rows))
    if brand and brand.cover_text:
        blocks.append(Paragraph(brand.cover_text))
    blocks.append(Paragraph(snapshot.notice, "Hint"))
    return blocks


def _kind(volume: Volume) -> str:
    if volume.variant == DEPARTMENT:
        note = _("only the items %(items)s") % {"items": ", ".join(item.code for item in volume.snapshot.items)}
        return f"{_('Department volume')}{_(': ')}{note}"
    if volume.variant == EXTERNAL:
        return f"{_('External version')}{_(': ')}{_('without names of evidence and persons, and without notes')}"
    return ""


def _logo(encoded: str) -> bytes:
    try:
        content = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return b""
    return content if content.startswith(PNG) else b""


def summary(snapshot: Snapshot) -> Chapter:
    told = snapshot.findings
    blocks: Chapter = [
        Heading(1, _("Summary")),
        _big_figures(snapshot),
        Paragraph(told.chief if told and told.chief else findings.verdict(snapshot), "Lead"),
        *_unanswered(snapshot),
    ]
    if told and told.first:
        blocks.append(Heading(2, _("What to do first"), is_listed=False))
        blocks.append(Points(tuple(_first_step(snapshot, step) for step in told.first), is_numbered=True))
    if snapshot.path and snapshot.path.levers:
        title = _("Shortest way to the target") if told and told.first else _("What to do first")
        blocks += [Heading(2, title, is_listed=False), _levers(snapshot)]
    if snapshot.items:
        kind = _("The five lowest items") if snapshot.kind == "levels" else _("The five lowest actions")
        head = (_("Code"), _("Name"), _("Score"), _("Level"))
        rows = [(i.code, i.name, i.score, level_cell(i.level, i.level_name)) for i in findings.lowest_items(snapshot, LOWEST)]
        blocks += [Heading(2, kind, is_listed=False), Table(head, tuple(rows), (12, 50, 14, 24), figures=(2,))]
    if snapshot.methods:
        blocks += [Heading(2, _("The same answers by other methods"), is_listed=False), _methods(snapshot)]
    blocks.append(Paragraph(f"{snapshot.standard}{_(': ')}{snapshot.status_note}", "Hint"))
    return blocks


def _big_figures(snapshot: Snapshot) -> Table:
    head, row = [_("Score")], [Cell(snapshot.score or NONE, is_bold=True)]
    if snapshot.level:
        head.append(_("Self-assessed level"))
        row.append(Cell(f"{snapshot.level} {snapshot.level_name}", level=snapshot.level, is_bold=True))
    if snapshot.target:
        head.append(_("Target"))
        row.append(Cell(f"{snapshot.target} {snapshot.target_name}", is_bold=True))
    return Table(tuple(head), (tuple(row),), (1,) * len(head))


def _unanswered(snapshot: Snapshot) -> Chapter:
    if not snapshot.unanswered:
        return []
    sentence = ngettext(
        "%(n)s of %(total)s questions is unanswered and counts as not met.",
        "%(n)s of %(total)s questions are unanswered and count as not met.",
        snapshot.unanswered,
    )
    return [Paragraph(sentence % {"n": snapshot.unanswered, "total": snapshot.total}, "Warning")]


def _first_step(snapshot: Snapshot, step) -> str:
    titles = dict.fromkeys(_document_of(snapshot, clause) for clause in step.clauses)
    asked = _("; ").join(filter(None, titles))
    return f"{step.text} ({asked})" if asked else step.text


def _document_of(snapshot: Snapshot, clause_id: str) -> str:
    clause = snapshot.clause_by_id.get(clause_id)
    return f"{snapshot.document_by_code[clause.document].title}, {clause.id}" if clause else clause_id


def _levers(snapshot: Snapshot) -> Table:
    head = (_("Item"), _("Name"), _("Criteria to raise"), _("Item score"), _("Total"))
    rows = tuple(
        (row.item, row.name, str(row.count), f"{row.before} → {row.after}", f"+{row.gain}" if row.gain else NONE)
        for row in snapshot.path.levers[:LOWEST]
    )
    caption = _("Steps of the shortest path, those first that lift the total most per criterion raised")
    return Table(head, rows, (12, 38, 16, 20, 14), caption, figures=(2, 3, 4))


def _methods(snapshot: Snapshot) -> Table:
    rows = tuple(
        (
            Cell(row.name + _(" (chosen)"), is_bold=True) if row.chosen else row.name,
            row.score or NONE,
            level_cell(row.level, row.level_name),
        )
        for row in snapshot.methods
    )
    return Table((_("Method (all unofficial)"), _("Score"), _("Level")), rows, (54, 16, 30), figures=(1,))


def contents() -> Chapter:
    hint = _("Update this field to add the page numbers (press F9).")
    return [
        Contents(_("Contents"), hint),
        Contents(_("Figures"), hint, "Figure"),
        Contents(_("Tables"), hint, "Table"),
    ]


def how_to_read(snapshot: Snapshot) -> Chapter:
    about = _(
        "This report measures readiness: how far the organization does what the standard describes, by its own answers. It "
        "is no certificate, and no assessor has confirmed it."
    )
    blocks: Chapter = [Heading(1, _("How to read this report")), Paragraph(about)]
    if snapshot.levels:
        rows = tuple((Cell(f"{row.level} {row.name}", level=row.level), row.essence) for row in snapshot.levels)
        blocks.append(Table((_("Level"), _("What it means")), rows, (24, 76), _("Levels")))
    numbers = _(
        "Every number can be derived by hand from the list of answers. All values are computed exactly and rounded only for "
        "display. Unanswered questions count as not met; the summary says how many there are."
    )
    blocks += [Paragraph(_ratings() if snapshot.kind == "levels" else anchor_rule()), Paragraph(numbers)]
    if snapshot.methods:
        unofficial = _(
            "The official scoring text could not be read; the method is attested practice and unofficial. The results of the "
            "other methods stand beside it."
        )
        blocks.append(Paragraph(unofficial))
    clauses = _(
        "Clauses are cited with document, number, section and validity. A direct clause asks for what an item describes; a "
        "related one is named as such and is never a basis. What a document encourages is not a duty, and what it asks of "
        "government is not asked of the organization."
    )
    blocks.append(Paragraph(clauses))
    if snapshot.brand and snapshot.brand.disclaimer:
        blocks += [Heading(2, _("Disclaimer"), is_listed=False), Paragraph(snapshot.brand.disclaimer)]
    return blocks


def _ratings() -> str:
    return _(
        "Each criterion is answered as fully, largely, partly or not met, or as not applicable with a reason. From the "
        "answers of an item follows how far each level is fulfilled, from these its score and level; the domain is the mean "
        "of its items and the total the mean of the domains, unless the method says otherwise."
    )
