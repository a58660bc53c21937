"""Closing an action: one person says that it is done, another confirms what it does to the score; and undoing it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.forms.planning import DecideForm, NoteForm, WhyForm
from assessments.models import ActionClosing
from assessments.operations.planning import (
    NotAsPreviewed,
    ask_to_close,
    confirm_closing,
    refuse_closing,
    reopen_action,
    withdraw_closing,
)
from assessments.queries.evidence import is_expired
from assessments.queries.plan_reading import mark_shown
from assessments.queries.planning import confirms_alone, preview_closing
from assessments.scoring import show
from assessments.views.plan_actions import ActionView
from assessments.views.planning import REFUSALS, refusal
from organizations.permissions import Permission


class AskToClose(ActionView):
    """Say that the action is done."""

    permission = Permission.PLAN_WORK

    def post(self, request):
        form = NoteForm(request.POST)
        if not form.is_valid():
            for errors in form.errors.values():
                messages.error(request, errors[0])
            return self.back("#closing")
        ask_to_close(action=self.action, note=form.cleaned_data["note"], **self.stamp)
        messages.success(request, _("Noted. Somebody else confirms it now."))
        return self.back()


class ClosingView(ActionView):
    """Something about one closing of an action of this assessment."""

    def handle(self, request, *args, closing_id, **kwargs):
        rows = ActionClosing.objects.filter(action__assessment=self.assessment)
        self.closing = get_object_or_404(rows.select_related("asked_by", "action"), pk=closing_id)
        self.closing.action.assessment = self.assessment
        return super().handle(request, *args, action_id=self.closing.action_id, **kwargs)


class DecideClosing(ClosingView):
    """What closing does to the score, before it does; confirm or refuse."""

    permission = Permission.PLAN_CONFIRM

    def get(self, request):
        if self.closing.outcome:
            messages.info(request, _("This was decided already."))
            return self.back("#closing")
        return self.page(request, DecideForm())

    def post(self, request):
        form = DecideForm(request.POST)
        if not form.is_valid():
            return self.page(request, form, status=422)
        values = form.cleaned_data
        if values["outcome"] == "refuse":
            refuse_closing(closing=self.closing, decision=values["decision"], by=request.user, at=timezone.now())
            messages.success(request, _("Refused. The action is in progress again."))
            return self.back()
        try:
            closing = confirm_closing(
                closing=self.closing,
                expected_after=values["after"],
                decision=values["decision"],
                by=request.user,
                at=timezone.now(),
            )
        except NotAsPreviewed:
            form.add_error(None, _("Meanwhile the effect has become another. Please look at the figures again."))
            return self.page(request, form, status=409 if values["after"] else 422)
        except REFUSALS as error:
            form.add_error(None, refusal(error))
            return self.page(request, form, status=422)
        messages.success(request, self.words_of(closing))
        return self.back()

    def words_of(self, closing: ActionClosing) -> str:
        preview = preview_closing(self.read(self.action.number))
        return _("Closed. The score is %(score)s now.") % {"score": show(preview.before.score) or "–"}

    def page(self, request, form, status=200):
        today = timezone.localdate()
        mark_shown(self.action.proof_rows, request.membership)
        for proof in self.action.proof_rows:
            proof.is_expired = is_expired(proof.evidence, today)
        own = self.closing.asked_by_id == request.user.pk
        context = self.context(
            "action",
            action=self.action,
            closing=self.closing,
            preview=preview_closing(self.action),
            form=form,
            decision=form["decision"].value() or "",
            is_own=own,
            alone=own and confirms_alone(self.assessment, request.user),
        )
        return render(request, "assessments/plan/decide.html", context, status=status)


class WithdrawClosing(ClosingView):
    """Take back that it is done."""

    permission = Permission.PLAN_WORK

    def post(self, request):
        withdraw_closing(closing=self.closing, by=request.user, at=timezone.now())
        messages.success(request, _("Taken back. The action is in progress again."))
        return self.back()


class ReopenAction(ActionView):
    """Undo a closing: the score is again what it was without it."""

    permission = Permission.PLAN_CONFIRM

    def post(self, request):
        form = WhyForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Please say why the action is opened again."))
            return self.back("#closing")
        reopen_action(action=self.action, why=form.cleaned_data["why"], **self.stamp)
        messages.success(request, _("Reopened. The score is again what it was without this action."))
        return self.back()
