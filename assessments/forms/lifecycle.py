import unicodedata

from django import forms
from django.utils.translation import gettext_lazy as _

from organizations.text import printable

MAX_REASON = 2000


class SubmitForm(forms.Form):
    confirmed = forms.BooleanField(
        label=_("I confirm that the answers show the real state of our data management, to the best of our knowledge."),
        error_messages={"required": _("Please confirm; without it nothing is submitted.")},
    )


class FinalizeForm(forms.Form):
    confirmed = forms.BooleanField(
        label=_("I confirm that the review is done and that nothing will change any more."),
        error_messages={"required": _("Please confirm; without it nothing becomes final.")},
    )


class ReturnForm(forms.Form):
    """Why the assessment goes back: the departments read it while they rework their answers."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=MAX_REASON,
        widget=forms.Textarea(attrs={"rows": 6}),
        validators=[printable],
        help_text=_("Name the items and what is to be changed. Everybody who answers reads it."),
    )

    def clean_reason(self):
        return unicodedata.normalize("NFC", self.cleaned_data["reason"]).strip()
