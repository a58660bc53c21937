"""Stencils: templates rendered once per questionnaire version and language, with openings for what differs from row to row.

A page of eighteen questions is some two thousand template nodes, nearly all of them the same for everybody; filling a stencil
costs one join. What goes into an opening is escaped unless it is markup already.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from questionnaires.models import Version

OPENING = re.compile("\ue000(.+?)\ue001")


def opening(name: str) -> SafeString:
    """Stands in a stencil where ``name`` is filled in."""
    return mark_safe(f"\ue000{name}\ue001")


class Stencils:
    """Those of one questionnaire version in one language."""

    def __init__(self):
        self.made: dict[tuple, list[str]] = {}

    def fill(self, template: str, values: Mapping[str, object], *, key: tuple = (), **fixed) -> SafeString:
        """``template`` with ``values`` in its openings. ``key`` tells apart the stencils made with different ``fixed``."""
        found = self.made.get((template, *key))
        if found is None:
            context = {**{name: opening(name) for name in values}, **fixed}
            found = self.made[template, *key] = OPENING.split(render_to_string(template, context))
        escaped = {name: value if type(value) is SafeString else conditional_escape(value) for name, value in values.items()}
        parts = found.copy()
        parts[1::2] = [escaped[name] for name in found[1::2]]
        return mark_safe("".join(parts))


def stencils_of(version: Version) -> Stencils:
    return _stencils(version.pk, version.sha256, get_language())


@lru_cache(maxsize=32)
def _stencils(version_id: int, sha256: str, language: str) -> Stencils:
    return Stencils()
