from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organizations.guests import today
from organizations.models import Engagement, Organization, TeamRole
from organizations.text import one_line, printable

ENTERPRISES = {Organization.Kind.ENTERPRISE, Organization.Kind.BOTH}
LONGEST = timedelta(days=5 * 366)
FARTHEST = timedelta(days=2 * 366)  # from today to the first day, back or ahead


class DayField(forms.DateField):
    def __init__(self, **kwargs):
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


class OfferForm(forms.Form):
    """An engagement as one side offers it to the other, which it knows by the contact code."""

    side = forms.ChoiceField(
        label=_("You offer it"),
        choices=[("enterprise", _("as the enterprise, to a consultancy or sponsor")), ("firm", _("as the consultancy"))],
        widget=forms.RadioSelect,
        initial="enterprise",
    )
    code = forms.CharField(
        label=_("Contact code of the other side"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
        help_text=_("Twelve letters and digits; its owner finds it on the page of settings."),
    )
    purpose = forms.CharField(
        label=_("Purpose"), max_length=200, validators=[printable], help_text=_("E.g. advice and review towards level 3.")
    )
    starts_on = DayField(label=_("First day"), initial=today)
    ends_on = DayField(label=_("Last day"), initial=lambda: today() + timedelta(days=180))

    def __init__(self, *args, organization: Organization, **kwargs):
        super().__init__(*args, **kwargs)
        self.organization = organization
        if organization.kind != Organization.Kind.BOTH:
            del self.fields["side"]

    @property
    def by_enterprise(self) -> bool:
        """Whether this organization is the enterprise in it."""
        if "side" in self.fields:
            return self.cleaned_data.get("side") != "firm"
        return self.organization.kind in ENTERPRISES

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].upper().split()).replace("-", "")

    def clean_purpose(self) -> str:
        return one_line(self.cleaned_data["purpose"])

    def clean(self) -> dict:
        values = super().clean()
        starts, ends = values.get("starts_on"), values.get("ends_on")
        if starts and abs(starts - today()) > FARTHEST:
            self.add_error("starts_on", gettext("The first day is too far from today: at most two years."))
        if starts and ends:
            check_end(self, starts, ends)
        return values

    def fault_of(self, other: Organization) -> str:
        """Why the organization with that code can't be the other side, or nothing."""
        if other.pk == self.organization.pk:
            return gettext("This is the code of your own organization.")
        if self.by_enterprise and not other.has_clients:
            return gettext("%(name)s is no consultancy and no sponsor.") % {"name": other.name}
        if not self.by_enterprise and other.kind not in ENTERPRISES:
            return gettext("%(name)s is no enterprise.") % {"name": other.name}
        return ""

    def terms(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("purpose", "starts_on", "ends_on")}


class TermForm(forms.Form):
    """Another last day."""

    ends_on = DayField(label=_("Last day"))

    def __init__(self, *args, engagement: Engagement, **kwargs):
        super().__init__(*args, initial={"ends_on": engagement.ends_on}, **kwargs)
        self.starts_on = engagement.starts_on

    def clean(self) -> dict:
        values = super().clean()
        if values.get("ends_on"):
            check_end(self, self.starts_on, values["ends_on"])
        return values


class EndForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("If you like. The enterprise keeps it with the engagement."),
    )

    def clean_reason(self) -> str:
        reason = self.cleaned_data["reason"].strip()
        if reason:
            printable(reason)
        return reason


class TeamForm(forms.Form):
    """A member of the firm and their role in the engagement."""

    user = forms.TypedChoiceField(label=_("Person"), coerce=int)
    role = forms.ChoiceField(label=_("Role"), choices=TeamRole.choices, initial=TeamRole.REVIEWER)

    def __init__(self, *args, members, results_only: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.users = {member.user_id: member.user for member in members}
        self.fields["user"].choices = [("", gettext("Choose a person")), *((pk, str(user)) for pk, user in self.users.items())]
        if results_only:
            self.fields["role"].choices = [(TeamRole.OBSERVER, TeamRole.OBSERVER.label)]
            self.fields["role"].initial = TeamRole.OBSERVER


def check_end(form: forms.Form, starts: date, ends: date):
    if ends < starts:
        form.add_error("ends_on", gettext("The last day is before the first."))
    elif ends < today():
        form.add_error("ends_on", gettext("The last day has passed already."))
    elif ends - starts > LONGEST:
        form.add_error("ends_on", gettext("An engagement lasts five years at most; it can be prolonged."))
