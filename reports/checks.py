from django.core.checks import Warning as CheckWarning
from django.core.checks import register

from reports.papers.fonts import missing


@register()
def can_set_chinese(app_configs, **kwargs):
    """Reports need Pango and a Chinese font; say what to install instead of printing boxes."""
    return [
        CheckWarning(
            f"PDF reports can't be made: {lack.what} is missing.", hint=f"Install it: {lack.install}", id="reports.W001"
        )
        for lack in missing()
    ]
