from collections import Counter

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from assessments.carrying import counts, cross, crossed_ratings, trend
from assessments.forms.bridging import ContinueForm, SettleDraftForm
from assessments.models import Assessment, DraftAnswer
from assessments.operations.answering import AnsweredMeanwhile
from assessments.operations.bridging import AlreadyContinued, accept_draft, bridge_assessment, dismiss_draft, restore_draft
from assessments.queries.answers import ratings_of
from assessments.queries.bridging import (
    crossings_of,
    derived_of,
    drafts_of,
    evidence_of_dropped,
    next_edition,
    words_of,
)
from assessments.queries.visible import assessments_visible_to
from assessments.scoring import score, show
from assessments.views.access import AssessmentView
from assessments.views.answering import ItemView
from assessments.views.taking_over import answered_meanwhile
from organizations.permissions import Permission
from questionnaires.library import questionnaire_of
from questionnaires.schema import Questionnaire

KINDS = {
    "carried": (
        gettext_lazy("Same"),
        gettext_lazy("Asked in the same words: rating, note and evidence are carried over and count."),
    ),
    "reworded": (gettext_lazy("Reworded"), gettext_lazy("Proposed: the rating of then.")),
    "widened": (
        gettext_lazy("Widened"),
        gettext_lazy(
            "Asks for more now. Proposed: the rating of then, at most largely met; what did not apply then is asked anew."
        ),
    ),
    "narrowed": (gettext_lazy("Narrowed"), gettext_lazy("Asks for less now. Proposed: the rating of then.")),
    "split": (
        gettext_lazy("Split"),
        gettext_lazy("One criterion became several. Proposed for each: the rating of then, of several the lowest."),
    ),
    "merged": (gettext_lazy("Merged"), gettext_lazy("Several criteria became one. Proposed: the lowest of their ratings.")),
    "open": (
        gettext_lazy("Without a proposal"),
        gettext_lazy("Not all that they come from was answered, or it did not apply."),
    ),
    "new": (gettext_lazy("New"), gettext_lazy("Asked for the first time: nothing to propose.")),
}


class ContinueAssessment(AssessmentView):
    """From an older edition to the one that replaced it: what would be carried, and the step itself."""

    permission = Permission.ASSESSMENT_START

    def handle(self, request, *args, **kwargs):
        self.version = next_edition(self.assessment)
        if self.version is None:
            raise Http404
        return super().handle(request, *args, **kwargs)

    def get(self, request):
        if before := derived_of(self.assessment, self.version):
            return redirect("bridge", request.organization.slug, before.pk)
        initial = {"name": f"{self.assessment.name} → {questionnaire_of(self.version).edition}"[:120]}
        return self._page(request, ContinueForm(initial=initial))

    def post(self, request):
        form = ContinueForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        try:
            assessment = bridge_assessment(
                source=self.assessment, version=self.version, **form.cleaned_data, by=request.user, at=timezone.now()
            )
        except AlreadyContinued as error:
            messages.info(request, _("This assessment was continued before. Here is what it became."))
            assessment = error.assessment
        return redirect("bridge", request.organization.slug, assessment.pk)

    def _page(self, request, form, status=200):
        newer = questionnaire_of(self.version)
        found = counts(cross(newer, words_of(self.assessment)))
        context = {
            "assessment": self.assessment,
            "newer": newer,
            "rows": kinds(found),
            "total": sum(found.values()),
            "form": form,
        }
        return render(request, "assessments/bridging/continue.html", context, status=status)


class ShowBridge(AssessmentView):
    """What was carried over, what is only proposed, what is new; and the scores of both editions side by side."""

    permission = Permission.ASSESSMENT_VIEW

    def get(self, request):
        drafts = drafts_of(self.assessment)
        source = self.source(request)
        if self.assessment.derived_from_id is None:
            raise Http404
        crossings, ratings = crossings_of(self.assessment, drafts), ratings_of(self.assessment)
        context = {
            "assessment": self.assessment,
            "source": source,
            "questionnaire": self.questionnaire,
            "rows": kinds(counts(crossings), settled(drafts, ratings)),
            "total": len(crossings),
            "scores": self.scores(source, crossings, ratings),
            "items": items_with_drafts(self.questionnaire, drafts, ratings),
            "dismissed": [row for row in drafts if row.outcome == DraftAnswer.Outcome.DISMISSED],
            "may_settle": self.may(Permission.ANSWER_WRITE),
            "answers_path": reverse("assessment", args=[request.organization.slug, self.assessment.pk]) + "answers/",
        }
        if source:
            before = ratings_of(source)
            context |= {
                "dropped": dropped(source, self.assessment, before),
                "trend": trend(source.questionnaire, self.questionnaire, before, ratings, self.assessment.method),
                "unanswered": len(self.questionnaire.item_of) - len(ratings),
            }
        return render(request, "assessments/bridging/bridge.html", context)

    def source(self, request) -> Assessment | None:
        """The older assessment, for those who may see it."""
        rows = assessments_visible_to(request.membership).select_related("version").defer("version__content")
        return rows.filter(pk=self.assessment.derived_from_id).first()

    def scores(self, source, crossings, ratings) -> list[dict]:
        """Both editions by the same method, each clearly named."""
        new, method = self.questionnaire, self.assessment.method or None
        rows = [
            (_("Only what was carried over"), new, crossed_ratings(crossings, with_drafts=False)),
            (_("With all proposals, were they taken over"), new, crossed_ratings(crossings, with_drafts=True)),
            (_("As it is answered now"), new, ratings),
        ]
        if source:
            rows.insert(0, (source.name, source.questionnaire, ratings_of(source)))
        return [score_row(words, questionnaire, said, method) for words, questionnaire, said in rows]


class SettleDraft(ItemView):
    """Take a proposal over, dismiss it, or bring a dismissed one back."""

    permission = Permission.ANSWER_WRITE

    def post(self, request, criterion_code):
        if not self.may_answer:
            return self.not_theirs(request)
        form = SettleDraftForm(request.POST)
        if not form.is_valid():
            raise Http404
        outcome, criterion = form.cleaned_data["outcome"], self.criterion(criterion_code)
        this = {"assessment": self.assessment, "criterion": criterion}
        try:
            if outcome == form.ACCEPT:
                answer = accept_draft(**this, **self.who())
                said = _("%(code)s: the proposal was taken over.") if answer else _("%(code)s: nothing is proposed here.")
            else:
                settle = dismiss_draft if outcome == form.DISMISS else restore_draft
                settle(**this, by=request.user, at=timezone.now())
                said = (
                    _("%(code)s: the proposal is dismissed.")
                    if outcome == form.DISMISS
                    else _("%(code)s: the proposal is back.")
                )
        except AnsweredMeanwhile:
            return answered_meanwhile(self, request)
        messages.success(request, said % {"code": criterion_code})
        return redirect(self.place(criterion_code))


def kinds(found: dict[str, int], settled: dict[str, Counter] | None = None) -> list[dict]:
    """A row for each kind of crossing: its name, what is done with it, and how many there are."""
    rows = [(kind, *KINDS[kind], found[kind]) for kind in found]
    return [
        {"kind": kind, "name": name, "rule": rule, "count": n, "settled": (settled or {}).get(kind)}
        for kind, name, rule, n in rows
    ]


def settled(drafts: list[DraftAnswer], ratings: dict[str, str]) -> dict[str, Counter]:
    """Kind -> how many of its questions are answered by now."""
    found: dict[str, Counter] = {}
    for row in drafts:
        kind = row.relation if row.rating else ("new" if row.relation == "new" else "open")
        found.setdefault(kind, Counter())["answered" if row.code in ratings else "left"] += 1
    return found


def items_with_drafts(questionnaire: Questionnaire, drafts: list[DraftAnswer], ratings: dict[str, str]) -> list[dict]:
    """The items with questions that are still to be answered: how many of these have a proposal."""
    waiting, left = Counter(), Counter()
    for row in drafts:
        if row.code not in ratings:
            left[questionnaire.item_of[row.code]] += 1
            waiting[questionnaire.item_of[row.code]] += bool(row.rating and row.outcome != DraftAnswer.Outcome.DISMISSED)
    return [
        {"item": item, "left": left[item.code], "proposed": waiting[item.code]}
        for item in questionnaire.items
        if left[item.code]
    ]


def dropped(source: Assessment, assessment: Assessment, ratings: dict[str, str]) -> list[dict]:
    """The criteria that the newer edition asks no more, what was said, and what becomes of their evidence."""
    criteria = [criterion for criterion in source.questionnaire.criterion_by_code.values() if criterion.dropped]
    pieces = evidence_of_dropped(source, assessment, [criterion.code for criterion in criteria])
    return [
        {"criterion": criterion, "rating": ratings.get(criterion.code, ""), "pieces": pieces.get(criterion.code, (0, 0))}
        for criterion in criteria
    ]


def score_row(words: str, questionnaire: Questionnaire, ratings: dict[str, str], method: str | None) -> dict:
    result = score(questionnaire, ratings, method)
    return {
        "words": words,
        "edition": questionnaire.short_title.in_language(get_language()),
        "score": show(result.score),
        "level": result.level,
        "answered": len(questionnaire.item_of) - len(result.unanswered),
        "total": len(questionnaire.item_of),
        "method": result.method.name.in_language(get_language()),
    }
