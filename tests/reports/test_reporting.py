import io

import pytest
from django.urls import reverse
from django_scopes import scope
from pypdf import PdfReader

from reports import views
from reports.fonts import Missing
from reports.models import Report
from reports.operations import reporting
from reports.typesetting import TypesettingFailed
from tests.conftest import begin


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def test_make_a_report_and_take_it_home(as_alice, acme, alice):
    assessment = begin(acme, alice, code="policy-actions")

    response = as_alice.post(reverse("make_report", args=["acme", assessment.pk]), follow=True)

    with scope(organization=acme):
        report = Report.objects.get()
    assert response.status_code == 200
    download = as_alice.get(report.get_absolute_url())
    assert download["Content-Disposition"].startswith("attachment")
    assert download["Content-Type"] == "application/pdf"
    pdf = b"".join(download.streaming_content)
    assert len(PdfReader(io.BytesIO(pdf)).pages) == report.pages


def test_a_report_that_cannot_be_set_says_so_and_keeps_nothing(as_alice, acme, assessment, monkeypatch):
    def fail(**kwargs):
        raise TypesettingFailed("no")

    monkeypatch.setattr(views, "make_report", fail)

    response = as_alice.post(
        reverse("make_report", args=["acme", assessment.pk]), follow=True, headers={"Accept-Language": "en"}
    )

    assert b"Your answers are safe" in response.content
    with scope(organization=acme):
        assert not Report.objects.exists()


def test_the_page_says_what_to_install(as_alice, assessment, monkeypatch):
    monkeypatch.setattr(views, "missing", lambda: [Missing("Pango", "apt-get install libpango-1.0-0")])

    page = as_alice.get(reverse("result", args=["acme", assessment.pk])).content.decode()

    assert "apt-get install libpango-1.0-0" in page
    assert reverse("make_report", args=["acme", assessment.pk]) not in page


def test_a_report_whose_file_is_gone_says_so(as_alice, acme, alice, monkeypatch):
    monkeypatch.setattr(reporting, "render_pdf", lambda _snapshot: b"%PDF-1.7")
    monkeypatch.setattr(reporting, "count_pages", lambda _pdf: 1)
    assessment = begin(acme, alice, code="policy-actions")
    as_alice.post(reverse("make_report", args=["acme", assessment.pk]))
    with scope(organization=acme):
        report = Report.objects.get()
    report.file.storage.delete(report.file.name)

    response = as_alice.get(report.get_absolute_url(), follow=True, headers={"Accept-Language": "en"})

    assert b"missing on the server" in response.content
