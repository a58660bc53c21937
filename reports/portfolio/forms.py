import re

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.text import one_line, printable
from reports.operations.portfolio import MOST_TAGS
from reports.portfolio.choosing import choice_of

BETWEEN = re.compile(r"[,，、;；\n]+")


class ViewForm(forms.Form):
    """A name for what is looked at; ``query`` comes back as what the page understands of it."""

    name = forms.CharField(label=gettext_lazy("Name of the view"), max_length=60, validators=[printable])
    query = forms.CharField(max_length=2000, required=False)
    is_default = forms.BooleanField(label=gettext_lazy("Open the portfolio with it"), required=False)

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean_query(self) -> str:
        return choice_of(QueryDict(self.cleaned_data["query"])).query()


class TagsForm(forms.Form):
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        max_length=800,
        required=False,
        help_text=gettext_lazy("Separated by commas. The client does not see them."),
    )

    def clean_tags(self) -> list[str]:
        names = list(dict.fromkeys(filter(None, map(one_line, BETWEEN.split(self.cleaned_data["tags"])))))
        for name in names:
            printable(name)
            if len(name) > 40:
                raise forms.ValidationError(_("A tag has at most 40 characters."))
        if len(names) > MOST_TAGS:
            raise forms.ValidationError(_("A client has at most %(n)d tags.") % {"n": MOST_TAGS})
        return names
