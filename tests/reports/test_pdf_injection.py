"""Whatever somebody types or uploads is text on paper: nothing is read, fetched or run, and nothing fails."""

import base64
import http.server
import io
import re
import threading
from dataclasses import replace

import pikepdf
import pytest

from reports.content.parts import BrandPart
from reports.papers.pdf import render, volume_html
from tests.reports.furnished import furnished, logo
from tests.reports.test_pdf import small, text_of

CONTROL = "a\x00b\x07c\x1bd\u202egnp.exe\u2066\ufeff\uffffe"
PAYLOADS = {
    "markup": '</p></td></table><script>alert(1)</script><h1 style="page-break-before:always">x</h1><!--lists-->',
    "css": "</style><style>*{display:none}</style><link rel=stylesheet href={}x.css>",
    "url": '"><img src="{}x.png"><div style="background:url({}y.png)">',
    "file": '<img src="file:///etc/passwd"><iframe src="file:///etc/passwd"></iframe><a href="file:///etc/passwd">x</a>',
    "attachment": '<link rel="attachment" href="file:///etc/passwd"><a rel="attachment" href="{}secret">x</a>',
    "import": "@import url({}z.css); @font-face { font-family: x; src: url({}f.woff) }",
    "template": "{% load i18n %}{{ settings.SECRET_KEY }}%(name)s",
    "formula": '=HYPERLINK("{}","x")',
    "control": CONTROL,
    "entity": "&lt;img src={}e.png&gt;&#0;&#x202e;<![CDATA[x]]>",
}


@pytest.fixture(scope="module")
def listener():
    """A server that remembers who asked it."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", asked
    server.shutdown()
    thread.join()


def everywhere(snapshot, text):
    """``text`` in every place that a person fills."""
    snapshot = furnished(snapshot)
    plan = snapshot.plan
    said = {"title": text, "text": text, "owner": text, "department": text, "comments": (text,), "closing_note": text}
    actions = tuple(replace(row, **said, proofs=(text,)) for row in plan.actions)

    def criterion(row):
        held = tuple(replace(part, place=text) for part in row.held)
        return replace(row, note=text, held=held, verdicts=tuple(replace(v, note=text, firm=text) for v in row.verdicts))

    def item(row):
        return replace(row, levels=tuple(replace(lv, criteria=tuple(map(criterion, lv.criteria))) for lv in row.levels))

    return replace(
        snapshot,
        organization=text,
        assessment=text,
        scope=text,
        domains=tuple(replace(domain, items=tuple(map(item, domain.items))) for domain in snapshot.domains),
        answers=tuple({**row, "note": text} for row in snapshot.answers),
        pieces=tuple(replace(p, title=text, keeper=text, file_name=text, url=text) for p in snapshot.pieces),
        plan=replace(plan, actions=actions, rates={text: "1"}),
        brand=BrandPart(text, logo(), text, text, text),
        earlier=replace(snapshot.earlier, name=text),
    )


@pytest.fixture(scope="module")
def tiny(snapshots):
    snapshot = small(snapshots["gbt36073-2025", "zh-hans"])
    return replace(snapshot, domains=snapshot.domains[:1], documents=snapshot.documents[:1])


@pytest.mark.parametrize("kind", sorted(PAYLOADS))
def test_what_is_typed_is_only_text(tiny, listener, kind):
    address, asked = listener
    text = PAYLOADS[kind].replace("{}", address)

    content = render([everywhere(tiny, text)]).content

    assert asked == []
    told = text_of(content)
    assert "root:" not in told
    assert "insecure" not in told
    with pikepdf.open(io.BytesIO(content)) as file:
        assert set(file.attachments) == {"answers.xlsx", "snapshot.json"}
        assert file.check_pdf_syntax() == []
        actions = [
            row
            for row in file.objects
            if isinstance(row, pikepdf.Dictionary) and row.get("/S") in ("/URI", "/JavaScript", "/Launch")
        ]
    assert actions == []


def test_typed_markup_is_shown_as_it_was_typed(tiny):
    told = re.sub(r"\s", "", text_of(render([everywhere(tiny, PAYLOADS["markup"])]).content))

    assert "<script>alert(1)</script>" in told
    assert "<!--lists-->" in told


def test_signs_that_no_page_can_show_are_replaced_visibly(tiny):
    html = volume_html([everywhere(tiny, CONTROL)], "full")

    assert not re.search("[\x00-\x08\x0e-\x1f\u202e\u2066\ufeff\uffff]", html)
    assert "a\ufffdb\ufffdc" in html


LOGOS = {
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="{}s.png"/></svg>',
    "html": b"<script>alert(1)</script>",
    "broken png": b"\x89PNG\r\n\x1a\n" + b"x" * 60,
    "png with svg": b'\x89PNG\r\n\x1a\n<svg xmlns="http://www.w3.org/2000/svg"><image href="{}s.png"/></svg>',
}


@pytest.mark.parametrize("kind", sorted(LOGOS))
def test_a_logo_that_is_no_picture_is_left_out(tiny, listener, kind):
    address, asked = listener
    content = LOGOS[kind].replace(b"{}", address.encode())
    brand = BrandPart("智成咨询", base64.b64encode(content).decode(), "", "", "")

    assert render([replace(tiny, brand=brand)]).pages > 3
    assert asked == []


@pytest.mark.parametrize("text", ["not base64", '"><img src=x>', "data:image/svg+xml;base64,AAAA"])
def test_a_logo_that_is_no_base64_is_left_out(tiny, text):
    html = volume_html([replace(tiny, brand=BrandPart("智成咨询", text, "", "", ""))], "full")

    assert "<img" not in html
