"""Frozen submissions read again: what changed from one to the next, and what of one somebody may see."""

import json
from dataclasses import dataclass

from assessments.models import Assessment, Evidence, EvidenceVersion, Submission
from assessments.queries.answers import answers_of
from assessments.queries.submission import evidence_by_code
from assessments.queries.visible import is_of_another_firm, of_other_firms
from assessments.states import OPEN
from organizations.guests import Guest
from organizations.models import Membership

NOTHING = {"rating": "", "na_reason": "", "note": ""}


@dataclass(frozen=True)
class Change:
    """One answer that is another now, or is proven by other pieces. ``added``, ``removed``: their titles."""

    code: str
    before: dict
    after: dict
    added: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def rating_changed(self) -> bool:
        return self.before["rating"] != self.after["rating"]

    @property
    def note_changed(self) -> bool:
        return self.before["note"] != self.after["note"]


@dataclass(frozen=True)
class Changes:
    """``before`` and ``after``: the submissions compared; None after: what stands there now. ``items``: (item, changes)."""

    before: Submission | None
    after: Submission | None
    items: tuple

    @property
    def count(self) -> int:
        return sum(len(changes) for _item, changes in self.items)


def changes_since_last(assessment: Assessment, reader: Membership | Guest | None = None) -> Changes:
    """What the last submission changed against the one before; while it is open again, what was changed since the last one.
    Without the evidence that a guest never sees."""
    rows = Submission.objects.filter(assessment=assessment, kind=Submission.Kind.SUBMITTED).select_related("submitted_by")
    found = list(rows[:2])
    if assessment.state in OPEN and found:
        before, after, now = found[0], None, _live(assessment)
    elif len(found) == 2:
        before, after, now = found[1], found[0], json.loads(found[0].frozen)
    else:
        return Changes(None, found[0] if found else None, ())
    then = json.loads(before.frozen)
    then, now = ({**content, "evidence": _shown(reader, content["evidence"])} for content in (then, now))
    return Changes(before, after, tuple(_compare(assessment, then, now)))


def seen_by(place: Membership | Guest, submission: Submission) -> tuple[dict, bool]:
    """The content as far as somebody may see it, and whether that is all of it. Members of the enterprise see everything;
    guests neither what other firms judged, signed and made final, nor confidential evidence."""
    content = json.loads(submission.frozen)
    if not isinstance(place, Guest):
        return content, True
    mine, seen = (None, place.engagement.pk), {**content, "evidence": _shown(place, content["evidence"])}
    for part in ("layers", "signatures"):
        if part in content:
            seen[part] = [row for row in content[part] if row["engagement"] in mine]
    if is_of_another_firm(place, submission.engagement_id):
        seen |= {"finalized": {**content["finalized"], "by": ""}, "unjudged": []}
    return seen, seen == content


def hide_rivals(place: Membership | Guest, submissions: list[Submission]):
    """Who of another firm made something final is not named to a guest."""
    hidden = of_other_firms(place, [row.engagement_id for row in submissions])
    for row in submissions:
        if row.engagement_id in hidden:
            row.submitted_by = None


def _shown(place: Membership | Guest | None, evidence: dict[str, list[dict]]) -> dict[str, list[dict]]:
    """Frozen pieces, for a guest without those that are confidential by now. What is frozen names no ids: a piece is known by
    its title, or by the hash of any file that it had."""
    if not isinstance(place, Guest):
        return evidence
    secret = Evidence.objects.filter(confidentiality=Evidence.Confidentiality.CONFIDENTIAL)
    titles = set(secret.values_list("title", flat=True))
    hashes = set(EvidenceVersion.objects.filter(evidence__in=secret).values_list("sha256", flat=True)) - {""}
    shown = {
        code: [piece for piece in pieces if piece["title"] not in titles and piece["sha256"] not in hashes]
        for code, pieces in evidence.items()
    }
    return {code: pieces for code, pieces in shown.items() if pieces}


def _live(assessment: Assessment) -> dict:
    said = {
        code: {"rating": row.rating, "na_reason": row.na_reason, "note": row.note}
        for code, row in answers_of(assessment).items()
    }
    return {"answers": said, "evidence": evidence_by_code(assessment)}


def _compare(assessment: Assessment, before: dict, after: dict):
    questionnaire, changed = assessment.questionnaire, {}
    for code, item_code in questionnaire.item_of.items():
        was, now = before["answers"].get(code, NOTHING), after["answers"].get(code, NOTHING)
        then, there = _titles(before, code), _titles(after, code)
        differs = any(was[name] != now[name] for name in NOTHING)
        if differs or then != there:
            added = tuple(title for title in there if title not in then)
            removed = tuple(title for title in then if title not in there)
            changed.setdefault(item_code, []).append(Change(code, was, now, added, removed))
    for item in questionnaire.items:
        if item.code in changed:
            yield item, changed[item.code]


def _titles(content: dict, code: str) -> list[str]:
    """What proves a criterion; a newer file or another place makes it another."""
    return [_words(piece) for piece in content["evidence"].get(code, ())]


def _words(piece: dict) -> str:
    return " · ".join(filter(None, [piece["title"], piece["place"], piece["sha256"][:8]]))
