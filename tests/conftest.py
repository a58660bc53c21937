from datetime import UTC, datetime
from functools import cache

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from assessments.operations.lifecycle import start_assessment
from assessments.results import PolicyBasis
from organizations.models import Department, Role, User
from organizations.operations.membership import add_member, found_organization
from questionnaires.library import current_version
from questionnaires.linter import read_all
from questionnaires.loading import load_packages

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # noon in Shanghai
PASSWORD = "correct horse battery"


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


@cache
def _hash() -> str:
    """Hashing is slow by design; one hash serves everybody here, with the product's own hasher."""
    return make_password(PASSWORD)


def _person(email: str, name: str) -> User:
    return User.objects.create(email=email, name=name, password=_hash())


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
    with scope(organization=organization):
        return start_assessment(
            organization=organization, version=current_version(code), name=name, target=target, by=by, at=NOON
        )


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
