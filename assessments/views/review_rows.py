"""The questions of a review page as HTML, each from stencils (views/stencils.py)."""

from dataclasses import dataclass, field

from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from assessments.forms.answering import allowed_ratings
from assessments.models import Answer, Evidence, Verdict
from assessments.operations.reviewing import Judged
from assessments.queries.answering import Beside
from assessments.queries.reviewing import AGAIN, Case, Tally
from assessments.scoring import ANCHORS, NOT_APPLICABLE
from assessments.views.rows import CURRENT, OK, rating_words, talk_html
from assessments.views.stencils import opening, stencils_of
from organizations.permissions import Permission
from questionnaires.schema import Text, rated_codes

Kind = Verdict.Kind
KINDS, REASONS = frozenset(Kind.values), frozenset(Verdict.Reason.values)
NOTHING_BESIDE = Beside()
NA_REASONS = dict(Answer.NaReason.choices)


@dataclass
class ReviewRow:
    """One question on the page: the case, and what just went wrong with its verdict."""

    case: Case
    text: Text
    beside: Beside = NOTHING_BESIDE
    interviews: tuple = ()
    typed: Judged | None = None
    errors: dict = field(default_factory=dict)
    overtaken: bool = False  # a colleague judged it meanwhile
    answered_since: bool = False  # the enterprise changed the answer meanwhile
    just_saved: bool = False
    html: str = ""

    @property
    def code(self) -> str:
        return self.case.code

    @property
    def dom_id(self) -> str:
        return self.code.replace(".", "-")

    @property
    def shown(self) -> Judged:
        """What the form holds: the words of whoever is typing before those that stand."""
        verdict = self.case.verdict
        if self.typed:
            return self.typed
        return Judged(verdict.kind, verdict.rating, verdict.reason, verdict.note) if verdict else Judged("")


def review_frame(view) -> dict:
    """What all rows of a page share; made once."""
    words, allowed = rating_words(), allowed_ratings(view.questionnaire, rated_codes(view.item)[0])
    return {
        "path": SafeString(reverse("assessment", args=[view.request.organization.slug, view.assessment.pk])),
        "allowed": allowed,
        "choices": [(value, words.get(value, value), _key(value, n)) for n, value in enumerate(allowed)],
        "token": SafeString(get_token(view.request)),
        "may_judge": view.may(Permission.REVIEW_WRITE),
        "words": words,
        "kinds": dict(Evidence.Kind.choices),
        "reasons": Verdict.Reason.choices,
        "stencils": stencils_of(view.assessment.version),
    }


def row_html(view, row: ReviewRow, frame: dict) -> SafeString:
    values = {
        "path": frame["path"],
        "said": said_html(view, row, frame),
        "pieces": pieces_html(row.case, frame),
        "interviews": interviews_html(row),
        "talk": talk_html(row.beside),
        "judge": judge_html(view, row, frame),
    }
    fixed = {"id": row.dom_id, "code": row.code, "text": row.text, "item": view.item}
    criterion = view.questionnaire.criterion_by_code.get(row.code)
    return frame["stencils"].fill("assessments/review/row.html", values, key=(row.code,), criterion=criterion, **fixed)


def said_html(view, row: ReviewRow, frame: dict, swap: bool = False) -> SafeString:
    """What the enterprise says, and what of it is new since it was judged."""
    case, words = row.case, frame["words"]
    answer = case.answer
    values = {
        "id": SafeString(row.dom_id),
        "swap": mark_safe(' hx-swap-oob="true"') if swap else "",
        "word": words.get(case.rating, case.rating) if case.rating else _("unanswered"),
        "reason": f" ({NA_REASONS[answer.na_reason]})" if answer and answer.na_reason else "",
        "note": answer.note if answer else "",
        "who": _who(answer.answered_by, answer.answered_at) if answer else "",
        "since": since_html(case, words),
    }
    return frame["stencils"].fill(
        "assessments/review/said.html", values, key=(bool(values["note"]),), has_note=bool(values["note"])
    )


def since_html(case: Case, words: dict) -> SafeString | str:
    if case.since is None:
        return ""
    before = case.since.before
    context = {
        "case": case,
        "since": case.since,
        "again": case.status == AGAIN,
        "word": words.get(before.rating, before.rating) if before and before.rating else "–",
        "now": words.get(case.rating, case.rating) if case.rating else "–",
        "note_changed": case.status == AGAIN and (before.note if before else "") != (case.answer.note if case.answer else ""),
    }
    return mark_safe(render_to_string("assessments/review/since.html", context))


def pieces_html(case: Case, frame: dict) -> SafeString:
    parts = []
    for piece, flaw in case.judged_pieces:
        values = {
            "address": SafeString(f"{frame['path']}review/evidence/{case.code}/{piece.pk}/"),
            "title": piece.title,
            "place": piece.place,
            "kind": frame["kinds"][piece.kind],
        }
        parts.append(frame["stencils"].fill("assessments/review/piece_line.html", values, key=(flaw,), flaw=flaw))
    if case.hidden:
        words = _("Confidential pieces, not shown to guests: %(n)d") % {"n": case.hidden}
        parts.append(format_html('<li class="hint">{}</li>', words))
    if not parts:
        css = "stop" if case.lacks_proof else "hint"
        parts.append(format_html('<li class="{}">{}</li>', css, _("No evidence")))
    return mark_safe("".join(parts))


def interviews_html(row: ReviewRow) -> SafeString | str:
    if not row.interviews:
        return ""
    return mark_safe(render_to_string("assessments/interview/notes.html", {"notes": row.interviews}))


def judge_html(view, row: ReviewRow, frame: dict) -> SafeString:
    """The verdict and the forms that give another."""
    case, shown = row.case, row.shown
    verdict = case.verdict
    values = {
        "id": SafeString(row.dom_id),  # what we made ourselves needs no escaping, eighteen times a page
        "path": SafeString(f"{frame['path']}review/verdicts/{row.code}/"),
        "token": frame["token"],
        "answer_revision": SafeString(case.revision),
        "revision": SafeString(verdict.revision if verdict else 0),
        "note": shown.note if shown.kind == Kind.ADJUST else "",
        "question": shown.note if shown.kind == Kind.MORE else "",
        "line": line_html(row, frame),
        "trouble": trouble_html(row, frame),
    }
    allowed = frame["allowed"]
    rating = shown.rating if shown.kind == Kind.ADJUST and shown.rating in allowed else ""
    reason = shown.reason if shown.kind == Kind.ADJUST and shown.reason in REASONS else ""
    kind = shown.kind if shown.kind in KINDS else ""
    fixed = {
        "kind": kind,
        "status": case.status,
        "rating": rating,
        "reason": reason,
        "own": case.rating,
        "allowed": frame["choices"],
        "reasons": frame["reasons"],
        "may_judge": frame["may_judge"],
        "unfold": bool(row.typed),  # somebody's words that are not saved yet
    }
    key = (kind, case.status, rating, reason, case.rating, allowed, frame["may_judge"], fixed["unfold"])
    return frame["stencils"].fill("assessments/review/judge.html", values, key=key, **fixed)


def line_html(row: ReviewRow, frame: dict) -> SafeString:
    """What stands: the verdict in words, by whom and when."""
    case, verdict = row.case, row.case.verdict
    if verdict is None:
        return format_html('<span class="hint">○ {}</span>', _("To judge"))
    if case.status == AGAIN:
        sign, css, words = "↻", "warn", _("Open again: the answer was changed")
    elif verdict.kind == Kind.ADJUST:
        word = frame["words"].get(verdict.rating, verdict.rating)
        sign, css, words = "±", "adjusted", _("Adjusted to %(rating)s") % {"rating": word}
    elif verdict.kind == Kind.MORE:
        sign, css, words = "?", "warn", _("More is needed")
    else:
        sign, css, words = "✓", "ok", _("Agreed")
    saved = format_html(' <span class="saved-now">{}</span>', _("Saved")) if row.just_saved else ""
    who = _who(verdict.decided_by, verdict.decided_at)
    return format_html('<b class="{}">{} {}</b>{} <span class="hint">{}</span>', css, sign, words, saved, who)


def trouble_html(row: ReviewRow, frame: dict) -> SafeString | str:
    if not (row.errors or row.overtaken or row.answered_since):
        return ""
    verdict, typed = row.case.verdict, row.typed
    context = {
        "row": row,
        "verdict": verdict,
        "there": verdict and frame["words"].get(verdict.rating, verdict.rating),
        "mine": typed and frame["words"].get(typed.rating, typed.rating),
        "typed_kind": dict(Kind.choices).get(typed.kind) if typed else "",
        "path": f"{frame['path']}review/verdicts/{row.code}/",
        "place": f"{frame['path']}review/items/",
    }
    return mark_safe(render_to_string("assessments/review/trouble.html", context))


def item_list_html(view, found: dict[str, Tally], frame: dict) -> SafeString:
    """All items with how far their review is."""
    values = {"items_path": f"{frame['path']}review/items/"}
    for code, tally in found.items():
        values[f"current {code}"] = CURRENT if code == view.item.code else ""
        values[f"done {code}"] = OK if not tally.left else ""
        values[f"count {code}"] = SafeString(count_words(tally))
    fixed = {
        "domains": view.questionnaire.domains,
        "current": {code: opening(f"current {code}") for code in found},
        "done": {code: opening(f"done {code}") for code in found},
        "counts": {code: opening(f"count {code}") for code in found},
    }
    return frame["stencils"].fill("assessments/item_list.html", values, key=("review",), **fixed)


def count_words(tally: Tally) -> str:
    if not tally.left:
        return "✓"
    return f"↻{tally.again} {tally.judged}/{tally.total}" if tally.again else f"{tally.judged}/{tally.total}"


def _who(person, at) -> str:
    return " · ".join(filter(None, [str(person or ""), f"{localtime(at):%Y-%m-%d %H:%M}"]))


def _key(value: str, n: int) -> str:
    """The key that chooses a rating: 1-4, and 0 for n/a; of anchors their own number, and - for n/a."""
    if value == NOT_APPLICABLE:
        return "-" if n == len(ANCHORS) else "0"
    return value if value in ANCHORS else str(n + 1)
