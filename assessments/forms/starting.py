from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Row, Submit
from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from assessments.models import Assessment
from assessments.queries.assigning import departments_here
from organizations.models import Department
from organizations.text import one_line, printable
from questionnaires.library import current_versions, questionnaire_of
from questionnaires.models import Version
from questionnaires.schema import LEVELS, Questionnaire

TARGET = "target_"


class AboutForm(forms.Form):
    """What every assessment says about itself: name, scope and period."""

    name = forms.CharField(label=_("Name of the assessment"), max_length=120, validators=[printable])
    department = forms.ChoiceField(
        label=_("Scope"), required=False, help_text=_("What is assessed: the whole organization, or one department of it.")
    )
    period_from = forms.DateField(label=_("Period from"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    period_until = forms.DateField(
        label=_("Period until"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.departments = {str(row.pk): row for row in departments_here()}
        choices = [("", _("The whole organization")), *((pk, row.name) for pk, row in self.departments.items())]
        self.fields["department"].choices = choices

    def clean_name(self):
        return one_line(self.cleaned_data["name"])

    def clean_department(self) -> Department | None:
        return self.departments.get(self.cleaned_data["department"])

    def clean(self):
        values = super().clean()
        begin, end = values.get("period_from"), values.get("period_until")
        if begin and end and begin > end:
            self.add_error("period_until", _("The period ends before it begins."))
        return values


class StartAssessmentForm(AboutForm):
    """Which questionnaire, under what name, about what, to which target and by which method."""

    questionnaire = forms.ChoiceField(label=_("Questionnaire"), widget=forms.RadioSelect)
    target = forms.TypedChoiceField(
        label=_("Target level"), coerce=int, required=False, empty_value=None, help_text=_("Not used for the policy actions.")
    )
    method = forms.ChoiceField(
        label=_("Method"), required=False, help_text=_("All methods are unofficial; the result shows the others beside it.")
    )
    prepare_first = forms.BooleanField(
        label=_("Prepare first"),
        required=False,
        help_text=_("Hand out the items before anybody can answer; you open it for answering when you are ready."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.questionnaires = [(version, questionnaire_of(version)) for version in current_versions()]
        language = get_language()
        offered = self.fields["questionnaire"]
        offered.choices = [(version.code, q.title.in_language(language)) for version, q in self.questionnaires]
        offered.initial = next((code for code, _title in offered.choices), None)
        graded = next((q for _version, q in self.questionnaires if q.kind == "levels"), None)
        if graded:
            self.fields["target"].choices = level_choices(graded)
            self.fields["method"].choices = [(m.key, m.name.in_language(language)) for m in graded.methods]
            self.fields["target"].initial, self.fields["method"].initial = 3, graded.default_method
        self.helper = FormHelper()
        period = Row(Field("period_from", wrapper_class="col-sm-6"), Field("period_until", wrapper_class="col-sm-6"))
        self.helper.layout = Layout("questionnaire", "name", "department", period, "target", "method", "prepare_first")
        self.helper.add_input(Submit("submit", _("Start the assessment")))

    def clean_questionnaire(self) -> Version:
        """The newest loaded version of the chosen questionnaire."""
        return next(version for version, _q in self.questionnaires if version.code == self.cleaned_data["questionnaire"])


class EditAssessmentForm(AboutForm):
    """Everything that may change while the assessment is not submitted; a target of its own for any domain or item."""

    def __init__(self, *args, assessment: Assessment, **kwargs):
        self.questionnaire = assessment.questionnaire
        super().__init__(*args, initial=self._initial(assessment), **kwargs)
        if self.questionnaire.kind == "levels":
            self._add_targets()

    def _add_targets(self):
        levels = level_choices(self.questionnaire)
        methods = [(method.key, method.name.in_language(get_language())) for method in self.questionnaire.methods]
        self.fields["target"] = forms.TypedChoiceField(label=_("Target level"), coerce=int, choices=levels)
        self.fields["method"] = forms.ChoiceField(label=_("Method"), choices=methods)
        for row in (*self.questionnaire.domains, *self.questionnaire.items):
            label = row.name.in_language(get_language())
            options = {"label": label, "coerce": int, "required": False, "empty_value": None}
            self.fields[TARGET + row.code] = forms.TypedChoiceField(choices=[("", "—"), *levels], **options)

    @staticmethod
    def _initial(assessment: Assessment) -> dict:
        names = ("name", "period_from", "period_until", "target", "method")
        values = {name: getattr(assessment, name) for name in names}
        targets = {TARGET + code: level for code, level in assessment.targets.items()}
        return {**values, "department": assessment.department_id or "", **targets}

    def clean(self):
        values = super().clean()
        found = {name.removeprefix(TARGET): level for name, level in values.items() if name.startswith(TARGET)}
        values["targets"] = {code: level for code, level in found.items() if level}
        return values

    def domain_rows(self) -> list[dict]:
        """For the page: each domain's field, those of its items, and whether any of these is set."""
        rows = []
        for domain in self.questionnaire.domains if self.questionnaire.kind == "levels" else ():
            items = [self[TARGET + item.code] for item in domain.items]
            rows.append({"domain": domain, "field": self[TARGET + domain.code], "items": zip(domain.items, items, strict=True),
                         "is_open": any(field.value() or field.errors for field in items)})  # fmt: skip
        return rows


def level_choices(questionnaire: Questionnaire) -> list[tuple[int, str]]:
    names = {level.level: level.name.in_language(get_language()) for level in questionnaire.levels}
    return [(level, f"{level} · {names[level]}") for level in LEVELS]
