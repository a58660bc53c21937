from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assessments.models import Assessment
from organizations.engagement_forms import OfferForm

ALL, CHOSEN = "all", "chosen"


class ScopeFields(forms.Form):
    """Which assessments the engagement opens: all, later ones included, or exactly these."""

    covers = forms.ChoiceField(
        label=_("Covers"),
        choices=[(ALL, _("all assessments, also later ones")), (CHOSEN, _("only these:"))],
        widget=forms.RadioSelect,
        initial=ALL,
    )
    assessments = forms.TypedMultipleChoiceField(
        label=_("Assessments"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def offer_rows(self, rows: list[Assessment]):
        self.rows = {row.pk: row for row in rows}
        self.fields["assessments"].choices = [(row.pk, row.name) for row in rows]
        if not rows:
            del self.fields["assessments"]

    def check_scope(self, values: dict):
        if values.get("covers") == CHOSEN and not values.get("assessments") and "assessments" not in self.errors:
            self.add_error("covers", gettext("Choose at least one assessment, or all of them."))

    @property
    def covers_all(self) -> bool:
        return self.cleaned_data["covers"] == ALL

    @property
    def chosen(self) -> list[Assessment]:
        return [] if self.covers_all else [self.rows[pk] for pk in self.cleaned_data.get("assessments", ())]


class ScopeForm(ScopeFields):
    def __init__(self, *args, rows: list[Assessment], **kwargs):
        super().__init__(*args, **kwargs)
        self.offer_rows(rows)

    def clean(self) -> dict:
        values = super().clean()
        self.check_scope(values)
        return values


class OfferWithScopeForm(OfferForm, ScopeFields):
    """An offer; the enterprise says at once what it opens, to a firm's offer it says so when it accepts."""

    field_order = ["side", "code", "purpose", "starts_on", "ends_on", "covers", "assessments"]

    def __init__(self, *args, rows: list[Assessment], can_host: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.can_host = can_host
        if can_host:
            self.offer_rows(rows)
        else:
            del self.fields["covers"], self.fields["assessments"]

    def clean(self) -> dict:
        values = super().clean()
        if self.can_host and self.by_enterprise:
            self.check_scope(values)
        return values
