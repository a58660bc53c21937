import unicodedata

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.answer_files import MAX_NOTE
from assessments.models import Answer
from assessments.scoring import ANCHORS, NOT_APPLICABLE, RATINGS
from organizations.text import printable
from questionnaires.schema import PolicyAction, Questionnaire

MOST_REVISIONS = 1_000_000_000


class PlainText(forms.CharField):
    """What a person writes: one normal form of letters and line ends, so that the same words are the same text."""

    widget = forms.Textarea
    default_validators = [printable]

    def to_python(self, value):
        return super().to_python(unicodedata.normalize("NFC", (value or "").replace("\r\n", "\n")))


class AnswerForm(forms.Form):
    """One answer. ``revision`` is the one that was read; 0 says there was none."""

    rating = forms.CharField(required=False)
    na_reason = forms.ChoiceField(choices=[("", ""), *Answer.NaReason.choices], required=False)
    note = PlainText(required=False, max_length=MAX_NOTE)
    revision = forms.IntegerField(min_value=0, max_value=MOST_REVISIONS)

    def __init__(self, *args, questionnaire: Questionnaire, code: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.allowed = allowed_ratings(questionnaire, code)

    def clean_rating(self):
        rating = self.cleaned_data["rating"]
        if rating and rating not in self.allowed:
            raise forms.ValidationError(_("This is no rating of this question."))
        return rating

    def clean(self):
        values = super().clean()
        if values.get("rating") == NOT_APPLICABLE:
            if not values.get("na_reason"):
                self.add_error("na_reason", _("Please choose why it does not apply."))
            if not values.get("note"):
                self.add_error("note", _("Please explain in the note. 'Not yet' is no reason: that is not met."))
        else:
            values["na_reason"] = ""
        return values


class UndoForm(forms.Form):
    """Back to revision ``to``; ``revision`` is the one that was read."""

    to = forms.IntegerField(min_value=1, max_value=MOST_REVISIONS)
    revision = forms.IntegerField(min_value=1, max_value=MOST_REVISIONS)


def allowed_ratings(questionnaire: Questionnaire, code: str) -> tuple[str, ...]:
    """The ratings that a criterion (or policy action) takes."""
    if questionnaire.kind == "levels":
        return RATINGS
    action: PolicyAction = questionnaire.item_by_code[code]
    return (*ANCHORS, NOT_APPLICABLE) if action.allow_na else ANCHORS
