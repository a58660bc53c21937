"""Words for ratings and reasons, as pages and reports show them."""

from django.utils.translation import gettext_lazy as _

from assessments.models import Answer

RATING_LABELS = {
    "full": _("Fully met"),
    "largely": _("Largely met"),
    "partly": _("Partly met"),
    "none": _("Not met"),
    "na": _("Not applicable"),
    "": _("Unanswered"),
}
NA_LABELS = dict(Answer.NaReason.choices)
CONFIDENTIALITY_LABELS = {
    "public": _("Public"),
    "internal": _("Internal"),
    "confidential": _("Confidential"),
}
FLAW_LABELS = {
    "missing": _("File missing"),
    "expired": _("Expired"),
    "stale": _("Out of date"),
}
