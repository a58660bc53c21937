from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.operations.answering import AnsweredMeanwhile
from assessments.operations.taking_over import take_over_item, undo_take_over
from assessments.queries.answering import previous_answers
from assessments.views.answering import ItemView, allowed_in
from organizations.permissions import Permission


class TakeOverItem(ItemView):
    """Take last time's ratings and notes for all questions of the item that are still unanswered."""

    permission = Permission.ANSWER_WRITE

    def post(self, request, item_code):
        if not self.may_answer:
            return self.not_theirs(request)
        try:
            codes = take_over_item(
                assessment=self.assessment,
                item_code=item_code,
                previous=previous_answers(self.assessment, item_code),
                allowed=allowed_in(self.questionnaire, self.item),
                **self.who(),
            )
        except AnsweredMeanwhile:
            return answered_meanwhile(self, request)
        text = ngettext(
            "%(n)d answer was taken over. Please look at it.", "%(n)d answers were taken over. Please look at them.", len(codes)
        )
        messages.success(request, text % {"n": len(codes)})
        return redirect(self.place())


class UndoTakeOver(ItemView):
    """Put back what stood before, where what was taken over has not been changed since."""

    permission = Permission.ANSWER_WRITE

    def post(self, request, item_code):
        if not self.may_answer:
            return self.not_theirs(request)
        try:
            codes = undo_take_over(assessment=self.assessment, item_code=item_code, **self.who())
        except AnsweredMeanwhile:
            return answered_meanwhile(self, request)
        text = ngettext("%(n)d answer stands as before.", "%(n)d answers stand as before.", len(codes))
        messages.success(request, text % {"n": len(codes)})
        return redirect(self.place())


def answered_meanwhile(view: ItemView, request):
    messages.error(request, _("Nothing was changed: somebody answered here at the same moment. Please try again."))
    return redirect(view.place())
