"""A long document is set by several processes; what comes out is what one would have made."""

import io
import json
import subprocess
import sys

import pikepdf
import pytest

from reports.papers.typesetting import ROOT, TypesettingFailed, typeset

ALONE = (
    "import runpy, reports.papers.sharing as sharing; sharing.WORTH_ELEMENTS = sharing.WORTH_PAGES = 10**9;"
    "runpy.run_module('reports.papers.typesetting', run_name='__main__')"
)
STYLES = [
    """@page { size: A5; margin: 20mm; @top-left { content: string(firm) " " string(chapter) }
       @bottom-right { content: counter(page) " / " counter(pages) } }
       body { font: 10pt "Noto Sans CJK SC" } b { font-weight: 700 }
       .firm { string-set: firm attr(data-firm) } h1 { string-set: chapter content(); bookmark-level: 1 }
       h2 { bookmark-level: 2 } .part { break-before: page } .odd { font-family: "DejaVu Sans Mono" }
       .toc a::after { content: leader(".") target-counter(attr(href), page) }
       .on-page::after { content: " (" target-counter(attr(href), page) ")" }
       table { table-layout: fixed; width: 100%; border-collapse: collapse }"""
]
CHAPTERS, ROWS = 12, 46


def chapter(number: int) -> str:
    """Half of them with a word in a font that the others don't use; links to the chapters before and behind."""
    rows = "".join(
        f"<tr><td>{number}.{row}</td><td>第 {row} 行 <b>粗体</b> "
        f'<a class="{"on-page" if row % 20 == 7 else ""}" href="#c{(number + row) % CHAPTERS}">见</a></td></tr>'
        for row in range(ROWS)
    )
    odd = '<p class="odd">only here</p>' if number > CHAPTERS // 2 else ""
    part = "part" if number == 5 else ""
    return (
        f'<section class="{part}"><h1 id="c{number}">章 {number}</h1>{odd}<table><caption id="t{number}">表 {number}</caption>'
        f'<thead><tr><th>号</th><th>文</th></tr></thead>{rows}</table><h2 id="e{number}">末 {number}</h2>'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><title>图 {number}</title>'
        f'<g opacity="0.5"><rect width="{number + 1}" height="9"/></g></svg></section>'
    )


@pytest.fixture(scope="module")
def html():
    toc = "".join(f'<li><a href="#{kind}{number}">{kind} {number}</a></li>' for number in range(CHAPTERS) for kind in "cte")
    chapters = "".join(map(chapter, range(CHAPTERS)))
    return (
        f'<html lang="zh-hans"><title>卷</title><body><p class="firm" data-firm="临江银行">封面</p>'
        f'<ul class="toc part">{toc}</ul>{chapters}</body></html>'
    )


@pytest.fixture(scope="module")
def shared(html):
    return typeset(html, STYLES, seconds=60, megabytes=2048, together=True)


def by_one(html: str) -> bytes:
    job = {"html": html, "stylesheets": STYLES, "seconds": 60, "megabytes": 2048}
    job |= {"attached": [], "document_id": "", "together": True}
    command = [sys.executable, "-c", ALONE]
    return subprocess.run(command, input=json.dumps(job).encode(), capture_output=True, check=True, cwd=ROOT).stdout


@pytest.fixture(scope="module")
def alone(html):
    return by_one(html)


def text_of(pdf: bytes) -> list[str]:
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return done.stdout.decode().split("\f")


def test_at_the_same_time_or_in_turn_the_bytes_are_the_same(html, shared):
    assert typeset(html, STYLES, seconds=60, megabytes=2048, together=False) == shared


def test_pages_say_what_one_process_would_have_set(shared, alone):
    pages = text_of(shared)

    assert shared != alone  # other numbers of objects: it was shared
    assert len(pages) > 20
    assert pages == text_of(alone)
    assert "临江银行 章 11" in pages[-2]
    assert f"{len(pages) - 1} / {len(pages) - 1}" in pages[-2]
    assert shared.count(b"/OpenType") == alone.count(b"/OpenType")


def test_pages_look_as_one_process_would_have_set_them(shared, alone, tmp_path):
    pictures = []
    for name, pdf in (("shared", shared), ("alone", alone)):
        (tmp_path / name).mkdir()
        subprocess.run(["pdftoppm", "-r", "40", "-", tmp_path / name / "page"], input=pdf, check=True)
        pictures.append([path.read_bytes() for path in sorted((tmp_path / name).iterdir())])

    assert pictures[0] == pictures[1]


def test_structure_links_and_bookmarks_are_those_of_one_process(shared, alone):
    assert told_of(shared) == told_of(alone)


def test_a_chapter_does_not_begin_a_page_when_that_left_one_empty(html, tmp_path):
    """The page before the helper's chapters would hold one line: the main process goes on there, as one process does."""
    flowing = html.replace('</section><section class="part">', '<div class="part">one line</div></section><section>')

    made = typeset(flowing, STYLES, seconds=60, megabytes=2048)

    assert made == typeset(flowing, STYLES, seconds=60, megabytes=2048, together=False)
    assert helpers_of(made) == {"0"}
    pages = text_of(made)
    assert pages == text_of(by_one(flowing))
    assert any("one line" in page and "5.0" in page for page in pages)


def test_a_later_chapter_begins_a_page_instead(html):
    """The first place to divide it, before chapter 8, would leave a page empty; the second one, before chapter 13, does not."""
    start, _chapters = html.split("<section", 1)
    parts = [chapter(number).replace('class="part"', 'class=""') for number in range(20)]
    parts[7] = parts[7].replace("</section>", '<div class="part">one line</div></section>')
    parts[13] = parts[13].replace('class=""', 'class="part"', 1)
    later = f"{start}{''.join(parts)}</body></html>"

    made = typeset(later, STYLES, seconds=60, megabytes=2048)

    assert made == typeset(later, STYLES, seconds=60, megabytes=2048, together=False)
    assert helpers_of(made) == {"0", "1"}
    pages = text_of(made)
    assert pages == text_of(by_one(later))
    assert any("one line" in page and "8.0" in page for page in pages)


def told_of(pdf: bytes) -> dict:
    """What a reader's program finds: the structure, checked against the pages, targets, links and bookmarks."""
    with pikepdf.open(io.BytesIO(pdf)) as file:
        places = {page.objgen: number for number, page in enumerate(file.pages)}
        names = file.Root.Names.Dests.Names
        targets = {str(name): (places[to[0].objgen], float(to[3])) for name, to in zip(names[::2], names[1::2], strict=True)}
        links = [(n, str(link.Dest)) for n, page in enumerate(file.pages) for link in page.get("/Annots", [])]
        assert {name for _page, name in links} <= targets.keys()
        numbers = file.Root.StructTreeRoot.ParentTree.Nums
        holders = dict(zip(map(int, numbers[::2]), numbers[1::2], strict=True))
        for number, page in enumerate(file.pages):
            assert page.StructParents == number
            assert all(holder is None or number == places[holder.Pg.objgen] for holder in holders[number])
            assert all(_holds(holders[int(link.StructParent)], link) for link in page.get("/Annots", []))
        headers = [str(name) for name in file.Root.StructTreeRoot.IDTree.Names[::2]]
        assert headers == sorted(set(headers))
        with file.open_outline() as outline:
            bookmarks = [
                (entry.title, places[entry.destination[0].objgen], [kid.title for kid in entry.children])
                for entry in outline.root
            ]
        structure = list(_walked(file.Root.StructTreeRoot.K[0], 0))
        return {
            "targets": targets, "links": links, "bookmarks": bookmarks, "structure": structure, "headers": len(headers),
        }  # fmt: skip


def _holds(element, link) -> bool:
    return any(isinstance(kid, pikepdf.Dictionary) and "/Obj" in kid and kid.Obj.objgen == link.objgen for kid in element.K)


def _walked(element, depth: int):
    yield depth, str(element.S), str(element.get("/Alt", "")), len(element.get("/A", {}).get("/Headers", []))
    for kid in element.get("/K", []):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield from _walked(kid, depth + 1)


def test_header_cells_are_found_by_name(shared):
    with pikepdf.open(io.BytesIO(shared)) as file:
        named = {str(name) for name in file.Root.StructTreeRoot.IDTree.Names[::2]}
        asked = {str(name) for row in file.objects if _is_cell(row) for name in row.A.Headers}

    assert helpers_of(shared) == {"0", "1"}
    assert asked
    assert asked <= named


def helpers_of(pdf: bytes) -> set[str]:
    """Which helpers made pages, by what stands before the names of their header cells."""
    with pikepdf.open(io.BytesIO(pdf)) as file:
        named = map(str, file.Root.StructTreeRoot.IDTree.Names[::2])
        return {name.split("-")[0] for name in named if name.count("-") == 3}


def _is_cell(row) -> bool:
    return isinstance(row, pikepdf.Dictionary) and row.get("/S") == "/TD" and "/Headers" in row.get("/A", {})


def test_a_helper_that_meets_a_limit_ends_the_whole(html):
    with pytest.raises(TypesettingFailed, match=r"exit -24|took longer"):
        typeset(html * 6, STYLES, seconds=2, megabytes=2048)
