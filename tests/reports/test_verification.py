import hashlib
import io
from datetime import date
from time import perf_counter

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pypdf import PdfWriter

from reports.models import IssuedFile
from reports.papers.verifying import claims_of

EN = {"Accept-Language": "en"}
SNAPSHOTS = (b'{"language":"zh-hans"}', b'{"language":"en"}')


def pdf(*snapshots: bytes, title="") -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    for number, snapshot in enumerate(snapshots):
        writer.add_attachment(f"snapshot{number}.json", snapshot)
    writer.add_metadata({"/Title": title})
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def issue(content: bytes, frozen: bytes = SNAPSHOTS[0]):
    hashes = (hashlib.sha256(text).hexdigest() for text in (content, frozen))
    return IssuedFile.objects.create(
        **dict(zip(("sha256", "snapshot_sha256"), hashes, strict=True)), kind="pdf", issued_on=date(2026, 11, 20)
    )


def check(client, content: bytes, name="report.pdf"):
    return client.post(reverse("verify"), {"file": SimpleUploadedFile(name, content)}, headers=EN)


@pytest.fixture(autouse=True)
def no_tries_so_far(db):
    cache.clear()


def test_ours_and_unchanged(as_alice):
    issued = issue(pdf(SNAPSHOTS[0]))

    page = check(as_alice, pdf(SNAPSHOTS[0])).content.decode()

    assert "Made here, and unchanged" in page
    assert ("2026-11-20" in page, issued.snapshot_sha256 in page) == (True, True)


def test_ours_but_changed(as_alice):
    issue(pdf(SNAPSHOTS[0]))

    page = check(as_alice, pdf(SNAPSHOTS[0], title="Better")).content.decode()

    assert "Made here, but changed since" in page


def test_one_of_both_languages_is_known_by_the_two(as_alice):
    issue(b"other", b"[" + b",".join(SNAPSHOTS) + b"]")

    assert "changed since" in check(as_alice, pdf(*SNAPSHOTS)).content.decode()


@pytest.mark.parametrize(
    "content", [pdf(), pdf(b'{"made":"up"}'), b"%PDF-1.7", b"%PDF-1.7" + b"<<" * 100_000, b"%PDF-" + b"\xff" * 999]
)
def test_not_recognised(as_alice, content):
    issue(pdf(SNAPSHOTS[0]))

    answer = check(as_alice, content)

    assert (answer.status_code, "Not recognised" in answer.content.decode()) == (200, True)
    assert "2026-11-20" not in answer.content.decode()


@pytest.mark.parametrize(("content", "sentence"), [(b"PK\x03\x04", "This is no PDF"), (b"", "empty")])
def test_what_is_no_pdf_is_refused_with_words(as_alice, content, sentence):
    answer = check(as_alice, content)

    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)


def test_too_large_is_refused_with_words(as_alice, monkeypatch):
    monkeypatch.setattr("reports.views.verification.MAX_BYTES", 100)

    assert b"larger than" in check(as_alice, pdf()).content


def test_a_bomb_ends_within_the_limits():
    bomb = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Metadata 2 0 R>>\nendobj\ntrailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF"

    assert claims_of(bomb) == []


def test_a_large_file_without_a_table_of_its_objects_does_not_keep_anybody_waiting():
    begun = perf_counter()

    assert claims_of(b"%PDF-1.7\n" + b"1 0 obj\n<</A 1>>\nendobj\n" * 900_000, seconds=1) == []
    assert perf_counter() - begun < 4


def test_who_tries_too_often_waits(as_alice):
    answers = [check(as_alice, b"PK").status_code for _try in range(31)]

    assert (answers[0], answers[-1]) == (422, 429)


def test_as_public_as_the_library(client, settings):
    settings.LIBRARY_IS_PUBLIC = False
    assert client.get(reverse("verify")).status_code == 302
    settings.LIBRARY_IS_PUBLIC = True
    assert client.get(reverse("verify")).status_code == 200
