import unicodedata
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.conf import settings
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _

from organizations.models import User
from organizations.text import printable

ZONES = (
    "Asia/Shanghai", "Asia/Urumqi", "Asia/Hong_Kong", "Asia/Macau", "Asia/Taipei", "Asia/Tokyo", "Asia/Seoul", "Asia/Singapore",
    "Asia/Kuala_Lumpur", "Asia/Bangkok", "Asia/Ho_Chi_Minh", "Asia/Jakarta", "Asia/Manila", "Asia/Kolkata", "Asia/Dubai",
    "Asia/Riyadh", "Asia/Almaty", "Europe/Moscow", "Africa/Nairobi", "Africa/Johannesburg", "Africa/Cairo", "Europe/Berlin",
    "Europe/Paris", "Europe/London", "UTC", "America/Sao_Paulo", "America/New_York", "America/Chicago", "America/Los_Angeles",
    "Australia/Sydney", "Pacific/Auckland",
)  # fmt: skip


def zone_choices(current: str = "", at: datetime | None = None) -> list[tuple[str, str]]:
    """The common zones and the one chosen already, from west to east, each with its distance from UTC today and its city."""
    at = at or datetime.now(UTC)
    names = ZONES if current in ("", *ZONES) else (*ZONES, current)
    names = sorted(names, key=lambda name: ZoneInfo(name).utcoffset(at))
    return [(name, f"{_offset(name, at)} {_city(name)}") for name in names]


def _offset(name: str, at: datetime) -> str:
    minutes = int(ZoneInfo(name).utcoffset(at).total_seconds() // 60)
    return f"UTC{'+' if minutes >= 0 else '−'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _city(name: str) -> str:
    return "" if name == "UTC" else get_timezone_location(name, locale=to_locale(get_language() or "en"), return_city=True)


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["name", "language", "time_zone", "wants_digest"]
        labels = {"name": _("Your name"), "language": _("Language"), "time_zone": _("Time zone")}
        help_texts = {
            "name": _("As colleagues should see it."),
            "language": _("Of the pages, and of the mail sent to you."),
            "time_zone": _("Times are shown in this zone."),
            "wants_digest": _("At most one mail a day, only when something is due."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].validators.append(printable)
        self.fields["language"] = forms.ChoiceField(
            label=_("Language"), choices=settings.LANGUAGES, help_text=self.fields["language"].help_text
        )
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"), choices=zone_choices(self.instance.time_zone), help_text=self.fields["time_zone"].help_text
        )
        self.initial["language"] = self.instance.language or get_language()
        self.initial["time_zone"] = self.instance.time_zone or settings.TIME_ZONE
        self.fields["wants_digest"].label = _("Remind me by e-mail of what is due")
        self.helper = FormHelper()
        self.helper.add_input(Submit("submit", _("Save")))

    def clean_name(self):
        return unicodedata.normalize("NFC", self.cleaned_data["name"]).strip()
