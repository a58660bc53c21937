import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from assessments.models import Assignment
from organizations.models import ActivityEntry, Department, Membership
from tests.conftest import NOON


def url(name, *ids):
    return reverse(name, args=["acme", *ids])


def names(organization):
    with scope(organization=organization):
        return sorted(Department.objects.values_list("name", flat=True))


def test_several_at_once_and_none_twice(as_alice, acme, data_office):
    response = as_alice.post(url("departments"), {"names": "  财务部 \r\n\r\nIT\r\nit\r\nDATA office\r\n财务部"})

    assert response.status_code == 302
    assert names(acme) == ["Data office", "IT", "财务部"]
    with scope(organization=acme):
        assert ActivityEntry.objects.filter(verb="department.added").count() == 2


@pytest.mark.parametrize("lines", ["", " \n ", "ok\n\u202eabc", "ok\n" + "x" * 81, "\n".join(f"d{n}" for n in range(501))])
def test_a_bad_list_adds_nothing(as_alice, acme, lines):
    response = as_alice.post(url("departments"), {"names": lines})

    assert response.status_code == 422
    assert names(acme) == []


def test_rename(as_alice, acme, data_office):
    as_alice.post(url("departments"), {"names": "IT"})

    assert as_alice.post(url("rename_department", data_office.pk), {"name": "it"}).status_code == 422
    assert as_alice.post(url("rename_department", data_office.pk), {"name": ""}).status_code == 422
    assert as_alice.post(url("rename_department", data_office.pk), {"name": "DATA Office"}).status_code == 302
    assert names(acme) == ["DATA Office", "IT"]


def test_delete_takes_whole_assignments_and_leaves_those_of_a_person(as_alice, acme, assessment, data_office, eve):
    with scope(organization=acme):
        for code, person in (("DS1", None), ("DS2", eve)):
            Assignment.objects.create(
                organization=acme,
                assessment=assessment,
                item_code=code,
                department=data_office,
                person=person,
                assigned_at=NOON,
            )

    page = as_alice.get(url("delete_department", data_office.pk)).content.decode()
    as_alice.post(url("delete_department", data_office.pk))

    assert "DS1" in page
    assert "DS2" in page
    assert names(acme) == []
    with scope(organization=acme):
        assert [(row.item_code, row.department, row.person) for row in Assignment.objects.all()] == [("DS2", None, eve)]
        assert Membership.objects.get(user=eve).department is None


def test_a_scope_of_an_assessment_stays(as_alice, acme, assessment, data_office, eve):
    with scope(organization=acme):
        assessment.department = data_office
        assessment.save()
        Assignment.objects.create(
            organization=acme, assessment=assessment, item_code="DS2", department=data_office, person=eve, assigned_at=NOON
        )

    response = as_alice.post(url("delete_department", data_office.pk))

    assert response.status_code == 422
    assert assessment.name in response.content.decode()
    with scope(organization=acme):
        assert Assignment.objects.get().department == data_office


def test_the_page_takes_the_same_queries_for_few_and_many(as_alice, acme, data_office):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert as_alice.get(url("departments")).status_code == 200
        return len(captured)

    queries()
    few = queries()
    as_alice.post(url("departments"), {"names": "\n".join(f"部门{number}" for number in range(20))})
    as_alice.get(url("departments"))  # shows the message once

    assert queries() == few


def test_coordinators_write_and_others_read(client, acme, dora, bob, eve, data_office):
    client.force_login(dora)
    assert client.post(url("departments"), {"names": "IT"}).status_code == 302
    for person in (eve, bob):
        client.force_login(person)
        assert client.get(url("departments")).status_code == 200
        assert client.post(url("departments"), {"names": "Mine"}).status_code == 403
        assert client.get(url("rename_department", data_office.pk)).status_code == 403
        assert client.post(url("delete_department", data_office.pk)).status_code == 403
    assert names(acme) == ["Data office", "IT"]


@pytest.mark.parametrize("name", ["rename_department", "delete_department"])
def test_a_stranger_meets_404(client, acme, globex, charlie, data_office, name):
    client.force_login(charlie)

    assert client.post(url(name, data_office.pk), {"name": "x"}).status_code == 404
    assert client.post(reverse(name, args=["globex", data_office.pk]), {"name": "x"}).status_code == 404
    assert names(acme) == ["Data office"]
