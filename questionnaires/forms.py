from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from questionnaires import labels
from questionnaires.operations import CODE, VALIDITY_TEXTS

MAX_TEXT = 2_000_000


class UploadForm(forms.Form):
    """A file with a plan, law or measure."""

    file = forms.FileField(label=_("File (txt, md, docx or PDF with text)"), max_length=150)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = _helper()


class DetailsForm(forms.Form):
    """What is known of the document, filled in from what was found; ``text`` carries the extracted text along."""

    code = forms.RegexField(CODE.pattern + r"\Z", label=_("Code"), strip=True)
    title = forms.CharField(label=_("Title"), max_length=300)
    number = forms.CharField(label=_("Number"), max_length=100, required=False)
    issuer = forms.CharField(label=_("Issuer"), max_length=200, required=False)
    signed_on = forms.CharField(label=_("Date"), max_length=10, required=False)
    period_start = forms.CharField(label=_("Valid from"), max_length=10, required=False)
    period_end = forms.CharField(label=_("Valid until"), max_length=10, required=False)
    status = forms.ChoiceField(label=_("Status"), choices=[(key, labels.VALIDITY_LABELS[key]) for key in VALIDITY_TEXTS])
    succeeds = forms.ChoiceField(label=_("Takes over from"), required=False)
    source_name = forms.CharField(widget=forms.HiddenInput, max_length=200)
    text = forms.CharField(widget=forms.HiddenInput, max_length=MAX_TEXT, strip=False)

    def __init__(self, *args, documents, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["succeeds"].choices = [("", "—"), *documents]
        self.helper = _helper()


class AcceptForm(forms.Form):
    """A person's judgement that a clause supports an item, in their own words."""

    uid = forms.CharField(max_length=60)
    strength = forms.ChoiceField(choices=[("direct", _("Direct")), ("supporting", _("Related"))])
    reason = forms.CharField(max_length=200)


def _helper() -> FormHelper:
    helper = FormHelper()
    helper.form_tag = False
    return helper
