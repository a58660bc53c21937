from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from assessments.forms.answering import allowed_ratings
from assessments.forms.panel import BlindRatingForm, CallForm, SettleForm, SettleUnanimousForm
from assessments.models import PanelItem, PanelRater, Verdict
from assessments.operations.panel import (
    AlreadyFinished,
    NotAllRated,
    RatedMeanwhile,
    Revealed,
    TooFewRaters,
    call_panel,
    finish_rating,
    rate_again,
    reveal_panel,
    save_blind_rating,
    settle_criterion,
    settle_unanimous,
    withdraw_panel,
)
from assessments.operations.reviewing import AnsweredSince, JudgedMeanwhile
from assessments.queries.answering import answers_in
from assessments.queries.answers import Progress
from assessments.queries.criteria import criteria_by_code
from assessments.queries.evidence import may_open
from assessments.queries.panel import (
    ballots_of,
    most_disputed_first,
    panels_of,
    raters_to_choose,
    ratings_by,
    settled_counts,
    unanimous_and_open,
)
from assessments.queries.reviewing import pieces_in
from assessments.views.access import AssessmentView
from assessments.views.noting import NotingRow, noted, refused
from assessments.views.rows import rating_words
from organizations.permissions import Permission
from questionnaires.schema import PolicyAction, rated_codes


class Panels(AssessmentView):
    """The panels of the engagement at this assessment, and calling one."""

    permission = Permission.PANEL_VIEW
    write_permission = Permission.REVIEW_LEAD

    def get(self, request):
        return self.page(request)

    def post(self, request):
        raters = raters_to_choose(request.membership.engagement)
        form = CallForm(request.POST, items=self.questionnaire.items, raters=raters)
        if not form.is_valid():
            return self.page(request, status=422, form=form)
        try:
            panels = call_panel(
                engagement=request.membership.engagement,
                assessment=self.assessment,
                item_codes=form.cleaned_data["item"],
                raters=form.cleaned_data["rater"],
                by=request.user,
                at=timezone.now(),
            )
        except TooFewRaters:  # somebody left the team meanwhile
            form.add_error("rater", _("Please choose at least two raters."))
            return self.page(request, status=422, form=form)
        n = len(panels)
        messages.success(request, ngettext("%(n)s panel is called.", "%(n)s panels are called.", n) % {"n": n})
        return redirect("panels", request.organization.slug, self.assessment.pk)

    def page(self, request, status=200, form=None):
        engagement = request.membership.engagement
        panels, settled = panels_of(self.assessment, engagement), settled_counts(self.assessment, engagement)
        there = {panel.item_code for panel in panels}
        rows = [self._row(panel, settled) for panel in panels if panel.revealed_at or self.role_allows(Permission.REVIEW_WRITE)]
        may_call = self.may(Permission.REVIEW_LEAD)
        context = {
            "assessment": self.assessment,
            "rows": rows,
            "may_call": may_call,
            "raters": raters_to_choose(engagement) if may_call else [],
            "domains": [
                (domain, [item for item in domain.items if item.code not in there]) for domain in self.questionnaire.domains
            ],
            "form": form,
            "chosen": _chosen(request),
        }
        return render(request, "assessments/panel/panels.html", context, status=status)

    def _row(self, panel: PanelItem, settled: dict[str, Progress]) -> dict:
        item = self.questionnaire.item_by_code[panel.item_code]
        raters, me = list(panel.raters.all()), self.request.user.pk
        mine = next((rater for rater in raters if rater.user_id == me), None)
        return {
            "panel": panel,
            "item": item,
            "raters": raters,
            "mine": mine,
            "progress": Progress(mine.rated, len(rated_codes(item))) if mine else None,
            "finished": sum(bool(rater.finished_at) for rater in raters),
            "settled": settled[item.code],
        }


class PanelView(AssessmentView):
    """Something about one panel of the engagement; another firm's is not found."""

    def handle(self, request, *args, panel_id, criterion_code=None, **kwargs):
        rows = PanelItem.objects.filter(assessment=self.assessment, engagement=request.membership.engagement)
        self.panel = get_object_or_404(rows.select_related("engagement", "called_by"), pk=panel_id)
        self.panel.assessment = self.assessment
        self.item = self.item_or_404(self.panel.item_code)
        if criterion_code is not None:
            if criterion_code not in rated_codes(self.item):
                raise Http404
            kwargs["criterion_code"] = criterion_code
        try:
            return super().handle(request, *args, **kwargs)
        except PanelItem.DoesNotExist as error:  # called off meanwhile
            raise Http404 from error

    @cached_property
    def rater(self) -> PanelRater | None:
        """The reader's own place on the panel."""
        row = PanelRater.objects.filter(panel=self.panel, user=self.request.user).first()
        if row:
            row.panel = self.panel
        return row

    @property
    def criteria(self) -> tuple:
        return (self.item,) if isinstance(self.item, PolicyAction) else self.item.criteria

    def back(self, code: str = ""):
        path = reverse("panel", args=[self.request.organization.slug, self.assessment.pk, self.panel.pk])
        return redirect(f"{path}#q-{code.replace('.', '-')}" if code else path)

    def page(self, request, status=200, **state):
        """What the reader may see: the ratings of all, their own, or how far the panel is."""
        context = {
            "assessment": self.assessment,
            "panel": self.panel,
            "item": self.item,
            "may_lead": self.may(Permission.REVIEW_LEAD),
        }
        if self.panel.revealed_at:
            return render(request, "assessments/panel/consensus.html", context | self._consensus(**state), status=status)
        if not self.role_allows(Permission.REVIEW_WRITE):  # who only watches sees what comes of it
            return render(request, "assessments/panel/rating.html", context, status=status)
        raters = next(row for row in panels_of(self.assessment, self.panel.engagement) if row.pk == self.panel.pk).raters.all()
        context["raters"], context["total"] = raters, len(self.criteria)
        if self.rater is not None:
            context |= self._own(request, **state)
        return render(request, "assessments/panel/rating.html", context, status=status)

    def _own(self, request, changed: NotingRow | None = None) -> dict:
        """The reader's own ratings beside what there is to judge: neither the self rating nor any verdict."""
        said, answers, pieces = (
            ratings_by(self.rater),
            answers_in(self.assessment, self.item.code),
            pieces_in(self.assessment, self.item.code),
        )
        rows = []
        for criterion in self.criteria:
            answer, linked = answers.get(criterion.code), pieces.get(criterion.code, ())
            shown = [piece for piece in linked if may_open(request.membership, piece)]
            beside = {"note": answer.note if answer else "", "pieces": shown, "hidden": len(linked) - len(shown)}
            row = changed if changed and changed.code == criterion.code else row_of(criterion, said.get(criterion.code))
            row.extra = beside
            rows.append(row)
        return {
            "rater": self.rater,
            "queue_of": f"panel-{self.panel.pk}",
            "rows": rows,
            "words": rating_words(),
            "may_rate": self.may(Permission.REVIEW_WRITE) and not self.rater.finished_at,
            "progress": Progress(sum(bool(row.rating) for row in said.values()), len(rows)),
        }

    def _consensus(self, form=None, code="", bulk=None) -> dict:
        ballots, words = ballots_of(self.assessment, self.panel), rating_words()
        for ballot in ballots:
            self._fill(ballot, words, form if code == ballot.code else None)
        ready = unanimous_and_open(ballots)
        return {
            "ballots": most_disputed_first(ballots),
            "settled": Progress(sum(row.is_settled for row in ballots), len(ballots)),
            "ready": ready,
            "ready_same": sum(row.spread.ratings[0] == row.own for row in ready),
            "ready_other": sum(row.spread.ratings[0] != row.own for row in ready),
            "reasons": Verdict.Reason.choices,
            "form": form,
            "form_code": code,
            "bulk": bulk,
        }

    def _fill(self, ballot, words, form):
        """What the form of one criterion begins with: what somebody typed, what was settled, what most said."""
        anchors = {str(anchor.score): anchor.text.in_language(get_language()) for anchor in getattr(self.item, "anchors", ())}
        ratings = allowed_ratings(self.questionnaire, ballot.code)
        ballot.options = [(rating, f"{rating} {anchors[rating]}" if rating in anchors else words[rating]) for rating in ratings]
        stands = ballot.settled
        ballot.chosen = form["rating"].value() if form else stands.rating if stands else ballot.proposal
        ballot.chosen_reason = form["reason"].value() if form else stands.reason if stands else ""
        ballot.typed_note = form["note"].value() if form else stands.note if stands else ""
        width = ballot.spread.width
        ballot.width_text = "" if width is None else f"{float(width):.2f}"


class ShowPanel(PanelView):
    """A rater's own sheet as long as it is blind; afterwards all ratings side by side."""

    permission = Permission.PANEL_VIEW

    def get(self, request):
        return self.page(request)


class RateBlind(PanelView):
    """Save one rating of the reader's own."""

    permission = Permission.REVIEW_WRITE

    def post(self, request, criterion_code):
        if self.rater is None:
            if request.htmx:
                return refused(request, _("You are not on this panel."), 403)
            raise PermissionDenied
        criterion = next(row for row in self.criteria if row.code == criterion_code)
        form = BlindRatingForm(request.POST, questionnaire=self.questionnaire, code=criterion_code)
        if not form.is_valid():
            given = ratings_by(self.rater).get(criterion_code)
            row = NotingRow(criterion, form["rating"].value() or "", form["note"].value() or "", errors=form.errors)
            row.revision = given.revision if given else 0
            return self._answer(request, row, 422)
        values = form.cleaned_data
        try:
            given = save_blind_rating(
                rater=self.rater,
                criterion=criteria_by_code(self.assessment.version)[criterion_code],
                rating=values["rating"],
                note=values["note"],
                read_revision=values["revision"],
                by=request.user,
                at=timezone.now(),
            )
        except RatedMeanwhile as error:
            row = NotingRow(criterion, values["rating"], values["note"], error.current.revision, current=error.current)
            return self._answer(request, row, 409)
        except (Revealed, AlreadyFinished):
            return self._too_late(request)
        if request.htmx:
            row = row_of(criterion, given)
            row.just_saved = True
            return noted(request, criterion_code, given.revision, row=row, words=rating_words())
        return self.back(criterion_code)

    def _answer(self, request, row: NotingRow, status: int):
        if request.htmx:
            return render(request, "assessments/noting/state.html", {"row": row, "words": rating_words()}, status=status)
        if self.panel.revealed_at:
            return self._too_late(request)
        return self.page(request, status=status, changed=row)

    def _too_late(self, request):
        sentence = _("Not saved: your rating of this item is finished.")
        if request.htmx:
            return refused(request, sentence)
        messages.error(request, sentence)
        return self.back()


class FinishRating(PanelView):
    """Say to be done with an item, or take that back as long as it is blind."""

    permission = Permission.REVIEW_WRITE

    def post(self, request):
        if self.rater is None:
            raise PermissionDenied
        who = {"rater": self.rater, "by": request.user, "at": timezone.now()}
        try:
            if request.POST.get("again") == "1":
                rate_again(**who)
            elif finish_rating(**who).revealed_at:
                messages.success(request, _("All have finished: here are the ratings of all."))
            else:
                messages.success(request, _("Finished. The ratings of all open when the others have finished too."))
        except NotAllRated as error:
            codes = ", ".join(error.codes)
            messages.error(request, _("Please rate these as well before you finish: %(codes)s.") % {"codes": codes})
        except Revealed:
            messages.info(request, _("The ratings of all are open already."))
        return self.back()


class RevealPanel(PanelView):
    """Open the ratings although somebody has not finished."""

    permission = Permission.REVIEW_LEAD

    def post(self, request):
        reveal_panel(panel=self.panel, by=request.user, at=timezone.now())
        return self.back()


class WithdrawPanel(PanelView):
    """Call a panel off."""

    permission = Permission.REVIEW_LEAD

    def post(self, request):
        try:
            withdraw_panel(panel=self.panel, by=request.user, at=timezone.now())
        except Revealed:
            messages.error(request, _("The ratings are open: the panel stays."))
            return self.back()
        messages.success(request, _("The panel for %(code)s is called off.") % {"code": self.item.code})
        return redirect("panels", request.organization.slug, self.assessment.pk)


class SettleView(PanelView):
    """Settles something; before the ratings are open there is nothing to settle."""

    permission = Permission.REVIEW_LEAD

    def post(self, request, **kwargs):
        if self.panel.revealed_at is None:
            messages.error(request, _("The ratings are not open yet: nothing can be settled."))
            return self.back()
        return self.settle(request, **kwargs)


class SettleCriterion(SettleView):
    """Write what the panel settles on for one criterion."""

    def settle(self, request, criterion_code):
        answer = answers_in(self.assessment, self.item.code).get(criterion_code)
        own = answer.rating if answer else ""
        form = SettleForm(request.POST, own=own, questionnaire=self.questionnaire, code=criterion_code)
        if not form.is_valid():
            return self.page(request, status=422, form=form, code=criterion_code)
        values = form.cleaned_data
        try:
            settle_criterion(
                panel=self.panel,
                criterion=criteria_by_code(self.assessment.version)[criterion_code],
                rating=values["rating"],
                reason=values["reason"],
                note=values["note"],
                answer_revision=values["answer_revision"],
                read_revision=values["revision"],
                by=request.user,
                at=timezone.now(),
            )
        except JudgedMeanwhile:
            messages.error(request, _("%(code)s was settled meanwhile. Please look at it again.") % {"code": criterion_code})
        except AnsweredSince:
            messages.error(
                request, _("The answer to %(code)s changed meanwhile. Please look at it again.") % {"code": criterion_code}
            )
        else:
            messages.success(request, _("%(code)s is settled.") % {"code": criterion_code})
        return self.back(criterion_code)


class SettleUnanimous(SettleView):
    """Settle everything at once on which the raters agree."""

    def settle(self, request):
        form = SettleUnanimousForm(request.POST)
        if not form.is_valid():
            return self.page(request, status=422, bulk=form)
        n = settle_unanimous(panel=self.panel, **form.cleaned_data, by=request.user, at=timezone.now())
        messages.success(request, ngettext("%(n)s criterion is settled.", "%(n)s criteria are settled.", n) % {"n": n})
        return self.back()


def row_of(criterion, given) -> NotingRow:
    if given is None:
        return NotingRow(criterion)
    return NotingRow(criterion, given.rating, given.note, given.revision, given.rated_at)


def _chosen(request) -> dict:
    return {"items": request.POST.getlist("item"), "raters": request.POST.getlist("rater")}
