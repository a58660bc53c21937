"""What goes into the trail by itself: guests' views, downloads, refused writes, sign-ins."""

import pytest
from django.core.files.base import ContentFile
from django.db import OperationalError
from django.test.client import ClientHandler
from django.urls import reverse
from django_scopes import scope

from organizations import trail_middleware
from organizations.models import ActivityEntry
from organizations.verifying import verify
from reports.models import Report
from tests.conftest import NOON, PASSWORD, begin


def lines(organization, *verbs):
    """(verb, about, person, firm, result) in their order."""
    with scope(organization=organization):
        rows = ActivityEntry.objects.filter(verb__in=verbs).order_by("number")
        return [(row.verb, row.about, row.by_id, row.acting_for_id, row.result) for row in rows]


def everything(organization):
    with scope(organization=organization):
        return ActivityEntry.objects.count()


@pytest.fixture
def as_rita(client, rita, engagement):
    client.force_login(rita)
    return client


def overview(assessment):
    return reverse("assessment", args=["acme", assessment.pk])


def item_page(assessment):
    return reverse("answer_item", args=["acme", assessment.pk, "DS1"])


def test_every_page_that_a_guest_opens_is_an_entry(as_rita, assessment, acme, rita, sage):
    assert as_rita.get(item_page(assessment) + "?q=secret words").status_code == 200
    assert as_rita.head(overview(assessment)).status_code == 200

    page, item = "page.viewed", f"answer_item: assessment {assessment.pk} DS1"
    assert lines(acme, page) == [
        (page, item, rita.pk, sage.pk, "done"),
        (page, f"assessment: assessment {assessment.pk}", rita.pk, sage.pk, "done"),
    ]
    with scope(organization=acme):
        assert ActivityEntry.objects.filter(verb=page).first().address == "127.0.0.1"
    assert verify(acme).fault == ""


def test_what_a_guest_looked_for_and_may_not_see_is_an_entry_too(as_rita, assessment, acme, rita, sage):
    assert as_rita.get(reverse("members", args=["acme"])).status_code == 403
    assert as_rita.get(reverse("assessment", args=["acme", 999_999])).status_code == 404

    assert lines(acme, "page.viewed") == [
        ("page.viewed", "members", rita.pk, sage.pk, "refused"),
        ("page.viewed", "assessment: assessment 999999", rita.pk, sage.pk, "refused"),
    ]


def test_what_members_look_at_is_not(as_alice, assessment, acme):
    before = everything(acme)

    assert as_alice.get(item_page(assessment)).status_code == 200
    assert as_alice.get(reverse("assessment", args=["acme", 999_999])).status_code == 404

    assert everything(acme) == before


def test_strangers_leave_no_line(client, charlie, globex, assessment, acme):
    before = everything(acme)
    client.force_login(charlie)

    assert client.get(item_page(assessment)).status_code == 404
    assert client.post(reverse("organization_settings", args=["acme"])).status_code == 404

    assert everything(acme) == before


def test_a_guest_who_still_has_to_show_a_second_factor_saw_nothing(as_rita, assessment, acme, settings):
    settings.SECOND_FACTOR_ENFORCED = True
    before = everything(acme)

    assert as_rita.get(item_page(assessment)).status_code == 302

    assert everything(acme) == before


def test_refused_writes_of_members_and_guests_are_entries(client, bob, assessment, acme, as_rita, rita, sage):
    path = reverse("save_answer", args=["acme", assessment.pk, "DS1.1.1"])
    assert as_rita.post(path, {"rating": "full"}).status_code == 403
    client.force_login(bob)
    assert client.post(path, {"rating": "full", "note": "a secret"}).status_code == 403

    about = f"save_answer: assessment {assessment.pk} DS1.1.1"
    assert lines(acme, "write.refused") == [
        ("write.refused", about, rita.pk, sage.pk, "refused"),
        ("write.refused", about, bob.pk, None, "refused"),
    ]


def test_a_download_is_one_entry_whoever_it_is(as_alice, alice, assessment, acme, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with scope(organization=acme):
        report = Report(
            organization=acme,
            assessment=assessment,
            language="en",
            snapshot="{}",
            sha256="0" * 64,
            pages=1,
            made_by=alice,
            made_at=NOON,
        )
        report.file.save("report.pdf", ContentFile(b"%PDF-1.7"), save=False)
        report.save()
    before = everything(acme)

    response = as_alice.get(reverse("download_report", args=["acme", assessment.pk, report.pk]))

    assert b"".join(response.streaming_content) == b"%PDF-1.7"
    assert lines(acme, "file.downloaded") == [
        ("file.downloaded", f"download_report: assessment {assessment.pk} report {report.pk}", alice.pk, None, "done")
    ]
    assert everything(acme) == before + 1


def test_a_database_that_stays_locked_does_not_keep_the_page_back(as_rita, assessment, acme, monkeypatch, caplog):
    def locked(*_args, **_options):
        raise OperationalError("database is locked")

    monkeypatch.setattr(trail_middleware, "record_activity", locked)

    assert as_rita.get(item_page(assessment)).status_code == 200
    assert f"Not in the trail of organization {acme.pk}: page.viewed answer_item" in caplog.text


# Signing in


def sign_in(client, person, password=PASSWORD, **options):
    return client.post(reverse("account_login"), {"login": person.email, "password": password}, **options)


def test_signing_in_and_out_stands_in_the_trail_of_each_organization(client, alice, acme, globex, charlie):
    assert sign_in(client, alice).status_code == 302
    client.post(reverse("account_logout"))

    for verb in ("signed.in", "signed.out"):
        assert lines(acme, verb) == [(verb, "", alice.pk, None, "done")]
        assert lines(globex, verb) == []


def test_a_wrong_password_for_a_known_account_is_an_entry(client, alice, acme):
    assert sign_in(client, alice, "not the password").status_code == 200
    assert sign_in(client, alice, "not the password", REMOTE_ADDR="203.0.113.9").status_code == 200

    about = f"user {alice.pk} password"
    assert lines(acme, "sign_in.failed") == [("sign_in.failed", about, None, None, "failed")] * 2
    with scope(organization=acme):
        assert ActivityEntry.objects.filter(verb="sign_in.failed").first().address == "203.0.113.9"


def test_a_wrong_password_is_noted_when_the_response_has_left(rf, alice, acme):
    """However long writing takes: whether there is an account can't be told from it."""
    handler = ClientHandler(enforce_csrf_checks=False)
    handler.load_middleware()
    request = rf.post(reverse("account_login"), {"login": alice.email, "password": "wrong words here"})
    request._dont_enforce_csrf_checks = True
    response = handler.get_response(request)
    assert lines(acme, "sign_in.failed") == []

    for close in response._resource_closers:
        close()

    assert len(lines(acme, "sign_in.failed")) == 1


def test_the_address_comes_from_a_proxy_only_where_there_is_one(client, alice, acme, settings):
    sign_in(client, alice, REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="198.51.100.7")
    client.logout()
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    sign_in(client, alice, REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="6.6.6.6, 198.51.100.7")
    client.logout()
    sign_in(client, alice, REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="nonsense <b>")

    with scope(organization=acme):
        rows = ActivityEntry.objects.filter(verb="signed.in").order_by("number")
        assert [row.address for row in rows][:2] == ["192.0.2.1", "198.51.100.7"]


def test_what_a_firm_does_at_an_enterprise_names_the_firm(engagement, as_rita, acme, sage, alice, rita):
    theirs = begin(acme, alice)
    path = reverse("review_item", args=["acme", theirs.pk, "DS1"])

    as_rita.get(path)

    with scope(organization=acme):
        assert ActivityEntry.objects.filter(acting_for=sage, by=rita).exists()
        assert not ActivityEntry.objects.filter(acting_for=sage, by=alice).exists()
