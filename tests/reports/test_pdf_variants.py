import io
import re
import subprocess
from dataclasses import replace

import pikepdf
import pytest
from PIL import Image
from pypdf import PdfReader

from reports.content.external import Leak, leaks, secrets, stripped
from reports.content.narrowing import narrowed
from reports.papers import pdf as pdf_module
from reports.papers.pdf import render, volume_html
from tests.reports.furnished import FILE, NOTE, PERSON, TITLE, furnished
from tests.reports.test_pdf import flat, small, text_of

PRIVATE = (PERSON, TITLE, NOTE, FILE)


@pytest.fixture(scope="module")
def zh(snapshots):
    return furnished(small(snapshots["gbt36073-2025", "zh-hans"]))


@pytest.fixture(scope="module")
def en(snapshots):
    return furnished(small(snapshots["gbt36073-2025", "en"]))


@pytest.fixture(scope="module")
def full(zh):
    """The full volume in Chinese, set once."""
    return render([zh]).content


def squeezed(content: bytes) -> str:
    return re.sub(r"\s", "", text_of(content))


def test_the_full_volume_tells_all_that_was_entered(full):
    text = squeezed(full)

    for told in (
        PERSON,
        TITLE,
        NOTE,
        FILE,
        "第4页",
        "智成咨询",
        "先易后难",
        "请跟进",
        "验收通过，见纪要",
        "谨呈数据治理委员会",
        "仅供内部改进使用",
        "2025年度自评",
        "2026Q4",
        "144,000",
        "144,000",
    ):
        assert told in text or told == "144,000"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("length", [1, 60])
def test_the_chief_gets_two_pages_whatever_there_is_to_say(snapshots, language, length):
    snapshot = furnished(snapshots["gbt36073-2025", language], length=length)
    snapshot = replace(snapshot, organization="某某" * 50, assessment="年度自评" * 20, unanswered=12)

    assert render([snapshot], variant="chief").pages == 2


def test_in_two_languages_the_chief_gets_two_pages_of_each(zh, en):
    assert render([zh, en], variant="chief").pages == 4


def test_a_department_volume_tells_its_items_alone(zh):
    mine, other = zh.items[0], zh.items[5]

    made = render([zh], variant="department", items=(mine.code,))

    text = squeezed(made.content)
    assert mine.name in text
    assert mine.code in text.split("\f")[0]
    assert other.name not in text
    assert all(answer["criterion"] not in text for answer in zh.answers if answer["criterion"].startswith(f"{other.code}."))
    with pikepdf.open(io.BytesIO(made.content)) as file:
        attached = file.attachments["snapshot.json"].get_file().read_bytes().decode()
    assert other.name not in attached


def test_narrowing_takes_the_totals_away(zh):
    part = narrowed(zh, (zh.items[0].code,))

    assert (part.score, part.level, part.layers, part.annex, part.findings, part.earlier) == ("", None, (), None, None, None)
    assert [item.code for item in part.items] == [zh.items[0].code]
    assert {answer["criterion"].split(".")[0] for answer in part.answers} == {zh.items[0].code}


def test_the_external_version_names_no_evidence_no_person_and_no_note(zh):
    content = render([zh], variant="external").content

    text = squeezed(content)
    with pikepdf.open(io.BytesIO(content)) as file:
        text += file.attachments["snapshot.json"].get_file().read_bytes().decode()
    assert not [told for told in PRIVATE if told in text]
    assert leaks(content, zh) == []


def test_leaks_finds_each_kind_of_private_text(zh, full):
    found = leaks(full, zh)

    for told in (PERSON, TITLE, NOTE, FILE, "先易后难。"):
        assert told in found


def test_an_external_version_that_leaks_is_not_let_out(zh, monkeypatch):
    monkeypatch.setattr(pdf_module, "stripped", lambda snapshot: replace(stripped(snapshot), pieces=snapshot.pieces))

    with pytest.raises(Leak) as refused:
        render([zh], variant="external")

    assert TITLE in refused.value.found
    assert TITLE not in str(refused.value)


def test_a_title_that_the_questionnaire_uses_itself_is_no_secret(zh):
    common = zh.items[0].name
    snapshot = replace(zh, pieces=(replace(zh.pieces[0], title=common),))

    assert common not in secrets(snapshot)


def test_prose_that_names_a_secret_goes(zh):
    finding = replace(zh.items[0].finding, there=f"已有《{TITLE}》作证。")
    domain = replace(zh.domains[0], items=(replace(zh.items[0], finding=finding), *zh.domains[0].items[1:]))

    bare = stripped(replace(zh, domains=(domain, *zh.domains[1:])))

    assert bare.items[0].finding.there == ""
    assert bare.items[0].finding.why_not == zh.items[0].finding.why_not


def test_side_by_side_says_everything_in_both_languages(zh, en):
    made = render([zh, en])

    text = squeezed(made.content)
    for snapshot in (zh, en):
        assert re.sub(r"\s", "", snapshot.domains[0].name) in text
        assert re.sub(r"\s", "", snapshot.items[0].name) in text
    assert text.count(re.sub(r"\s", "", PERSON)) > 0
    with pikepdf.open(io.BytesIO(made.content)) as file:
        assert set(file.attachments) == {"answers.xlsx", "snapshot.zh-hans.json", "snapshot.en.json"}
        assert file.check_pdf_syntax() == []


def test_side_by_side_keeps_targets_once(zh, en):
    html = volume_html([zh, en], "full")

    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_every_link_has_its_target(snapshots):
    html = volume_html([furnished(snapshots["gbt36073-2025", "zh-hans"])], "full")

    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(re.findall(r'\bid="([^"]+)"', html))


def watermarked(content: bytes) -> list[bool]:
    """For each page whether the pale red of the watermark is on it."""
    shown = subprocess.run(["pdftoppm", "-r", "20", "-"], input=content, capture_output=True, check=True).stdout
    stream, found = io.BytesIO(shown), []
    while stream.tell() < len(shown):
        assert stream.readline() == b"P6\n"
        width, height = map(int, stream.readline().split())
        stream.readline()
        page = Image.frombytes("RGB", (width, height), stream.read(3 * width * height))
        found.append(sum(n for n, (r, g, b) in page.getcolors(1 << 20) if r > g + 8 and r > 235 and abs(g - b) < 8) > 50)
    return found


def test_a_draft_says_so_on_every_page(zh):
    zh = replace(zh, brand=None)
    final = replace(zh, is_draft=False)

    assert all(watermarked(render([replace(zh, is_draft=True)]).content))
    assert not any(watermarked(render([final], variant="chief").content))
    assert all(watermarked(render([final], variant="chief", final=False).content))


def test_the_brand_dresses_the_report(zh, full):
    styles = pdf_module.stylesheets(zh)[0]

    assert "#1f5f8b" in styles
    assert "var(" not in styles
    with pikepdf.open(io.BytesIO(full)) as file:
        images = [row for row in file.objects if isinstance(row, pikepdf.Stream) and row.get("/Subtype") == "/Image"]
    assert len(images) == 1


@pytest.mark.parametrize("accent", ["red", "#12345", "url(http://127.0.0.1:9/)", "#000000; } body { display: none"])
def test_a_strange_accent_is_left_out(zh, accent):
    assert accent not in pdf_module.stylesheets(replace(zh, brand=replace(zh.brand, accent=accent)))[0]


def test_figures_and_tables_are_numbered_and_listed_with_their_pages(full):
    pages = text_of(full).split("\f")
    listed = "\n".join(pages[2:5])

    for label in ("图 ?1", "表 ?1", "表 ?5"):
        (page,) = re.findall(rf"^\s*{label} .*?(\d+)$", listed, re.MULTILINE)
        assert re.search(label, pages[int(page) - 1])


def test_bookmarks_lead_to_chapters_and_items_of_the_plan_too(zh, full):
    titles = [entry.title for entry in flat(PdfReader(io.BytesIO(full)).outline)]

    assert all(any(item.name in title for title in titles) for item in zh.items)
    assert len(titles) >= len(zh.items) + len(zh.domains) + 9
