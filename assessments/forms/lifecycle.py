import unicodedata

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from organizations.text import printable

MAX_REASON = 2000


class SubmitForm(forms.Form):
    confirmed = forms.BooleanField(
        label=_("I confirm that the answers show the real state of our data management, to the best of our knowledge."),
        error_messages={"required": _("Please confirm; without it nothing is submitted.")},
    )


class FinalizeForm(forms.Form):
    """``left``: how many criteria would stay unjudged. Leaving them is confirmed by their number, so that it is no other."""

    confirmed = forms.BooleanField(
        label=_("I confirm that the review is done and that nothing will change any more."),
        error_messages={"required": _("Please confirm; without it nothing becomes final.")},
    )

    def __init__(self, *args, left: int, **kwargs):
        super().__init__(*args, **kwargs)
        if left:
            words = ngettext("Leave %(n)d criterion unjudged", "Leave %(n)d criteria unjudged", left) % {"n": left}
            self.fields["leaving"] = forms.TypedChoiceField(
                label=words,
                choices=[(left, words)],
                coerce=int,
                error_messages={
                    "required": _("Please confirm that these stay unjudged, or judge them first."),
                    "invalid_choice": _("The number of unjudged criteria has changed. Please look at it again."),
                },
            )


class ReasonForm(forms.Form):
    """Why the assessment goes back or is opened again: everybody reads it who works on it."""

    reason = forms.CharField(
        label=_("Reason"), max_length=MAX_REASON, widget=forms.Textarea(attrs={"rows": 6}), validators=[printable]
    )

    def clean_reason(self):
        return unicodedata.normalize("NFC", self.cleaned_data["reason"]).strip()


class ReturnForm(ReasonForm):
    """With the points ticked that it asks for; ``offered``: the criteria's codes."""

    point = forms.MultipleChoiceField(required=False)

    def __init__(self, *args, offered: list[str], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["point"].choices = [(code, code) for code in offered]
        self.fields["reason"].help_text = _("Name the items and what is to be changed. Everybody who answers reads it.")


class ReopenForm(ReasonForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("Say why, and what is to be changed. Everybody who works on it reads it.")
