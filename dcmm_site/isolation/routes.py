"""The routes of the URLconf, the permissions that they name, and bringing an assessment into a state that lets them write."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver
from django_scopes import scope

from assessments.models import Assessment
from assessments.states import State, state_allows
from assessments.views.access import AssessmentView
from dcmm_site.isolation.world import World
from organizations.permissions import Permission
from questionnaires.views.access import ContentView

METHODS = ("get", "post", "put", "patch", "delete")
PLACE = "organization_slug"


@dataclass(frozen=True)
class Route:
    """``path`` is the route as the URLconf writes it; ``view`` a view class, or the function of somebody else's route."""

    name: str
    path: str
    view: type
    parts: frozenset[str]  # of the address, without the organization's
    is_ours: bool

    @property
    def is_of_tenant(self) -> bool:
        return f":{PLACE}>" in self.path

    @property
    def is_of_assessment(self) -> bool:
        return isinstance(self.view, type) and issubclass(self.view, AssessmentView)

    @property
    def is_content(self) -> bool:
        return isinstance(self.view, type) and issubclass(self.view, ContentView)

    @property
    def methods(self) -> list[str]:
        return [method for method in METHODS if hasattr(self.view, method)]

    def needed(self, method: str) -> list[Permission]:
        both = [self.view.permission, self.view.write_permission]
        return both[:1] if method == "get" or both[1] is None else both


def routes(patterns=None, prefix: str = "", parts: frozenset[str] = frozenset(), ours: bool = True) -> Iterator[Route]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        here = parts | set(pattern.pattern.converters) | set(pattern.pattern.regex.groupindex)
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, path, here, ours and "allauth" not in str(pattern.urlconf_name))
        elif isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "view_class", pattern.callback)
            yield Route(pattern.name, path, view, frozenset(here - {PLACE}), ours)


def open_for(world: World, route: Route) -> None:
    """Put the assessment of the world into a state in which the route may write."""
    if route.is_of_assessment:
        allowing = (state for state in State if all(state_allows(state, need) for need in route.needed("post")))
        set_state(world, next(allowing))


def set_state(world: World, state: str) -> None:
    with scope(organization=world.organization):
        Assessment.objects.filter(pk=world.assessment.pk).update(state=state)
