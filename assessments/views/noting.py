"""What pages share that save a choice and a note per question at once: the blind rating and the interview."""

from dataclasses import dataclass
from datetime import datetime

from django.shortcuts import render

from assessments.models import BlindRating, InterviewNote


@dataclass
class NotingRow:
    """One question of such a page: what is saved, or what somebody typed and why it is not saved."""

    criterion: object
    rating: str = ""
    note: str = ""
    revision: int = 0
    saved_at: datetime | None = None
    current: BlindRating | InterviewNote | None = None  # saved meanwhile: to be chosen between
    errors: dict | None = None
    just_saved: bool = False
    extra: object = None  # what else the page shows

    @property
    def code(self) -> str:
        return self.criterion.code

    @property
    def current_choice(self) -> str:
        return getattr(self.current, "rating", "") or getattr(self.current, "outcome", "")


def noted(request, code: str, revision: int, **context):
    """The fragment that says that it is saved, and the header that the queue in the browser waits for."""
    response = render(request, "assessments/noting/state.html", context)
    response["X-Saved"] = f"{code} {revision}"
    return response


def refused(request, sentence: str, status: int = 409):
    """The line that says why it is not saved, and that trying again is of no use."""
    response = render(request, "assessments/noting/refused.html", {"sentence": sentence}, status=status)
    response["X-Closed" if status == 409 else "X-Refused"] = "panel"
    return response
