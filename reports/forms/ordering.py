from django import forms
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from organizations.models import Department
from organizations.text import printable
from reports.jobs import FORMATS
from reports.models import Report

Variant = Report.Variant
ALL = "all"


class OrderFields(forms.Form):
    """What every order says: which volume, language and formats."""

    variant = forms.ChoiceField(label=_("Volume"), choices=Variant.choices, initial=Variant.FULL)
    language = forms.ChoiceField(label=_("Language"), choices=Report.Language.choices)
    formats = forms.MultipleChoiceField(
        label=_("Formats"), choices=list(FORMATS.items()), initial=["pdf"], widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["language"].initial = get_language()


class OrderForm(OrderFields):
    """``departments``: those that have items; a volume for each of them can be asked for at once.
    ``earlier``: reports that the new one may be compared with."""

    department = forms.ChoiceField(label=_("Department"), required=False)
    since = forms.ChoiceField(label=_("Tell what changed since the report of"), required=False)
    field_order = ["variant", "department", "language", "formats", "since"]

    def __init__(self, *args, departments: list[Department], earlier: list[Report], **kwargs):
        super().__init__(*args, **kwargs)
        self.earlier = {str(row.pk): row for row in earlier}
        self.fields["since"].choices = [
            ("", _("none")),
            *(
                (pk, f"{localtime(row.made_at):%Y-%m-%d %H:%M} · {row.get_variant_display()}")
                for pk, row in self.earlier.items()
            ),
        ]
        if not earlier:
            del self.fields["since"]
        self.departments = {str(row.pk): row for row in departments}
        choices = [("", _("choose for a department volume")), *((pk, row.name) for pk, row in self.departments.items())]
        if len(departments) > 1:
            choices.append((ALL, _("all departments, a volume each")))
        self.fields["department"].choices = choices
        if not departments:
            del self.fields["department"]
            self.fields["variant"].choices = [row for row in Variant.choices if row[0] != Variant.DEPARTMENT]

    def clean(self) -> dict:
        values = super().clean()
        if values.get("variant") != Variant.DEPARTMENT:
            values["department"] = ""
        elif not values.get("department") and "department" not in self.errors:
            self.add_error("department", _("Choose the department that the volume is for."))
        return values

    @property
    def compared(self) -> Report | None:
        return self.earlier.get(self.cleaned_data.get("since", ""))

    @property
    def chosen(self) -> list[Department]:
        """The departments that a volume is asked for."""
        key = self.cleaned_data.get("department")
        return list(self.departments.values()) if key == ALL else [self.departments[key]] if key else []


class BatchForm(OrderFields):
    """Reports of several clients. ``clients``: (slug, name) of those in the portfolio."""

    title = forms.CharField(label=_("Name of the batch"), max_length=120, required=False, validators=[printable])
    clients = forms.MultipleChoiceField(
        label=_("Clients"), widget=forms.CheckboxSelectMultiple, error_messages={"required": _("Choose at least one client.")}
    )
    field_order = ["clients", "title", "variant", "language", "formats"]

    def __init__(self, *args, clients: list[tuple[str, str]], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["clients"].choices = clients
        self.fields["variant"].choices = [row for row in Variant.choices if row[0] != Variant.DEPARTMENT]
