"""Which kinds of mail are rendered when they leave, and in whose language."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.utils.translation import get_language, override

from organizations.models import User

Rendered = tuple[str, str]
Renderer = Callable[[dict, datetime], Rendered | None]
RENDERERS: dict[str, Renderer] = {}


def renders(kind: str) -> Callable[[Renderer], Renderer]:
    """Register how a mail of this kind is written: ``(payload, at) -> (subject, text)``, or None if it is no longer wanted.

    Called by the worker just before the mail leaves, in the recipient's language and outside any transaction and tenant scope.
    So a one-time token can be made here, its hash stored, and the token itself is nowhere but in the mail. A failed delivery
    is rendered again at its next try, so each try has its own token. Registered in a module below ``operations/``: the worker
    loads all of these.
    """

    def register(renderer: Renderer) -> Renderer:
        if RENDERERS.setdefault(kind, renderer) is not renderer:
            raise ValueError(f"Two renderers for mail of the kind {kind!r}.")
        return renderer

    return register


def in_language_of(person: User | None):
    """Context: texts in the person's own language, else in the one that is active now."""
    return override((person and person.language) or get_language() or settings.LANGUAGE_CODE)
