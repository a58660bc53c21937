from django import forms
from django.utils.translation import gettext as _

from assessments.operations.phases import Step
from assessments.queries.cockpit import Cockpit, Phase
from organizations.models import User
from organizations.text import printable


class PhasesForm(forms.Form):
    """All phases on one form: for each a planned and a done day, who is responsible, and a note."""

    def __init__(self, cockpit: Cockpit, people: list[User], usual: dict, data=None):
        super().__init__(data)
        self.cockpit, self.people = cockpit, {str(person.pk): person for person in people}
        for row in cockpit.phases:
            planned = row.planned_on or (None if cockpit.is_planned else usual[row.phase])
            label = row.phase.label
            self._add(row.phase, "planned", _day(_("planned") + f": {label}", planned))
            self._add(row.phase, "done", _day(_("done") + f": {label}", row.done_on))
            kept = row.responsible and str(row.responsible.pk)
            choices = [("", _("nobody")), *((pk, str(person)) for pk, person in self.people.items())]
            if kept and kept not in self.people:
                choices.append((kept, str(row.responsible)))
                self.people[kept] = row.responsible
            attrs = {"class": "form-select", "aria-label": _("responsible") + f": {label}"}
            self._add(
                row.phase,
                "who",
                forms.ChoiceField(required=False, choices=choices, initial=kept or "", widget=forms.Select(attrs=attrs)),
            )
            attrs = {"class": "form-control", "aria-label": _("note") + f": {label}"}
            note = forms.CharField(
                required=False, max_length=500, initial=row.note, validators=[printable], widget=forms.TextInput(attrs=attrs)
            )
            self._add(row.phase, "note", note)

    def _add(self, phase: Phase, name: str, field: forms.Field):
        self.fields[f"{phase.value}-{name}"] = field

    def clean(self):
        today = self.cockpit.today
        for phase in Phase:
            done = self.cleaned_data.get(f"{phase.value}-done")
            if done and done > today:
                self.add_error(f"{phase.value}-done", _("This day is still to come."))
        return self.cleaned_data

    def rows(self):
        for row in self.cockpit.phases:
            yield row, {name: self[f"{row.phase.value}-{name}"] for name in ("planned", "done", "who", "note")}

    def steps(self) -> dict[str, Step]:
        said = self.cleaned_data
        return {
            phase.value: Step(
                said[f"{phase.value}-planned"],
                said[f"{phase.value}-done"],
                self.people.get(said[f"{phase.value}-who"]),
                said[f"{phase.value}-note"].strip(),
            )
            for phase in Phase
        }


def _day(label: str, initial) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control", "aria-label": label})
    return forms.DateField(required=False, initial=initial, widget=widget, input_formats=["%Y-%m-%d"])
