"""The proof of isolation, run in this process and database, and taken back."""

import logging
import secrets
import tempfile
import time
from collections.abc import Container
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from django.conf import settings
from django.core import mail
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone
from django_scopes import scope

from dcmm_site.isolation.marking import our_models, tenant_models, unmarked
from dcmm_site.isolation.routes import routes
from dcmm_site.isolation.running import only_one
from dcmm_site.isolation.search import words_in
from dcmm_site.isolation.viewers import viewers_of
from dcmm_site.isolation.walk import Finding, Tally, as_json, walk
from dcmm_site.isolation.world import World, build_world
from organizations.models import Membership, Role
from questionnaires.library import current_policy_library, current_version
from reports.freezing import freeze

LETTERS = "bcdfghjkmnpqrstvwxz23456789"
LIBRARIES = ("Django", "django-scopes", "django-allauth")
QUIET = {  # what has nothing to do with tenants, and would only stand in the way of the walk
    "ALLOWED_HOSTS": ["localhost"],
    "CACHES": {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}},  # nobody is slowed down
    "DEBUG": False,
    "EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
    "PASSWORD_MAX_AGE": None,
    "SECOND_FACTOR_ENFORCED": False,
    "SECURE_SSL_REDIRECT": False,
}


class TakenBack(Exception):
    """Carries the outcome out of the transaction that nothing of it stays in."""

    def __init__(self, outcome: dict):
        super().__init__()
        self.outcome = outcome


def prove(*, part: tuple[int, int] = (0, 1), names: Container[str] | None = None) -> dict:
    """Build two worlds, walk them against each other, and say what was done and found. Leaves nothing behind.

    ``part`` and ``names`` as in ``walk``.
    """
    begun = datetime.now(UTC)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="isolation-", dir=settings.DATA_DIR) as folder, _quiet(Path(folder)):
        try:
            with transaction.atomic():
                worlds = build_world(new_word()), build_world(new_word())
                tally = Tally()
                for world in worlds:
                    for lack in unmarked(world):
                        tally.add(Finding("unmarked", "", "", "", what=lack))
                furnished = time.perf_counter()
                walk(worlds, tally, part=part, names=names)
                for own, other in (worlds, worlds[::-1]):
                    search_report(own, other, tally)
                raise TakenBack(_outcome(worlds, tally, begun, furnished - start))
        except TakenBack as done:
            return done.outcome | {"seconds": round(time.perf_counter() - start, 1)}


def search_report(own: World, other: World, tally: Tally):
    """What every report of the one world is made from, and one that is made of it, hold nothing of the other."""
    from reports.papers.making import files_of  # noqa: PLC0415 - pandas, which stays out of the web process

    with scope(organization=own.organization):
        owner = Membership.objects.get(organization=own.organization, user=own.people[Role.OWNER])
        frozen = freeze(own.assessment, place=owner, language="zh-hans", on=timezone.localdate())
    order = {"snapshot": frozen.text, "variant": "full", "items": [], "formats": ["xlsx"]}
    files, _pages = files_of(order, said=lambda _step: None)
    for kind, content in {"snapshot": frozen.text.encode(), **files}.items():
        tally.searched += len(content)
        for word in words_in(content, [other.marks.name]):
            tally.add(Finding("word", "", "reports", kind, what=word))


def new_word() -> str:
    return "zq" + "".join(secrets.choice(LETTERS) for _n in range(8))


def _outcome(worlds: tuple[World, World], tally: Tally, begun: datetime, furnishing: float) -> dict:
    library = current_policy_library()
    return {
        "begun_at": begun.isoformat(timespec="milliseconds"),
        "furnishing_seconds": round(furnishing, 1),
        "words": [world.marks.name for world in worlds],
        "models": [model.__name__ for model in tenant_models()],
        "shared_models": [model.__name__ for model in our_models() if model not in tenant_models()],
        "routes": [
            {"name": route.name, "path": "/" + route.path, "requests": tally.by_route[route.name]} for route in routes()
        ],
        "viewers": sorted({viewer.label for viewer in viewers_of(*worlds)}),
        "database": _database(),
        "versions": {
            "Python": python_version(),
            **{name: version(name) for name in LIBRARIES},
            "gbt36073-2025": current_version("gbt36073-2025").number,
            "policies": library.version,
        },
        **as_json(tally),
    }


def _database() -> str:
    if connection.vendor == "postgresql":
        major, minor = divmod(connection.pg_version, 10_000)
        return f"PostgreSQL {major}.{minor}"
    return f"SQLite {connection.Database.sqlite_version}"


@contextmanager
def _quiet(folder: Path):
    """Files go to the folder, mail nowhere, and the log stays empty."""
    storages = {
        "default": {"BACKEND": "dcmm_site.storage.DurableFileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    logging.disable(logging.CRITICAL)
    mail.outbox = []
    try:
        with (
            override_settings(MEDIA_ROOT=folder / "media", DATA_DIR=folder, STORAGES=storages, **QUIET),
            only_one(Path(settings.DATA_DIR)),  # the button that starts a proof is walked too
        ):
            yield
    finally:
        logging.disable(logging.NOTSET)
