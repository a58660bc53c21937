"""Walk every route of the URLconf as everybody: the owner, a viewer, a stranger under the owner's slug and under their own."""

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from django_scopes import scope

from organizations.access import TenantView
from organizations.permissions import Permission
from reports.models import Report
from tests.conftest import begin

OPEN = {"set_language", "health"}  # for everybody, signed in or not
CONTENT = {  # the content belongs to nobody: for signed-in people, or for all by setting; see tests/questionnaires/test_pages.py
    "editions", "compare_editions", "edition", "item", "library", "document", "clause", "conditions",
}  # fmt: skip
STAFF = {"import_policy", "accept_link"}  # 404 for everybody but platform staff
SIGNED_IN = {"home", "found_organization"}  # for every signed-in person, about that person
WRITES = {"save_answer": {"rating": "full", "revision": 0}, "make_report": {}, "start_assessment": {}}


def routes(patterns=None, prefix=""):
    """(name, route, view class) of every route outside the account library's."""
    for pattern in patterns or get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            if "allauth" not in str(pattern.urlconf_name):
                yield from routes(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield pattern.name, prefix + str(pattern.pattern), pattern.callback.view_class


ROUTES = {name: (route, view) for name, route, view in routes()}
TENANT = {name: view for name, (route, view) in ROUTES.items() if "organization_slug" in route}


def test_every_route_has_its_place_in_the_table():
    assert set(ROUTES) == OPEN | SIGNED_IN | CONTENT | STAFF | set(TENANT)


@pytest.mark.parametrize("name", TENANT)
def test_every_tenant_route_names_a_permission(name):
    assert issubclass(TENANT[name], TenantView)
    assert isinstance(TENANT[name].permission, Permission)


@pytest.fixture
def report(assessment, acme, alice):
    with scope(organization=acme):
        row = Report(
            organization=acme, assessment=assessment, language="en", snapshot="{}", sha256="0" * 64, pages=1,
            file="none.pdf", made_by=alice, made_at=timezone.now(),
        )  # fmt: skip
        row.save()
    return row


@pytest.fixture
def address(assessment, report):
    filled = {"assessment_id": assessment.pk, "item_code": "DS1", "criterion_code": "DS1.1.1", "report_id": report.pk}

    def fill(name, slug):
        route = ROUTES[name][0]
        kwargs = {key: value for key, value in filled.items() if key in route}
        return reverse(name, kwargs={"organization_slug": slug, **kwargs})

    return fill


def call(client, name, address):
    return client.post(address, WRITES[name]) if name in WRITES and name != "start_assessment" else client.get(address)


@pytest.mark.parametrize("name", sorted(TENANT))
def test_nobody_without_signing_in(client, address, name):
    response = call(client, name, address(name, "acme"))

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("name", sorted(TENANT))
def test_a_stranger_meets_404_under_the_owners_slug(client, address, charlie, globex, name):
    client.force_login(charlie)

    assert call(client, name, address(name, "acme")).status_code == 404
    assert call(client, name, address(name, "no-such-organization")).status_code == 404


@pytest.mark.parametrize("name", sorted(name for name in TENANT if "assessment_id" in ROUTES[name][0]))
def test_a_stranger_meets_404_with_someone_elses_id_under_the_own_slug(client, address, charlie, globex, name):
    client.force_login(charlie)
    begin(globex, charlie)

    assert call(client, name, address(name, "globex")).status_code == 404


@pytest.mark.parametrize("name", sorted(TENANT))
def test_a_viewer_looks_but_does_not_write(client, address, bob, acme, name, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "none.pdf").write_bytes(b"%PDF-1.7")
    client.force_login(bob)

    status = call(client, name, address(name, "acme")).status_code

    assert status == (403 if name in WRITES else 200)


@pytest.mark.parametrize("name", sorted(TENANT))
def test_other_methods_are_refused(as_alice, address, name):
    assert as_alice.delete(address(name, "acme")).status_code == 405
