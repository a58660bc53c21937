"""The questions of an item page as HTML, each from stencils."""

from dataclasses import dataclass, field

from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessments.models import Answer, AnswerRevision, DraftAnswer, Verdict
from assessments.operations.answering import Said
from assessments.queries.answering import Beside
from assessments.queries.answers import Progress
from assessments.scoring import ANCHORS, NOT_APPLICABLE, RATINGS
from assessments.templatetags.bridging import rule_words
from assessments.views.stencils import opening, stencils_of
from organizations.permissions import Permission
from questionnaires.labels import RELATION_LABELS
from questionnaires.schema import PolicyAction, Text

NOTHING_BESIDE = Beside()
NOTHING_SAID = Said()
HIDDEN, OPEN, CURRENT, ANSWERED, OK = map(mark_safe, (" hidden", " open", ' aria-current="page"', " answered", " ok"))
NA_REASONS = Answer.NaReason.choices
PLACE = mark_safe('<span id="unanswered" class="place"></span>')


@dataclass
class Row:
    """One question on the page: what is asked, what stands there, and what just went wrong with it."""

    code: str
    text: Text
    answer: Answer | None = None
    criterion: object | None = None
    beside: Beside = NOTHING_BESIDE
    before: Answer | None = None
    draft: DraftAnswer | None = None
    verdicts: list[Verdict] = field(default_factory=list)
    errors: dict = field(default_factory=dict)
    typed: Said | None = None
    overtaken: bool = False
    just_saved: bool = False
    is_next: bool = False  # the item's first unanswered question
    html: str = ""

    @property
    def shown(self) -> Said | Answer:
        """What the form holds: the words of whoever is typing before those that stand."""
        return self.typed or self.answer or NOTHING_SAID

    @property
    def revision(self) -> int:
        return self.answer.revision if self.answer else 0

    def take_on(self, changed: "Row"):
        """What just happened to this question."""
        self.answer = changed.answer or self.answer
        self.typed, self.errors = changed.typed, changed.errors
        self.overtaken, self.just_saved = changed.overtaken, changed.just_saved

    @property
    def dom_id(self) -> str:
        return self.code.replace(".", "-")


def row_frame(view) -> dict:
    """What all rows of a page share; made once."""
    path = reverse("assessment", args=[view.request.organization.slug, view.assessment.pk])
    return {
        "answers_path": f"{path}answers/",
        "items_path": f"{path}items/",
        "token": get_token(view.request),
        "may_write": view.may_answer,
        "may_discuss": view.may(Permission.DISCUSS),
        "words": rating_words(),
        "stencils": stencils_of(view.assessment.version),
    }


def rating_words() -> dict[str, str]:
    return {
        "full": _("Fully met"),
        "largely": _("Largely met"),
        "partly": _("Partly met"),
        "none": _("Not met"),
        NOT_APPLICABLE: _("Not applicable"),
    }


def question_html(view, row: Row, frame: dict) -> SafeString:
    shown, stencils = row.shown, frame["stencils"]
    path = f"{frame['answers_path']}{row.code}"
    may = (frame["may_write"], frame["may_discuss"])
    mark = {"path": path, "token": frame["token"]}
    values = {
        "answered": ANSWERED if shown.rating else "",
        "place": PLACE if row.is_next else "",
        "path": path,
        "token": frame["token"],
        "ratings": ratings_html(view.item, shown.rating, frame),
        "before": before_html(row.before, frame),
        "draft": draft_html(row, frame),
        "verdicts": verdicts_html(row, frame),
        "na": na_html(view.item, shown, frame),
        "state": state_html(view, row),
        "note": shown.note,
        "note_open": OPEN if shown.note or shown.rating == NOT_APPLICABLE or row.errors else "",
        "links": str(row.beside.links or ""),
        "talk": talk_html(row.beside),
        "history_hidden": "" if row.answer else HIDDEN,
        "mark": stencils.fill(
            "assessments/mark.html", mark, key=(row.beside.marked, may[1]), marked=row.beside.marked, may_discuss=may[1]
        ),
    }
    fixed = {
        "id": row.dom_id,
        "code": row.code,
        "text": row.text,
        "criterion": row.criterion,
        "item": view.item,
        "evidence_here": True,
    }
    return stencils.fill("assessments/question.html", values, key=(row.code, may[0]), may_write=may[0], **fixed)


def ratings_html(item, rating: str, frame: dict) -> SafeString:
    code = item.code if isinstance(item, PolicyAction) else ""
    rating = rating if rating in RATINGS or rating in ANCHORS else ""  # somebody may have typed anything
    fixed = {"item": item, "rating": rating, "words": frame["words"]}
    return frame["stencils"].fill("assessments/ratings.html", {}, key=(code, rating), **fixed)


def na_html(item, shown, frame: dict) -> SafeString:
    if not getattr(item, "allow_na", True):
        return mark_safe("")
    is_na = shown.rating == NOT_APPLICABLE
    reason = shown.na_reason if shown.na_reason in dict(NA_REASONS) else ""
    fixed = {"is_na": is_na, "na_reason": reason, "reasons": NA_REASONS}
    return frame["stencils"].fill("assessments/na.html", {}, key=(is_na, reason), **fixed)


def before_html(before: Answer | None, frame: dict) -> SafeString:
    if before is None:
        return mark_safe("")
    word, name = frame["words"].get(before.rating, before.rating or "–"), before.assessment.name
    if before.was_closed:
        name = _("%(name)s, with the action closed since") % {"name": name}
    return frame["stencils"].fill("assessments/before.html", {"name": name, "word": word, "note": before.note})


def verdicts_html(row: Row, frame: dict) -> SafeString:
    """What reviews said about the answer, for those who answer."""
    parts = []
    for verdict in row.verdicts:
        values = {
            "word": frame["words"].get(verdict.rating, verdict.rating),
            "reason": verdict.get_reason_display(),
            "who": f"{verdict.decided_by or ''} · {verdict.engagement.consultancy.name}",
            "note": verdict.note,
        }
        fixed = {"kind": verdict.kind, "again": verdict.answer_revision != row.revision, "has_note": bool(verdict.note)}
        parts.append(frame["stencils"].fill("assessments/review/on_answer.html", values, key=tuple(fixed.values()), **fixed))
    return mark_safe("".join(parts))


def draft_html(row: Row, frame: dict) -> SafeString:
    """What the bridge from an older edition proposes here; it counts for nothing before somebody takes it over."""
    draft = row.draft
    if draft is None:
        return mark_safe("")
    between = "、" if get_language().startswith("zh") else ", "
    values = {
        "path": f"{frame['answers_path']}{row.code}",
        "token": frame["token"],
        "code": row.code,
        "word": frame["words"].get(draft.rating, ""),
        "came_from": f" · {between.join(draft.came_from)}" if draft.came_from else "",
        "note": format_html('<p class="draft-note">{}</p>', draft.note) if draft.note else mark_safe(""),
    }
    fixed = {
        "proposes": bool(draft.rating),
        "may_write": frame["may_write"],
        "relation": RELATION_LABELS[draft.relation],
        "rule": rule_words(draft.rule),
        "reason": row.criterion.origin.reason,
    }
    key = (row.code, draft.rule, bool(draft.rating), frame["may_write"])
    return frame["stencils"].fill("assessments/bridging/draft.html", values, key=key, **fixed)


def talk_html(beside: Beside) -> SafeString | str:
    if not beside.comments:
        return ""
    return render_to_string("assessments/talk_count.html", {"comments": beside.comments, "questions": beside.questions})


def state_html(view, row: Row) -> SafeString:
    """Whether and when the answer was saved, or what is wrong with it."""
    if row.overtaken or row.errors:
        context = {"row": row, "id": row.dom_id, "revision": row.revision}
        return render_to_string("assessments/state.html", context)
    values = {"id": row.dom_id, "revision": str(row.revision), "saved": saved_line(row)}
    return stencils_of(view.assessment.version).fill("assessments/state.html", values)


def saved_line(row: Row) -> SafeString | str:
    if row.answer is None:
        return ""
    at = localtime(row.answer.answered_at)
    words = _("Saved %(at)s") % {"at": f"{at:%H:%M}"}
    if row.just_saved:
        return format_html('<p class="saved now">✓ {}</p>', words)
    parts = [words, str(row.answer.answered_by or ""), f"{at:%Y-%m-%d}"]
    if getattr(row.answer, "via", "") == AnswerRevision.Via.TAKEN_OVER:
        parts.append(_("taken over"))
    if getattr(row.answer, "via", "") == AnswerRevision.Via.BRIDGE:
        parts.append(_("carried over"))
    return format_html('<p class="saved">{}</p>', " · ".join(filter(None, parts)))


def item_list_html(view, progress: dict[str, Progress], items_path: str) -> SafeString:
    """All items with how far they are."""
    values = {"items_path": items_path}
    for code, row in progress.items():
        values[f"current {code}"] = CURRENT if code == view.item.code else ""
        values[f"done {code}"] = "" if row.left else OK
        values[f"count {code}"] = f"{row.answered}/{row.total}" if row.left else "✓"
    fixed = {
        "domains": view.questionnaire.domains,
        "current": {code: opening(f"current {code}") for code in progress},
        "done": {code: opening(f"done {code}") for code in progress},
        "counts": {code: opening(f"count {code}") for code in progress},
    }
    return stencils_of(view.assessment.version).fill("assessments/item_list.html", values, **fixed)
