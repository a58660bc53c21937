from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.conf import settings
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from organizations.classes import Industry, Region, Size
from organizations.guests import engagements_by, has_live_engagements
from organizations.inviting import MAX_ROWS, Defaults, line_count, text_of
from organizations.models import Department, Membership, Organization, Role
from organizations.queries import departments_of
from organizations.sheets import MAX_BYTES, BadSheet, read_table
from organizations.text import one_line, printable

KIND_HELP = _(
    "Consultancies advise and review enterprises; groups, parks and authorities see the results of those that agreed."
)
CLASSES = (("industry", _("Industry"), Industry), ("size", _("People employed"), Size), ("region", _("Region"), Region))


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
        add_classes(self)
        self.helper = FormHelper()
        self.helper.add_input(Submit("submit", _("Set up the organization")))

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or Organization.Kind.ENTERPRISE


def add_classes(form: forms.Form, organization: Organization | None = None):
    """What kind of organization it is, and the groups that it belongs to. What is left out stays as it is."""
    form.fields["kind"] = forms.ChoiceField(
        label=_("What it is"), choices=Organization.Kind.choices, required=False, help_text=KIND_HELP
    )
    for name, label, choices in CLASSES:
        form.fields[name] = forms.ChoiceField(label=label, choices=[("", _("not said")), *choices.choices], required=False)
    for name in ("kind", "industry", "size", "region"):
        form.fields[name].initial = getattr(organization or Organization(), name)


class SettingsForm(forms.Form):
    """What owners decide for everybody here."""

    name = forms.CharField(label=_("Name of the organization"), max_length=120, validators=[printable])
    requires_second_factor = forms.BooleanField(
        label=_("Every member needs a second factor"),
        required=False,
        help_text=_("Members without one are asked to set it up before they can go on."),
    )
    shares_scores = forms.BooleanField(
        label=_("Our scores may count in benchmarks"),
        required=False,
        help_text=_(
            "Off unless you switch it on. Only scores are used, never names, answers, notes or evidence: levels and scores of "
            "finished assessments go into the distribution of a group of at least eight enterprises. In return you see where "
            "you stand in your groups. It can be taken back at any time."
        ),
    )
    field_order = ["name", "kind", "industry", "size", "region", "requires_second_factor", "shares_scores"]

    def __init__(self, *args, organization: Organization, **kwargs):
        initial = {
            "name": organization.name,
            "requires_second_factor": organization.requires_second_factor,
            "shares_scores": bool(organization.benchmark_since),
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.organization = organization
        add_classes(self, organization)
        self.order_fields(self.field_order)

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean_kind(self) -> str:
        """Another kind is possible as long as no engagement needs the one it has."""
        kind = self.cleaned_data["kind"] or self.organization.kind
        ends_first = gettext("End the engagements first that need the present kind.")
        if kind == Organization.Kind.ENTERPRISE and self.organization.has_clients and engagements_by(self.organization):
            raise forms.ValidationError(ends_first)
        hosts_no_more = kind in (Organization.Kind.CONSULTANCY, Organization.Kind.SPONSOR) and kind != self.organization.kind
        if hosts_no_more and has_live_engagements(self.organization):
            raise forms.ValidationError(ends_first)
        return kind


class PlaceFields(forms.Form):
    """Role and department; ``roles`` are those that may be given."""

    role = forms.ChoiceField(label=_("Role"))
    department = forms.TypedChoiceField(label=_("Department"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args, organization: Organization, roles, **kwargs):
        super().__init__(*args, **kwargs)
        self.departments = {row.pk: row for row in departments_of(organization)}
        self.fields["role"].choices = [(role, Role(role).label) for role in roles]
        departments = [(pk, row.name) for pk, row in self.departments.items()]
        self.fields["department"].choices = [("", gettext("No department")), *departments]

    def clean_department(self) -> Department | None:
        return self.departments.get(self.cleaned_data["department"])


class MembershipForm(PlaceFields):
    def __init__(self, *args, membership: Membership, **kwargs):
        place = {"role": membership.role, "department": membership.department_id}
        super().__init__(*args, organization=membership.organization, roles=Role.values, initial=place, **kwargs)


class InviteForm(PlaceFields):
    """A list of people, pasted or as a file, and what holds for those lines that do not say it."""

    text = forms.CharField(
        label=_("People to invite"),
        required=False,
        strip=False,  # the numbers of the lines count
        max_length=500_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
        help_text=_(
            "One person per line: e-mail, then if you like name, role, department, parted by commas. "
            "For example: li.na@example.com, Li Na, respondent, Finance"
        ),
    )
    file = forms.FileField(
        label=_("Or a file (.xlsx, .csv)"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
        help_text=_("The same columns in the same order, or in any order under a heading row."),
    )
    language = forms.ChoiceField(label=_("Language of the mail"), choices=settings.LANGUAGES)
    field_order = ["text", "file", "role", "department", "language"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].help_text = _("For lines that name no role.")
        self.fields["department"].help_text = _("For lines that name no department.")
        self.fields["language"].initial = get_language()
        if Role.RESPONDENT in dict(self.fields["role"].choices):
            self.fields["role"].initial = Role.RESPONDENT

    def clean_file(self) -> str:
        """The file as lines of text."""
        upload = self.cleaned_data["file"]
        if upload is None:
            return ""
        if upload.size > MAX_BYTES:
            raise forms.ValidationError(gettext("The file is larger than %(size)d MB.") % {"size": MAX_BYTES // 1_000_000})
        try:
            return text_of(read_table(upload.name, upload.read()))
        except BadSheet as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict:
        values = super().clean()
        if self.errors:
            return values
        if bool(values["text"].strip()) == bool(values["file"]):
            raise forms.ValidationError(gettext("Paste a list or choose a file: one of the two."))
        values["text"] = values["text"] or values["file"]
        if line_count(values["text"]) > MAX_ROWS + 1:
            raise forms.ValidationError(gettext("At most %(rows)d people at a time.") % {"rows": MAX_ROWS})
        return values

    @property
    def defaults(self) -> Defaults:
        return Defaults(self.cleaned_data["role"], self.cleaned_data["department"])


class DepartmentForm(forms.Form):
    name = forms.CharField(label=_("Name of the department"), max_length=80, validators=[printable])

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])


class DepartmentsForm(forms.Form):
    """Several departments at once, one per line."""

    names = forms.CharField(
        label=_("New departments"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One per line; those that are there already are left as they are."),
    )

    def clean_names(self) -> list[str]:
        lines = [one_line(line) for line in self.cleaned_data["names"].splitlines()]
        names = [line for line in lines if line]
        if len(names) > MAX_ROWS:
            raise forms.ValidationError(gettext("At most %(rows)d departments at a time.") % {"rows": MAX_ROWS})
        for number, line in enumerate(lines, start=1):
            self._check(number, line)
        return names

    @staticmethod
    def _check(number: int, name: str):
        if len(name) > 80:
            message = gettext("Line %(line)d: the name has more than %(most)d characters.")
            raise forms.ValidationError(message % {"line": number, "most": 80})
        try:
            if name:
                printable(name)
        except forms.ValidationError as error:
            message = gettext("Line %(line)d: %(fault)s")
            raise forms.ValidationError(message % {"line": number, "fault": error.messages[0]}) from error
