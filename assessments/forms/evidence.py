import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.file_types import Refused, media_type_of
from assessments.models import Evidence, EvidenceLink
from assessments.operations.evidence import Address, Description, description_of
from assessments.queries.evidence import BIN, FAULTS, SORTS, Wanted
from organizations.text import one_line, printable

MEGABYTE = 1024 * 1024
MOST_REVISIONS = 1_000_000_000
EARLIEST, LATEST = date(1950, 1, 1), date(2100, 12, 31)
TITLE_LENGTH = Evidence._meta.get_field("title").max_length
KINDS = [(value, label) for value, label in Evidence.Kind.choices]
REFUSALS = {
    "archive": gettext_lazy("%(name)s: archives are not taken. Unpack it and upload the files themselves."),
    "ending": gettext_lazy("%(name)s: this kind of file is not taken. PDF, Office, OFD, images, txt and csv are."),
    "content": gettext_lazy("%(name)s: the content is not what the ending says, or the file is damaged."),
    "empty": gettext_lazy("%(name)s: the file is empty."),
    "macros": gettext_lazy("%(name)s: the file holds macros. Save it without them."),
    "protected": gettext_lazy("%(name)s: the file is protected by a password. Save a copy without it."),
    "too_large": gettext_lazy("%(name)s: larger than %(megabytes)d MB."),
}


@dataclass(frozen=True)
class Taken:
    """An upload that was looked at and may be stored."""

    upload: UploadedFile
    media_type: str
    title: str


class TextField(forms.CharField):
    """One line of text that a person typed: printable, in composed form, without line breaks."""

    default_validators = [printable]

    def to_python(self, value):
        return one_line(super().to_python(value))


class DayField(forms.DateField):
    def __init__(self, **kwargs):
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), required=False, **kwargs)

    def clean(self, value):
        day = super().clean(value)
        if day and not EARLIEST <= day <= LATEST:
            raise forms.ValidationError(_("Please enter a day between 1950 and 2100."))
        return day


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once. Cleans to a list of uploads; each is judged by itself with ``take``."""

    widget = FilesInput

    def clean(self, data, initial=None):
        files = [file for file in data or [] if file]
        if len(files) > settings.EVIDENCE_MAX_FILES:
            most = settings.EVIDENCE_MAX_FILES
            raise forms.ValidationError(_("At most %(most)d files at once, please.") % {"most": most})
        if self.required and not files:
            raise forms.ValidationError(_("Please choose a file."))
        return files


class UploadForm(forms.Form):
    """Files for the library; each becomes a piece with the title of its file's name."""

    files = FilesField(label=gettext_lazy("Files"))
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=KINDS, required=False, initial=Evidence.Kind.OTHER)
    confidentiality = forms.ChoiceField(
        label=gettext_lazy("Confidentiality"),
        choices=Evidence.Confidentiality.choices,
        required=False,
        initial=Evidence.Confidentiality.INTERNAL,
    )

    def description(self, title: str) -> Description:
        values = self.cleaned_data
        return Description(
            title, values["kind"] or Evidence.Kind.OTHER, values["confidentiality"] or Evidence.Confidentiality.INTERNAL
        )


class UrlField(forms.URLField):
    def __init__(self, **kwargs):
        super().__init__(max_length=500, assume_scheme="https", **kwargs)

    def clean(self, value):
        url = super().clean(value)
        if url and not url.lower().startswith(("https://", "http://")):
            raise forms.ValidationError(_("A link begins with https:// or http://."))
        return url


class EvidenceForm(forms.Form):
    """The description of a piece; ``revision`` is the one that was read."""

    title = TextField(label=gettext_lazy("Title"), max_length=TITLE_LENGTH)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=KINDS)
    confidentiality = forms.ChoiceField(label=gettext_lazy("Confidentiality"), choices=Evidence.Confidentiality.choices)
    issued_on = DayField(label=gettext_lazy("Issued on"))
    valid_until = DayField(label=gettext_lazy("Valid through"))
    keeper = TextField(label=gettext_lazy("Kept by (department or person)"), max_length=80, required=False)
    revision = forms.IntegerField(min_value=1, max_value=MOST_REVISIONS, widget=forms.HiddenInput)

    @classmethod
    def about(cls, evidence: Evidence, data=None, **kwargs):
        initial = {**vars(description_of(evidence)), "revision": evidence.revision}
        return cls(data, initial=initial, **kwargs)

    def clean(self):
        values = super().clean()
        issued, until = values.get("issued_on"), values.get("valid_until")
        if issued and until and until < issued:
            self.add_error("valid_until", _("It cannot end before it was issued."))
        return values

    def description(self) -> Description:
        return Description(**{name: self.cleaned_data[name] for name in Description.__dataclass_fields__})


class NewEvidenceForm(EvidenceForm):
    """A piece that is a link, or that is announced and gets its file later."""

    url = UrlField(label=gettext_lazy("Link"), required=False)
    revision = None
    field_order = ["title", "url"]

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("initial", {"kind": Evidence.Kind.OTHER, "confidentiality": Evidence.Confidentiality.INTERNAL})
        super().__init__(*args, **kwargs)
        self.fields["url"].help_text = _("Left empty, the piece is announced: it is listed as missing until its file is there.")

    def content(self) -> Address | None:
        return Address(self.cleaned_data["url"]) if self.cleaned_data["url"] else None


class VersionForm(forms.Form):
    """A newer issue of a piece: a file, or a link."""

    file = forms.FileField(label=gettext_lazy("File"), required=False)
    url = UrlField(label=gettext_lazy("or a link"), required=False)

    def clean(self):
        values = super().clean()
        if not self.errors and bool(values.get("file")) == bool(values.get("url")):
            raise forms.ValidationError(_("Please give either a file or a link."))
        return values


class PlaceForm(forms.Form):
    place = TextField(max_length=EvidenceLink._meta.get_field("place").max_length, required=False)


class LinkForm(PlaceForm):
    """An existing piece for a criterion."""

    evidence = forms.ModelChoiceField(queryset=None)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["evidence"].queryset = Evidence.objects.filter(removed_at=None)


class NewForCriterionForm(PlaceForm):
    """A new piece for a criterion: files, or a link with a title."""

    files = FilesField(required=False)
    url = UrlField(required=False)
    title = TextField(max_length=TITLE_LENGTH, required=False)
    kind = forms.ChoiceField(choices=KINDS, required=False)

    def clean(self):
        values = super().clean()
        if not self.errors and bool(values.get("files")) == bool(values.get("url")):
            raise forms.ValidationError(_("Please give either a file or a link."))
        if values.get("url") and not values.get("title"):
            self.add_error("title", _("A link needs a title."))
        return values


def wanted_from(data) -> Wanted:
    """The list's filters as they stand in the address; what is not known is left out."""
    text = unicodedata.normalize("NFC", data.get("q", "").replace("\0", "")).strip()[:100]
    kind, state, sort = data.get("kind", ""), data.get("state", ""), data.get("sort", "")
    return Wanted(
        text=text,
        kind=kind if kind in Evidence.Kind.values else "",
        state=state if state in (*FAULTS, BIN) else "",
        sort=sort if sort in SORTS else SORTS[0],
    )


def take(upload: UploadedFile) -> Taken:
    """Look at one upload; raises ValidationError with the sentence that says why it is not taken. What cannot be printed in
    its name has been dropped when the request was read."""
    name = _shortened(PurePath(unicodedata.normalize("NFC", upload.name)))
    if upload.size > settings.EVIDENCE_MAX_BYTES:
        raise _refusal("too_large", name, megabytes=settings.EVIDENCE_MAX_BYTES // MEGABYTE)
    try:
        media_type = media_type_of(name, upload)
    except Refused as error:
        raise _refusal(error.code, name) from error
    upload.name = name
    return Taken(upload, media_type, PurePath(name).stem.strip() or name)


def _shortened(path: PurePath) -> str:
    """The name as a label that fits, with its ending."""
    return path.stem[: TITLE_LENGTH - len(path.suffix)] + path.suffix if len(path.suffix) < 10 else path.name[:TITLE_LENGTH]


def _refusal(code: str, name: str, **values) -> forms.ValidationError:
    return forms.ValidationError(REFUSALS[code] % {"name": name, **values})
