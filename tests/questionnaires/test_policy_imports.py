"""Bringing policy texts into the library: known documents by their locators, new documents with suggestions."""

import io
from pathlib import Path

import docx
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from organizations.models import User
from questionnaires.importing import split_document
from questionnaires.library import current_policy_library
from questionnaires.models import ImportedPolicy
from questionnaires.operations import (
    AlreadyThere,
    BadCode,
    Details,
    NothingFound,
    UnknownDocument,
    accept_link,
    import_document,
    import_originals,
    withdraw_link,
)
from questionnaires.schema import Text
from tests.conftest import NOON, PASSWORD

SOURCES = Path(__file__).resolve().parents[3] / "shared" / "policies" / "sources"
LAW = """示范市企业数据管理促进办法

示府规〔2025〕12号

第一章 总则

第一条 为了帮助本市企业把数据管好用好，结合本市实际，制定本办法。

第二条 本市行政区域内企业的数据管理活动，适用本办法。

第二章 组织与质量

第三条 企业可以设首席数据官，统筹本单位的数据治理组织和数据战略。

第四条 鼓励企业建立数据质量检查制度，对关键数据定期检查，发现问题及时整改。

第三章 附则

第五条 本办法自2025年6月1日起施行。
"""


@pytest.fixture
def draft():
    return split_document(LAW)


def details(**changes):
    return Details(**{"code": "SHIFAN-2025", "title": "示范市企业数据管理促进办法", "number": "示府规〔2025〕12号", **changes})


@pytest.fixture
def imported(db, draft):
    return import_document(draft=draft, details=details(), text=LAW, source_name="law.txt", at=NOON)


def test_a_new_document_stands_in_the_library_with_its_section_paths(imported):
    library = current_policy_library()

    clauses = [clause for clause in library.clauses if clause.document == "SHIFAN-2025"]
    assert [clause.section for clause in clauses][2] == "第二章 组织与质量 > 第三条"
    assert "首席数据官" in clauses[2].original.quote
    assert library.document_by_code["SHIFAN-2025"].status == "unverified"
    assert library.version.startswith("1.0+")


def test_suggestions_name_the_item_and_the_terms_that_matched(imported):
    officer, checking = (imported.suggestions[f"SHIFAN-2025-{n:03d}"] for n in (3, 4))

    assert {s.uid for s in officer} & {"2025-DG1", "2018-DG1", "2025-DS1", "2018-DS1"}
    assert {s.uid for s in checking} & {"2025-DQ2", "2018-DQ2"}
    assert any("数据" in term for s in checking for term in s.terms)


def test_a_clause_is_no_basis_until_a_person_accepts_it(imported):
    assert current_policy_library().basis_by_uid["2025-DS2"].direct == ()

    reason = Text(zh="直接要求", en="asks for it")
    accept_link(code="SHIFAN-2025", clause="SHIFAN-2025-003", uid="2025-DS2", strength="direct", reason=reason, at=NOON)

    basis = current_policy_library().basis_by_uid["2025-DS2"]
    assert [link.id for link in basis.direct] == ["SHIFAN-2025-003"]
    assert basis.no_direct_note is None

    withdraw_link(code="SHIFAN-2025", clause="SHIFAN-2025-003", uid="2025-DS2", at=NOON)
    assert current_policy_library().basis_by_uid["2025-DS2"].direct == ()


def test_a_code_is_taken_once(imported, draft):
    with pytest.raises(AlreadyThere):
        import_document(draft=draft, details=details(), text=LAW, source_name="law.txt", at=NOON)


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["x\n", "a/b", "", "x" * 41, "资料"])
def test_a_code_that_no_page_could_read_is_refused(draft, code):
    with pytest.raises(BadCode):
        import_document(draft=draft, details=details(code=code), text=LAW, source_name="law.txt", at=NOON)

    assert not ImportedPolicy.objects.exists()


@pytest.mark.django_db
def test_a_document_without_a_passage_is_refused():
    with pytest.raises(NothingFound):
        import_document(draft=split_document(" "), details=details(), text=" ", source_name="x", at=NOON)


@pytest.mark.django_db
def test_a_new_document_may_succeed_an_old_one(draft):
    import_document(draft=draft, details=details(succeeds="BDP14"), text=LAW, source_name="law.txt", at=NOON)

    assert current_policy_library().document_by_code["BDP14"].successor == "SHIFAN-2025"


@pytest.mark.django_db
def test_wording_of_an_unknown_document_is_refused():
    with pytest.raises(UnknownDocument):
        import_originals(code="NOPE", text=LAW, source_name="x.txt", at=NOON)


@pytest.mark.django_db
def test_a_text_without_the_clauses_keeps_nothing():
    originals = import_originals(code="BDP14", text=LAW, source_name="x.txt", at=NOON)

    assert not originals.found
    assert len(originals.missing) == 97
    assert not ImportedPolicy.objects.exists()


@pytest.mark.skipif(not SOURCES.exists(), reason="the source texts are not beside this checkout")
@pytest.mark.django_db
def test_all_146_clauses_are_found_in_the_source_texts(capsys):
    for code, pattern in (("BDP14", "001_*"), ("BDP13", "002_*"), ("BDP14I", "003_*"), ("NIP14", "004_*")):
        call_command("import_policy", str(next(SOURCES.glob(pattern))), "--document", code)

    library = current_policy_library()
    assert sum(clause.original is not None for clause in library.clauses) == 146
    assert "BDP14: 97 of 97 clauses found" in capsys.readouterr().out


@pytest.mark.django_db
def test_the_command_adds_a_document_and_shows_what_it_found(tmp_path, capsys):
    file = tmp_path / "law.txt"
    file.write_bytes(LAW.encode("gb18030"))

    call_command("import_policy", str(file), "--new", "--code", "SF", "--dry-run")
    assert not ImportedPolicy.objects.exists()
    call_command("import_policy", str(file), "--new", "--code", "SF")

    assert "第二章 组织与质量 > 第三条" in capsys.readouterr().out
    assert current_policy_library().document_by_code["SF"].number == "示府规〔2025〕12号"


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "content"), [("a.txt", b""), ("a.pdf", b"%PDF-rubbish"), ("a.docx", b"PK"), ("a.exe", b"MZ")])
def test_the_command_refuses_a_bad_file_with_a_sentence(tmp_path, name, content):
    file = tmp_path / name
    file.write_bytes(content)

    with pytest.raises(CommandError) as refused:
        call_command("import_policy", str(file), "--new")

    assert refused.value.returncode == 2
    assert not ImportedPolicy.objects.exists()


@pytest.fixture
def staff(client, db):
    client.force_login(User.objects.create_user("staff@platform.example", PASSWORD, is_staff=True))
    client.cookies["django_language"] = "en"
    return client


def as_docx(text):
    document, buffer = docx.Document(), io.BytesIO()
    for line in text.splitlines():
        document.add_paragraph(line)
    document.save(buffer)
    buffer.seek(0)
    buffer.name = "law.docx"
    return buffer


def test_staff_upload_look_keep_and_accept(staff):
    preview = staff.post(reverse("import_policy"), {"file": as_docx(LAW)})
    assert preview.status_code == 200
    assert "第三条" in preview.content.decode()
    assert not ImportedPolicy.objects.exists()

    form = preview.context["form"].initial
    kept = staff.post(reverse("import_policy"), {**form, "status": "in_force", "code": "SF"})
    assert kept.url == reverse("document", args=["SF"])

    page = staff.get(reverse("clause", args=["SF-003"])).content.decode()
    assert "matched:" in page
    staff.post(reverse("accept_link", args=["SF-003"]), {"uid": "2025-DG1", "strength": "supporting", "reason": "设首席数据官"})
    assert "SF-003" in {link.id for link in current_policy_library().basis_by_uid["2025-DG1"].clauses}
    assert "设首席数据官" in staff.get(reverse("item", args=["gbt36073-2025", "DG1"])).content.decode()


def test_a_bad_upload_gets_a_sentence(staff):
    file = io.BytesIO(b"%PDF-rubbish")
    file.name = "x.pdf"

    response = staff.post(reverse("import_policy"), {"file": file})

    assert response.status_code == 422
    assert "invalid-feedback" in response.content.decode()


def test_imported_markup_is_only_text(staff):
    law = LAW.replace("帮助本市企业", "<script>alert(1)</script>")
    import_document(draft=split_document(law), details=details(), text=law, source_name="x", at=NOON)

    for address in (reverse("document", args=["SHIFAN-2025"]), reverse("library") + "?q=alert"):
        page = staff.get(address).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def test_links_of_the_packages_own_clauses_are_not_to_be_added(staff):
    ImportedPolicy.objects.create(
        code="BDP14", content='{"code":"BDP14"}', sha256="0" * 64, source_name="", source_sha256="", imported_at=NOON
    )
    form = {"uid": "2025-DS2", "strength": "direct", "reason": "forged"}

    assert staff.post(reverse("accept_link", args=["BDP14-3.2.1-a"]), form).status_code == 404
