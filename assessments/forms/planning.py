import re
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.forms.answering import MOST_REVISIONS, PlainText
from assessments.forms.evidence import DayField, TextField
from assessments.models import ActionComment, ImprovementAction, PlanSetting
from assessments.operations.planning import WORKED_ON
from assessments.planning import MOST_AIMS, MOST_DAYS, MOST_NEEDS, MOST_TEXT, first_day_of, quarter_of
from assessments.queries.assigning import departments_here, people_who_answer
from questionnaires.labels import LEAD_LABELS
from questionnaires.schema import Questionnaire

MOST_WEEKS = 104
MOST_RATE = Decimal(10_000_000)
QUARTERS_AHEAD = 12
SEPARATORS = re.compile(r"[\s,;，；、]+")
WORDS = ImprovementAction._meta


class ActionForm(forms.Form):
    """One action as somebody writes it. ``revision`` is the one that was read; a new one has none.

    ``plan``: number -> action, of those that may come first.
    """

    title = TextField(label=gettext_lazy("Title"), max_length=WORDS.get_field("title").max_length)
    text = PlainText(label=gettext_lazy("What is to be done"), required=False, max_length=MOST_TEXT)
    lead = forms.ChoiceField(label=gettext_lazy("Lead"), required=False, choices=[("", "—"), *LEAD_LABELS.items()])
    owner = forms.ChoiceField(label=gettext_lazy("Responsible"), required=False)
    department = forms.ChoiceField(label=gettext_lazy("Department"), required=False)
    days = forms.DecimalField(label=gettext_lazy("Person-days"), min_value=0, max_value=MOST_DAYS, decimal_places=1, initial=0)
    weeks = forms.IntegerField(label=gettext_lazy("Weeks it takes"), min_value=1, max_value=MOST_WEEKS, initial=1)
    starts_on = DayField(label=gettext_lazy("Begins on"))
    due_on = DayField(label=gettext_lazy("Due on"))
    quarter = forms.ChoiceField(label=gettext_lazy("Quarter"), required=False)
    needs = forms.CharField(label=gettext_lazy("Comes after"), required=False, max_length=300)
    codes = forms.MultipleChoiceField(label=gettext_lazy("Criteria it meets in full"), required=False)
    revision = forms.IntegerField(min_value=1, max_value=MOST_REVISIONS, widget=forms.HiddenInput)

    def __init__(self, *args, questionnaire: Questionnaire, starts_on: date, action: ImprovementAction | None = None, **kwargs):
        if action is not None:
            kwargs.setdefault("initial", values_of(action))
        super().__init__(*args, **kwargs)
        if action is None:
            del self.fields["revision"]
        self.people = {str(row.user_id): row.user for row in people_who_answer()}
        if action is not None and action.owner:
            self.people.setdefault(str(action.owner_id), action.owner)
        self.departments = {str(row.pk): row for row in departments_here()}
        self.fields["owner"].choices = [("", "—"), *((pk, str(user)) for pk, user in self.people.items())]
        self.fields["department"].choices = [("", "—"), *((pk, row.name) for pk, row in self.departments.items())]
        self.fields["quarter"].choices = [
            ("", _("As the plan has it")),
            *((name, name) for name in quarters(starts_on, action)),
        ]
        self.fields["codes"].choices = [(code, code) for code in questionnaire.item_of]
        self.fields["text"].widget.attrs["rows"] = 8
        self.fields["days"].widget.attrs["step"] = "0.5"
        self.fields["needs"].help_text = _("Numbers of the actions that must be done first, e.g. 3, 5.")
        self.fields["quarter"].help_text = _("Left as it is, the order of priorities and the work side by side decide.")

    def clean_needs(self):
        words = [word for word in SEPARATORS.split(self.cleaned_data["needs"]) if word]
        if not all(word.isascii() and word.isdecimal() and len(word) < 8 for word in words):
            raise forms.ValidationError(_("Please write the numbers of actions, separated by commas."))
        numbers = sorted({int(word) for word in words})
        if len(numbers) > MOST_NEEDS:
            raise forms.ValidationError(_("At most %(n)d actions can come first.") % {"n": MOST_NEEDS})
        return numbers

    def clean_codes(self):
        codes = list(dict.fromkeys(self.cleaned_data["codes"]))
        if len(codes) > MOST_AIMS:
            raise forms.ValidationError(_("At most %(n)d criteria per action; split it, please.") % {"n": MOST_AIMS})
        return codes

    def clean(self):
        values = super().clean()
        begins, due = values.get("starts_on"), values.get("due_on")
        if begins and due and due < begins:
            self.add_error("due_on", _("It cannot be due before it begins."))
        return values

    @property
    def changes(self) -> dict[str, Any]:
        """What was written, as ``add_action`` and ``change_action`` take it."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "revision"}
        values["owner"] = self.people.get(values["owner"])
        values["department"] = self.departments.get(values["department"])
        return values


def values_of(action: ImprovementAction) -> dict[str, Any]:
    """What the form shows of an action of ``actions_of``."""
    names = ("title", "text", "lead", "days", "weeks", "starts_on", "due_on", "quarter", "revision")
    return {name: getattr(action, name) for name in names} | {
        "owner": str(action.owner_id or ""),
        "department": str(action.department_id or ""),
        "needs": ", ".join(map(str, action.need_numbers)),
        "codes": list(action.codes),
    }


def quarters(starts_on: date, action: ImprovementAction | None = None) -> list[str]:
    """Those of three years from the beginning of the plan, and the one that the action has."""
    names, day = [], first_day_of(quarter_of(starts_on))
    for _n in range(QUARTERS_AHEAD):
        names.append(quarter_of(day))
        day = date(day.year + day.month // 10, (day.month + 2) % 12 + 1, 1)
    own = action.quarter if action is not None else ""
    return names if not own or own in names else sorted([own, *names])


class SettingsForm(forms.Form):
    """When the plan begins, what a day costs by role, and how many actions run at once."""

    starts_on = DayField(label=gettext_lazy("The plan begins on"))
    parallel = forms.IntegerField(label=gettext_lazy("Actions side by side"), min_value=1, max_value=50)
    currency = forms.RegexField(
        r"^[A-Z]{3}$",
        label=gettext_lazy("Currency"),
        error_messages={"invalid": gettext_lazy("Please give the three letters of the currency, e.g. CNY.")},
    )
    revision = forms.IntegerField(min_value=0, max_value=MOST_REVISIONS, widget=forms.HiddenInput)

    def __init__(self, *args, setting: PlanSetting, **kwargs):
        initial = {name: getattr(setting, name) for name in ("starts_on", "parallel", "currency", "revision")}
        initial |= {f"rate_{lead}": rate for lead, rate in setting.rates.items()}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["starts_on"].required = True
        for lead, label in LEAD_LABELS.items():
            self.fields[f"rate_{lead}"] = forms.DecimalField(
                label=label, required=False, min_value=0, max_value=MOST_RATE, decimal_places=2
            )

    @property
    def rate_fields(self):
        return [self[f"rate_{lead}"] for lead in LEAD_LABELS]

    @property
    def rates(self) -> dict[str, Decimal]:
        values = {lead: self.cleaned_data[f"rate_{lead}"] for lead in LEAD_LABELS}
        return {lead: rate for lead, rate in values.items() if rate is not None}


class SuggestForm(forms.Form):
    scope = forms.ChoiceField(choices=[("path", "path"), ("gaps", "gaps")])
    merge = forms.BooleanField(required=False)


class NumbersField(forms.Field):
    """Numbers of actions, one value each or several separated by commas; what is no number is left out."""

    widget = forms.MultipleHiddenInput

    def clean(self, value):
        words = [word for part in value or [] for word in part.split(",")]
        return {int(word) for word in words if word.isascii() and word.isdecimal() and len(word) < 8}


class SwitchForm(forms.Form):
    """``shown``: the actions that the page let switch; those of them in ``on`` are switched on, the others off."""

    shown = NumbersField()
    on = NumbersField()


class MergeForm(forms.Form):
    number = NumbersField()
    title = TextField(label=gettext_lazy("Title"), max_length=WORDS.get_field("title").max_length)

    def clean_number(self):
        if len(self.cleaned_data["number"]) < 2:
            raise forms.ValidationError(_("Please choose at least two actions."))
        return self.cleaned_data["number"]


class StatusForm(forms.Form):
    status = forms.ChoiceField(choices=[(status.value, status.label) for status in WORKED_ON])


class CommentForm(forms.Form):
    text = PlainText(max_length=ActionComment._meta.get_field("text").max_length)


class NoteForm(forms.Form):
    note = PlainText(required=False, max_length=2000)


class WhyForm(forms.Form):
    why = PlainText(max_length=2000)


class DecideForm(forms.Form):
    """``after``: the exact total that the page showed."""

    outcome = forms.ChoiceField(choices=[("confirm", "confirm"), ("refuse", "refuse")])
    after = forms.CharField(required=False, max_length=60)
    decision = PlainText(label=gettext_lazy("Words to it"), required=False, max_length=2000)

    def clean(self):
        values = super().clean()
        if values.get("outcome") == "refuse" and not values.get("decision") and "decision" not in self.errors:
            self.add_error("decision", _("Please say what is still missing."))
        return values
