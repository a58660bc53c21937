import unicodedata

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.operations.assigning import KEEP
from assessments.queries.assigning import departments_here, people_who_answer
from organizations.models import Membership
from organizations.text import printable
from questionnaires.schema import Questionnaire

NOBODY = "none"
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class HandsForm(forms.Form):
    """A department and a person of this organization to choose from."""

    department = forms.ChoiceField(label=_("Department"), required=False)
    person = forms.ChoiceField(label=_("Person in charge"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.departments = {str(row.pk): row for row in departments_here()}
        self.people = {str(row.user_id): row for row in people_who_answer()}
        self.fields["department"].choices = [("", "—"), *((pk, row.name) for pk, row in self.departments.items())]
        self.fields["person"].choices = [("", "—"), *((pk, person_label(row)) for pk, row in self.people.items())]

    def clean_department(self):
        return self.departments.get(self.cleaned_data["department"])

    def clean_person(self):
        row = self.people.get(self.cleaned_data["person"])
        return row.user if row else None


class AssignForm(HandsForm):
    """The selected items, and what to set for all of them; what is left empty stays as it is.

    A whole domain means those of its items that the page showed (``offered``).
    """

    item = forms.MultipleChoiceField(required=False)
    domain = forms.MultipleChoiceField(required=False)
    due_on = forms.DateField(label=_("Due"), required=False, widget=DATE)

    def __init__(self, *args, questionnaire: Questionnaire, offered: set[str], **kwargs):
        super().__init__(*args, **kwargs)
        self.questionnaire, self.offered = questionnaire, offered
        self.fields["item"].choices = [(item.code, item.code) for item in questionnaire.items]
        self.fields["domain"].choices = [(domain.code, domain.code) for domain in questionnaire.domains]
        for name, nobody in (("department", _("No department")), ("person", _("No person"))):
            self.fields[name].choices = [("", _("As it is")), (NOBODY, nobody), *self.fields[name].choices[1:]]

    def clean_department(self):
        return self._chosen("department", super().clean_department())

    def clean_person(self):
        return self._chosen("person", super().clean_person())

    def _chosen(self, name: str, found):
        return KEEP if self.cleaned_data[name] == "" else found

    def clean(self):
        values = super().clean()
        whole = {item.code for row in self.questionnaire.domains if row.code in values.get("domain", ()) for item in row.items}
        values["item_codes"] = (whole & self.offered) | set(values.get("item", ()))
        values["due_on"] = values.get("due_on") or KEEP
        if not self.errors and not values["item_codes"]:
            raise forms.ValidationError(_("Select the items first."))
        return values

    def names_something(self) -> bool:
        return any(self.cleaned_data[name] is not KEEP for name in ("department", "person", "due_on"))


class PassOnForm(HandsForm):
    """To whom an item goes, and why."""

    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=500,
        validators=[printable],
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What they need to know; shown with the item."),
    )

    def __init__(self, *args, membership: Membership, **kwargs):
        super().__init__(*args, **kwargs)
        choices = self.fields["person"].choices
        self.fields["person"].choices = [row for row in choices if row[0] != str(membership.user_id)]

    def clean_note(self):
        return unicodedata.normalize("NFC", self.cleaned_data["note"]).strip()

    def clean(self):
        values = super().clean()
        if not self.errors and not (values["department"] or values["person"]):
            raise forms.ValidationError(_("Choose a colleague or a department."))
        return values


def person_label(membership: Membership) -> str:
    return f"{membership.user} · {membership.department}" if membership.department else str(membership.user)
