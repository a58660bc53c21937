import unicodedata

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from assessments.answer_files import MAX_NOTE
from assessments.models import Answer
from assessments.scoring import ANCHORS, NOT_APPLICABLE, RATINGS
from organizations.text import printable
from questionnaires.library import current_versions, questionnaire_of
from questionnaires.models import Version
from questionnaires.schema import LEVELS, PolicyAction, Questionnaire

MOST_REVISIONS = 1_000_000_000


class StartAssessmentForm(forms.Form):
    """Which questionnaire, under what name, to which target and by which method."""

    questionnaire = forms.ChoiceField(label=_("Questionnaire"), widget=forms.RadioSelect)
    name = forms.CharField(label=_("Name of the assessment"), max_length=120, validators=[printable])
    target = forms.TypedChoiceField(
        label=_("Target level"), coerce=int, required=False, empty_value=None, help_text=_("Not used for the policy actions.")
    )
    method = forms.ChoiceField(
        label=_("Method"), required=False, help_text=_("All methods are unofficial; the result shows the others beside it.")
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.questionnaires = [(version, questionnaire_of(version)) for version in current_versions()]
        language = get_language()
        offered = self.fields["questionnaire"]
        offered.choices = [(version.code, q.title.in_language(language)) for version, q in self.questionnaires]
        offered.initial = next((code for code, _title in offered.choices), None)
        graded = next((q for _version, q in self.questionnaires if q.kind == "levels"), None)
        if graded:
            names = {level.level: level.name.in_language(language) for level in graded.levels}
            self.fields["target"].choices = [(level, f"{level} · {names[level]}") for level in LEVELS]
            self.fields["method"].choices = [(m.key, m.name.in_language(language)) for m in graded.methods]
            self.fields["target"].initial, self.fields["method"].initial = 3, graded.default_method
        self.helper = FormHelper()
        self.helper.add_input(Submit("submit", _("Start the assessment")))

    def clean_questionnaire(self) -> Version:
        """The newest loaded version of the chosen questionnaire."""
        return next(version for version, _q in self.questionnaires if version.code == self.cleaned_data["questionnaire"])


class AnswerForm(forms.Form):
    """One answer. ``revision`` is the one that was read; 0 says there was none."""

    rating = forms.CharField(required=False)
    na_reason = forms.ChoiceField(choices=[("", ""), *Answer.NaReason.choices], required=False)
    note = forms.CharField(required=False, max_length=MAX_NOTE, widget=forms.Textarea, validators=[printable])
    revision = forms.IntegerField(min_value=0, max_value=MOST_REVISIONS)

    def __init__(self, *args, questionnaire: Questionnaire, code: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.allowed = allowed_ratings(questionnaire, code)

    def clean_rating(self):
        rating = self.cleaned_data["rating"]
        if rating and rating not in self.allowed:
            raise forms.ValidationError(_("This is no rating of this question."))
        return rating

    def clean_note(self):
        return unicodedata.normalize("NFC", self.cleaned_data["note"]).strip()

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


def allowed_ratings(questionnaire: Questionnaire, code: str) -> tuple[str, ...]:
    """The ratings that a criterion (or policy action) takes."""
    if questionnaire.kind == "levels":
        return RATINGS
    action: PolicyAction = questionnaire.item_by_code[code]
    return (*ANCHORS, NOT_APPLICABLE) if action.allow_na else ANCHORS
