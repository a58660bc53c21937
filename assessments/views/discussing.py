from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.forms.discussing import CommentForm
from assessments.operations.discussing import set_mark, settle_question, write_comment
from assessments.queries.answering import Beside, discussion_of
from assessments.queries.signing import own_engagement
from assessments.views.answering import ItemView, panel, panel_context
from organizations.permissions import Permission


class Discussion(ItemView):
    """What was said about one criterion, and questions to colleagues."""

    permission = Permission.ASSESSMENT_VIEW
    write_permission = Permission.DISCUSS

    def get(self, request, criterion_code):
        return discussion_panel(self, criterion_code, CommentForm(writer=request.user))

    def post(self, request, criterion_code):
        form = CommentForm(request.POST, writer=request.user)
        if not form.is_valid():
            return discussion_panel(self, criterion_code, form, status=422)
        write_comment(
            assessment=self.assessment,
            criterion=self.criterion(criterion_code),
            text=form.cleaned_data["text"],
            asked=form.asked,
            engagement=own_engagement(request.membership),
            by=request.user,
            at=timezone.now(),
        )
        if request.htmx:
            return discussion_panel(self, criterion_code, CommentForm(writer=request.user))
        messages.success(request, _("It is in the discussion of %(code)s.") % {"code": criterion_code})
        return redirect(self.place(criterion_code))


class SettleQuestion(ItemView):
    """Close a question that was asked."""

    permission = Permission.DISCUSS

    def post(self, request, criterion_code, comment_id):
        said = discussion_of(self.assessment, self.criterion(criterion_code), request.membership)
        comment = next((row for row in said if row.pk == comment_id and row.may_settle), None)
        if comment is None:
            raise Http404
        comment.assessment = self.assessment
        settle_question(comment=comment, by=request.user, at=timezone.now())
        if request.htmx:
            return discussion_panel(self, criterion_code, CommentForm(writer=request.user))
        messages.success(request, _("The question is settled."))
        return redirect(self.place(criterion_code))


class MarkCriterion(ItemView):
    """Mark a criterion for a second look, or lift the mark."""

    permission = Permission.DISCUSS

    def post(self, request, criterion_code):
        criterion = self.criterion(criterion_code)
        marked = request.POST.get("marked") == "1"
        set_mark(assessment=self.assessment, criterion=criterion, marked=marked, by=request.user, at=timezone.now())
        if not request.htmx:
            return redirect(self.place(criterion_code))
        context = {**panel_context(self, criterion_code), "marked": marked}
        return render(request, "assessments/mark.html", context)


def discussion_panel(view: ItemView, code: str, form: CommentForm, status: int = 200):
    comments = discussion_of(view.assessment, view.criterion(code), view.request.membership)
    questions = sum(row.is_question and row.settled_at is None for row in comments)
    beside = Beside(comments=len(comments), questions=questions)
    context = {**panel_context(view, code), "comments": comments, "beside": beside, "form": form}
    return panel(view.request, "assessments/discussion.html", context, status)
