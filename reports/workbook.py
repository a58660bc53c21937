"""The workbook of a snapshot: summary, scores, answers, gaps, path, clauses. Text cells are text, never formulas."""

import io

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import override

from assessments.workbooks import FIXED_DATE, WRITER_OPTIONS, as_text
from reports import findings
from reports.parts import Snapshot


def render_workbook(snapshot: Snapshot) -> bytes:
    """The XLSX of a snapshot, in its language."""
    buffer = io.BytesIO()
    engine = {"engine": "xlsxwriter", "engine_kwargs": {"options": WRITER_OPTIONS}}
    with override(snapshot.language), pd.ExcelWriter(buffer, **engine) as writer:
        book = writer.book
        book.set_properties({"title": snapshot.title, "author": snapshot.organization, "created": FIXED_DATE})
        style = book.add_format({"text_wrap": True, "valign": "top"})
        for name, columns, rows in _sheets(snapshot):
            _write_sheet(writer, name, columns, rows, style)
    return buffer.getvalue()


def _write_sheet(writer, name, columns, rows, style):
    frame = pd.DataFrame([[as_text(cell) for cell in row] for row in rows], columns=[title for title, _width in columns])
    frame.to_excel(writer, sheet_name=name, index=False, freeze_panes=(1, 0))
    sheet = writer.sheets[name]
    for place, (_title, width) in enumerate(columns):
        sheet.set_column(place, place, width, style)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(columns) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _sheets(snapshot: Snapshot):
    yield _("Summary"), [(_("What"), 28), (_("Value"), 90)], _summary(snapshot)
    yield _("Scores"), _score_columns(snapshot), _scores(snapshot)
    yield _("Answers"), _answer_columns(snapshot), _answers(snapshot)
    if snapshot.gaps:
        yield _("Gaps"), _gap_columns(), list(_gaps(snapshot))
    if snapshot.path:
        columns = [(_("Criterion"), 12), (_("Item"), 24), (_("What is asked"), 70), (_("Answer"), 14), (_("What to do"), 60)]
        rows = [(r.criterion, r.item_name, r.text, r.before, r.action.title) for r in snapshot.path.raises]
        yield _("Path"), columns, rows
    yield _("Clauses"), _clause_columns(), list(_clauses(snapshot))


def _summary(snapshot: Snapshot) -> list[tuple]:
    method = snapshot.method
    rows = [
        (_("Organization"), snapshot.organization),
        (_("Assessment"), snapshot.assessment),
        (_("Questionnaire"), f"{snapshot.title} {snapshot.version}"),
        (_("Standard"), f"{snapshot.standard}: {snapshot.status_note}"),
        (_("Date"), snapshot.date),
        (_("Method"), method.name + _(" (unofficial)") if method else "–"),
        (_("Score"), snapshot.score or "–"),
        (_("Level"), f"{snapshot.level} {snapshot.level_name}" if snapshot.level else "–"),
        (_("Target"), str(snapshot.target or "–")),
        (_("Unanswered"), str(snapshot.unanswered)),
        (_("Finding"), findings.verdict(snapshot)),
        (_("Left out"), ", ".join(part.code for part in snapshot.excluded) or "–"),
    ]
    rows += [(f"{_('Method')}: {m.name}", f"{m.score or '–'} / {m.level or '–'}") for m in snapshot.methods]
    return [*rows, (_("Notice"), snapshot.notice), (_("Policies"), snapshot.policy_disclaimer)]


def _score_columns(snapshot: Snapshot):
    levels = [(str(level.level), 9) for level in snapshot.levels]
    return [(_("Code"), 10), (_("Name"), 30), *levels, (_("Score"), 9), (_("Level"), 9)]


def _scores(snapshot: Snapshot) -> list[tuple]:
    rows, blank = [], [""] * len(snapshot.levels)
    for domain in snapshot.domains:
        rows.append((domain.code, domain.name, *blank, _number(domain.score), domain.level))
        for item in domain.items:
            shown = [_number(level.fulfilment) for level in item.levels]
            rows.append((item.code, item.name, *shown, _number(item.score), item.level))
    return rows


def _answer_columns(snapshot: Snapshot):
    columns = [(_("Code"), 12), (_("Item"), 24), (_("Level"), 8), (_("What is asked"), 70), (_("Answer"), 14)]
    return [*columns, (_("Reason"), 16), (_("Note"), 50)]


def _answers(snapshot: Snapshot) -> list[tuple]:
    if snapshot.kind == "anchors":
        return [(i.code, i.name, "", i.question, i.rating, "", i.note) for i in snapshot.items]
    return [
        (c.code, item.name, c.level, c.text, c.rating_label, c.na_reason, c.note)
        for item in snapshot.items
        for level in item.levels
        for c in level.criteria
    ]


def _gap_columns():
    columns = [(_("Item"), 10), (_("Name"), 24), (_("Level"), 8), (_("Target"), 8), (_("Criterion"), 12)]
    columns += [(_("What is asked"), 60), (_("Answer"), 14), (_("Action"), 12), (_("What to do"), 50), (_("Lead"), 18)]
    return [*columns, (_("Person-days"), 12), (_("Weeks"), 8), (_("Direct clauses"), 40), (_("Remark"), 40)]


def _gaps(snapshot: Snapshot):
    for item in snapshot.gaps:
        clauses = ", ".join(link.id for link in item.gap.direct)
        remark = "" if clauses else f"{_('No direct clause exists.')} {item.gap.no_direct_note}"
        for criterion in (c for level in item.levels for c in level.criteria if c.is_gap):
            action = criterion.action
            days = f"{action.days[0]}–{action.days[1]}"
            asked = (criterion.code, criterion.text, criterion.rating_label)
            advice = (action.code, action.title, action.lead, days, action.weeks)
            yield (item.code, item.name, item.level, snapshot.target_of(item.code), *asked, *advice, clauses, remark)


def _clause_columns():
    columns = [(_("Clause"), 16), (_("Document"), 34), (_("Number"), 24), (_("Section"), 40), (_("Status"), 18)]
    return [*columns, (_("Summary in our words"), 70), (_("Kind"), 14), (_("Addressee"), 14), (_("Coverage"), 10)]


def _clauses(snapshot: Snapshot):
    for document in snapshot.documents:
        for clause in document.clauses:
            section = " / ".join(filter(None, [clause.section, clause.box]))
            place = (clause.id, document.title, document.number, section, document.status_label)
            yield (*place, clause.summary, clause.kind, clause.addressee, _number(clause.coverage))


def _number(shown: str):
    """A shown score as a number, so that a spreadsheet can sort it; the digits are the shown ones."""
    return float(shown) if shown else ""
