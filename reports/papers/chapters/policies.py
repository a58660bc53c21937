"""The documents and clauses that are cited, and clause by clause how far they are met."""

from django.utils.translation import gettext as _

from reports.content.parts import ClausePart, Snapshot
from reports.papers.chapters.cells import NONE, WIDE
from reports.papers.chapters.volume import Volume
from reports.papers.manuscript import Chapter, Heading, Paragraph, Picture, Points, Table


def policies(snapshot: Snapshot) -> Chapter:
    blocks: Chapter = [Heading(1, _("Policy basis")), Paragraph(snapshot.policy_disclaimer, "Hint")]
    head = (_("Clause"), _("Section"), _("Summary in our words"), _("Kind and addressee"))
    for document in snapshot.documents:
        period = f"{_('period')} {document.period}" if document.period else ""
        about = " · ".join(filter(None, [document.issuer, document.number, document.signed_on, period]))
        blocks += [
            Heading(2, document.title, is_listed=False),
            Paragraph(about),
            Paragraph(f"{document.status_label}{_(': ')}{document.validity}"),
            Table(head, tuple(map(_clause_row, document.clauses)), (18, 27, 38, 17), document.title),
        ]
    return blocks


def _clause_row(clause: ClausePart) -> tuple[str, ...]:
    quote = f"{_('Original wording: ')}{clause.quote}" if clause.quote else ""
    coverage = f"{_('coverage')} {clause.coverage}" if clause.coverage else ""
    return (
        "\n".join(filter(None, [clause.id, coverage])),
        "\n".join(filter(None, [clause.section, clause.box])),
        "\n".join(filter(None, [clause.summary, quote, clause.note])),
        f"{clause.kind} · {clause.addressee}\n{clause.reading}",
    )


def annex(volume: Volume) -> Chapter:
    told = volume.snapshot.annex
    if told is None or not (told.rows or told.incentives):
        return []
    about = _(
        "Clause by clause: how far the organization does what it asks, from the items it stands behind and from the policy "
        "actions."
    )
    blocks: Chapter = [Heading(1, _("Policy annex")), Paragraph(about)]
    if told.source:
        blocks.append(Paragraph(f"{_('Policy actions answered in')}{_(': ')}{told.source}", "Hint"))
    title = _("How far each clause is met")
    blocks += [Picture(row.png, row.title, WIDE, title) for row in volume.drawings.get("annex", ())]
    if told.rows:
        head = (_("Clause"), _("Finding"), _("Met"), _("From"))
        rows = tuple((r.id, r.sentence, r.shown or NONE, " ".join((*r.items, *r.actions))) for r in told.rows)
        blocks.append(Table(head, rows, (18, 48, 12, 22), _("Clauses turned round"), (2,)))
    if told.incentives:
        blocks += [
            Heading(2, _("What the documents offer"), is_listed=False),
            Paragraph(_("Support and incentives, never duties:")),
            Points(tuple(f"{row.id} {row.sentence}" for row in told.incentives)),
        ]
    return blocks
