"""Many writers of one trail at once: one chain, no fork, no gap. With threads on PostgreSQL, with processes on SQLite."""

import subprocess
import sys
import threading

import pytest
from django.db import connection, connections, transaction
from django_scopes import scope

from organizations.models import ActivityEntry, User
from organizations.operations.membership import found_organization
from organizations.operations.trail import record_activity, recorded_together
from organizations.verifying import verify
from tests.conftest import NOON
from tests.live import ROOT, site_environment

WRITERS, EACH = 50, 10
PROCESSES, EACH_OF_THEM = 10, 25
ONE_PROCESS = """
import sys, django
django.setup()
from django.db import transaction
from django_scopes import scope
from organizations.models import Organization, User
from organizations.operations.trail import record_activity, recorded_together
from tests.conftest import NOON
acme, person = Organization.objects.get(slug="acme"), User.objects.get()
with scope(organization=acme):
    for n in range(int(sys.argv[1])):
        with transaction.atomic(), recorded_together():
            for half in (1, 2):
                record_activity("answer.saved", organization=acme, about=f"writer {sys.argv[2]} {n} {half}", by=person, at=NOON)
"""
FOUND = """
import django
django.setup()
from organizations.models import User
from organizations.operations.membership import found_organization
from tests.conftest import NOON
found_organization(name="Acme", slug="acme", by=User.objects.create(email="alice@acme.example"), at=NOON)
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads of one process share a database in memory on SQLite")
def test_fifty_threads_make_one_chain():
    alice = User.objects.create(email="alice@acme.example")
    acme = found_organization(name="Acme", slug="acme", by=alice, at=NOON)
    gate, errors = threading.Barrier(WRITERS), []

    def write(writer):
        try:
            with scope(organization=acme):
                gate.wait(timeout=60)
                for n in range(EACH):
                    with transaction.atomic(), recorded_together():
                        for half in (1, 2):
                            about = f"writer {writer} {n} {half}"
                            record_activity("answer.saved", organization=acme, about=about, by=alice, at=NOON)
        except BaseException as error:  # noqa: BLE001  told by the test
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=[number]) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)

    assert errors == []
    checked = verify(acme)
    assert (checked.fault, checked.entries) == ("", 2 + WRITERS * EACH * 2)
    with scope(organization=acme):
        written = list(ActivityEntry.objects.filter(verb="answer.saved").order_by("number").values_list("about", flat=True))
    assert len(set(written)) == WRITERS * EACH * 2
    assert all(second == f"{first[:-1]}2" for first, second in zip(written[::2], written[1::2], strict=True))  # acts stay whole


@pytest.mark.skipif(connection.vendor == "postgresql", reason="on PostgreSQL threads do")
def test_ten_processes_make_one_chain(prepared, tmp_path):
    data = tmp_path / "site"
    subprocess.run(["cp", "-r", str(prepared), str(data)], check=True)
    environment = site_environment(data, DJANGO_SETTINGS_MODULE="dcmm_site.settings")
    run = [sys.executable, "-c"]
    subprocess.run([*run, FOUND], env=environment, cwd=ROOT, check=True)

    numbers = range(PROCESSES)
    writers = [subprocess.Popen([*run, ONE_PROCESS, str(EACH_OF_THEM), str(n)], env=environment, cwd=ROOT) for n in numbers]

    assert [writer.wait(timeout=120) for writer in writers] == [0] * PROCESSES
    command = [sys.executable, "manage.py", "verify_trail", "acme"]
    told = subprocess.run(command, env=environment, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    entries = 2 + PROCESSES * EACH_OF_THEM * 2
    assert told.splitlines()[-1] == f"{entries} entries verified in 1 trails, 0 broken; 0 heads compared."
