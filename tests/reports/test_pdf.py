import io
import re
import subprocess
from dataclasses import replace

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override
from pypdf import PdfReader

from reports.papers import pdf as pdf_module
from reports.papers.fonts import Missing
from reports.papers.pdf import CannotSetChinese, render_pdf, stylesheets, volume_context, volume_html
from reports.papers.typesetting import TypesettingFailed, typeset
from reports.templatetags.paper import in_runs
from tests.reports.conftest import random_answers, snapshot_of

HOSTILE = (
    '<script>alert(1)</script><img src="file:///etc/passwd"><link rel="stylesheet" href="http://127.0.0.1:9/x.css">'
    "<style>body{background:url(file:///etc/passwd)}</style>{{ settings.SECRET_KEY }}=1+1"
)


@pytest.fixture(scope="module")
def volume(snapshots):
    """The Chinese volume of the 2025 edition."""
    return render_pdf(snapshots["gbt36073-2025", "zh-hans"])


def text_of(pdf: bytes, *arguments) -> str:
    done = subprocess.run(["pdftotext", *arguments, "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode()


def small(snapshot):
    """Three items of each of three domains: enough for every chapter, and quick to set."""
    domains = tuple(replace(domain, items=domain.items[:3]) for domain in snapshot.domains[:3])
    kept = {item.code for domain in domains for item in domain.items}
    answers = tuple(row for row in snapshot.answers if row["criterion"].split(".")[0] in kept)
    return replace(snapshot, domains=domains, answers=answers, path=path_of(snapshot, kept))


def path_of(snapshot, kept):
    raises = tuple(step for step in snapshot.path.raises if step.item in kept)
    levers = tuple(lever for lever in snapshot.path.levers if lever.item in kept)
    return replace(snapshot.path, raises=raises, levers=levers, count=len(raises))


def test_contents_tell_the_right_pages(volume, snapshots):
    snapshot = snapshots["gbt36073-2025", "zh-hans"]
    pages = text_of(volume).split("\f")
    contents = pages[2]

    told = dict(re.findall(r"^\s*(\S.*?)[\s·.]*?[·.\s]{3,}(\d+)$", contents, re.MULTILINE))

    for item in snapshot.items:
        page = int(told[f"{item.clause} {item.name}"])
        assert f"{item.clause} {item.name}" in pages[page - 1]
    assert len(told) >= len(snapshot.items) + len(snapshot.domains) + 5


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_summary_is_one_page_even_with_everything_to_say(questionnaires, basis, language):
    bank = questionnaires["gbt36073-2025"]
    answers = random_answers(bank)
    answers.ratings = dict(list(answers.ratings.items())[: len(bank.item_of) // 2])
    snapshot = snapshot_of(bank, basis, answers, language=language, target=2, organization="某某" * 30)
    short = without_criteria(snapshot)
    with override(language):
        assert summary_of(short) == summary_of(snapshot)

    pages = text_of(render_pdf(short)).split("\f")

    assert ("摘要" if language != "en" else "Summary") in pages[1]
    assert ("目录" if language != "en" else "Contents") in " ".join(pages[2].split())[:120]


def without_criteria(snapshot):
    """The same result with short chapters after it: the whole volume takes ten seconds to set."""

    def short(item):
        return replace(item, gap=None, levels=tuple(replace(level, criteria=()) for level in item.levels))

    domains = tuple(replace(domain, items=tuple(short(item) for item in domain.items)) for domain in snapshot.domains)
    return replace(snapshot, domains=domains, documents=(), path=replace(snapshot.path, raises=()))


def summary_of(snapshot) -> str:
    return render_to_string("reports/pdf/summary.html", volume_context(snapshot))


def test_bookmarks_reach_down_to_items(volume, snapshots):
    snapshot = snapshots["gbt36073-2025", "zh-hans"]
    outline = PdfReader(io.BytesIO(volume)).outline

    titles = [entry.title for entry in flat(outline)]

    for domain in snapshot.domains:
        assert f"{domain.clause} {domain.name}" in titles
    for item in snapshot.items:
        assert f"{item.clause} {item.name}" in titles


def flat(outline):
    for entry in outline:
        if isinstance(entry, list):
            yield from flat(entry)
        else:
            yield entry


def test_a_chinese_font_is_embedded(volume):
    listed = subprocess.run(["pdffonts", "-"], input=volume, capture_output=True, check=True).stdout.decode()

    rows = [line.split() for line in listed.splitlines()[2:]]
    assert rows
    assert all("CJK" in row[0] for row in rows)
    assert all(row[-5] == "yes" for row in rows)  # embedded


def test_the_volume_is_tagged_and_told_in_its_language(volume):
    reader = PdfReader(io.BytesIO(volume))

    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"] == "zh-hans"
    assert "/CreationDate" not in reader.metadata


def test_every_answer_and_every_gap_stands_in_it(volume, snapshots):
    snapshot = snapshots["gbt36073-2025", "zh-hans"]
    text = re.sub(r"\s", "", text_of(volume))

    for code in (answer["criterion"] for answer in snapshot.answers):
        assert code in text
    for item in snapshot.gaps:
        assert all(criterion.action.code in text for criterion in item.open_criteria)
        assert all(ref.id in text for ref in item.gap.direct)
    assert text.count("没有直接对应的条款。") >= sum(not item.gap.direct for item in snapshot.gaps)


def test_policy_actions_stand_in_groups_and_have_no_levels(snapshots):
    html = volume_html([snapshots["policy-actions", "en"]], "full")
    opening = html.split('<h1 id="overall">')[1].split("<h1 ")[0]

    assert "<b>Action group</b>" in html
    assert ">Action group</th>" in opening
    assert "Scores by group" in opening
    assert ">Domain<" not in html
    assert ">Level<" not in html
    assert ">Steps<" not in html


def test_a_tall_row_of_a_gap_table_breaks_without_a_lonely_line(snapshots):
    """Below fillers of different heights: what stands on each side of the break is three lines or more."""
    styles = stylesheets(snapshots["gbt36073-2025", "zh-hans"])
    row = "<tr><td>" + "甲" * 90 + "</td><td>" + "乙" * 400 + "</td></tr>"
    for filler in range(3):
        html = (
            f'<html lang="zh-hans"><div style="height: {190 + 8 * filler}mm"></div><table class="dense gaps">{row * 2}</table>'
        )

        pages = text_of(typeset(html, styles, seconds=60, megabytes=2048)).split("\f")[:2]

        assert all(sum("乙" in line for line in page.splitlines()) >= 3 for page in pages)


@pytest.fixture(scope="module")
def hostile(questionnaires, basis):
    """(snapshot, volume) of somebody who tries what the words of an answer can do."""
    actions = questionnaires["policy-actions"]
    answers = random_answers(actions)
    answers.notes = dict.fromkeys(actions.item_of, HOSTILE)
    snapshot = snapshot_of(actions, basis, answers, organization=HOSTILE[:100])
    return snapshot, render_pdf(snapshot)


def test_same_snapshot_same_bytes(hostile):
    snapshot, pdf = hostile

    assert render_pdf(snapshot) == pdf


def test_hostile_text_is_only_text(hostile):
    text = text_of(hostile[1])

    assert "root:" not in text
    assert "<script>alert(1)</script>" in re.sub(r"\s", "", text)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://127.0.0.1:9/x.png", "ftp://127.0.0.1/x"])
def test_the_typesetter_fetches_nothing(address):
    html = f'<p>x</p><img src="{address}"><object data="{address}"></object>'

    pdf = typeset(html, [f"@import url({address}); body {{ background: url({address}) }}"], seconds=60, megabytes=2048)

    assert b"root:" not in pdf
    assert text_of(pdf).strip() == "x"


def test_a_job_that_takes_too_long_or_too_much_ends_with_a_reason():
    with pytest.raises(TypesettingFailed, match="exit -24"):
        typeset("<p>x" * 200_000, [], seconds=1, megabytes=2048)
    with pytest.raises(TypesettingFailed):
        typeset("<p>x", [], seconds=60, megabytes=60)


def test_without_a_chinese_font_it_says_what_to_install(snapshots, monkeypatch):
    monkeypatch.setattr(pdf_module, "missing", lambda: [Missing("a Chinese font", "apt-get install fonts-noto-cjk")])

    with pytest.raises(CannotSetChinese, match="apt-get install fonts-noto-cjk"):
        render_pdf(snapshots["gbt36073-2018", "en"])


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        ([], []),
        (["DS1"], ["DS1"]),
        (["DS1", "DS2", "DS3", "DG2", "DG4", "LC9", "LC10"], ["DS1–DS3", "DG2", "DG4", "LC9–LC10"]),
        (["A", "A1", "B"], ["A", "A1", "B"]),
    ],
)
def test_codes_that_follow_each_other_are_told_as_a_run(codes, told):
    assert [words for _first, words in in_runs(codes)] == told
