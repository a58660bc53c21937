from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.utils.translation import gettext_lazy as _

from organizations.text import one_line, printable


class ContinueForm(forms.Form):
    """Under what name an assessment of an older edition goes on, and whether it is prepared first."""

    name = forms.CharField(label=_("Name of the assessment"), max_length=120, validators=[printable])
    prepare_first = forms.BooleanField(
        label=_("Prepare first"),
        required=False,
        help_text=_("Hand out the items before anybody can answer; you open it for answering when you are ready."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.add_input(Submit("submit", _("Continue in the newer edition")))

    def clean_name(self):
        return one_line(self.cleaned_data["name"])


class SettleDraftForm(forms.Form):
    """What becomes of a proposal."""

    ACCEPT, DISMISS, RESTORE = "accept", "dismiss", "restore"
    outcome = forms.ChoiceField(choices=[(word, word) for word in (ACCEPT, DISMISS, RESTORE)])
