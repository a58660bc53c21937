from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from assessments.queries.finding import Wanted
from questionnaires.schema import LEVELS, Questionnaire

ONLY = [
    ("unanswered", _("Unanswered")),
    ("marked", _("Marked for review")),
    ("disputed", _("Disputed")),
    ("unproven", _("Without evidence")),
    ("mine", _("Mine")),
]


class FindForm(forms.Form):
    """What to look for. Everything is optional; what is given must all be true of a question."""

    q = forms.CharField(label=_("Words"), required=False, max_length=100)
    only = forms.MultipleChoiceField(label=_("Only"), required=False, choices=ONLY, widget=forms.CheckboxSelectMultiple)
    domain = forms.ChoiceField(label=_("Domain"), required=False)
    level = forms.TypedChoiceField(label=_("Level"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args, questionnaire: Questionnaire, **kwargs):
        super().__init__(*args, **kwargs)
        language = get_language()
        domains = [(domain.code, domain.name.in_language(language)) for domain in questionnaire.domains]
        self.fields["domain"].choices = [("", _("All domains")), *domains]
        self.fields["level"].choices = [("", _("All levels")), *((level, str(level)) for level in LEVELS)]
        if questionnaire.kind == "anchors":
            del self.fields["level"]

    def wanted(self) -> Wanted:
        values = self.cleaned_data
        return Wanted(tuple(values["q"].split()), frozenset(values["only"]), values["domain"], values.get("level"))
