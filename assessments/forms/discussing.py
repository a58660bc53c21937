from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.forms.answering import PlainText
from assessments.queries.assigning import people_who_answer
from organizations.models import User

MAX_COMMENT = 2000


class CommentForm(forms.Form):
    """A contribution to a discussion; with ``ask`` it is a question to that colleague."""

    text = PlainText(max_length=MAX_COMMENT, error_messages={"required": _("Please write something.")})
    ask = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)

    def __init__(self, *args, writer: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.people = {row.user_id: row.user for row in people_who_answer() if row.user_id != writer.pk}
        self.fields["ask"].choices = [("", _("nobody in particular")), *((pk, str(user)) for pk, user in self.people.items())]

    @property
    def asked(self) -> User | None:
        """The colleague that was chosen."""
        return self.people.get(self.cleaned_data["ask"])
