"""The proof of isolation: for real it finds nothing, and it finds what is planted for it."""

import os
import subprocess
import sys

import pytest
from django.urls import reverse

from dcmm_site.isolation.certificate import keep
from dcmm_site.isolation.proof import prove
from dcmm_site.isolation.routes import routes
from dcmm_site.isolation.running import folder_of, only_one
from organizations.models import Organization, QueuedMail, User
from tests.live import ROOT, site_environment

PARTS = 8
PLANTED = ("unscoped_lookup", "export_without_filter", "file_by_path")


@pytest.fixture
def data(settings, tmp_path):
    """A data folder of its own, so that nothing is kept in the one of this machine."""
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def staff(client, db):
    person = User.objects.create_user("staff@platform.example", is_staff=True)
    client.force_login(person)
    return client


def test_nothing_is_found(db, data):
    """One part of the viewers: the whole walk takes minutes, and is what the command does."""
    outcome = prove(part=(0, PARTS))

    assert outcome["findings"] == []
    assert sum(route["requests"] for route in outcome["routes"]) > 200
    assert {route["name"] for route in outcome["routes"]} == {route.name for route in routes()}


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_leak_is_found(db, data, settings, planted):
    settings.ROOT_URLCONF = "tests.isolation.leaks"

    findings = prove(names={planted})["findings"]

    assert "word" in {finding["kind"] for finding in findings}
    assert {finding["route"] for finding in findings} == {planted}


def test_a_route_that_cannot_be_filled_is_a_finding(db, data, settings):
    settings.ROOT_URLCONF = "tests.isolation.leaks"

    findings = prove(names={"never_filled"})["findings"]

    assert [(finding["kind"], finding["what"]) for finding in findings] == [("unfilled", "nothing fills 'riddle'")]


def test_a_clean_page_has_no_finding_and_nothing_is_left(db, data, mailoutbox):
    outcome = prove(names={"members"})

    assert outcome["findings"] == []
    assert outcome["by_route"].keys() == {"members"}
    assert [Organization.objects.count(), User.objects.count(), QueuedMail.objects.count(), mailoutbox] == [0, 0, 0, []]


@pytest.mark.parametrize("name", ["isolation", "proof_state", "isolation_page", "start_proof"])
def test_the_pages_are_the_staffs(as_alice, data, name):
    path = reverse(name, kwargs={"stamp": "20260101-000000"} if name == "isolation_page" else {})

    assert [as_alice.get(path).status_code, as_alice.post(path).status_code] == [404, 404]


def test_the_staff_see_earlier_proofs(staff, data, db):
    page = keep(prove(names={"members"}))

    listed = staff.get(reverse("isolation"))
    shown = staff.get(reverse("isolation_page", kwargs={"stamp": page.stem}))

    assert reverse("isolation_page", kwargs={"stamp": page.stem}) in listed.content.decode()
    assert "/o/&lt;slug:organization_slug&gt;/members/" in shown.content.decode()
    assert staff.get(reverse("isolation_page", kwargs={"stamp": "20200101-000000"})).status_code == 404


def test_the_button_starts_one_proof_at_a_time(staff, data, monkeypatch):
    begun = []
    monkeypatch.setattr("dcmm_site.isolation.views.subprocess.Popen", lambda command, **_how: begun.append(command[1:]))

    staff.post(reverse("start_proof"))
    staff.post(reverse("start_proof"))

    assert begun == [["manage.py", "prove_isolation", "--gently"]]
    assert "every 3s" in staff.get(reverse("proof_state")).content.decode()


def test_a_proof_under_way_is_waited_for(staff, data):
    with only_one(data):
        running = staff.get(reverse("proof_state"))
        environment = site_environment(data)
        second = subprocess.run(
            [sys.executable, "manage.py", "prove_isolation"], env=environment, cwd=ROOT, capture_output=True, text=True
        )
    done = staff.get(reverse("proof_state"))

    assert ["HX-Refresh" in running, "HX-Refresh" in done] == [False, True]
    assert second.returncode == 1
    assert "under way already" in second.stderr
    assert os.listdir(folder_of(data)) == ["lock"]


def test_a_database_without_tables_is_refused_in_a_sentence(tmp_path):
    command = [sys.executable, "manage.py", "prove_isolation", "--here", str(tmp_path / "outcome.json")]
    done = subprocess.run(command, env=site_environment(tmp_path), cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr == "CommandError: The database is not prepared for this version; run first: manage.py prepare\n"
