from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from organizations.text import printable
from questionnaires.library import current_versions, questionnaire_of
from questionnaires.models import Version
from questionnaires.schema import LEVELS


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
