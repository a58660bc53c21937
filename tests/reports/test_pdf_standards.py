"""What the claims of PDF/A-3u and PDF/UA-1 rest on, by looking into the file. No validator was at hand."""

import io
import json
import os
import subprocess
import sys
import zlib

import pikepdf
import pytest
from fontTools.ttLib import TTFont

from reports.content.snapshot import as_canonical_json
from reports.papers.packing import COLUMNS, predicted
from reports.papers.pdf import fingerprint_of, render
from reports.papers.workbook import render_workbook
from tests.live import ROOT
from tests.reports.furnished import furnished
from tests.reports.test_pdf import small


@pytest.fixture(scope="module")
def told(snapshots):
    return furnished(small(snapshots["gbt36073-2025", "zh-hans"]))


@pytest.fixture(scope="module")
def content(told):
    return render([told]).content


@pytest.fixture(scope="module")
def file(content):
    with pikepdf.open(io.BytesIO(content)) as opened:
        yield opened


def elements(file):
    """Every element of the structure tree that hangs on the root."""
    left = [file.Root.StructTreeRoot.K[0]]
    while left:
        element = left.pop()
        yield element
        left += [kid for kid in element.get("/K", ()) if isinstance(kid, pikepdf.Dictionary) and "/S" in kid]


def test_the_file_is_sound(file):
    assert file.check_pdf_syntax() == []


def test_it_is_tagged_has_a_language_and_a_title(file, told):
    assert file.Root.MarkInfo.Marked
    assert str(file.Root.Lang) == "zh-hans"
    assert file.Root.ViewerPreferences.DisplayDocTitle
    assert told.organization in str(file.docinfo["/Title"])
    assert all(page.obj["/Tabs"] == "/S" for page in file.pages)


def test_every_figure_has_a_text_and_a_box_on_its_page(file):
    figures = [element for element in elements(file) if element.S == "/Figure"]

    assert len(figures) > 10
    for figure in figures:
        assert str(figure.Alt).strip()
        left, bottom, right, top = (float(value) for value in figure.A.BBox)
        assert 0 <= left < right <= 596
        assert -1 <= bottom < top <= 842


def test_every_mark_is_tied_to_an_element_that_hangs_on_the_root(file):
    held = {element.objgen for element in elements(file)}
    numbers = list(file.Root.StructTreeRoot.ParentTree.Nums)

    for marks in numbers[1 : 2 * len(file.pages) : 2]:
        assert all(element is None or element.objgen in held for element in marks)


def test_all_that_is_shown_is_content_or_artifact(file):
    for place, page in enumerate(file.pages):
        marks = file.Root.StructTreeRoot.ParentTree.Nums[2 * place + 1]
        depth, mcids = [], set()
        for operands, operator in pikepdf.parse_content_stream(page):
            if str(operator) in ("BDC", "BMC"):
                depth.append(str(operands[0]))
                if len(operands) > 1 and "/MCID" in operands[1]:
                    mcids.add(int(operands[1]["/MCID"]))
            elif str(operator) == "EMC":
                depth.pop()
            elif str(operator) in ("TJ", "Tj", "Do"):
                assert depth, f"page {place + 1} shows something that is neither content nor artifact"
        assert {n for n, element in enumerate(marks) if element is not None} == mcids


def test_running_heads_are_artifacts(file, told):
    page = file.pages[3]

    operators = [str(operands[0]) for operands, operator in pikepdf.parse_content_stream(page) if str(operator) == "BMC"]

    assert operators.count("/Artifact") >= 4


def test_headings_do_not_skip_a_level(file):
    def walk(element):
        yield element
        for kid in element.get("/K", ()):
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                yield from walk(kid)

    levels = [int(str(e.S)[2]) for e in walk(file.Root.StructTreeRoot.K[0]) if str(e.S) in ("/H1", "/H2", "/H3", "/H4")]

    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


def test_cells_find_their_headers(file):
    names = list(file.Root.StructTreeRoot.IDTree.Names)[::2]
    told = {str(name) for element in elements(file) if element.S == "/TD" for name in element.get("/A", {}).get("/Headers", ())}

    assert told
    assert told <= {str(name) for name in names}
    assert [str(name) for name in names] == sorted(str(name) for name in names)


def test_colours_are_told_by_an_output_intent(file):
    (intent,) = file.Root.OutputIntents

    assert intent.S == "/GTS_PDFA1"
    assert b"sRGB" in intent.DestOutputProfile.read_bytes()


def test_the_metadata_claims_both_standards_and_says_what_it_was_made_from(file, told):
    with file.open_metadata() as metadata:
        assert metadata["pdfaid:part"] == "3"
        assert metadata["pdfaid:conformance"] == "U"
        assert metadata["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"
        assert metadata["xmpMM:DocumentID"] == f"urn:sha256:{fingerprint_of([told])}"
        assert metadata["dc:title"] == str(file.docinfo["/Title"])
    assert b"pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/" in file.Root.Metadata.read_bytes()


def test_pages_are_called_what_their_foot_says(file):
    assert [page.label for page in file.pages] == [str(n + 1) for n in range(len(file.pages))]


def test_attached_files_come_out_identical_and_say_what_they_are(file, told):
    assert set(file.attachments) == {"answers.xlsx", "snapshot.json"}
    assert file.attachments["snapshot.json"].get_file().read_bytes() == as_canonical_json(told).encode()
    assert file.attachments["answers.xlsx"].get_file().read_bytes() == render_workbook(told)
    assert {str(entry.UF): str(entry.AFRelationship) for entry in file.Root.AF} == {
        "answers.xlsx": "/Source",
        "snapshot.json": "/Data",
    }
    assert str(file.Root.AF[1].EF.F.Subtype) == "/application/json"
    assert all(entry.EF.F.Params.ModDate == f"D:{told.date.replace('-', '')}000000Z" for entry in file.Root.AF)


def test_every_font_is_embedded_and_can_be_read_back(file):
    fonts = [row for row in file.objects if isinstance(row, pikepdf.Dictionary) and row.get("/Type") == "/Font"]

    assert all("/ToUnicode" in font for font in fonts if font.Subtype == "/Type0")
    assert all(
        "/FontFile3" in row
        for row in file.objects
        if isinstance(row, pikepdf.Dictionary) and row.get("/Type") == "/FontDescriptor"
    )


def test_fonts_are_packed_and_come_out_whole(file):
    """Offsets that only rise are written as differences: less than Flate makes of them, and any reader gives the font back."""
    fonts = [row for row in file.objects if isinstance(row, pikepdf.Stream) and row.get("/Subtype") == "/OpenType"]

    assert len(fonts) == 2
    for font in fonts:
        content = font.read_bytes()
        assert TTFont(io.BytesIO(content))["maxp"].numGlyphs > 1000
        assert len(font.read_raw_bytes()) < 0.75 * len(zlib.compress(content, 9))


@pytest.mark.parametrize("length", [0, 1, COLUMNS - 1, COLUMNS, 5 * COLUMNS + 7])
def test_what_was_predicted_is_read_back(length):
    content = bytes(place // 3 % 256 if place % 2 else place * place % 251 for place in range(length))
    pdf = pikepdf.new()
    stream = pdf.make_stream(zlib.compress(predicted(content)))
    stream.Filter, stream.DecodeParms = pikepdf.Name.FlateDecode, pikepdf.Dictionary(Predictor=15, Columns=COLUMNS)

    assert stream.read_bytes() == content + bytes(-length % COLUMNS)


def test_no_element_says_nothing(file):
    idle = [row for row in elements(file) if row.S == "/NonStruct"]

    assert all(row.Pg != row.P.Pg for row in idle)


def test_same_bytes_in_another_process(content, told, tmp_path):
    source = tmp_path / "snapshot.json"
    source.write_text(as_canonical_json(told), encoding="utf-8")
    script = (
        "import django, sys; django.setup()\n"
        "from reports.papers.pdf import render\nfrom reports.content.snapshot import read_snapshot\n"
        "sys.stdout.buffer.write(render([read_snapshot(open(sys.argv[1], encoding='utf-8').read())]).content)"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "dcmm_site.settings", "PYTHONHASHSEED": "7"}

    done = subprocess.run(
        [sys.executable, "-c", script, str(source)], cwd=ROOT, env=environment, check=True, capture_output=True
    )

    assert done.stdout == content


def test_the_attached_snapshot_is_data_anybody_can_read(file):
    assert json.loads(file.attachments["snapshot.json"].get_file().read_bytes())["pieces"]
