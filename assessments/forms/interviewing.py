from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.answer_files import MAX_NOTE
from assessments.forms.answering import MOST_REVISIONS, PlainText
from assessments.models import InterviewNote
from assessments.operations.interviewing import Meeting
from organizations.text import printable
from questionnaires.labels import LEAD_LABELS
from questionnaires.schema import Questionnaire

MOST_QUESTIONS = 60


class MeetingForm(forms.Form):
    """Who is asked in which role, when and where."""

    lead = forms.ChoiceField(label=_("Role"), choices=list(LEAD_LABELS.items()))
    interviewee = forms.CharField(label=_("Interviewee"), max_length=100, validators=[printable])
    held_on = forms.DateField(
        label=_("Date"), input_formats=["%Y-%m-%d"], widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    place = forms.CharField(label=_("Place"), max_length=200, required=False, validators=[printable])

    def clean_held_on(self):
        day = self.cleaned_data["held_on"]
        if not date(2000, 1, 1) <= day <= date(2100, 12, 31):
            raise forms.ValidationError(_("Please enter a date between 2000 and 2100."))
        return day

    @property
    def meeting(self) -> Meeting:
        values = self.cleaned_data
        return Meeting(values["interviewee"], values["lead"], values["held_on"], values["place"])


class SheetForm(MeetingForm):
    """A new sheet: the meeting, and the criteria to ask about."""

    criterion = forms.MultipleChoiceField(error_messages={"required": _("Please choose at least one question.")})

    def __init__(self, *args, questionnaire: Questionnaire, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["criterion"].choices = [(code, code) for code in questionnaire.item_of]

    def clean_criterion(self):
        codes = list(dict.fromkeys(self.cleaned_data["criterion"]))
        if len(codes) > MOST_QUESTIONS:
            raise forms.ValidationError(
                _("At most %(n)s questions: nobody answers more in one sitting.") % {"n": MOST_QUESTIONS}
            )
        return codes


class InterviewNoteForm(forms.Form):
    """What was said about one criterion. The outcome comes as ``rating``: so the queue in the browser calls a choice."""

    rating = forms.ChoiceField(
        choices=[("", ""), *InterviewNote.Outcome.choices],
        required=False,
        error_messages={"invalid_choice": _("This is no outcome of an interview.")},
    )
    note = PlainText(required=False, max_length=MAX_NOTE)
    revision = forms.IntegerField(min_value=0, max_value=MOST_REVISIONS)
