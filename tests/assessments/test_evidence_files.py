"""Files of evidence on their way in and out: what is taken, where it is kept, who gets it, and how."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from assessments.models import Evidence, EvidenceLink, EvidenceVersion
from assessments.operations import evidence as operations
from assessments.operations.evidence import Description, add_evidence, remove_evidence, stored_file
from dcmm_site.uploads import BoundedUploadHandler
from organizations.models import ActivityEntry
from tests.assessments.test_file_types import DOCX, EXE, HTML, PDF, PNG
from tests.conftest import NOON

AJAX = {"X-Requested-With": "XMLHttpRequest"}


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def url(name, *args):
    return reverse(name, args=["acme", *args])


def upload(client, *files, **headers):
    return client.post(
        url("add_evidence"), {"files": [SimpleUploadedFile(name, content) for name, content in files]}, headers=headers
    )


def kept(store):
    return sorted(path for path in store.rglob("*") if path.is_file())


@pytest.fixture
def piece(as_alice, in_acme):
    upload(as_alice, ("制度.pdf", PDF))
    return Evidence.objects.get()


def test_each_file_becomes_a_piece_with_the_title_of_its_name(as_alice, in_acme, store):
    response = upload(as_alice, ("数据管理办法.pdf", PDF), ("截图.png", PNG))

    assert list(Evidence.objects.order_by("pk").values_list("title", flat=True)) == ["数据管理办法", "截图"]
    assert response.url == url("describe_evidence") + "?" + "&".join(
        f"piece={row.pk}" for row in Evidence.objects.order_by("pk")
    )
    version = EvidenceVersion.objects.get(name="数据管理办法.pdf")
    assert (version.media_type, version.size, version.sha256) == ("application/pdf", len(PDF), hashlib.sha256(PDF).hexdigest())
    assert (store / version.file.name).read_bytes() == PDF
    assert version.file.name.startswith("evidence/")
    assert "数据" not in version.file.name
    assert {path.stat().st_mode & 0o777 for path in kept(store)} == {0o600}


def test_a_name_is_a_label_in_composed_form_without_its_folders(as_alice, in_acme):
    upload(as_alice, ("../../etc/Cafe\u0301.pdf", PDF))

    assert EvidenceVersion.objects.get().name == "Caf\u00e9.pdf"


def test_what_turns_the_direction_of_a_name_is_dropped(as_alice, in_acme):
    upload(as_alice, ("a\u202efdp.pdf", PDF))

    assert EvidenceVersion.objects.get().name == "afdp.pdf"


def test_a_very_long_name_is_shortened_before_its_ending(as_alice, in_acme):
    upload(as_alice, ("数" * 240 + ".pdf", PDF))

    assert EvidenceVersion.objects.get().name == "数" * 196 + ".pdf"


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.exe", EXE), ("a.zip", DOCX), ("a.html", HTML), ("a.svg", b"<svg/>"), ("a.pdf", HTML), ("a.pdf", b""), ("a.docx", PDF)],
)
def test_a_refused_file_leaves_a_sentence_and_nothing_else(as_alice, in_acme, store, name, content):
    response = upload(as_alice, (name, content))

    assert response.status_code == 422
    assert response.context["refused"]
    assert (Evidence.objects.count(), kept(store)) == (0, [])


def test_the_good_ones_are_kept_and_the_others_named(as_alice, in_acme):
    response = as_alice.post(
        url("add_evidence"), {"files": [SimpleUploadedFile("a.pdf", PDF), SimpleUploadedFile("b.exe", EXE)]}, follow=True
    )

    assert [row.title for row in Evidence.objects.all()] == ["a"]
    assert [str(message)[:5] for message in response.context["messages"]] == ["b.exe"]


def test_too_large_and_too_many(as_alice, in_acme, settings, store):
    settings.EVIDENCE_MAX_BYTES = 1000

    assert upload(as_alice, ("a.pdf", PDF + b"\0" * 1000)).status_code == 422
    assert upload(as_alice, *[("a.pdf", PDF)] * 21).status_code == 422
    assert upload(as_alice).status_code == 422
    assert kept(store) == []


def test_what_exceeds_the_limit_is_not_written(settings):
    settings.EVIDENCE_MAX_BYTES = 100
    handler = BoundedUploadHandler()

    passed = [handler.receive_data_chunk(b"x" * 60, start) for start in (0, 60, 120, 180)]

    assert [bool(chunk) for chunk in passed] == [True, True, False, False]


def test_the_script_gets_one_line_per_file(as_alice, in_acme):
    taken = upload(as_alice, ("a.pdf", PDF), **AJAX)
    refused = upload(as_alice, ("a.exe", EXE), **AJAX)

    assert (taken.status_code, refused.status_code) == (200, 422)
    assert f'data-piece="{Evidence.objects.get().pk}"' in taken.content.decode()
    assert "a.exe" in refused.content.decode()
    assert "<html" not in taken.content.decode() + refused.content.decode()


def test_the_same_file_again_is_told_and_taken(as_alice, in_acme, piece):
    told = upload(as_alice, ("copy.pdf", PDF), **AJAX).content.decode()

    assert url("evidence", piece.pk) in told
    assert Evidence.objects.count() == 2
    assert as_alice.get(url("evidence", piece.pk)).context["twins"] == [Evidence.objects.get(title="copy")]


def test_under_a_question_the_same_file_is_linked_not_doubled(as_alice, in_acme, assessment, piece):
    page = url("criterion_evidence", assessment.pk, "DS1.1.1")

    response = as_alice.post(
        page,
        {"files": [SimpleUploadedFile("copy.pdf", PDF), SimpleUploadedFile("new.png", PNG)], "place": "p. 2"},
        headers={"HX-Request": "true"},
    )

    assert [row.evidence.title for row in EvidenceLink.objects.order_by("pk")] == ["制度", "new"]
    assert response.context["proven"].proving.valid == 2
    assert len(response.context["notes"]) == 1


def test_a_refused_file_under_a_question_is_said_there(as_alice, in_acme, assessment, store):
    page = url("criterion_evidence", assessment.pk, "DS1.1.1")

    response = as_alice.post(page, {"files": [SimpleUploadedFile("a.exe", EXE)]}, headers={"HX-Request": "true"})

    assert response.status_code == 422
    assert (EvidenceLink.objects.count(), kept(store)) == (0, [])


def test_a_row_that_fails_takes_its_file_along(in_acme, alice, store, monkeypatch):
    monkeypatch.setattr(operations, "_add_version", lambda *args: 1 / 0)

    with (
        pytest.raises(ZeroDivisionError),
        stored_file(SimpleUploadedFile("a.pdf", PDF), "application/pdf", "0" * 64) as content,
    ):
        add_evidence(organization=in_acme, description=Description("a"), content=content, by=alice, at=NOON)

    assert (Evidence.objects.count(), kept(store)) == (0, [])


# out


def test_a_download_is_an_attachment_and_on_the_trail(as_alice, piece):
    response = as_alice.get(url("evidence_file", piece.pk, 1))

    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''%E5%88%B6%E5%BA%A6.pdf"
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "no-store" in response["Cache-Control"]
    assert ActivityEntry.objects.filter(verb="evidence.downloaded", about=f"evidence {piece.pk} version 1").count() == 1


@pytest.mark.parametrize(
    ("name", "content", "inline", "policy"),
    [
        ("a.pdf", PDF, True, "default-src 'none'"),
        ("a.png", PNG, True, "sandbox; default-src 'none'"),
        ("a.docx", DOCX, False, "sandbox"),
        ("a.txt", b"hello", False, "sandbox"),
    ],
)
def test_only_what_runs_nothing_is_served_in_place(as_alice, in_acme, name, content, inline, policy):
    upload(as_alice, (name, content))

    response = as_alice.get(url("evidence_file", Evidence.objects.get().pk, 1) + "?view=1")

    assert response["Content-Disposition"].startswith("inline" if inline else "attachment")
    assert response["Content-Security-Policy"].startswith(policy)
    assert "script-src" not in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_file_that_became_something_else_is_not_shown_in_place(as_alice, piece, store):
    (store / piece.versions.get().file.name).write_bytes(HTML)

    response = as_alice.get(url("evidence_file", piece.pk, 1) + "?view=1")

    assert response["Content-Disposition"].startswith("attachment")


def test_a_missing_file_is_said_not_a_fault(as_alice, piece, store):
    (store / piece.versions.get().file.name).unlink()

    response = as_alice.get(url("evidence_file", piece.pk, 1), follow=True)

    assert response.redirect_chain == [(url("evidence", piece.pk), 302)]
    assert len(response.context["messages"]) == 1


def test_a_version_that_is_not_there_or_is_a_link_is_not_found(as_alice, piece):
    as_alice.post(url("add_evidence_version", piece.pk), {"url": "https://wiki.example"})

    assert as_alice.get(url("evidence_file", piece.pk, 2)).status_code == 404
    assert as_alice.get(url("evidence_file", piece.pk, 3)).status_code == 404


def test_a_stranger_gets_no_file(client, piece, charlie, globex):
    client.force_login(charlie)

    assert client.get(url("evidence_file", piece.pk, 1)).status_code == 404
    assert client.get(reverse("evidence_file", args=["globex", piece.pk, 1])).status_code == 404


@pytest.mark.parametrize(("form", "status"), [({}, 422), ({"url": "x y"}, 422), ({"url": "https://a.example"}, 302)])
def test_a_newer_version_is_a_file_or_a_link(as_alice, piece, form, status):
    assert as_alice.post(url("add_evidence_version", piece.pk), form).status_code == status


def test_a_newer_file_and_a_refused_one(as_alice, piece):
    both = {"file": SimpleUploadedFile("b.pdf", PDF), "url": "https://a.example"}

    assert as_alice.post(url("add_evidence_version", piece.pk), both).status_code == 422
    assert as_alice.post(url("add_evidence_version", piece.pk), {"file": SimpleUploadedFile("b.exe", EXE)}).status_code == 422
    assert as_alice.post(url("add_evidence_version", piece.pk), {"file": SimpleUploadedFile("b.png", PNG)}).status_code == 302
    assert list(piece.versions.values_list("number", "name")) == [(2, "b.png"), (1, "制度.pdf")]


def test_a_version_for_a_piece_in_the_bin_leaves_no_file(as_alice, piece, alice, store):
    remove_evidence(evidence=piece, by=alice, at=NOON)

    response = as_alice.post(url("add_evidence_version", piece.pk), {"file": SimpleUploadedFile("b.png", PNG)})

    assert response.status_code == 302
    assert len(kept(store)) == 1


# the operator


def test_check_files_finds_every_difference(as_alice, in_acme, store, capsys):
    upload(as_alice, ("good.pdf", PDF), ("gone.pdf", PDF + b"1"), ("short.pdf", PDF + b"22"), ("other.pdf", PDF + b"333"))
    places = {row.name: store / row.file.name for row in EvidenceVersion.objects.all()}
    call_command("check_files")
    places["gone.pdf"].unlink()
    places["short.pdf"].write_bytes(PDF)
    places["other.pdf"].write_bytes(PDF + b"444")

    with pytest.raises(CommandError):
        call_command("check_files")

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "4 files are as they were uploaded."
    assert [line.rpartition(": ")[2] for line in lines[1:]] == [
        "missing",
        f"{len(PDF)} bytes instead of {len(PDF) + 2}",
        "the content differs (SHA-256)",
    ]


def test_a_bucket_takes_the_place_of_the_folder_by_setting(tmp_path):
    code = (
        "import django; django.setup()\n"
        "from django.core.files.storage import default_storage as s\n"
        "print(s.bucket_name, s.endpoint_url, s.location, type(s._wrapped).__name__)"
    )
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "dcmm_site.settings", "DCMM_DATA_DIR": str(tmp_path), "DCMM_S3_BUCKET": "evidence-of-dcmm",
        "DCMM_S3_ENDPOINT": "https://s3.example", "DCMM_S3_PREFIX": "site", "DCMM_S3_ACCESS_KEY": "k", "DCMM_S3_SECRET_KEY": "s",
    }  # fmt: skip

    run = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        cwd=Path(django_settings.BASE_DIR),
        timeout=120,
    )

    assert run.stdout.split() == ["evidence-of-dcmm", "https://s3.example", "site", "S3Storage"], run.stderr


def test_a_large_file_goes_by_way_of_the_disk(as_alice, in_acme, store):
    content = PDF + bytes(3_000_000)

    upload(as_alice, ("large.pdf", content))

    version = EvidenceVersion.objects.get()
    assert (version.size, version.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert (store / version.file.name).read_bytes() == content
    assert (store / version.file.name).stat().st_mode & 0o777 == 0o600
