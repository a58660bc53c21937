import fcntl
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from assessments.operations.lifecycle import start_assessment
from assessments.queries.criteria import code_by_id
from assessments.results import PolicyBasis
from organizations.models import Department, Role, User
from organizations.operations.membership import add_member, found_organization
from questionnaires.library import current_version
from questionnaires.linter import read_all
from questionnaires.loading import load_packages
from tests.live import manage, site_environment

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # noon in Shanghai
PASSWORD = "correct horse battery"


LONGEST = (  # files that take their time, begun first so that no worker waits for another at the end
    "test_first_assessment.py", "test_accessibility.py", "test_pdf.py", "test_offline.py", "test_kill.py", "test_team.py",
)  # fmt: skip


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def packages():
    """(questionnaires, policy library) as they stand in the files, read once."""
    return read_all()


@pytest.fixture(scope="session")
def questionnaires(packages):
    return {questionnaire.code: questionnaire for questionnaire in packages[0]}


@pytest.fixture(scope="session")
def basis(packages, questionnaires):
    return PolicyBasis(packages[1], questionnaires["policy-actions"])


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, packages):
    """Every test database holds the content; tests roll back to it."""
    with django_db_blocker.unblock():
        load_packages([*packages[0], packages[1]], at=timezone.now())


@pytest.fixture(scope="session", autouse=True)
def fast_hashing():
    """Hashing is slow by design: the product's own hasher, with a thousandth of its rounds. Live sites have them all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PBKDF2PasswordHasher, "iterations", PBKDF2PasswordHasher.iterations // 1000)
        yield


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> Path:
    """The files of a prepared site on SQLite, to be copied: made once, however many workers the suite has."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    site = folder / "prepared"
    with (folder / "prepared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "prepared.done").exists():
            manage(site_environment(site), "prepare")
            (folder / "prepared.done").touch()
    return site


def _person(email: str, name: str) -> User:
    return User.objects.create_user(email, PASSWORD, name=name)


@pytest.fixture
def alice(db):
    """Owns Acme."""
    return _person("alice@acme.example", "Alice")


@pytest.fixture
def bob(db):
    """May only look at Acme."""
    return _person("bob@acme.example", "Bob")


@pytest.fixture
def charlie(db):
    """Owns Globex and has nothing to do with Acme."""
    return _person("charlie@globex.example", "Charlie")


@pytest.fixture
def acme(alice, bob):
    organization = found_organization(name="Acme 数据公司", slug="acme", by=alice, at=NOON)
    with scope(organization=organization):
        add_member(organization=organization, user=bob, role=Role.VIEWER, by=alice, at=NOON)
    return organization


@pytest.fixture
def data_office(acme):
    with scope(organization=acme):
        return Department.objects.create(organization=acme, name="Data office")


@pytest.fixture
def dora(acme, alice):
    """Coordinates Acme."""
    return _member(acme, "dora@acme.example", "Dora", Role.COORDINATOR, alice)


@pytest.fixture
def eve(acme, alice, data_office):
    """Answers for Acme's data office."""
    return _member(acme, "eve@acme.example", "Eve", Role.RESPONDENT, alice, data_office)


def _member(organization, email, name, role, by, department=None):
    person = _person(email, name)
    with scope(organization=organization):
        add_member(organization=organization, user=person, role=role, department=department, by=by, at=NOON)
    return person


@pytest.fixture
def globex(charlie):
    return found_organization(name="Globex", slug="globex", by=charlie, at=NOON)


def begin(organization, by, code="gbt36073-2025", name="2026 self-assessment", target=3):
    version = current_version(code)
    code_by_id(version)  # kept per process: read now, so that counts of queries do not depend on which test came first
    with scope(organization=organization):
        return start_assessment(organization=organization, version=version, name=name, target=target, by=by, at=NOON)


@pytest.fixture
def assessment(acme, alice):
    return begin(acme, alice)


@pytest.fixture
def in_acme(acme):
    with scope(organization=acme):
        yield acme


@pytest.fixture
def across_tenants():
    with scopes_disabled():
        yield


@pytest.fixture
def as_alice(client, alice):
    client.force_login(alice)
    return client
