"""What is quicker than WeasyPrint's own gives the same bytes."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
from weasyprint import HTML
from weasyprint.urls import URLFetcher

from reports.content.external import stripped
from reports.papers import pdf
from reports.papers.quickening import Page
from reports.papers.typesetting import ROOT, typeset
from tests.reports.furnished import furnished

AS_IT_COMES = (
    "import runpy, reports.papers.quickening as styles, reports.papers.lines as lines;"
    "styles.quicken = lines.quicken_lines = lambda: None;"
    "runpy.run_module('reports.papers.typesetting', run_name='__main__')"
)
STYLES = [
    """@page { size: A5; margin: 20mm; @bottom-right { content: counter(page) "/" counter(pages) } }
       @page :first { @top-left { content: "erste" } } @page wide { size: A5 landscape; @top-left { content: "wide" } }
       body { font: 10pt "Noto Sans CJK SC"; overflow-wrap: anywhere } .wide { page: wide } .odd { font-family: "DejaVu Sans" }
       table { table-layout: fixed; width: 100%; border-collapse: collapse } td { border-bottom: 0.4pt solid #888 }
       .separate { border-collapse: separate } .round { border-radius: 4pt; background: #eee } .thin { width: 30% }
       .part { padding: 2%; min-width: 40%; box-sizing: border-box } .calc { width: calc(100% - 20pt) }
       .left { float: left; width: 30% } .clear { clear: both } .under { text-decoration: underline } .wavy { letter-spacing: 2pt }
       .far { word-spacing: 6pt } .block { text-align: justify } .pre { white-space: pre-wrap } .tall { line-height: 2 }
       .kern { font-variant-numeric: tabular-nums } .shade { box-shadow: 1pt 1pt #ccc } .hid { visibility: hidden }
       .arrow::before { content: "→" } .arrow::after { content: attr(data-word) } .cut { text-overflow: ellipsis; overflow: hidden;
       white-space: nowrap; width: 60pt } .sup { vertical-align: super; font-size: 70% } .hyphens { hyphens: auto; width: 60pt }"""
]
LONG = "数据管理能力成熟度评估，逐条核对。Data governance 2026–2028: 75 %, “quoted”, office ﬁ. " * 6
BODY = f"""<body lang="zh"><h1 id="a">标题 <b>Title</b></h1><p>{LONG}</p><p class="odd">{LONG} AVAToo ﬀi</p>
<p>x<br>y<br/>z<br>{LONG}</p><p class="under">{LONG[:90]}</p><p class="wavy">{LONG}</p><p class="far">{LONG}</p>
<p class="block">{LONG}</p><p class="pre">a\tb\n\nc  d\r\n{LONG}</p><p class="pre">tab\t{LONG}\tand\t{
    LONG
}</p><p class="block pre">x\t{LONG}</p><p class="tall kern">1,234.50 {LONG}</p><p lang="ar">
مرحبا {LONG[:30]} بالعالم</p><p>emoji 😀 ⚠ 🇨🇳 u\u0301 \u4dff \ue000 e\u0301\u0302 zero\u200bwidth soft\xadhyphen{"长" * 90}</p>
<div class="left round shade">浮 {LONG[:80]}</div><p>{LONG}</p><div class="clear part calc">{LONG}</div><p class="hid">{
    LONG[:40]
}</p>
<p class="arrow" data-word="一">{LONG[:60]}</p><p class="arrow" data-word="二">{LONG[:60]}</p><p class="cut">{LONG}</p>
<p>a<span class="sup">2</span> <i>i</i> <a href="#a">link</a></p><p class="hyphens" lang="en">incomprehensibilities</p>
<ul><li>one<li>two<ol><li>three</ol></ul>
<table><caption>表</caption><colgroup><col style="width: 20%"><col></colgroup><thead><tr><th>h<th>k</thead>{
    "".join(f'<tr class="{"round" if row % 7 == 0 else ""}"><td>{row}<td>{LONG[: 20 + row * 3]}' for row in range(30))
}</table><table class="separate wide"><tr><td rowspan="2">a<td>b<tr><td>{LONG}</table>
<svg xmlns="http://www.w3.org/2000/svg" width="90" height="40" viewBox="0 0 90 40"><title>图</title><rect width="20" height="9" rx="2"/>
<text x="3" y="30" font-size="9" text-anchor="middle">中 text</text></svg></body>"""
PAGE = f"<html lang='zh-hans'><head><title>卷</title></head>{BODY}</html>"


def plainly(html: str) -> bytes:
    job = {"html": html, "stylesheets": STYLES, "seconds": 60, "megabytes": 2048}
    job |= {"attached": [], "document_id": "", "together": True}
    command = [sys.executable, "-c", AS_IT_COMES]
    return subprocess.run(command, input=json.dumps(job).encode(), capture_output=True, check=True, cwd=ROOT).stdout


def test_the_bytes_are_those_of_weasyprint_as_it_comes():
    assert typeset(PAGE, STYLES, seconds=60, megabytes=2048) == plainly(PAGE)


@pytest.mark.parametrize("html", ["<html><body><p>a<br>b</p></body></html>", "<html><body><p>a<br>b</body></html>"])
def test_what_is_no_xml_is_read_as_html(html):
    page = Page(html, URLFetcher())

    assert [element.tag for element in page.etree_element.iter()][-2:] == ["p", "br"]
    assert page.etree_element.find(".//br").tail == "b"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("code", ["gbt36073-2025", "policy-actions"])
def test_every_volume_is_read_as_xml(snapshots, code, language, monkeypatch):
    """Else each would take a tenth longer, unseen. Markup in what people typed is text here."""
    monkeypatch.setattr(HTML, "__init__", None)
    told = furnished(snapshots[code, language])
    told = replace(told, organization='A & B <br> "C" \n </p>', scope="x < y", title="&nbsp;")

    for variant, part in ((pdf.FULL, told), (pdf.CHIEF, told), (pdf.EXTERNAL, stripped(told)), (pdf.DEPARTMENT, told)):
        page = Page(pdf.volume_html([part], variant, final=False), URLFetcher())

        assert page.etree_element.find("body") is not None
