import re

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organizations.text import printable
from reports.models import Branding
from reports.papers.logos import MAX_BYTES, BadLogo, as_png

COLOUR = re.compile(r"#[0-9a-f]{6}")
CONTRAST = 4.5  # of text on white, WCAG 1.4.3


class BrandingForm(forms.Form):
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text=_("PNG, JPEG or WebP, at most 2 MB and 4000 × 4000 pixels. It is drawn anew on white."),
    )
    remove_logo = forms.BooleanField(label=_("Remove the logo"), required=False)
    accent = forms.CharField(
        label=_("Accent colour"),
        required=False,
        max_length=7,
        help_text=_("Like #b83a26; empty for the usual one. Dark enough to be read on white (contrast 4.5 : 1)."),
    )
    cover_text = forms.CharField(
        label=_("Text on the cover"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )
    disclaimer = forms.CharField(
        label=_("Disclaimer"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Stands beside the product's own note that methods are unofficial, never instead of it."),
    )

    @classmethod
    def of(cls, branding: Branding) -> "BrandingForm":
        names = ("revision", "accent", "cover_text", "disclaimer")
        return cls(initial={name: getattr(branding, name) for name in names})

    def for_revision(self, revision: int) -> "BrandingForm":
        """The same texts, to be saved over that revision. A chosen file has to be chosen again."""
        return BrandingForm({**self.data.dict(), "revision": revision})

    def clean_logo(self) -> str | None:
        upload = self.cleaned_data["logo"]
        if upload is None:
            return None
        try:
            return as_png(upload.read(MAX_BYTES + 1))
        except BadLogo as error:
            raise forms.ValidationError(str(error)) from error

    def clean_accent(self) -> str:
        colour = self.cleaned_data["accent"].strip().lower()
        if colour and not COLOUR.fullmatch(colour):
            raise forms.ValidationError(gettext("Write the colour as # and six digits or letters a–f, like #b83a26."))
        if colour and contrast_on_white(colour) < CONTRAST:
            ratio = f"{contrast_on_white(colour):.1f}"
            raise forms.ValidationError(
                gettext("Too light to be read on white: its contrast is %(ratio)s : 1. Choose a darker one.") % {"ratio": ratio}
            )
        return colour

    def clean_cover_text(self) -> str:
        return _printed(self.cleaned_data["cover_text"])

    def clean_disclaimer(self) -> str:
        return _printed(self.cleaned_data["disclaimer"])

    def values(self) -> dict:
        values = dict(self.cleaned_data)
        if values.pop("remove_logo"):
            values["logo"] = ""
        return values


def _printed(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if text:
        printable(text)
    return text


def contrast_on_white(colour: str) -> float:
    """By WCAG 2.2, relative luminance: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)
