"""What the result rests on: derivation, layers, answers, evidence; and the page to be signed."""

from django.utils.translation import gettext as _

from reports.content.parts import CriterionPart, ItemPart, LevelPart, PiecePart, Snapshot
from reports.papers.chapters.cells import NONE, anchor_rule, band_rule, bold, credit_rule, facts, level_cell, version_of
from reports.papers.chapters.volume import Volume
from reports.papers.manuscript import Cell, Chapter, Heading, Paragraph, Table


def derivation(snapshot: Snapshot) -> Chapter:
    blocks: Chapter = [Heading(1, _("Method and derivation"))]
    method = snapshot.method
    if method is None:
        return [*blocks, Paragraph(anchor_rule())]
    blocks += [Heading(2, method.name, is_listed=False), Paragraph(method.rule), Paragraph(method.source, "Hint")]
    blocks += [Paragraph(credit_rule()), Paragraph(band_rule())]
    if not snapshot.items:
        return blocks
    head = (_("Code"), _("Name"), *(str(level.level) for level in snapshot.levels), _("Score"), _("Level"))
    rows, blank = [], ("",) * len(snapshot.levels)
    for domain in snapshot.domains:
        for item in domain.items:
            rows.append((item.code, item.name, *map(_fulfilled, item.levels), item.score, str(item.level or "")))
        rows.append(bold(domain.code, domain.name, *blank, domain.score, str(domain.level or "")))
    rows.append(bold("", _("Total"), *blank, snapshot.score, str(snapshot.level or "")))
    caption = _("Mean credit of each level, and what follows from it")
    blocks.append(Table(head, tuple(rows), (10, 28, *[9] * len(blank), 9, 8), caption, tuple(range(2, len(head)))))
    return [*blocks, Paragraph(_("Bold: levels that are reached. n/a: no applicable criterion, counts as passed."), "Hint")]


def _fulfilled(level: LevelPart) -> Cell:
    return Cell(level.fulfilment or _("n/a"), is_bold=level.reached)


def answers(snapshot: Snapshot) -> Chapter:
    blocks: Chapter = [Heading(1, _("List of answers"))]
    if snapshot.kind == "anchors":
        head = (_("Code"), _("Action"), _("Answer"), _("Note"), _("Evidence and review"))
        rows = tuple(
            (i.code, i.name, "\n".join(filter(None, [i.rating_label or NONE, i.na_reason])), i.note, _backed(i))
            for i in snapshot.answered_items
        )
        return [*blocks, Table(head, rows, (14, 26, 10, 24, 26), _("All answers"), (2,))]
    head = (_("Criterion"), _("What is asked"), _("Answer"), _("Note"), _("Evidence and review"))
    for item in snapshot.answered_items:
        rows = tuple(
            (c.code, c.text, "\n".join(filter(None, [c.rating_label, c.na_reason])), c.note, _backed(c)) for c in item.criteria
        )
        blocks += [Heading(2, f"{item.code} {item.name}", is_listed=False), Table(head, rows, (12, 34, 13, 19, 22))]
    return blocks


def _backed(answer: CriterionPart | ItemPart) -> str:
    """The pieces that prove an answer, and what reviewers said about it."""
    lines = [f"E{held.piece} {held.place}".strip() for held in answer.held]
    for verdict in answer.verdicts:
        who = f"{verdict.layer_label} ({verdict.firm})" if verdict.firm else verdict.layer_label
        said = _(", ").join(filter(None, [verdict.kind_label, verdict.rating_label, verdict.reason]))
        lines.append(f"{who}{_(': ')}{said}")
        lines += [verdict.note] if verdict.note else []
    return "\n".join(lines)


def evidence_list(snapshot: Snapshot) -> Chapter:
    if not snapshot.pieces:
        return []
    head = (_("No."), _("Title"), _("Kind and confidentiality"), _("Dates"), _("Proves"))
    rows = tuple(
        (f"E{row.number}", _described(row), f"{row.kind}\n{row.confidentiality}", _dates(row), _(", ").join(row.criteria))
        for row in snapshot.pieces
    )
    return [Heading(1, _("List of evidence")), Table(head, rows, (8, 38, 16, 18, 20), _("Evidence that was linked"))]


def _described(row: PiecePart) -> str:
    keeper = f"{_('Keeper')}{_(': ')}{row.keeper}" if row.keeper else ""
    version = f"v{row.version}" if row.version > 1 else ""
    sha256 = f"SHA-256 {row.sha256}" if row.sha256 else ""
    return "\n".join(filter(None, [row.title, row.file_name, row.url, version, keeper, sha256]))


def _dates(row: PiecePart) -> str:
    issued = f"{_('Issued on')} {row.issued_on}" if row.issued_on else ""
    valid = f"{_('Valid until')} {row.valid_until}" if row.valid_until else ""
    return "\n".join(filter(None, [issued, valid, row.status]))


def layers(snapshot: Snapshot) -> Chapter:
    if not snapshot.layers:
        return []
    about = _("The same criteria as each layer judges them. The answers of the organization stay as they are.")
    head = (_("Layer"), _("Firm"), _("Judged"), _("Score"), _("Level"))
    rows = tuple(
        (row.label, row.firm or NONE, str(row.judged), row.score or NONE, level_cell(row.level, row.level_name) or NONE)
        for row in snapshot.layers
    )
    domains = tuple((d.name, *(row.domains.get(d.code, NONE) for row in snapshot.layers)) for d in snapshot.domains)
    names = (_("Domain"), *(row.label for row in snapshot.layers))
    wide = (34, *[66 // len(snapshot.layers)] * len(snapshot.layers))
    return [
        Heading(1, _("How the layers judge")),
        Paragraph(about),
        Table(head, rows, (26, 28, 14, 14, 18), _("Result by layer"), (2, 3)),
        Table(names, domains, wide, _("Domains by layer"), tuple(range(1, len(names)))),
    ]


def sign_off(volume: Volume) -> Chapter:
    snapshot = volume.snapshot
    values = {"name": snapshot.organization, "date": snapshot.date}
    about = _("This report tells the self-assessment of %(name)s as of %(date)s.") % values
    who = [_("Head of the organization"), _("Head of data management")]
    who += [snapshot.brand.name] if snapshot.brand else []
    rows = tuple((name, "", "") for name in who)
    return [
        Heading(1, _("Sign-off")),
        Paragraph(about),
        Table((_("Role"), _("Signature and seal"), _("Date")), rows, (34, 44, 22), _("Signatures and seal")),
        facts([(_("Content version"), version_of(snapshot)), (_("Round"), str(snapshot.revision))]),
        Paragraph(f"{_('Made from the snapshot with this fingerprint (SHA-256):')} {volume.fingerprint}", "Hint"),
        Paragraph(snapshot.notice, "Hint"),
    ]
