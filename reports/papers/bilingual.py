"""One volume in two languages, out of the same page in each.

Both pages come from the same templates and differ in words only. Prose (paragraphs from ``PROSE`` characters on) stands in two
columns, Chinese left and English right; headings, cells, list entries and captions have the English below in grey. Charts stand
one above the other. What is equal in both, such as what people typed, stands once.
"""

from copy import deepcopy

from lxml import html
from lxml.html import HtmlElement

TABLES = {"table", "caption", "colgroup", "thead", "tbody", "tr", "th", "td"}
BLOCKS = TABLES | {"section", "article", "div", "ul", "ol", "li", "p", "h1", "h2", "h3", "h4", "figure", "figcaption", "svg"}
LEAST_PROSE = 40


def side_by_side(first: str, second: str) -> str:
    """The HTML document that says both; ``first`` gives the structure."""
    one, other = html.document_fromstring(first), html.document_fromstring(second)
    one.body.set("class", f"{one.body.get('class', '')} both".strip())
    _merge(one.body, other.body, other.get("lang"))
    return "<!doctype html>\n" + html.tostring(one, encoding="unicode")


def _merge(one: HtmlElement, other: HtmlElement, language: str):
    if one.tag == "svg":
        _stack(one, other, language)
    elif _is_leaf(one) and _is_leaf(other):
        if _words(one) != _words(other):
            _pair(one, other, language)
    elif _shape(one) == _shape(other):
        for child, counterpart in zip(list(one), list(other), strict=True):
            if isinstance(child.tag, str):
                _merge(child, counterpart, language)
    elif _words(one) != _words(other):
        _append(one, other, "div", language)


def _is_leaf(element: HtmlElement) -> bool:
    return not any(child.tag in BLOCKS for child in element.iterdescendants())


def _shape(element: HtmlElement) -> list:
    return [child.tag for child in element]


def _words(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _pair(one: HtmlElement, other: HtmlElement, language: str):
    if one.tag == "p" and len(_words(one)) >= LEAST_PROSE:
        left = html.Element("span", {"class": "left"})
        left.text, one.text = one.text, None
        left.extend(list(one))
        one.append(left)
        one.set("class", f"{one.get('class', '')} columns".strip())
        _append(one, other, "span", language, css="right")
    else:
        _append(one, other, "span", language)


def _append(one: HtmlElement, other: HtmlElement, tag: str, language: str, css: str = "other"):
    """``other``'s content below, without its targets and links: those of ``one`` lead there already."""
    copy = deepcopy(other)
    for element in copy.iter():
        if isinstance(element.tag, str):
            element.attrib.pop("id", None)
            element.attrib.pop("href", None)
            if element.tag == "a":
                element.tag = "span"
    wrapped = html.Element(tag, {"class": css, "lang": language})
    wrapped.text = copy.text
    wrapped.extend(list(copy))
    if tag == "span" and len(one):
        one[-1].tail = (one[-1].tail or "") + " "
    elif tag == "span":
        one.text = (one.text or "") + " "
    one.append(wrapped)


def _stack(one: HtmlElement, other: HtmlElement, language: str):
    """The other chart below, unless it draws the same."""
    if html.tostring(one, with_tail=False) != html.tostring(other, with_tail=False):
        copy = deepcopy(other)
        copy.tail = None
        copy.set("lang", language)
        one.addnext(copy)
