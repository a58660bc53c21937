from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.forms.interviewing import InterviewNoteForm, MeetingForm, SheetForm
from assessments.models import InterviewNote, InterviewSheet
from assessments.operations.interviewing import (
    NotedMeanwhile,
    change_meeting,
    make_sheet,
    remove_sheet,
    save_interview_note,
)
from assessments.queries.criteria import criteria_by_code
from assessments.queries.interviewing import bank_questions, proposals_of, questions_of, sheets_of
from assessments.views.access import AssessmentView
from assessments.views.noting import NotingRow, noted
from organizations.permissions import Permission
from questionnaires.labels import LEAD_LABELS

TICKED = 12  # of the most telling; about an hour


class Interviews(AssessmentView):
    """The engagement's sheets, and whom to ask about what."""

    permission = Permission.INTERVIEW

    def get(self, request):
        engagement = request.membership.engagement
        proposals = proposals_of(self.assessment, engagement, timezone.localdate())
        context = {
            "assessment": self.assessment,
            "sheets": sheets_of(self.assessment, engagement),
            "roles": [(lead, LEAD_LABELS[lead], rows, rows[:3]) for lead, rows in proposals.items()],
            "may_write": self.may(Permission.INTERVIEW),
        }
        return render(request, "assessments/interview/interviews.html", context)


class NewInterview(AssessmentView):
    """Make a sheet for one role out of what is proposed for it."""

    permission = Permission.INTERVIEW

    def get(self, request):
        lead = request.GET.get("role")
        lead = lead if lead in LEAD_LABELS else next(iter(LEAD_LABELS))
        return self.page(request, MeetingForm(initial={"lead": lead, "held_on": timezone.localdate()}), lead)

    def post(self, request):
        form = SheetForm(request.POST, questionnaire=self.questionnaire)
        if not form.is_valid():
            lead = form["lead"].value()
            return self.page(request, form, lead if lead in LEAD_LABELS else next(iter(LEAD_LABELS)), status=422)
        sheet = make_sheet(
            engagement=request.membership.engagement,
            assessment=self.assessment,
            meeting=form.meeting,
            codes=form.cleaned_data["criterion"],
            by=request.user,
            at=timezone.now(),
        )
        return redirect("interview", request.organization.slug, self.assessment.pk, sheet.pk)

    def page(self, request, form, lead, status=200):
        rows = proposals_of(self.assessment, request.membership.engagement, timezone.localdate()).get(lead, [])
        ticked = request.POST.getlist("criterion") if request.method == "POST" else [row.code for row in rows[:TICKED]]
        context = {
            "assessment": self.assessment,
            "form": form,
            "lead": lead,
            "lead_word": LEAD_LABELS[lead],
            "leads": LEAD_LABELS,
            "proposals": rows,
            "ticked": set(ticked),
        }
        return render(request, "assessments/interview/new.html", context, status=status)


class SheetView(AssessmentView):
    """Something about one sheet of the engagement; another firm's is not found."""

    permission = Permission.INTERVIEW

    def handle(self, request, *args, sheet_id, **kwargs):
        rows = InterviewSheet.objects.filter(assessment=self.assessment, engagement=request.membership.engagement)
        self.sheet = get_object_or_404(rows.select_related("made_by", "engagement__consultancy"), pk=sheet_id)
        self.sheet.assessment = self.assessment
        try:
            return super().handle(request, *args, **kwargs)
        except (InterviewSheet.DoesNotExist, InterviewNote.DoesNotExist) as error:  # removed meanwhile
            raise Http404 from error

    def page(self, request, status=200, changed: NotingRow | None = None):
        groups, n = [], 0
        for item, questions in questions_of(self.assessment, self.sheet):
            rows = []
            for question in questions:
                row = changed if changed and changed.code == question.code else row_of(question.criterion, question.noted)
                row.extra, n = question, n + 1
                row.number = n
                rows.append(row)
            groups.append((item, bank_questions(item, self.sheet.lead), rows))
        context = {
            "assessment": self.assessment,
            "sheet": self.sheet,
            "lead_word": LEAD_LABELS.get(self.sheet.lead, self.sheet.lead),
            "groups": groups,
            "total": n,
            "words": dict(InterviewNote.Outcome.choices),
            "may_write": self.may(Permission.INTERVIEW),
            "queue_of": f"interview-{self.sheet.pk}",
        }
        return render(request, "assessments/interview/sheet.html", context, status=status)

    def back(self, code: str = ""):
        path = reverse("interview", args=[self.request.organization.slug, self.assessment.pk, self.sheet.pk])
        return redirect(f"{path}#q-{code.replace('.', '-')}" if code else path)


class ShowInterview(SheetView):
    """The sheet to go through, on a phone or on paper."""

    def get(self, request):
        return self.page(request)


class EditInterview(SheetView):
    """Another person, day or place."""

    def get(self, request):
        return self.form_page(request, MeetingForm(initial=vars(self.sheet)))

    def post(self, request):
        form = MeetingForm(request.POST)
        if not form.is_valid():
            return self.form_page(request, form, status=422)
        change_meeting(sheet=self.sheet, meeting=form.meeting, by=request.user, at=timezone.now())
        return self.back()

    def form_page(self, request, form, status=200):
        context = {"assessment": self.assessment, "sheet": self.sheet, "form": form}
        return render(request, "assessments/interview/edit.html", context, status=status)


class NoteInterview(SheetView):
    """Save what was said about one criterion."""

    def post(self, request, criterion_code):
        row = InterviewNote.objects.filter(sheet=self.sheet, criterion__code=criterion_code).first()
        if row is None:
            raise Http404
        criterion = self.questionnaire.criterion_by_code.get(criterion_code) or self.questionnaire.item_by_code[criterion_code]
        form = InterviewNoteForm(request.POST)
        if not form.is_valid():
            typed = NotingRow(criterion, form["rating"].value() or "", form["note"].value() or "", row.revision)
            typed.errors = form.errors
            return self._answer(request, typed, 422)
        values = form.cleaned_data
        try:
            row = save_interview_note(
                sheet=self.sheet,
                criterion=criteria_by_code(self.assessment.version)[criterion_code],
                outcome=values["rating"],
                note=values["note"],
                read_revision=values["revision"],
                by=request.user,
                at=timezone.now(),
            )
        except NotedMeanwhile as error:
            typed = NotingRow(criterion, values["rating"], values["note"], error.current.revision, current=error.current)
            return self._answer(request, typed, 409)
        if request.htmx:
            shown = row_of(criterion, row)
            shown.just_saved = True
            return noted(request, criterion_code, row.revision, row=shown)
        return self.back(criterion_code)

    def _answer(self, request, row: NotingRow, status: int):
        if not request.htmx:
            return self.page(request, status=status, changed=row)
        context = {"row": row, "words": dict(InterviewNote.Outcome.choices)}
        return render(request, "assessments/noting/state.html", context, status=status)


class RemoveInterview(SheetView):
    """Take a sheet away with its notes."""

    def post(self, request):
        remove_sheet(sheet=self.sheet, by=request.user, at=timezone.now())
        messages.success(request, _("The sheet for %(who)s is removed.") % {"who": self.sheet.interviewee})
        return redirect("interviews", request.organization.slug, self.assessment.pk)


def row_of(criterion, row: InterviewNote) -> NotingRow:
    return NotingRow(criterion, row.outcome, row.note, row.revision, row.noted_at)
