"""The policy annex: the documents and clauses that are cited, how far each is met, and apart from them what is offered."""

from django.utils.translation import gettext as _

from reports.content import annex as told
from reports.content.parts import AnnexRow, ClausePart, DocumentPart
from reports.papers.chapters.cells import NONE, WIDE
from reports.papers.chapters.volume import Volume
from reports.papers.manuscript import Chapter, Heading, Paragraph, Picture, Table

WIDTHS = (27, 43, 10, 20)


def annex(volume: Volume) -> Chapter:
    snapshot = volume.snapshot
    if not snapshot.documents:
        return []
    blocks: Chapter = [Heading(1, _("Policy annex"))]
    if snapshot.annex and snapshot.annex.rows:
        blocks += _how_far(volume, snapshot.annex.source)
    blocks.append(Paragraph(snapshot.policy_disclaimer, "Hint"))
    for document, clauses in told.asked(snapshot):
        rows = tuple(_clause_row(clause, row) for clause, row in clauses)
        blocks += [
            Heading(2, document.title, is_listed=False),
            *_about(document),
            Table(_head(), rows, WIDTHS, document.title, (2,)),
        ]
    if offers := told.offered(snapshot):
        rows = tuple(_clause_row(clause, row, document.title) for clause, row, document in offers)
        blocks.append(Heading(2, _("What the documents offer"), is_listed=False))
        blocks.append(Table(_head(), rows, WIDTHS, _("Support and incentives, never duties"), (2,)))
    return blocks


def _how_far(volume: Volume, source: str) -> Chapter:
    about = _(
        "Clause by clause: how far the organization does what it asks, from the items it stands behind and from the policy "
        "actions."
    )
    blocks: Chapter = [Paragraph(about)]
    if source:
        blocks.append(Paragraph(f"{_('Policy actions answered in')}{_(': ')}{source}", "Hint"))
    title = _("How far each clause is met")
    return blocks + [Picture(row.png, row.title, WIDE, title) for row in volume.drawings.get("annex", ())]


def _head() -> tuple[str, ...]:
    return _("Clause"), _("Summary in our words, and finding"), _("Met"), _("From; kind and addressee")


def _about(document: DocumentPart) -> Chapter:
    period = f"{_('period')} {document.period}" if document.period else ""
    about = " · ".join(filter(None, [document.issuer, document.number, document.signed_on, period]))
    validity = f"{document.status_label}{_(': ')}{document.validity}"
    return [Paragraph(about), Paragraph(_lines(validity, document.on_the_day))]


def _clause_row(clause: ClausePart, row: AnnexRow | None, title: str = "") -> tuple[str, ...]:
    quote = f"{_('Original wording: ')}{clause.quote}" if clause.quote else ""
    behind = " ".join((*row.items, *row.actions)) if row else ""
    return (
        _lines(" ".join(filter(None, [clause.id, title])), clause.section, clause.box),
        _lines(clause.summary, quote, clause.note, row.sentence if row else ""),
        (row.shown if row else clause.coverage) or NONE,
        _lines(behind, f"{clause.kind} · {clause.addressee} · {clause.reading}"),
    )


def _lines(*texts: str) -> str:
    return "\n".join(filter(None, texts))
