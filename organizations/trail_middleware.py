"""What goes into the trail by itself: who looked in as a guest, who took a file along, which writes were refused.

Everything else is recorded by the operation that does it. Names of pages and ids only: no query strings, no texts.
"""

import logging
import re

from allauth.account.adapter import get_adapter
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.db import OperationalError
from django.utils import timezone

from organizations.acting import acting, circumstances
from organizations.guests import Guest
from organizations.models.trail import Result
from organizations.operations.trail import record_activity

logger = logging.getLogger(__name__)
READS = ("GET", "HEAD")
WRITES = ("POST", "PUT", "PATCH", "DELETE")
REFUSED = (403, 404, 409)
CODE = re.compile(r"[A-Za-z0-9._-]{1,40}\Z")
CODES = ("item_code", "criterion_code")  # said without their name, as elsewhere in the trail


class WhereFromMiddleware:
    """Notes where the request comes from; after the response has left it writes what must not delay it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with acting(_address(request)) as here:
            response = self.get_response(request)
        for note in here.afterwards:
            response._resource_closers.append(_in_peace(note))
        return response


class TrailMiddleware:
    """The last one: it knows the organization, and stands in its scope."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.membership is None:
            return self.get_response(request)
        circumstances().firm = _firm(request.membership)
        response = self.get_response(request)
        _note(request, response)
        return response

    def process_view(self, request, view, args, kwargs):
        request.reached_its_view = True


def _note(request, response):
    noted = _worth_noting(request, response)
    if noted is None:
        return
    verb, result = noted
    place, at = request.membership, timezone.now()
    try:
        record_activity(verb, organization=request.organization, about=_about(request), by=place.user, at=at, result=result)
    except OperationalError:  # after the usual wait
        logger.exception(
            "Not in the trail of organization %s: %s %s by user %s", place.organization_id, verb, _about(request), place.user_id
        )


def _worth_noting(request, response) -> tuple[str, str] | None:
    """(verb, result), or None."""
    if request.method in WRITES:
        return ("write.refused", Result.REFUSED) if response.status_code in REFUSED else None
    reached = getattr(request, "reached_its_view", False)
    if request.method not in READS or not reached or circumstances().entries:  # recorded by what was done
        return None
    if response.headers.get("Content-Disposition", "").startswith("attachment"):
        return "file.downloaded", _result(response.status_code)
    if isinstance(request.membership, Guest):
        is_page = response.headers.get("Content-Type", "text/html").startswith("text/html")
        return "page.viewed" if is_page else "file.opened", _result(response.status_code)
    return None


def _result(status: int) -> str:
    if status >= 500:
        return Result.FAILED
    return Result.REFUSED if status >= 400 else Result.DONE


def _about(request) -> str:
    """The page and its ids, as in ``item: assessment 5 DS1``."""
    match = request.resolver_match
    if match is None:
        return ""
    parts = []
    for name, value in match.kwargs.items():
        if name != "organization_slug" and (isinstance(value, int) or CODE.match(str(value))) and "token" not in name:
            parts.append(str(value) if name in CODES else f"{name.removesuffix('_id')} {value}")
    return ": ".join(filter(None, [match.url_name, " ".join(parts)]))


def _firm(place) -> int | None:
    if isinstance(place, Guest):
        return place.engagement.consultancy_id
    return place.organization_id if place.organization.has_clients else None


def _address(request) -> str:
    try:
        return get_adapter(request).get_client_ip(request)[:45]
    except (PermissionDenied, ImproperlyConfigured, ValidationError, ValueError):
        return ""  # none, or headers that no proxy of ours writes


def _in_peace(note):
    def run():
        try:
            note()
        except Exception:
            logger.exception("An entry of the trail could not be written.")

    return run
