"""The way up: the shortest path, the plan, and what changed since an earlier report."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.content import findings
from reports.content.findings.headlines import join_sentences
from reports.content.parts import AnswerChange, PlannedPart, PlanPart, Snapshot
from reports.content.plan_telling import grouped, told_in_gaps
from reports.papers.chapters.cells import NONE, WIDE, bold, facts
from reports.papers.chapters.volume import Volume
from reports.papers.manuscript import Chapter, Heading, Paragraph, Picture, Points, Table


def path(snapshot: Snapshot) -> Chapter:
    if not snapshot.path or not snapshot.path.count:
        return []
    head = (_("Criterion"), _("What is asked"), _("Answer"), _("What to do"))
    rows = tuple((step.criterion, step.text, step.before, step.action.title) for step in snapshot.path.raises)
    more = _(
        "No shorter set of criteria reaches it; among equals the one with the least effort is taken. The answers stay as "
        "they are: this is arithmetic, not a promise."
    )
    return [
        Heading(1, _("Path to the target")),
        Paragraph(join_sentences(findings.path_sentence(snapshot), more)),
        Table(head, rows, (13, 36, 15, 36), _("Criteria of the shortest path")),
    ]


def roadmap(volume: Volume) -> Chapter:
    plan = volume.snapshot.plan
    if plan is None or not plan.actions:
        return []
    blocks: Chapter = [Heading(1, _("Roadmap")), Paragraph(_plan_sentence(plan), "Lead"), *quarters(plan)]
    if plan.rates:
        rows = tuple((lead, f"{rate} {plan.currency}") for lead, rate in plan.rates.items())
        blocks.append(Table((_("Lead"), _("Rate per person-day")), rows, (60, 40), _("Rates per day"), (1,)))
    if quick := [f"#{action.number} {action.title} (+{action.gain})" for action in plan.actions if action.is_quick_win]:
        blocks += [Heading(2, _("Quick wins"), is_listed=False), Points(tuple(quick))]
    blocks += [Picture(row.png, row.title, WIDE, _("When the actions run")) for row in volume.drawings.get("plan", ())]
    blocks.append(Heading(2, _("The actions"), is_listed=False))
    for action in plan.actions:
        blocks += _planned(volume.snapshot, plan, action)
    return [*blocks, *_closed(plan)]


def _plan_sentence(plan: PlanPart) -> str:
    n = len(plan.actions)
    values = {"n": n, "day": plan.starts_on, "now": plan.score_now, "after": plan.score_after, "level": plan.level_after}
    sentences = [ngettext("%(n)s action, from %(day)s on.", "%(n)s actions, from %(day)s on.", n)]
    if plan.score_now:
        sentences.append(_("The score stands at %(now)s with what is closed, and at %(after)s once all of them are done."))
    if plan.level_after:
        sentences.append(_("That is level %(level)s."))
    return join_sentences(*(sentence % values for sentence in sentences))


def quarters(plan: PlanPart) -> Chapter:
    if not plan.quarters:
        return []
    titles = {action.number: f"#{action.number} {action.title}" for action in plan.actions}
    head = (_("Quarter"), _("Actions"), _("Person-days"), _("Cost"))
    rows = [
        (row.name, "\n".join(titles.get(number, f"#{number}") for number in row.actions), row.days, grouped(row.cost) or NONE)
        for row in plan.quarters
    ]
    cost = f"{grouped(plan.cost)} {plan.currency}" if plan.cost else NONE
    rows.append(bold(_("Total"), "", plan.days, cost))
    return [Table(head, tuple(rows), (14, 54, 15, 17), _("Roadmap by quarter"), (2, 3))]


def _planned(snapshot: Snapshot, plan: PlanPart, action: PlannedPart) -> Chapter:
    blocks: Chapter = [Heading(3, f"#{action.number} {action.title}")]
    if told := told_in_gaps(snapshot, action):
        named = _("; ").join(f"{item.clause} {item.name}" for item in told)
        blocks.append(Paragraph(f"{_('Steps and sign of completion stand in the tables of:')} {named}"))
    elif action.text:
        blocks.append(Paragraph(action.text))
    reached = f"{action.after} / {action.level_after}" if action.level_after else action.after
    rows = [
        (_("State"), action.status_label if action.is_on else f"{action.status_label} · {_('switched off')}"),
        (_("Priority"), _(": ").join(filter(None, [action.priority, action.priority_reason]))),
        (_("Owner"), action.owner),
        (_("Department"), action.department),
        (_("Lead"), action.lead),
        (_("Dates"), " – ".join(filter(None, [action.starts_on, action.due_on]))),
        (_("Quarter"), action.quarter),
        (_("Effort"), _("%(days)s person-days, %(weeks)s weeks") % {"days": action.days, "weeks": action.weeks}),
        (_("Cost"), f"{grouped(action.cost)} {plan.currency}" if action.cost else ""),
        (_("Comes after"), _(", ").join(f"#{number}" for number in action.needs)),
        (_("Criteria"), _(", ").join(action.criteria)),
        (_("Adds to the total"), action.gain),
        (_("Total once it is done"), reached),
        (_("Policy clauses"), _(", ").join(action.clauses)),
    ]
    blocks.append(facts(rows))
    return [*blocks, Points(action.comments)] if action.comments else blocks


def _closed(plan: PlanPart) -> Chapter:
    done = [action for action in plan.actions if action.closed_on]
    if not done:
        return []
    head = (_("Action"), _("Closed on"), _("Closing note"), _("Proof"), _("Adds to the total"))
    rows = tuple(
        (f"#{row.number} {row.title}", row.closed_on, row.closing_note, "\n".join(row.proofs), row.gain or NONE) for row in done
    )
    title = _("What was closed, and how it is proved")
    return [
        Heading(2, title, is_listed=False),
        Table(head, rows, (28, 13, 26, 21, 12), _("Closed actions with their proof"), (4,)),
    ]


def changes(snapshot: Snapshot) -> Chapter:
    told = snapshot.changes
    if told is None:
        return []
    blocks: Chapter = [Heading(1, _("What changed since %(date)s") % {"date": told.since})]
    if told.is_empty:
        return [*blocks, Paragraph(_("Nothing changed between the two."))]
    now = _("now")
    rows = [(_("Score"), told.whole.before or NONE, told.whole.after or NONE)]
    rows.append((_("Level"), str(told.whole.level_before or NONE), str(told.whole.level_after or NONE)))
    rows += [(row.label, row.before or NONE, row.after or NONE) for row in told.facts]
    blocks.append(Table((_("What"), told.since, now), tuple(rows), (40, 30, 30)))
    if moved := (*told.domains, *told.items):
        head = (_("Code"), _("Name"), told.since, now)
        rows = [(r.code, r.name, _then(r.before, r.level_before), _then(r.after, r.level_after)) for r in moved]
        blocks += [Heading(2, _("Scores that moved"), is_listed=False), Table(head, tuple(rows), (12, 48, 20, 20))]
    if told.answers:
        head = (_("Code"), _("What is asked"), told.since, now)
        n = len(told.answers)
        title = ngettext("%(n)s answer changed", "%(n)s answers changed", n) % {"n": n}
        rows = [(r.code, _asked(r), _lines(r.before, r.note_before), _lines(r.after, r.note_after)) for r in told.answers]
        blocks += [Heading(2, title, is_listed=False), Table(head, tuple(rows), (12, 40, 24, 24))]
    if told.actions:
        head = (_("No."), _("Action"), told.since, now)
        rows = [(str(row.number), row.title, row.before or NONE, row.after or NONE) for row in told.actions]
        blocks += [Heading(2, _("Improvement actions"), is_listed=False), Table(head, tuple(rows), (8, 52, 20, 20))]
    return blocks


def _then(score: str, level: int | None) -> str:
    return f"{score} · {level}" if level else score or NONE


def _asked(change: AnswerChange) -> str:
    added = [f"{_('Evidence added: ')}{title}" for title in change.added]
    return _lines(change.text, *added, *(f"{_('Evidence taken away: ')}{title}" for title in change.removed))


def _lines(*texts: str) -> str:
    return "\n".join(filter(None, texts))
