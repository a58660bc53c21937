"""The sheets of a workbook out of one snapshot: what stands in which cell. Knows nothing of files.

Call within ``override(snapshot.language)``. Figures are numbers with the shown digits, everything else is text.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from reports.content import findings
from reports.content.findings.headlines import join_sentences
from reports.content.parts import CriterionPart, ItemPart, PlannedPart, Snapshot, VerdictPart

TEXT, WHOLE, SCORE, AMOUNT = "@", "0", "0.00", "General"
NONE = "–"


@dataclass(frozen=True)
class Column:
    title: str
    width: int
    form: str = TEXT


@dataclass(frozen=True)
class Sheet:
    """``key`` tells sheets apart in any language. ``wide``: columns that stay in sight; ``levels``: columns of levels."""

    key: str
    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple, ...]
    wide: int = 1
    levels: tuple[int, ...] = field(default=())


def sheets_of(snapshot: Snapshot) -> Iterator[Sheet]:
    """Those there is something to say in."""
    yield summary(snapshot)
    yield scores(snapshot)
    yield answers(snapshot)
    for sheet in (told(snapshot), gaps(snapshot), plan(snapshot), plan_notes(snapshot), levers(snapshot), path(snapshot)):
        if sheet.rows:
            yield sheet
    yield clauses(snapshot)
    for sheet in (evidence(snapshot), layers(snapshot), changes(snapshot), derivation(snapshot)):
        if sheet.rows:
            yield sheet


def number(shown: str):
    """A shown figure as a number, so that a spreadsheet can sort it; the digits are the shown ones. Empty stays empty."""
    if not shown:
        return ""
    try:
        return float(shown)
    except ValueError:
        return shown


def _whole(value: int | None):
    return "" if value is None else value


def _joined(parts: Iterable) -> str:
    return ", ".join(map(str, parts))


# summary, scores


def summary(snapshot: Snapshot) -> Sheet:
    method, brand, plan = snapshot.method, snapshot.brand, snapshot.plan
    rows = [
        (_("Organization"), snapshot.organization),
        (_("Assessment"), snapshot.assessment),
        (_("Scope"), snapshot.scope),
        (_("Period"), snapshot.period),
        (_("State"), snapshot.state),
        (_("Questionnaire"), f"{snapshot.title} {snapshot.version}"),
        (_("Standard"), f"{snapshot.standard}: {snapshot.status_note}"),
        (_("Date"), snapshot.date),
        (_("Method"), method.name + _(" (unofficial)") if method else NONE),
        (_("Score"), number(snapshot.score) if snapshot.score else NONE),
        (_("Level"), f"{snapshot.level} {snapshot.level_name}" if snapshot.level else NONE),
        (_("Target"), snapshot.target or NONE),
        (_("Questions"), snapshot.total),
        (_("Unanswered"), snapshot.unanswered),
        (_("Finding"), _chief(snapshot)),
        (_("Left out"), _joined(part.code for part in snapshot.excluded) or NONE),
    ]
    rows += [(f"{_('Method')}: {m.name}", f"{m.score or NONE} / {m.level or NONE}") for m in snapshot.methods]
    if snapshot.earlier:
        earlier = snapshot.earlier
        rows.append((_("Last cycle"), f"{earlier.name}, {earlier.date}: {earlier.score or NONE} / {earlier.level or NONE}"))
    if plan:
        rows += _plan_rows(plan)
    if brand:
        rows += [(_("Report by"), brand.name), (_("Text on the cover"), brand.cover_text), (_("Disclaimer"), brand.disclaimer)]
    rows += [(_("Notice"), snapshot.notice), (_("Policies"), snapshot.policy_disclaimer)]
    policies = f"{_('policies')} {snapshot.policies_version}"
    rows.append((_("Content version"), f"{snapshot.questionnaire} {snapshot.version} · {policies}"))
    rows.append((_("Report version"), snapshot.report_version))
    columns = (Column(_("What"), 28), Column(_("Value"), 90))
    return Sheet("summary", _("Summary"), columns, tuple(row for row in rows if row[1] != ""))


def _chief(snapshot: Snapshot) -> str:
    return snapshot.findings.chief if snapshot.findings and snapshot.findings.chief else findings.verdict(snapshot)


def _plan_rows(plan) -> list[tuple]:
    rows = [
        (_("Plan begins on"), plan.starts_on),
        (_("Score with what is closed"), number(plan.score_now)),
        (_("Score once the plan is done"), number(plan.score_after)),
        (f"{_('Effort')} ({_('person-days')})", number(plan.days)),
        (f"{_('Cost')} ({plan.currency})", number(plan.cost)),
    ]
    rows += [(f"{_('Rate per person-day')}: {lead} ({plan.currency})", number(rate)) for lead, rate in plan.rates.items()]
    for row in plan.quarters:
        told = f"{row.days} {_('person-days')}, {row.cost} {plan.currency}" if row.cost else f"{row.days} {_('person-days')}"
        rows.append((f"{_('Roadmap')} {row.name}", f"{_joined(f'#{action}' for action in row.actions)}: {told}"))
    return rows


def scores(snapshot: Snapshot) -> Sheet:
    levels = [Column(str(level.level), 9, SCORE) for level in snapshot.levels]
    columns = (
        Column(_("Code"), 10),
        Column(_("Name"), 30),
        *levels,
        Column(_("Score"), 9, SCORE),
        Column(_("Level"), 9, WHOLE),
    )
    columns += (Column(_("Target"), 9, WHOLE), *([Column(_("Last cycle"), 10, SCORE)] if snapshot.earlier else []))
    rows, blank = [], ("",) * len(levels)
    for domain in snapshot.domains:
        earlier = [number(snapshot.earlier.domains.get(domain.code, ""))] if snapshot.earlier else []
        rows.append((domain.code, domain.name, *blank, number(domain.score), _whole(domain.level), "", *earlier))
        for item in domain.items:
            shown = (number(level.fulfilment) for level in item.levels)
            target = _whole(snapshot.target_of(item.code))
            none = [""] if snapshot.earlier else []
            rows.append((item.code, item.name, *shown, number(item.score), _whole(item.level), target, *none))
    return Sheet("scores", _("Scores"), columns, tuple(rows), wide=2, levels=(3 + len(levels),))


# answers


def answers(snapshot: Snapshot) -> Sheet:
    layers = _judging(snapshot)
    columns = [Column(_("Code"), 12), Column(_("Item"), 24), Column(_("Level"), 8, WHOLE), Column(_("What is asked"), 70)]
    columns += [Column(_("Answer"), 14), Column(_("Reason"), 16), Column(_("Note"), 50), Column(_("Evidence"), 40)]
    for layer in layers.values():
        columns += [Column(layer, 16), Column(f"{layer}{_(': ')}{_('Note')}", 40)]
    if snapshot.kind == "anchors":
        said = [
            (
                (
                    i.code,
                    i.name,
                    "",
                    i.question,
                    int(i.rating_label) if i.rating_label.isdigit() else i.rating_label,
                    i.na_reason,
                    i.note,
                ),
                i,
            )
            for i in snapshot.answered_items
        ]
    else:
        said = [
            ((c.code, item.name, c.level, c.text, c.rating_label, c.na_reason, c.note), c)
            for item in snapshot.answered_items
            for c in item.criteria
        ]
    titles = {piece.number: piece.title for piece in snapshot.pieces}
    rows = (
        (*row, _held(answer, titles), *(cell for key in layers for cell in _said(answer.verdicts, key))) for row, answer in said
    )
    return Sheet("answers", _("Answers"), tuple(columns), tuple(rows), wide=2)


def _judging(snapshot: Snapshot) -> dict[tuple[str, str], str]:
    """(layer, firm) -> its name, of everybody who said something."""
    found = {}
    for item in snapshot.answered_items:
        for answer in (item, *item.criteria):
            for row in answer.verdicts:
                found[row.layer, row.firm] = f"{row.layer_label} ({row.firm})" if row.firm else row.layer_label
    return found


def _held(answer: CriterionPart | ItemPart, titles: dict[int, str]) -> str:
    return "\n".join(
        ", ".join(filter(None, [f"E{held.piece} {titles.get(held.piece, '')}".strip(), held.place])) for held in answer.held
    )


def _said(verdicts: tuple[VerdictPart, ...], key: tuple[str, str]) -> tuple[str, str]:
    row = next((row for row in verdicts if (row.layer, row.firm) == key), None)
    return ("\n".join(filter(None, [row.kind_label, row.rating_label, row.reason])), row.note) if row else ("", "")


# findings, gaps


def told(snapshot: Snapshot) -> Sheet:
    columns = (Column(_("Kind"), 20), Column(_("Item"), 12), Column(_("Finding"), 100), Column(_("Criteria"), 40))
    rows, found = [], snapshot.findings
    if found:
        rows += [(_("What to do first"), step.item, step.text, _joined(step.clauses)) for step in found.first]
        rows += [
            (_("Common causes"), _joined(row.items), join_sentences(f"{row.title}{_(': ')}{row.text}"), _joined(row.criteria))
            for row in found.causes
        ]
        rows += [(_("What is strong"), "", text, "") for text in found.strengths]
        rows += [(_("Contradictions and missing proof"), "", text, "") for text in found.flags]
    for item in snapshot.items:
        if item.finding:
            said = item.finding
            parts = ((_("What is there"), said.there), (_("Why not higher"), said.why_not))
            parts += ((_("What it puts at risk"), said.risk), (_("What to do"), said.todo))
            parts += tuple((_("Contradictions and missing proof"), flag) for flag in said.flags)
            rows += [(kind, item.code, text, "") for kind, text in parts if text]
    return Sheet("findings", _("Findings"), columns, tuple(rows), wide=2)


def gaps(snapshot: Snapshot) -> Sheet:
    columns = [Column(_("Item"), 10), Column(_("Name"), 24), Column(_("Level"), 8, WHOLE), Column(_("Target"), 8, WHOLE)]
    columns += [Column(_("Criterion"), 12), Column(_("What is asked"), 60), Column(_("Answer"), 14), Column(_("Action"), 12)]
    columns += [Column(_("What to do"), 50), Column(_("Lead"), 18), Column(_("Person-days from"), 12, WHOLE)]
    columns += [Column(_("Person-days to"), 12, WHOLE), Column(_("Weeks"), 8, WHOLE), Column(_("Direct clauses"), 40)]
    columns.append(Column(_("Remark"), 40))
    return Sheet("gaps", _("Gaps"), tuple(columns), tuple(_gap_rows(snapshot)), wide=2, levels=(2, 3))


def _gap_rows(snapshot: Snapshot) -> Iterator[tuple]:
    for item in snapshot.gaps:
        clauses = _joined(link.id for link in item.gap.direct)
        remark = "" if clauses else f"{_('No direct clause exists.')} {item.gap.no_direct_note}"
        for criterion in item.open_criteria:
            action = criterion.action
            asked = (criterion.code, criterion.text, criterion.rating_label)
            advice = (action.code, action.title, action.lead, *action.days, action.weeks)
            yield (item.code, item.name, _whole(item.level), snapshot.target_of(item.code), *asked, *advice, clauses, remark)


# plan


def plan(snapshot: Snapshot) -> Sheet:
    columns = [Column(_("No."), 6, WHOLE), Column(_("Action"), 40), Column(_("What is to be done"), 60), Column(_("State"), 14)]
    columns += [Column(_("Counted"), 9), Column(_("Priority"), 9), Column(_("Why"), 40), Column(_("Quick win"), 10)]
    columns += [Column(_("Lead"), 18), Column(_("Owner"), 16), Column(_("Department"), 18), Column(_("Begins on"), 12)]
    columns += [Column(_("Due on"), 12), Column(_("Quarter"), 10), Column(_("Person-days"), 10, AMOUNT)]
    columns += [Column(_("Weeks"), 8, WHOLE), Column(_("Cost"), 12, AMOUNT), Column(_("Currency"), 9), Column(_("Items"), 16)]
    columns += [Column(_("Criteria"), 24), Column(_("Comes after"), 12), Column(_("Adds to the total"), 10, SCORE)]
    columns += [Column(_("Total once it is done"), 10, SCORE), Column(_("Level"), 8, WHOLE), Column(_("Clauses"), 30)]
    columns.append(Column(_("Closed on"), 12))
    actions = snapshot.plan.actions if snapshot.plan else ()
    rows = tuple(_planned(action, snapshot.plan.currency) for action in actions)
    return Sheet("plan", _("Plan"), tuple(columns), rows, wide=2)


def _planned(action: PlannedPart, currency: str) -> tuple:
    yes, no = _("yes"), _("no")
    about = (action.number, action.title, action.text, action.status_label, yes if action.is_on else no)
    rank = (action.priority, action.priority_reason, yes if action.is_quick_win else no)
    who = (action.lead, action.owner, action.department, action.starts_on, action.due_on, action.quarter)
    cost = (number(action.days), action.weeks, number(action.cost), currency if action.cost else "")
    aims = (_joined(action.items), _joined(action.criteria), _joined(f"#{need}" for need in action.needs))
    effect = (number(action.gain), number(action.after), _whole(action.level_after))
    return (*about, *rank, *who, *cost, *aims, *effect, _joined(action.clauses), action.closed_on)


def plan_notes(snapshot: Snapshot) -> Sheet:
    """What was said about the actions and what proves them, a row each."""
    columns = (Column(_("No."), 6, WHOLE), Column(_("Action"), 40), Column(_("Kind"), 16), Column(_("Text"), 90))
    rows = []
    for action in snapshot.plan.actions if snapshot.plan else ():
        said = [(_("Comment"), text) for text in action.comments]
        said += [(_("Proof"), text) for text in action.proofs]
        said += [(_("Closing note"), action.closing_note)] if action.closing_note else []
        rows += [(action.number, action.title, kind, text) for kind, text in said]
    return Sheet("plan_notes", _("Plan notes"), columns, tuple(rows))


def levers(snapshot: Snapshot) -> Sheet:
    """The steps of the shortest path by item, those first that lift the total most per criterion raised."""
    columns = (Column(_("Item"), 10), Column(_("Name"), 30), Column(_("Criteria to raise"), 12, WHOLE))
    columns += (
        Column(_("Item score"), 12, SCORE),
        Column(_("Item score after"), 12, SCORE),
        Column(_("Adds to the total"), 12, SCORE),
    )
    rows = snapshot.path.levers if snapshot.path else ()
    told = tuple((r.item, r.name, r.count, number(r.before), number(r.after), number(r.gain)) for r in rows)
    return Sheet("levers", _("Levers"), columns, told, wide=2)


def path(snapshot: Snapshot) -> Sheet:
    columns = (Column(_("Criterion"), 12), Column(_("Item"), 24), Column(_("What is asked"), 70), Column(_("Answer"), 14))
    columns += (Column(_("What to do"), 60),)
    raises = snapshot.path.raises if snapshot.path else ()
    rows = tuple((r.criterion, r.item_name, r.text, r.before, r.action.title) for r in raises)
    return Sheet("path", _("Path"), columns, rows)


# policies, evidence


def clauses(snapshot: Snapshot) -> Sheet:
    columns = [Column(_("Clause"), 16), Column(_("Document"), 34), Column(_("Number"), 24), Column(_("Section"), 40)]
    columns += [
        Column(_("Status"), 18),
        Column(_("Validity"), 40),
        Column(_("Summary in our words"), 70),
        Column(_("Kind"), 14),
    ]
    columns += [Column(_("Addressee"), 14), Column(_("How it is to be read"), 30), Column(_("Coverage"), 10, SCORE)]
    columns += [Column(_("Met"), 10), Column(_("Finding"), 60), Column(_("From"), 30), Column(_("Original wording"), 60)]
    annex = {row.id: row for row in (*snapshot.annex.rows, *snapshot.annex.incentives)} if snapshot.annex else {}
    rows = []
    for document in snapshot.documents:
        for clause in document.clauses:
            section = " / ".join(filter(None, [clause.section, clause.box]))
            place = (clause.id, document.title, document.number, section, document.status_label, document.validity)
            about = (clause.summary, clause.kind, clause.addressee, clause.reading, number(clause.coverage))
            rows.append((*place, *about, *_turned(annex.pop(clause.id, None)), clause.quote))
    rows += [(row.id, row.document, *[""] * 9, *_turned(row), "") for row in annex.values()]
    return Sheet("clauses", _("Clauses"), tuple(columns), tuple(rows))


def _turned(row) -> tuple[str, str, str]:
    return (row.shown, row.sentence, _joined((*row.items, *row.actions))) if row else ("", "", "")


def evidence(snapshot: Snapshot) -> Sheet:
    columns = [Column(_("No."), 6, WHOLE), Column(_("Title"), 40), Column(_("Kind"), 16), Column(_("Confidentiality"), 14)]
    columns += [Column(_("Issued on"), 12), Column(_("Valid until"), 12), Column(_("Keeper"), 18), Column(_("File name"), 30)]
    columns += [Column(_("Link"), 40), Column(_("Version"), 8, WHOLE), Column("SHA-256", 30), Column(_("State"), 14)]
    columns += [Column(_("Criteria"), 40)]
    rows = tuple(
        (p.number, p.title, p.kind, p.confidentiality, p.issued_on, p.valid_until, p.keeper, p.file_name, p.url, p.version,
         p.sha256, p.status, _joined(p.criteria))
        for p in snapshot.pieces
    )  # fmt: skip
    return Sheet("evidence", _("Evidence"), tuple(columns), rows, wide=2)


def layers(snapshot: Snapshot) -> Sheet:
    columns = (Column(_("Layer"), 18), Column(_("Firm"), 24), Column(_("Judged"), 10, WHOLE), Column(_("Score"), 9, SCORE))
    columns += (Column(_("Level"), 9, WHOLE), *(Column(domain.name, 14, SCORE) for domain in snapshot.domains))
    rows = tuple(
        (row.label, row.firm, row.judged, number(row.score), _whole(row.level),
         *(number(row.domains.get(domain.code, "")) for domain in snapshot.domains))
        for row in snapshot.layers
    )  # fmt: skip
    return Sheet("layers", _("Layers"), columns, rows, levels=(4,))


def changes(snapshot: Snapshot) -> Sheet:
    told = snapshot.changes
    since = told.since if told else ""
    columns = (Column(_("What"), 14), Column(_("Name"), 60), Column(since, 40), Column(_("now"), 40))
    if told is None:
        return Sheet("changes", _("Changes"), columns, ())
    rows = [
        (_("Total"), "", _then(told.whole.before, told.whole.level_before), _then(told.whole.after, told.whole.level_after))
    ]
    rows += [(row.label, "", row.before, row.after) for row in told.facts]
    rows += [(row.code, row.name, _then(row.before, row.level_before), _then(row.after, row.level_after))
             for row in (*told.domains, *told.items)]  # fmt: skip
    for row in told.answers:
        pieces = [f"{_('Evidence added: ')}{title}" for title in row.added]
        pieces += [f"{_('Evidence taken away: ')}{title}" for title in row.removed]
        text = "\n".join([row.text, *pieces])
        rows.append((row.code, text, f"{row.before}\n{row.note_before}".strip(), f"{row.after}\n{row.note_after}".strip()))
    rows += [(f"#{row.number}", row.title, row.before, row.after) for row in told.actions]
    return Sheet("changes", _("Changes"), columns, tuple(rows))


def _then(score: str, level: int | None) -> str:
    return f"{score} · {level}" if level else score


def derivation(snapshot: Snapshot) -> Sheet:
    """From every credit to the total: domain, item, level, criterion, each with its own figure."""
    columns = [Column(_("Domain"), 10), Column(_("Item"), 10), Column(_("Level"), 8, WHOLE), Column(_("Criterion"), 14)]
    columns += [Column(_("Answer"), 14), Column(_("Credit"), 9, "0.0"), Column(_("Mean credit of the level"), 14, SCORE)]
    columns += [Column(_("Reached"), 10), Column(_("Item score"), 10, SCORE), Column(_("Domain score"), 10, SCORE)]
    columns.append(Column(_("Total"), 9, SCORE))
    rows = []
    for domain in snapshot.domains:
        for item in domain.items:
            for level in item.levels:
                for c in level.criteria:
                    rows.append((domain.code, item.code, level.level, c.code, c.rating_label, number(c.credit), *[""] * 5))
                reached = _("yes") if level.reached else _("no")
                shown = number(level.fulfilment) if level.fulfilment else _("n/a")
                rows.append((domain.code, item.code, level.level, *[""] * 3, shown, reached, *[""] * 3))
            rows.append((domain.code, item.code, *[""] * 6, number(item.score), "", ""))
        rows.append((domain.code, *[""] * 8, number(domain.score), ""))
    rows.append((_("Total"), *[""] * 9, number(snapshot.score)))
    return Sheet("derivation", _("Derivation"), tuple(columns), tuple(rows))
