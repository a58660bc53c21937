import unicodedata
from pathlib import PurePath

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from assessments.forms.assigning import person_label
from assessments.kit.faults import in_words
from assessments.kit.merging import Side
from assessments.kit.reading import BadKit, ReadKit, read_kit
from assessments.kit.signature import checksum
from assessments.models import Assessment, Kit
from assessments.operations.kit import NEWER
from assessments.queries.assigning import departments_here, items_open_to, people_who_answer
from assessments.queries.kit import items_of_department, items_of_person, sees_all
from assessments.workbooks import MAX_BYTES
from organizations.models import Membership

EVERYTHING = "all"
RULES = (
    ("", _("decide each below")),
    (Side.OURS.value, _("keep what stands there")),
    (Side.THEIRS.value, _("take the workbook's")),
    (NEWER, _("take the newer one")),
)


class IssueKitForm(forms.Form):
    """For whom, which domains, in which language. ``cleaned_data`` has the chosen ``items`` too."""

    whom = forms.ChoiceField(label=_("For whom"))
    domains = forms.MultipleChoiceField(
        label=_("Only these domains"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None chosen: all.")
    )
    language = forms.ChoiceField(label=_("Language of the workbook"), choices=settings.LANGUAGES)
    due_on = forms.DateField(
        label=_("Return until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args, assessment: Assessment, membership: Membership, **kwargs):
        super().__init__(*args, **kwargs)
        self.assessment, self.membership = assessment, membership
        self.departments, self.people = {}, {}
        if sees_all(membership):
            self.departments = {f"department-{row.pk}": row for row in departments_here()}
            self.people = {f"person-{row.user_id}": row for row in people_who_answer()}
        self.fields["whom"].choices = list(self._whom())
        language = get_language()
        domains = assessment.questionnaire.domains
        self.fields["domains"].choices = [(d.code, f"{d.code} {d.name.in_language(language)}") for d in domains]
        self.fields["language"].initial = language
        for field in ("whom", "language"):
            self.fields[field].widget.attrs["class"] = "form-select"
        self.fields["due_on"].widget.attrs["class"] = "form-control"

    def _whom(self):
        yield EVERYTHING, _("Whole assessment") if sees_all(self.membership) else _("My items")
        if self.departments:
            yield _("Department"), [(key, row.name) for key, row in self.departments.items()]
        if self.people:
            yield _("Person"), [(key, person_label(row)) for key, row in self.people.items()]

    def clean(self):
        values = super().clean()
        if self.errors:
            return values
        whom, chosen = values["whom"], set(values["domains"])
        values["department"] = self.departments.get(whom)
        member = self.people.get(whom)
        values["person"] = member.user if member else (None if sees_all(self.membership) else self.membership.user)
        items = self._items(whom, member)
        if chosen:
            domain_of = self.assessment.questionnaire.domain_of
            items = frozenset(code for code in items if domain_of[code].code in chosen)
        if not items:
            raise ValidationError(_("No item is assigned there, so the workbook would be empty."))
        values["items"] = items
        return values

    def _items(self, whom: str, member: Membership | None) -> frozenset[str]:
        if whom in self.departments:
            return items_of_department(self.assessment, self.departments[whom].pk)
        return items_of_person(self.assessment, member) if member else items_open_to(self.assessment, self.membership)


class KitUploadForm(forms.Form):
    """A workbook that came back. ``cleaned_data`` has the ``kit`` it belongs to, what was ``read``, and the ``file_name``."""

    file = forms.FileField(label=_("Returned workbook (.xlsx)"), widget=forms.FileInput(attrs={"accept": ".xlsx"}))

    def __init__(self, *args, assessment: Assessment, **kwargs):
        super().__init__(*args, **kwargs)
        self.assessment = assessment
        self.fields["file"].widget.attrs["class"] = "form-control"

    def clean(self):
        values = super().clean()
        file = values.get("file")
        if file is None:
            return values
        if file.size > MAX_BYTES:
            self.add_error("file", in_words("too_large", {"size": MAX_BYTES // 1_000_000}))
            return values
        try:
            values["read"] = read_kit(file.read(), self.assessment.questionnaire, self.assessment.pk)
        except BadKit as error:
            self.add_error("file", error.faults)
            return values
        values["file_name"] = label_of(file.name)
        values["kit"] = self._kit(values["read"])
        return values

    def _kit(self, read: ReadKit) -> Kit | None:
        """The kit that the signature names, if it is there and what was handed out is unchanged."""
        kit = Kit.objects.filter(assessment=self.assessment, pk=read.facts.get("kit")).first()
        if kit is None or read.facts.get("baseline") != checksum(kit.baseline):
            self.add_error("file", in_words("altered", {}))
        return kit


class ApplyKitForm(forms.Form):
    """How conflicts are decided: row by row, the others by rule."""

    rule = forms.ChoiceField(choices=RULES, required=False)
    seen = forms.CharField(max_length=64)

    @property
    def sides(self) -> dict[str, Side]:
        """Code -> side, of the rows that were decided."""
        values = {side.value: side for side in Side}
        rows = {key.removeprefix("row-"): value for key, value in self.data.items() if key.startswith("row-")}
        return {code: values[value] for code, value in rows.items() if value in values}


def label_of(name: str) -> str:
    """The user's name for a file, as a label."""
    name = unicodedata.normalize("NFC", PurePath(name).name)
    return "".join(letter for letter in name if letter.isprintable())[:200]
