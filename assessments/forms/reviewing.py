from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.forms.answering import MOST_REVISIONS, PlainText
from assessments.models import Verdict
from assessments.operations.reviewing import Judged
from organizations.text import printable

MAX_WORDS = 2000
Kind = Verdict.Kind


class VerdictForm(forms.Form):
    """One verdict. ``revision`` is the verdict's that was read (0: there was none), ``answer_revision`` the answer's."""

    kind = forms.ChoiceField(choices=Kind, error_messages={"required": _("Please choose a verdict.")})
    rating = forms.CharField(required=False)
    reason = forms.ChoiceField(choices=[("", ""), *Verdict.Reason.choices], required=False)
    note = PlainText(required=False, max_length=MAX_WORDS)
    question = PlainText(required=False, max_length=MAX_WORDS)
    answer_revision = forms.IntegerField(min_value=0, max_value=MOST_REVISIONS)
    revision = forms.IntegerField(min_value=0, max_value=MOST_REVISIONS)

    def __init__(self, *args, allowed: tuple[str, ...], own_rating: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.allowed, self.own_rating = allowed, own_rating

    def clean(self):
        values = super().clean()
        check = {Kind.AGREE: self._agree, Kind.ADJUST: self._adjust, Kind.MORE: self._more}.get(values.get("kind"))
        if check:
            check(values)
        return values

    def _agree(self, values):
        if not self.own_rating:
            self.add_error("kind", _("There is no rating to agree with."))

    def _adjust(self, values):
        rating = values.get("rating")
        if rating not in self.allowed:
            self.add_error("rating", _("Please choose the rating that you find right."))
        elif rating == self.own_rating:
            self.add_error("rating", _("That is the rating it has. To leave it so, agree."))
        if not values.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Please choose the reason."))
        if not values.get("note") and "note" not in self.errors:
            self.add_error("note", _("Please explain it in a sentence: the enterprise reads it."))

    def _more(self, values):
        if not values.get("question") and "question" not in self.errors:
            self.add_error("question", _("Please write what you need to know or see."))

    def judged(self) -> Judged:
        values = self.cleaned_data
        if values["kind"] == Kind.AGREE:
            return Judged(Kind.AGREE, self.own_rating)
        if values["kind"] == Kind.MORE:
            return Judged(Kind.MORE, note=values["question"])
        return Judged(Kind.ADJUST, values["rating"], values["reason"], values["note"])

    def typed(self) -> Judged:
        """What somebody just typed, whether it is right or not."""
        data = self.data
        kind = data.get("kind", "")
        note = data.get("question", "") if kind == Kind.MORE else data.get("note", "")
        return Judged(kind, data.get("rating", "")[:10], data.get("reason", "")[:20], note)


class SignForm(forms.Form):
    """``read``: the hash of what was judged when the page was made."""

    read = forms.CharField(max_length=64, required=False)
    note = forms.CharField(
        label=_("Remark"),
        max_length=MAX_WORDS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        validators=[printable],
    )
    confirmed = forms.BooleanField(
        label=_("I have gone through what is judged here and stand by it."),
        error_messages={"required": _("Please confirm; without it nothing is signed.")},
    )
