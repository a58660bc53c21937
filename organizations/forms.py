from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.utils.translation import gettext_lazy as _

from organizations.models import Organization
from organizations.text import printable


class OrganizationForm(forms.ModelForm):
    class Meta:
        model = Organization
        fields = ["name"]
        labels = {"name": _("Name of the organization")}
        help_texts = {"name": _("As it should stand on the report, e.g. the registered name of the enterprise.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autofocus"] = True
        self.fields["name"].validators.append(printable)
        self.helper = FormHelper()
        self.helper.add_input(Submit("submit", _("Set up the organization")))
