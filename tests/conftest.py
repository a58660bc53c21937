import fcntl
import os
import shutil
import uuid
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.utils import timezone
from django.utils.translation import override
from django_scopes import scope

from assessments.operations.lifecycle import start_assessment
from assessments.queries.criteria import code_by_id
from assessments.results import PolicyBasis
from organizations.models import Department, Organization, Role, TeamRole, User
from organizations.operations.engagement import accept_engagement, offer_engagement, put_on_team
from organizations.operations.membership import add_member, found_organization
from questionnaires.library import current_version
from questionnaires.linter import read_all
from questionnaires.loading import load_packages
from tests.live import manage, own_postgres, postgres_of_suite, site_environment

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # noon in Shanghai
PASSWORD = "correct horse battery"
LOAD_CONTENT = pytest.StashKey()
TO_COPY = "dcmm_prepared"  # a database on PostgreSQL


LONGEST = (  # files that take their time, begun first so that no worker waits for another at the end
    "test_proof.py", "test_accessibility.py", "test_first_assessment.py", "test_review.py", "test_pdf.py", "test_offline.py",
    "test_kill.py", "test_kill_worker.py", "test_team.py", "test_fields.py", "test_pdf_variants.py", "test_word.py",
    "test_two_databases.py",
)  # fmt: skip


ON_SQLITE_ONLY = (  # what these find can't depend on the database, and the suite runs on both
    "content", "questionnaires", "test_accessibility.py", "test_offline.py", "test_hostile_input.py", "test_recomputation.py",
    "test_file_types.py", "test_planning.py", "test_findings.py", "test_annex.py", "test_charts.py", "test_charts_pictures.py",
    "test_pdf.py", "test_pdf_injection.py", "test_pdf_signing.py", "test_pdf_standards.py", "test_pdf_variants.py", "test_sharing.py",
    "test_quickening.py", "test_word.py", "test_workbook.py", "test_screen_and_paper.py", "test_fields.py", "test_assess_command.py",
    "test_first_assessment.py",
)  # fmt: skip
ON_ONE_IS_ENOUGH = (  # rights and pages, left out on SQLite where .ci/run has just seen them on PostgreSQL
    "test_routes.py", "test_proof.py", "test_search.py", "test_guests.py", "test_team.py", "test_review.py", "test_plan_pages.py",
    "test_reviewing.py", "test_reviewing_final.py", "test_lifecycle.py", "test_board.py", "test_cockpit.py", "test_panel.py",
    "test_interviewing.py", "test_compare_pages.py", "test_report_pages.py", "test_batches.py", "test_branding.py",
    "test_verification.py", "test_engagements.py", "test_invitations.py", "test_staff.py", "test_my_work.py",
    "test_kit_damage.py", "test_leaks.py", "test_plan_leaks.py", "test_plan_board.py", "test_portfolio.py", "test_rivals.py",
)  # fmt: skip


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))
    if not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        names, reason = ON_SQLITE_ONLY, "runs on SQLite: does not depend on the database"
    elif os.environ.get("DCMM_SEEN_ON_POSTGRESQL"):
        names, reason = ON_ONE_IS_ENOUGH, "seen on PostgreSQL in the same run of .ci/run"
    else:
        return
    for item in items:
        if {item.path.name, item.path.parent.name} & set(names):
            item.add_marker(pytest.mark.skip(reason=reason))


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
def django_db_setup(django_db_setup, django_db_blocker, packages, request):
    """Every test database holds the content; tests roll back to it."""

    def load():
        with django_db_blocker.unblock():
            load_packages([*packages[0], packages[1]], at=timezone.now())

    load()
    request.config.stash[LOAD_CONTENT] = load


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    """A test with transactions of its own leaves every table empty: the content is loaded again for those after it."""
    try:
        return (yield)
    finally:
        marker = item.get_closest_marker("django_db")
        if marker and marker.kwargs.get("transaction") and LOAD_CONTENT in item.config.stash:
            item.config.stash[LOAD_CONTENT]()


@pytest.fixture(scope="session", autouse=True)
def fast_hashing():
    """Hashing is slow by design: the product's own hasher, with a thousandth of its rounds. Live sites have them all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PBKDF2PasswordHasher, "iterations", PBKDF2PasswordHasher.iterations // 1000)
        yield


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> Path:
    """The files of a prepared site on SQLite, to be copied."""
    return _prepared_once(tmp_path_factory, "prepared", site_environment)


@pytest.fixture(scope="session")
def new_site(tmp_path_factory, request):
    """``new_site(folder)``: a context with the environment of a prepared site whose files are there, on a database of its own,
    of the kind that the suite runs on."""

    @contextmanager
    def begin(folder: Path):
        url = postgres_of_suite()
        if not url:
            yield site_environment(shutil.copytree(request.getfixturevalue("prepared"), folder, dirs_exist_ok=True))
            return
        files = _prepared_once(tmp_path_factory, "prepared-postgres", lambda site: site_environment(site, _to_copy(url)))
        with own_postgres(url, f"dcmm_{uuid.uuid4().hex}", TO_COPY) as own:
            yield site_environment(shutil.copytree(files, folder, dirs_exist_ok=True), own)

    return begin


def _prepared_once(tmp_path_factory, name: str, environment_of) -> Path:
    """Where the files of a site stand that was prepared once, however many workers the suite has."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    site = folder / name
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / f"{name}.done").exists():
            manage(environment_of(site), "prepare")
            (folder / f"{name}.done").touch()
    return site


def _to_copy(url: str) -> str:
    """The URL of a new database that others are copied from; it stays until the next suite."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {TO_COPY} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {TO_COPY}")
    return urlsplit(url)._replace(path=f"/{TO_COPY}").geturl()


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
def lena(db):
    """Owns the consultancy Sage and leads its engagements."""
    return _person("lena@sage.example", "Lena")


@pytest.fixture
def sage(lena):
    kind = Organization.Kind.CONSULTANCY
    return found_organization(name="Sage 咨询", slug="sage", kind=kind, by=lena, at=NOON)


@pytest.fixture
def rita(sage, lena):
    """Reviews for Sage."""
    return _member(sage, "rita@sage.example", "Rita", Role.RESPONDENT, lena)


@pytest.fixture
def otto(sage, lena):
    """Watches for Sage."""
    return _member(sage, "otto@sage.example", "Otto", Role.VIEWER, lena)


def engage(enterprise, consultancy, owner, team, **options):
    """A running engagement, offered by the consultancy and accepted by the owner. ``team``: (person, role), the lead first."""
    lead = team[0][0]
    terms = {"purpose": "Readiness 2026", "starts_on": date(2026, 1, 1), "ends_on": date(2099, 12, 31), **options}
    engagement = offer_engagement(
        enterprise=enterprise, consultancy=consultancy, offered_by_enterprise=False, **terms, by=lead, at=NOON
    )
    engagement = accept_engagement(engagement=engagement, by=owner, at=NOON)
    for person, role in team:
        put_on_team(engagement=engagement, user=person, role=role, by=lead, at=NOON)
    return engagement


@pytest.fixture
def engagement(acme, sage, alice, lena, rita, otto):
    """Sage at Acme: Lena leads, Rita reviews, Otto observes."""
    team = [(lena, TeamRole.LEAD), (rita, TeamRole.REVIEWER), (otto, TeamRole.OBSERVER)]
    return engage(acme, sage, alice, team)


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


@contextmanager
def everywhere():
    """All tenants that there are now: for tests that look at what the program did, whoever it was for."""
    with scope(organization=list(Organization.objects.values_list("pk", flat=True))):
        yield


@pytest.fixture
def across_tenants():
    with everywhere():
        yield


@pytest.fixture
def as_alice(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def in_english(client):
    """For a module whose tests read English pages: ``pytestmark = pytest.mark.usefixtures("in_english")``."""
    client.cookies["django_language"] = "en"
    with override("en"):
        yield
