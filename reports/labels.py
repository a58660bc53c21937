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
