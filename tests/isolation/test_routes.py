"""Every route of the URLconf, each of its methods, as everybody: the role × state × route table, walked.

What is expected is read from the two tables (organizations/permissions.py, assessments/states.py) and from the permission that
the view names: 403 without the role, 409 where the state forbids a write, anything done or refused with words otherwise.
Strangers meet 404, under the owner's slug and with the owner's ids under their own; who is not signed in is asked to.
A route with a part in its address that ``FILLERS`` does not know fails here: give it a row in ``world``.
"""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django_scopes import scope, scopes_disabled

from assessments.models import (
    Answer,
    AnswerRevision,
    Assessment,
    Comment,
    Evidence,
    EvidenceLink,
    EvidenceVersion,
    Kit,
    KitReturn,
)
from assessments.operations.lifecycle import start_assessment
from assessments.states import State, state_allows
from assessments.views.access import AssessmentView
from organizations.access import TenantView
from organizations.models import Department, Invitation, Role, User
from organizations.operations.membership import add_member, found_organization
from organizations.permissions import Permission, allows
from questionnaires.library import current_version
from questionnaires.models import Criterion
from reports.models import Report
from tests.conftest import NOON

OPEN = {"set_language", "health", "accept_invitation"}  # for everybody, signed in or not
CONTENT = {  # the content belongs to nobody: for signed-in people, or for all by setting; see tests/questionnaires/test_pages.py
    "editions", "compare_editions", "edition", "item", "library", "document", "clause", "conditions",
}  # fmt: skip
STAFF = {"import_policy", "accept_link"}  # 404 for everybody but platform staff
SIGNED_IN = {"home", "found_organization", "profile", "second_factor"}  # for every signed-in person, about that person
METHODS = ("get", "post", "put", "patch", "delete")
FINE = {200, 204, 302, 422}
BODIES = {"undo_answer": {"to": 1, "revision": 2}}  # where an empty form names nothing that exists


def routes(patterns=None, prefix=""):
    """(name, route, view class) of every route outside the account library's."""
    for pattern in patterns or get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            if "allauth" not in str(pattern.urlconf_name):
                yield from routes(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield pattern.name, prefix + str(pattern.pattern), pattern


PATTERNS = {name: (route, pattern) for name, route, pattern in routes()}
TENANT = {name: pattern.callback.view_class for name, (route, pattern) in PATTERNS.items() if "organization_slug" in route}
PARTS = {name: set(PATTERNS[name][1].pattern.converters) - {"organization_slug"} for name in TENANT}
OF_ASSESSMENTS = sorted(name for name, view in TENANT.items() if issubclass(view, AssessmentView))


@dataclass
class World:
    """Acme with one row of everything that an address can name; Globex next door with an assessment of its own."""

    people: dict
    stranger: User
    assessment: Assessment
    ids: dict


FILLERS = {
    "assessment_id", "item_code", "criterion_code", "comment_id", "user_id", "evidence_id", "number", "kit_id", "return_id",
    "report_id", "membership_id", "invitation_id", "department_id",
}  # fmt: skip


@pytest.fixture
def world(db, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("reports.views.make_report", lambda **_asked: SimpleNamespace(pages=1))  # a PDF takes seconds
    people = {role: User.objects.create_user(f"{role}@acme.example", name=role.title()) for role in Role}
    owner, stranger = people[Role.OWNER], User.objects.create_user("charlie@globex.example")
    acme = found_organization(name="Acme", slug="acme", by=owner, at=NOON)
    with scope(organization=acme):
        for role in (Role.COORDINATOR, Role.RESPONDENT, Role.VIEWER):
            add_member(organization=acme, user=people[role], role=role, by=owner, at=NOON)
        _begin(acme, owner, "2025 self-assessment")
        assessment = _begin(acme, owner, "2026 self-assessment")
        ids = furnish(acme, assessment, people)
    globex = found_organization(name="Globex", slug="globex", by=stranger, at=NOON)
    with scope(organization=globex):
        _begin(globex, stranger, "Globex 2026")
    return World(people, stranger, assessment, ids)


def furnish(acme, assessment, people) -> dict:
    """One row of each kind; the rows that only some may change belong to nobody in particular or to the respondent."""
    owner, respondent = people[Role.OWNER], people[Role.RESPONDENT]
    criterion = Criterion.objects.get(version=assessment.version, code="DS1.1.1")
    here = {"organization": acme, "assessment": assessment}
    department = Department.objects.create(organization=acme, name="Data office")
    guest = User.objects.create_user("guest@acme.example")
    membership = add_member(organization=acme, user=guest, role=Role.VIEWER, by=owner, at=NOON)
    invitation = Invitation.objects.create(
        organization=acme,
        email="new@acme.example",
        role=Role.VIEWER,
        invited_by=owner,
        invited_at=NOON,
        expires_at=NOON.replace(year=2036),
    )
    answer = Answer.objects.create(
        **here, criterion=criterion, rating="full", revision=2, answered_by=respondent, answered_at=NOON
    )
    for revision, rating in ((1, "none"), (2, "full")):
        AnswerRevision.objects.create(
            organization=acme, answer=answer, revision=revision, rating=rating, by=respondent, at=NOON
        )
    comment = Comment.objects.create(
        **here,
        criterion=criterion,
        text="Who knows?",
        is_question=True,
        asked=respondent,
        written_by=respondent,
        written_at=NOON,
    )
    evidence = Evidence.objects.create(organization=acme, title="Plan", added_by=respondent, added_at=NOON)
    version = EvidenceVersion(
        organization=acme, evidence=evidence, number=1, name="plan.pdf", media_type="application/pdf", size=8, sha256="0" * 64,
        added_by=respondent, added_at=NOON,
    )  # fmt: skip
    version.file.save("plan", ContentFile(b"%PDF-1.7"))
    EvidenceLink.objects.create(**here, evidence=evidence, criterion=criterion, linked_by=respondent, linked_at=NOON)
    kit = Kit.objects.create(
        **here, number=1, language="en", baseline={}, question_count=0, issued_by=respondent, issued_at=NOON
    )
    returned = KitReturn.objects.create(
        **here,
        kit=kit,
        file_name="kit.xlsx",
        rows={"saved_at": None, "rows": {}, "others": []},
        returned_by=respondent,
        returned_at=NOON,
    )
    report = Report(**here, language="en", snapshot="{}", sha256="0" * 64, pages=1, made_by=owner, made_at=NOON)
    report.file.save("report.pdf", ContentFile(b"%PDF-1.7"), save=False)
    report.save()
    return {
        "assessment_id": assessment.pk,
        "item_code": "DS1",
        "criterion_code": criterion.code,
        "comment_id": comment.pk,
        "user_id": respondent.pk,
        "evidence_id": evidence.pk,
        "number": 1,
        "kit_id": kit.pk,
        "return_id": returned.pk,
        "report_id": report.pk,
        "membership_id": membership.pk,
        "invitation_id": invitation.pk,
        "department_id": department.pk,
    }


def _begin(organization, by, name):
    version = current_version("gbt36073-2025")
    return start_assessment(organization=organization, version=version, name=name, target=1, by=by, at=NOON)


def methods_of(name):
    return [method for method in METHODS if hasattr(TENANT[name], method)]


def call(client, world, name, method, slug="acme") -> int:
    """The status that a request gets; whatever it wrote is taken back."""
    kwargs = {part: world.ids[part] for part in PARTS[name]}
    with transaction.atomic():
        response = getattr(client, method)(reverse(name, kwargs={"organization_slug": slug, **kwargs}), BODIES.get(name))
        if response.streaming:
            list(response)  # to its end, as a client does; closing it early would close the connection to PostgreSQL too
        transaction.set_rollback(True)
    return response.status_code


def signed_in(person) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


def needed(name, method) -> list[Permission]:
    view = TENANT[name]
    return [view.permission] if method == "get" or not view.write_permission else [view.permission, view.write_permission]


def expected(name, method, role, state) -> set[int]:
    """What the tables say."""
    if not all(allows(role, permission) for permission in needed(name, method)):
        return {403}
    is_write = method != "get"
    if is_write and name in OF_ASSESSMENTS and not all(state_allows(state, permission) for permission in needed(name, method)):
        return {409}
    return FINE


def cases(name):
    """(method, role, state): a write in every state; reading does not depend on it, so once per role, and per state as owner."""
    states = State if name in OF_ASSESSMENTS else [State.ANSWERING]
    for method in methods_of(name):
        for role in Role:
            for state in states:
                if method != "get" or role == Role.OWNER or state == State.ANSWERING:
                    yield method, role, state


def set_state(world, state):
    with scopes_disabled():
        Assessment.objects.filter(pk=world.assessment.pk).update(state=state)


def test_every_route_has_its_place_in_the_table():
    assert set(PATTERNS) == OPEN | SIGNED_IN | CONTENT | STAFF | set(TENANT)


@pytest.mark.parametrize("name", sorted(TENANT))
def test_every_part_of_an_address_can_be_filled(name):
    assert PARTS[name] <= FILLERS, "give the new part of this address a row in world and a name in FILLERS"


@pytest.mark.parametrize("name", TENANT)
def test_every_tenant_route_names_a_permission(name):
    assert issubclass(TENANT[name], TenantView)
    assert isinstance(TENANT[name].permission, Permission)


@pytest.mark.parametrize("name", sorted(TENANT))
def test_role_and_state_decide(world, name):
    clients = {role: signed_in(person) for role, person in world.people.items()}

    wrong = {}
    for method, role, state in cases(name):
        set_state(world, state)
        status, wanted = call(clients[role], world, name, method), expected(name, method, role, state)
        if status not in wanted:
            wrong[method, str(role), str(state)] = (status, wanted)

    assert wrong == {}


@pytest.mark.parametrize("name", sorted(TENANT))
def test_a_stranger_meets_404(world, name):
    client = signed_in(world.stranger)
    places = ["acme", "no-such-organization"]
    if PARTS[name]:
        places.append("globex")  # their own organization, with Acme's ids

    statuses = {(slug, method): call(client, world, name, method, slug) for slug in places for method in methods_of(name)}

    assert {place: status for place, status in statuses.items() if status != 404} == {}


@pytest.mark.parametrize("name", sorted(TENANT))
def test_nobody_without_signing_in(world, name):
    for method in methods_of(name):
        assert call(Client(), world, name, method) == 302


@pytest.mark.parametrize("name", sorted(SIGNED_IN))
def test_pages_about_oneself_ask_to_sign_in(client, db, name):
    assert client.get(reverse(name)).url.startswith(reverse("account_login"))


@pytest.mark.parametrize("name", sorted(TENANT))
def test_other_methods_are_refused(world, name):
    client = signed_in(world.people[Role.OWNER])
    others = [method for method in METHODS if method not in methods_of(name)]
    set_state(
        world, next(state for state in State if all(state_allows(state, permission) for permission in needed(name, "post")))
    )

    assert {method: call(client, world, name, method) for method in others} == dict.fromkeys(others, 405)
