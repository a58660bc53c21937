"""What a report says otherwise than an earlier one: two snapshots side by side. Pure over the snapshots."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import override

from assessments.models import ImprovementAction
from reports.content import labels
from reports.content.parts import (
    ActionChange,
    AnswerChange,
    ChangesPart,
    DomainPart,
    FactChange,
    ItemPart,
    ScoreChange,
    Snapshot,
)
from reports.content.snapshot import as_canonical_json, sha256_of


class NotComparable(Exception):
    """The two reports are about different questionnaires."""


def changes_between(earlier: Snapshot, now: Snapshot) -> ChangesPart:
    """In the language of ``now``. Raises NotComparable."""
    if earlier.questionnaire != now.questionnaire:
        raise NotComparable
    with override(now.language):
        return ChangesPart(
            since=earlier.date,
            name=earlier.assessment,
            sha256=sha256_of(as_canonical_json(earlier)),
            facts=_facts(earlier, now),
            whole=ScoreChange("", "", earlier.score, now.score, earlier.level, now.level),
            domains=_scores({part.code: part for part in earlier.domains}, {part.code: part for part in now.domains}),
            items=_scores({part.code: part for part in earlier.items}, {part.code: part for part in now.items}),
            answers=_answers(earlier, now),
            actions=_actions(earlier, now),
        )


def _facts(earlier: Snapshot, now: Snapshot) -> tuple[FactChange, ...]:
    rows = (
        (_("Organization"), earlier.organization, now.organization),
        (_("Assessment"), earlier.assessment, now.assessment),
        (_("Content version"), earlier.version, now.version),
        (_("Policy library"), earlier.policies_version, now.policies_version),
        (_("Rules and templates"), earlier.report_version, now.report_version),
        (_("Method"), _method(earlier, now), now.method.name if now.method else ""),
        (_("Target"), str(earlier.target or ""), str(now.target or "")),
        (_("Period"), earlier.period, now.period),
        (_("Revision"), str(earlier.revision), str(now.revision)),
        (_("Draft"), _("yes") if earlier.is_draft else _("no"), _("yes") if now.is_draft else _("no")),
    )
    return tuple(FactChange(label, before, after) for label, before, after in rows if before != after)


def _method(earlier: Snapshot, now: Snapshot) -> str:
    """The earlier method's name in the words of now, where it is known there."""
    if earlier.method is None:
        return ""
    return next((method.name for method in now.methods if method.key == earlier.method.key), earlier.method.name)


def _scores(before: Mapping[str, DomainPart | ItemPart], after: Mapping) -> tuple[ScoreChange, ...]:
    found = []
    for code in [*after, *(code for code in before if code not in after)]:
        one, other = before.get(code), after.get(code)
        scores = [part.score if part else "" for part in (one, other)]
        levels = [part.level if part else None for part in (one, other)]
        if scores[0] != scores[1] or levels[0] != levels[1]:
            found.append(ScoreChange(code, (other or one).name, *scores, *levels))
    return tuple(found)


def _answers(earlier: Snapshot, now: Snapshot) -> tuple[AnswerChange, ...]:
    before = {row["criterion"]: row for row in earlier.answers}
    held_before, held_now = _held(earlier), _held(now)
    asked = _asked(earlier) | _asked(now)
    found = []
    for row in now.answers:
        code, old = row["criterion"], before.get(row["criterion"], {})
        added = held_now.get(code, set()) - held_before.get(code, set())
        removed = held_before.get(code, set()) - held_now.get(code, set())
        same = all(row[name] == old.get(name, "") for name in ("rating", "na_reason", "note"))
        if same and not added and not removed:
            continue
        item, text = asked.get(code, ("", ""))
        found.append(
            AnswerChange(
                code=code,
                item=item,
                text=text,
                before=_said(now, old),
                after=_said(now, row),
                note_before=old.get("note", ""),
                note_after=row["note"],
                added=tuple(sorted(added)),
                removed=tuple(sorted(removed)),
            )
        )
    return tuple(found)


def _said(snapshot: Snapshot, row: Mapping[str, str]) -> str:
    rating = row.get("rating", "")
    if snapshot.kind == "anchors" and rating not in ("", "na"):
        return rating
    said = str(labels.RATING_LABELS[rating])
    reason = row.get("na_reason", "")
    return f"{said} ({labels.NA_LABELS[reason]})" if reason else said


def _asked(snapshot: Snapshot) -> dict[str, tuple[str, str]]:
    """Code -> item and what is asked."""
    if snapshot.kind == "anchors":
        return {item.code: (item.code, item.question) for item in snapshot.answered_items}
    return {criterion.code: (item.code, criterion.text) for item in snapshot.answered_items for criterion in item.criteria}


def _held(snapshot: Snapshot) -> dict[str, set[str]]:
    """Criterion -> the titles of its evidence."""
    found: dict[str, set[str]] = {}
    for piece in snapshot.pieces:
        for code in piece.criteria:
            found.setdefault(code, set()).add(piece.title)
    return found


def _actions(earlier: Snapshot, now: Snapshot) -> tuple[ActionChange, ...]:
    plans = [{row.number: row for row in snapshot.plan.actions} if snapshot.plan else {} for snapshot in (earlier, now)]
    words = dict(ImprovementAction.Status.choices)
    found = []
    for number in sorted({*plans[0], *plans[1]}):
        one, other = plans[0].get(number), plans[1].get(number)
        before, after = (str(words[row.status]) if row else "" for row in (one, other))
        if before != after:
            found.append(ActionChange(number, (other or one).title, before, after))
    return tuple(found)
