"""Every route of the URLconf, each of its methods, as everybody: the role × state × route table, walked.

What is expected is read from the two tables (organizations/permissions.py, assessments/states.py) and from the permission that
the view names: 403 without the role, 409 where the state forbids a write, anything done or refused with words otherwise.
Outsiders meet 404, under the owner's slug and with the owner's ids under their own; who is not signed in is asked to.
A route with a part in its address that nothing fills fails here: give it a row in ``dcmm_site.isolation.world``.
"""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from assessments.states import State, state_allows
from dcmm_site.isolation.routes import METHODS, open_for, routes, set_state
from organizations.access import TenantView
from organizations.models import Role
from organizations.permissions import ROLES, Permission, allows

OPEN = {"set_language", "health", "accept_invitation"}  # for everybody, signed in or not
CONTENT = {  # the content belongs to nobody: for signed-in people, or for all by setting; see tests/questionnaires/test_pages.py
    "editions", "compare_editions", "edition", "item", "library", "document", "clause", "conditions",
    "verify",
}  # fmt: skip
STAFF = {  # 404 for everybody but platform staff
    "import_policy", "accept_link", "isolation", "start_proof", "proof_state", "isolation_page", "staff_accounts",
    "staff_account", "deactivate_account", "reactivate_account", "staff_remove_second_factor", "staff_organizations",
}  # fmt: skip
SIGNED_IN = {"home", "found_organization", "profile", "second_factor"}  # for every signed-in person, about that person
OF_OTHERS = {"settle_question"}  # the enterprise's question: a guest settles what their own firm asked
OF_ONE_PERSON = {"change_portfolio_view", "tag_client"}  # the owner's own view and client: not there for colleagues
OF_WHO_MAKES = {
    "report_batch",
    "download_batch",
    "cancel_batch",
    "make_batch_again",
}  # the owner's; of colleagues those find it who may make reports
TRIED_AT_HOME = ("ended", "sponsor")
FINE = {200, 204, 302, 422}
BODIES = {
    "undo_answer": {"to": 1, "revision": 2},
    "settle_draft": {"outcome": "accept"},
}  # where an empty form names nothing that exists

ROUTES = {route.name: route for route in routes() if route.is_ours}
TENANT = sorted(name for name, route in ROUTES.items() if route.is_of_tenant)
OF_ASSESSMENTS = [name for name in TENANT if ROUTES[name].is_of_assessment]


def call(client, world, name, method, slug=None) -> int:
    """The status that a request gets; whatever it wrote is taken back."""
    kwargs = {"organization_slug": slug or world.organization.slug, **world.filled(name, ROUTES[name].parts)}
    with transaction.atomic():
        response = getattr(client, method)(reverse(name, kwargs=kwargs), BODIES.get(name))
        if response.streaming:
            list(response)  # to its end, as a client does; closing it early would close the connection to PostgreSQL too
        transaction.set_rollback(True)
    return response.status_code


def signed_in(person) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


def expected(name, method, role, state) -> set[int]:
    """What the tables say."""
    needed = ROUTES[name].needed(method)
    if not all(allows(role, permission) for permission in needed):
        return {403}
    if method != "get" and name in OF_ASSESSMENTS and not all(state_allows(state, permission) for permission in needed):
        return {409}
    is_of_another = (name in OF_ONE_PERSON and role != Role.OWNER) or (name in OF_OTHERS and role not in Role)
    is_of_another |= name in OF_WHO_MAKES and not allows(role, Permission.REPORT_MAKE)
    return {404} if is_of_another else FINE


def cases(name):
    """(method, role, state): a write in every state; reading does not depend on it, so once per role, and per state as owner."""
    states = State if name in OF_ASSESSMENTS else [State.ANSWERING]
    for method in ROUTES[name].methods:
        for role in ROLES:
            for state in states:
                if method != "get" or role == Role.OWNER or state == State.ANSWERING:
                    yield method, role, state


def places_of(world) -> dict:
    """Outsider -> the slugs under which to try: the owner's, none at all, and those of their own organizations."""
    own, common = world.cast.outsider_slugs, [world.organization.slug, "no-such-organization"]
    return {label: [*common, own[label]] if label in TRIED_AT_HOME else common for label in world.cast.outsiders}


def test_every_route_has_its_place_in_the_table():
    assert set(ROUTES) == OPEN | SIGNED_IN | CONTENT | STAFF | set(TENANT)


@pytest.mark.parametrize("name", TENANT)
def test_every_part_of_an_address_can_be_filled(world, name):
    try:
        world.filled(name, ROUTES[name].parts)
    except KeyError as error:
        pytest.fail(f"give {error} a row and an id in dcmm_site/isolation/world.py")


@pytest.mark.parametrize("name", TENANT)
def test_every_tenant_route_names_a_permission(name):
    assert issubclass(ROUTES[name].view, TenantView)
    assert isinstance(ROUTES[name].view.permission, Permission)


@pytest.mark.parametrize("name", TENANT)
def test_role_and_state_decide(world, name):
    clients = {role: signed_in(person) for role, person in world.people.items()}

    wrong = {}
    for method, role, state in cases(name):
        set_state(world, state)
        status, wanted = call(clients[role], world, name, method), expected(name, method, role, state)
        if status not in wanted:
            wrong[method, str(role), str(state)] = (status, wanted)

    assert wrong == {}


@pytest.mark.parametrize("name", TENANT)
def test_an_outsider_meets_404(world, name):
    """Strangers, staff, sponsors, and the teams of engagements that do not run: wherever they knock."""
    statuses = {}
    for label, slugs in places_of(world).items():
        client = signed_in(world.cast.outsiders[label])
        for slug in slugs:
            is_theirs = slug not in (world.organization.slug, "no-such-organization")
            if is_theirs and not ROUTES[name].parts:
                continue  # a page of their own
            statuses |= {(label, slug, method): call(client, world, name, method, slug) for method in ROUTES[name].methods}

    assert {place: status for place, status in statuses.items() if status != 404} == {}


@pytest.mark.parametrize("name", OF_ASSESSMENTS)
def test_a_guest_for_another_assessment_meets_404(world, name):
    client = signed_in(world.cast.partial)

    statuses = {method: call(client, world, name, method) for method in ROUTES[name].methods}

    assert set(statuses.values()) == {404}


@pytest.mark.parametrize("name", TENANT)
def test_nobody_without_signing_in(world, name):
    for method in ROUTES[name].methods:
        assert call(Client(), world, name, method) == 302


@pytest.mark.parametrize("name", sorted(SIGNED_IN))
def test_pages_about_oneself_ask_to_sign_in(client, world, name):
    assert client.get(reverse(name)).url.startswith(reverse("account_login"))


@pytest.mark.parametrize("name", TENANT)
def test_other_methods_are_refused(world, name):
    """By the first role that may, and the last: some pages lead the enterprise's own people elsewhere, others the guests."""
    route = ROUTES[name]
    roles = [role for role in ROLES if all(allows(role, permission) for permission in route.needed("post"))]
    others = [method for method in METHODS if method not in route.methods]
    open_for(world, route)

    statuses = []
    for role in (roles[0], roles[-1]):
        client = signed_in(world.people[role])
        statuses.append({method: call(client, world, name, method) for method in others})

    assert dict.fromkeys(others, 405) in statuses
