from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.answer_files import MAX_NOTE
from assessments.forms.answering import MOST_REVISIONS, PlainText, allowed_ratings
from assessments.models import Verdict
from assessments.operations.panel import LEAST_RATERS
from questionnaires.schema import Questionnaire


class CallForm(forms.Form):
    """Which items a panel rates, and who is on it."""

    item = forms.MultipleChoiceField(error_messages={"required": _("Please choose at least one item.")})
    rater = forms.TypedMultipleChoiceField(coerce=int, error_messages={"required": _("Please choose at least two raters.")})

    def __init__(self, *args, items, raters, **kwargs):
        super().__init__(*args, **kwargs)
        self.people = {row.user_id: row.user for row in raters}
        self.fields["item"].choices = [(item.code, item.code) for item in items]
        self.fields["rater"].choices = [(pk, str(user)) for pk, user in self.people.items()]

    def clean_rater(self):
        chosen = [self.people[pk] for pk in dict.fromkeys(self.cleaned_data["rater"])]
        if len(chosen) < LEAST_RATERS:
            raise forms.ValidationError(_("Please choose at least two raters."))
        return chosen


class BlindRatingForm(forms.Form):
    """One rating. ``revision`` is the one that was read; 0 says there was none."""

    rating = forms.CharField(required=False)
    note = PlainText(required=False, max_length=MAX_NOTE)
    revision = forms.IntegerField(min_value=0, max_value=MOST_REVISIONS)

    def __init__(self, *args, questionnaire: Questionnaire, code: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.allowed = allowed_ratings(questionnaire, code)

    def clean_rating(self):
        rating = self.cleaned_data["rating"]
        if rating and rating not in self.allowed:
            raise forms.ValidationError(_("This is no rating of this question."))
        return rating


class SettleForm(BlindRatingForm):
    """What the panel settles on. ``own``: the enterprise's rating; another one needs a reason and a note."""

    reason = forms.ChoiceField(choices=[("", ""), *Verdict.Reason.choices], required=False)
    answer_revision = forms.IntegerField(min_value=0, max_value=MOST_REVISIONS)

    def __init__(self, *args, own: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.own = own
        self.fields["rating"].required = True
        self.fields["rating"].error_messages["required"] = _("Please choose the rating that counts.")

    def clean(self):
        values = super().clean()
        if values.get("rating") and values["rating"] != self.own:
            if not values.get("reason"):
                self.add_error("reason", _("Please choose why it differs from the self-assessment."))
            if not values.get("note") and "note" not in self.errors:
                self.add_error("note", _("Please say in the note why it differs from the self-assessment."))
        return values


class SettleUnanimousForm(forms.Form):
    """Reason and note for those that differ from the self-assessment; without both these are left."""

    reason = forms.ChoiceField(choices=[("", ""), *Verdict.Reason.choices], required=False)
    note = PlainText(required=False, max_length=MAX_NOTE)
