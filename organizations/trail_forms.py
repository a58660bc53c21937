from datetime import datetime, time, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.trail_reading import OUTSIDERS, Wanted
from organizations.trail_words import KINDS

FIRST_DAY, LAST_DAY = datetime(2000, 1, 1).date(), datetime(2100, 1, 1).date()


class TrailForm(forms.Form):
    """Which entries of a trail to show. ``people``, ``firms``, ``clients``: (id, name); for None there is no such field."""

    person = forms.TypedChoiceField(label=_("Person"), coerce=int, empty_value=None, required=False)
    firm = forms.ChoiceField(label=_("On behalf of"), required=False)
    client = forms.TypedChoiceField(label=_("Client"), coerce=int, empty_value=None, required=False)
    kind = forms.ChoiceField(label=_("What"), required=False)
    since = forms.DateField(label=_("From"), required=False)
    until = forms.DateField(label=_("Until"), required=False)
    before = forms.IntegerField(min_value=1, max_value=2**62, required=False, widget=forms.HiddenInput)

    def __init__(self, data, *, people, firms=None, clients=None):
        super().__init__(data)
        self.fields["person"].choices = [("", _("Everybody")), *people]
        self.fields["kind"].choices = [("", _("Everything")), *((key, label) for key, (label, _condition) in KINDS.items())]
        if firms is None:
            del self.fields["firm"]
        else:
            choices = [("", _("Members and outsiders")), (OUTSIDERS, _("Only outsiders")), *firms]
            self.fields["firm"].choices = [(str(key), name) for key, name in choices]
        if clients is None:
            del self.fields["client"]
        else:
            self.fields["client"].choices = [("", _("All clients")), *clients]

    def clean(self):
        values = super().clean()
        days = [values[name] for name in ("since", "until") if values.get(name)]
        if any(not FIRST_DAY <= day <= LAST_DAY for day in days) or days != sorted(days):
            raise forms.ValidationError(_("This is no period: choose a first and a last day that come one after the other."))
        return values

    def wanted(self) -> Wanted:
        """The days are those of the reader's time zone; the last one is included."""
        values = {name: value for name, value in self.cleaned_data.items() if value}
        if "since" in values:
            values["since"] = _begin(values["since"])
        if "until" in values:
            values["until"] = _begin(values["until"] + timedelta(days=1))
        return Wanted(**values)


def _begin(day) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
