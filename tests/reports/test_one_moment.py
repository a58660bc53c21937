"""What a report freezes stands as of one moment, while others write. In threads on PostgreSQL, in a process on SQLite."""

import json
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from organizations.models import User
from organizations.queries import membership_of
from reports import freezing
from tests.conftest import NOON, begin
from tests.live import ROOT, site_environment

SCRIPT = """
import json, django
django.setup()
from tests.reports.test_one_moment import people_seen
print(json.dumps(people_seen()))
"""


def people_seen() -> list[int]:
    """How many people there are, counted at one moment before and after somebody adds one, and then again."""
    errors = []

    def add():
        try:
            User.objects.create(email="later@acme.example")
        except BaseException as error:  # noqa: BLE001  told by the caller
            errors.append(error)
        finally:
            connections.close_all()

    with freezing.at_one_moment():
        seen = [User.objects.count()]
        writer = threading.Thread(target=add)
        writer.start()
        writer.join(timeout=60)
        seen.append(User.objects.count())
    if errors:
        raise errors[0]
    User.objects.create(email="afterwards@acme.example")  # transactions that write are as before
    return [*seen, User.objects.count()]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads of one process share a database in memory on SQLite")
def test_what_others_write_is_not_seen_on_postgresql():
    assert people_seen() == [0, 0, 2]
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("read committed",)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a database in a file of its own")
def test_what_others_write_is_not_seen_on_sqlite(prepared, tmp_path):
    environment = site_environment(shutil.copytree(prepared, tmp_path / "site"), DJANGO_SETTINGS_MODULE="dcmm_site.settings")
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, cwd=ROOT, check=True, capture_output=True, text=True)
    before, meanwhile, after = json.loads(done.stdout)
    assert (meanwhile, after) == (before, before + 2)


def test_freezing_asks_nothing_outside_that_moment(acme, alice, monkeypatch):
    assessment, asked = begin(acme, alice, code="policy-actions"), []

    @contextmanager
    def watched():
        with CaptureQueriesContext(connection) as inside:
            yield
        asked.append(len(inside))

    monkeypatch.setattr(freezing, "at_one_moment", watched)
    with scope(organization=acme), CaptureQueriesContext(connection) as whole:
        place = membership_of(alice, acme.slug)
        known = len(whole)
        freezing.freeze(assessment, place=place, language="both", on=NOON.date())

    assert asked == [len(whole) - known]
