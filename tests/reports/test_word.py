import base64
import io
import subprocess
import sys
import zipfile
from dataclasses import replace
from hashlib import sha256

import docx
import pytest
from docx.oxml.ns import qn
from lxml import etree
from PIL import Image

from reports.content.external import secrets
from reports.content.parts import BrandPart
from reports.content.snapshot import as_canonical_json
from reports.papers.docx_writing import text_of
from reports.papers.word import as_png, render_word
from tests.reports.conftest import random_answers, snapshot_of


@pytest.fixture(scope="module")
def volume(snapshots):
    """The Chinese volume of the 2025 edition."""
    return render_word([snapshots["gbt36073-2025", "zh-hans"]])


@pytest.fixture(scope="module")
def document(volume):
    return docx.Document(io.BytesIO(volume))


def styled(document, style: str) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == style]


def fields(document) -> list[str]:
    return [element.text.strip() for element in document.element.iter(qn("w:instrText"))]


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_domains_are_chapters_and_items_their_sections(document, snapshots):
    snapshot = snapshots["gbt36073-2025", "zh-hans"]

    chapters, sections = styled(document, "Heading 1"), styled(document, "Heading 2")

    assert [f"{domain.clause} {domain.name}" for domain in snapshot.domains] == [
        title for title in chapters if title.split()[0].isdigit()
    ]
    assert sections == [f"{item.clause} {item.name}" for item in snapshot.items]


def test_contents_are_filled_and_lead_to_what_they_name(document):
    told = {text.rstrip("\t") for style in ("toc 1", "toc 2") for text in styled(document, style)}
    bookmarks = {element.get(qn("w:name")) for element in document.element.iter(qn("w:bookmarkStart"))}
    links = {element.get(qn("w:anchor")) for element in document.element.iter(qn("w:hyperlink"))}
    codes = [element.get(qn("w:instr")).split() for element in document.element.iter(qn("w:fldSimple"))]
    pages = [code[1] for code in codes if code[0] == "PAGEREF"]

    assert {*styled(document, "Heading 1"), *styled(document, "Heading 2")} <= told
    assert links
    assert links <= bookmarks
    assert [code.split()[0] for code in fields(document)] == ["TOC"] * 3
    assert {told for told in pages if told not in bookmarks} == set()
    assert len(pages) >= len(told)
    assert document.settings.element.find(qn("w:updateFields")).get(qn("w:val")) == "true"


def test_long_tables_repeat_their_heads_and_break_between_rows(document):
    for table in document.tables:
        rows = table._tbl.findall(qn("w:tr"))
        assert all(row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in rows)
    heads = [table._tbl.find(f".//{qn('w:tblHeader')}") is not None for table in document.tables]
    assert sum(heads) > len(heads) * 0.9


def test_every_picture_says_what_it_shows(document):
    pictures = [shape._inline.docPr for shape in document.inline_shapes]

    assert len(pictures) >= 3  # the strip of the annex among them
    assert any("clauses" in picture.get("descr") or "条款" in picture.get("descr") for picture in pictures)
    assert all(picture.get("descr") for picture in pictures)
    assert len({picture.get("id") for picture in pictures}) == len(pictures)


def test_pages_are_counted_and_the_chapter_runs_above(document):
    section = document.sections[0]
    head, foot = section.header._element, section.footer._element

    codes = [element.get(qn("w:instr")) for part in (head, foot) for element in part.iter(qn("w:fldSimple"))]

    assert codes == ["STYLEREF 1", "PAGE", "NUMPAGES"]
    assert section.different_first_page_header_footer


def test_chinese_has_a_face_and_a_language_of_its_own(document, volume):
    defaults = document.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")

    assert defaults.find(qn("w:rFonts")).get(qn("w:eastAsia")) == "Microsoft YaHei"
    assert defaults.find(qn("w:lang")).get(qn("w:eastAsia")) == "zh-CN"
    assert document.core_properties.language == "zh-CN"
    assert document.core_properties.created.date().isoformat() == "2026-11-20"
    assert b"theme" not in zipfile.ZipFile(io.BytesIO(volume)).read("word/document.xml")


def test_lists_are_described_before_they_are_used(document):
    kinds = [element.tag for element in document.part.numbering_part.element]
    used = {element.get(qn("w:val")) for element in document.element.iter(qn("w:numId"))}
    there = {element.get(qn("w:numId")) for element in document.part.numbering_part.element.iter(qn("w:num"))}

    assert kinds == sorted(kinds)
    assert len(used) > 2
    assert used <= there


def test_every_part_is_well_formed_and_no_text_stands_in_a_box(volume):
    with zipfile.ZipFile(io.BytesIO(volume)) as archive:
        for name in archive.namelist():
            if name.endswith(".xml"):
                etree.fromstring(archive.read(name))
        assert b"txbxContent" not in archive.read("word/document.xml")


def test_same_snapshot_same_bytes_in_another_process(snapshots, volume, tmp_path):
    snapshot = snapshots["policy-actions", "en"]
    frozen = tmp_path / "snapshot.json"
    script = (
        "import sys, hashlib, django; django.setup()\n"
        "from reports.content.snapshot import read_snapshot; from reports.papers.word import render_word\n"
        "print(hashlib.sha256(render_word([read_snapshot(open(sys.argv[1]).read())])).hexdigest())"
    )
    frozen.write_text(as_canonical_json(snapshot))
    done = subprocess.run([sys.executable, "-c", script, str(frozen)], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == sha256(render_word([snapshot])).hexdigest()


def test_two_languages_stand_below_each_other_and_what_is_equal_stands_once(snapshots):
    both = [snapshots["gbt36073-2018", language] for language in ("zh-hans", "en")]

    told = docx.Document(io.BytesIO(render_word(both)))

    chapters = styled(told, "Heading 1")
    assert [f"{a.clause} {a.name}\n{b.clause} {b.name}" for a, b in zip(both[0].domains, both[1].domains, strict=True)] == [
        title for title in chapters if title.split()[0].isdigit()
    ]
    assert styled(told, "Subtitle") == [both[0].organization]
    for run in told.element.iter(qn("w:rPr")):
        assert len({child.tag for child in run}) == len(run)
    runs = {run.text: run._r for part in told.paragraphs if part.style.name == "Heading 1" for run in part.runs}
    english = runs[f"{both[1].domains[0].clause} {both[1].domains[0].name}"]
    assert english.rPr.find(qn("w:lang")).get(qn("w:val")) == "en-US"


def test_quotes_in_chinese_are_set_in_the_chinese_face(document):
    quoting = [run for part in document.paragraphs for run in part.runs if "“" in run.text and not run.text.isascii()]

    assert quoting
    assert {run._r.rPr.find(qn("w:rFonts")).get(qn("w:hint")) for run in quoting} == {"eastAsia"}


def test_the_chief_gets_the_summary_and_the_picture(snapshots):
    told = docx.Document(io.BytesIO(render_word([snapshots["gbt36073-2025", "en"]], variant="chief")))

    assert styled(told, "Heading 1") == ["Summary", "Overall result"]
    assert len(told.inline_shapes) == 1


def test_a_department_reads_of_its_items_alone(snapshots):
    snapshot = snapshots["gbt36073-2025", "en"]

    told = text_of(render_word([snapshot], variant="department", items=("DS1", "DQ2")))

    assert "only the items DS1, DQ2" in told
    assert "DS1.1.1" in told
    assert "DG1.1.1" not in told


def test_outsiders_read_no_notes(questionnaires, basis):
    bank = questionnaires["policy-actions"]
    answers = random_answers(bank)
    answers.notes = {code: f"Secret of {code}" for code in bank.item_of}
    snapshot = snapshot_of(bank, basis, answers, language="en")

    full, external = (squeezed(text_of(render_word([snapshot], variant=variant))) for variant in ("full", "external"))

    assert all(squeezed(secret) in full for secret in secrets(snapshot))
    assert "Secretof" not in external


def test_the_brand_dresses_it(snapshots):
    snapshot = snapshots["policy-actions", "en"]
    drawn = io.BytesIO()
    Image.new("RGB", (60, 20), "#004488").save(drawn, "PNG")
    brand = BrandPart("Sage", base64.b64encode(drawn.getvalue()).decode(), "#004488", "Prepared with care", "No advice")

    raw = render_word([replace(snapshot, brand=brand)])

    told = docx.Document(io.BytesIO(raw))
    assert told.inline_shapes[0]._inline.docPr.get("descr") == "Sage"
    assert told.core_properties.author == "Sage"
    assert told.styles["Warning"].font.color.rgb == (0, 0x44, 0x88)
    assert "Prepared with care" in text_of(raw)
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert drawn.getvalue() in [archive.read(name) for name in archive.namelist() if "media/" in name]


@pytest.mark.parametrize("logo", ["not base64", "PHN2Zz48L3N2Zz4="])
def test_what_is_no_picture_is_no_logo(snapshots, logo):
    snapshot = replace(snapshots["policy-actions", "en"], brand=BrandPart("Sage", logo, "red;", "", ""))

    told = docx.Document(io.BytesIO(render_word([snapshot])))

    assert all(shape._inline.docPr.get("descr") != "Sage" for shape in told.inline_shapes)


HOSTILE = "<w:t>&lt;]]><!--contents of headings--> {{ x }} \x00\x07\ufffe \"' =1+1 \u202e " + "长" * 50


def test_hostile_text_is_only_text(questionnaires, basis):
    bank = questionnaires["policy-actions"]
    answers = random_answers(bank)
    answers.notes = dict.fromkeys(bank.item_of, HOSTILE)
    snapshot = snapshot_of(bank, basis, answers, organization=HOSTILE[:100], language="en")

    told = docx.Document(io.BytesIO(render_word([snapshot])))

    cells = [cell.text for table in told.tables[-3:] for row in table.rows for cell in row.cells]
    assert any(cell.startswith("<w:t>&lt;]]><!--contents of headings--> {{ x }} ��") for cell in cells)


@pytest.mark.parametrize("rating", ["na", None])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_everything_not_applicable_or_unanswered_can_be_written(questionnaires, basis, rating, language):
    bank = questionnaires["gbt36073-2018"]
    answers = random_answers(bank)
    answers.ratings = dict.fromkeys(bank.item_of, rating) if rating else {}

    told = docx.Document(io.BytesIO(render_word([snapshot_of(bank, basis, answers, language=language)])))

    assert styled(told, "Heading 1")


def test_charts_show_chinese_and_no_boxes():
    """Two different characters give two different pictures; a face without Chinese draws the same box for both."""
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><text y="30" font-size="30" font-family="sans-serif">%s</text></svg>'

    first, second = (as_png(svg % letter) for letter in "数据")

    assert first != second
    assert Image.open(io.BytesIO(first)).convert("L").getextrema()[0] < 100
