"""Domains with their items, and policy actions."""

from django.utils.translation import gettext as _

from reports.content import annex, findings
from reports.content.parts import CriterionPart, DomainPart, GapPart, ItemPart, Snapshot
from reports.papers.chapters.cells import bold, level_cell
from reports.papers.manuscript import Cell, Chapter, Heading, Paragraph, Points, Table


def domain_chapter(snapshot: Snapshot, domain: DomainPart) -> Chapter:
    blocks: Chapter = [Heading(1, f"{domain.clause} {domain.name}".strip()), _scores(snapshot, domain)]
    for item in domain.items:
        blocks += _item(snapshot, item) if snapshot.kind == "levels" else _policy_action(snapshot, item)
    return blocks


def _scores(snapshot: Snapshot, domain: DomainPart) -> Table:
    """Items with score and level; policy actions, which know no levels, with their score."""
    if snapshot.kind == "anchors":
        rows = [(item.code, item.name, item.score) for item in domain.items]
        rows.append(("", *bold(_("Action group"), domain.score)))
        return Table((_("Code"), _("Action"), _("Score")), tuple(rows), (14, 68, 18), domain.name, figures=(2,))
    rows = [(item.code, item.name, item.score, level_cell(item.level, item.level_name)) for item in domain.items]
    rows.append(("", *bold(_("Domain"), domain.score), level_cell(domain.level, domain.level_name)))
    head = (_("Code"), _("Item"), _("Score"), _("Level"))
    return Table(head, tuple(rows), (12, 46, 14, 28), domain.name, figures=(2,))


def _item(snapshot: Snapshot, item: ItemPart) -> Chapter:
    blocks: Chapter = [
        Heading(2, f"{item.clause} {item.name}".strip()),
        Paragraph(item.purpose, "Intro"),
        _level_table(item),
        *_finding(item),
    ]
    target = snapshot.target_of(item.code)
    if item.gap:
        blocks += _gap(snapshot, item, item.gap, target)
    elif target:
        blocks.append(Paragraph(_("The target is reached in this item."), "Hint"))
    if item.measures:
        head = (_("Measure"), _("Formula"), _("Unit"))
        rows = tuple((row.name, row.formula, row.unit) for row in item.measures)
        blocks += [Heading(3, _("Measures that show it")), Table(head, rows, (30, 56, 14))]
    return blocks


def _level_table(item: ItemPart) -> Table:
    """How far each level is fulfilled: a level that is passed in its colour."""
    shown = [
        Cell(level.fulfilment or _("n/a"), level=level.level if level.level <= item.level_reached else None)
        for level in item.levels
    ]
    head = (_("Score"), _("Level"), *(f"{level.level} {level.name}" for level in item.levels))
    row = (Cell(item.score, is_bold=True), level_cell(item.level, item.level_name), *shown)
    return Table(head, (row,), (12, 18, *[14] * len(item.levels)), figures=tuple(range(2, len(head))))


def _finding(item: ItemPart) -> Chapter:
    found = item.finding
    if found is None:
        return [Heading(3, _("Why not higher")), Paragraph(findings.item_sentence(item))]
    said = (
        (_("What is there"), found.there),
        (_("Why not higher"), found.why_not),
        (_("What it puts at risk"), found.risk),
        (_("What to do first"), found.todo),
    )
    blocks: Chapter = [block for title, text in said if text for block in (Heading(3, title), Paragraph(text))]
    return [*blocks, Points(found.flags)] if found.flags else blocks


def _gap(snapshot: Snapshot, item: ItemPart, gap: GapPart, target: int | None) -> Chapter:
    head = (_("Criterion"), _("What is asked"), _("Answer"), _("Evidence to prepare"))
    rows = tuple((c.code, c.text, c.rating_label, _wanted(c)) for c in item.open_criteria)
    blocks: Chapter = [
        Heading(3, _("To prepare for level %(level)s") % {"level": target}),
        Table(head, rows, (13, 37, 15, 35)),
        Heading(3, _("What to do")),
    ]
    for action in (criterion.action for criterion in item.open_criteria):
        blocks.append(Paragraph(f"{action.code} {action.title}", "Action Title"))
        blocks.append(Points(action.steps, is_numbered=True))
        values = {"lead": action.lead, "least": action.days[0], "most": action.days[1], "weeks": action.weeks}
        effort = _("Lead: %(lead)s · %(least)s–%(most)s person-days · about %(weeks)s weeks until the evidence stands")
        blocks.append(Paragraph(f"{effort % values}\n{_('Closed when: ')}{action.closed_when}", "Hint"))
    if item.weaknesses:
        blocks += [Heading(3, _("Common weaknesses")), Points(item.weaknesses)]
    if gap.policy_actions:
        named = _("; ").join(f"{action.code} {action.name}" for action in gap.policy_actions)
        blocks.append(Paragraph(f"{_('Actions of the plans that support this item:')} {named}"))
    return [*blocks, Heading(3, _("Policy clauses")), *_clauses_of(snapshot, item, gap)]


def _wanted(criterion: CriterionPart) -> str:
    return _("; ").join(
        part.text + (_(" (%(months)s months)") % {"months": part.months} if part.months else "") for part in criterion.evidence
    )


def _clauses_of(snapshot: Snapshot, item: ItemPart, gap: GapPart) -> Chapter:
    cited, blocks = annex.behind(snapshot, item), []
    if cited.direct:
        blocks.append(Points(tuple(map(_place, cited.direct))))
    elif not gap.direct:
        blocks.append(Paragraph(f"{_('No direct clause exists.')} {gap.no_direct_note}"))
    if cited.related:
        named = _("; ").join(f"{row.clause.id} {row.reason}" for row in cited.related)
        blocks.append(Paragraph(f"{_('Related only, not a basis:')} {named}", "Hint"))
    return [*blocks, *_offers(cited)]


def _offers(cited: annex.Behind) -> Chapter:
    if not cited.offers:
        return []
    title = _("Support and incentives, never duties")
    return [Heading(3, title), Points(tuple(map(_place, cited.offers)))]


def _place(row: annex.CitedClause) -> str:
    place = _(", ").join(filter(None, [row.document.title, row.clause.section, row.clause.box]))
    reason = f"{_(': ')}{row.reason}" if row.reason else ""
    return f"{row.clause.id} {place} [{row.document.status_label}]{reason}"


def _policy_action(snapshot: Snapshot, item: ItemPart) -> Chapter:
    rows = tuple(
        (str(anchor.score), anchor.text, Cell(_("chosen"), is_bold=True) if anchor.chosen else "") for anchor in item.anchors
    )
    blocks: Chapter = [
        Heading(2, f"{item.code} {item.name}"),
        Paragraph(item.question),
        Table((_("Score"), _("What it means"), _("Answer")), rows, (12, 70, 18), figures=(0,)),
    ]
    if not item.rating:
        blocks.append(Paragraph(_("Unanswered, counts as 0."), "Warning"))
    blocks += _finding(item) if item.finding else []
    if not (item.finding and item.finding.todo):
        blocks.append(Paragraph(f"{_('Evidence to prepare')}{_(': ')}{_('; ').join(item.evidence)}"))
    cited = annex.behind(snapshot, item)
    if cited.direct:
        blocks += [Heading(3, _("Clauses behind it")), Points(tuple(map(_place, cited.direct)))]
    return [*blocks, *_offers(cited)]
