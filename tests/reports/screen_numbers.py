"""The numbers of the result and gap pages, read from their HTML, and the same numbers read from the volume that is printed.

Each function gives text as it is shown, so that one can be held against the other.
"""

import re
from dataclasses import dataclass

from lxml import html

WITH_ID = "descendant-or-self::*[@id=$id]"
ITEMS = "//article[contains(@class, 'item') and .//*[@class='item-head']]"
EFFORT = re.compile(r"(\d+)–(\d+)\D+(\d+)")


class Share(float):
    """Equal to another that is drawn alike: cells have different widths on screen and paper."""

    __hash__ = None

    def __eq__(self, other):
        return abs(self - other) < 0.005


@dataclass(frozen=True)
class Result:
    """``big``: score, level and target; ``domains`` and ``items``: (score, level) by name and by code; ``levers``: (item,
    criteria, item score before and after, gain); ``heat``: (fill, share) of each cell, in their order."""

    big: list[str]
    domains: dict[str, tuple[str, str]]
    items: dict[str, tuple[str, str]]
    levers: list[tuple[str, ...]]
    heat: list[tuple[str, Share]]


@dataclass(frozen=True)
class Gap:
    """``criteria``: (level, answer, person-days from and to, weeks) by text."""

    score: str
    level: str
    target: str
    criteria: dict[str, tuple[str, ...]]


def result_page(page: str) -> Result:
    tree = html.fromstring(page)
    domains, items = (_scored(table) for table in tree.xpath("//div[@class='two-charts']//table"))
    rows = tree.xpath("//table[.//td[contains(., '→')]]/tbody/tr")
    return Result(
        big=[text(node) for node in tree.xpath("//div[@class='verdict-score']//span[contains(@class, 'huge')]")],
        domains=domains,
        items={name.split()[0]: found for name, found in items.items()},
        levers=[_lever(row, text(row[0]).split()[0]) for row in rows],
        heat=_heat(*tree.xpath("//div[@class='two-charts']/section[2]//*[local-name()='svg']")),
    )


def result_on_paper(volume: str) -> Result:
    tree = html.fromstring(volume)
    summary, overall, path = (tree.xpath(f"//section[{WITH_ID}]", id=chapter) for chapter in ("summary", "overall", "path"))
    return Result(
        big=[text(node) for node in summary[0].xpath(".//p[contains(@class, 'score')]")],
        domains={
            text(row.xpath(".//a")[0]): (text(row.xpath("td[@class='number']")[0]), _chip(row))
            for row in overall[0].xpath(".//table[1]//tr[td]")
        },
        items={_code(node): (text(_head(node).xpath(".//b")[0]), _chip(node)) for node in tree.xpath(ITEMS)},
        levers=[_lever(row, text(row[0])) for section in path for row in section.xpath(".//tr[td[contains(., '→')]]")],
        heat=_heat(*overall[0].xpath(".//figure[starts-with(@class, 'heat')]/*[local-name()='svg']")),
    )


def gaps_page(page: str) -> dict[str, Gap]:
    found = {}
    for node in html.fromstring(page).xpath("//details[@class='gap']"):
        summary = node.xpath("summary")[0]
        target, count, *_direct = re.findall(r"\d+", text(summary.xpath("span[@class='hint']")[0]))
        criteria = {}
        for row in node.xpath("details"):
            level, asked, answer = (part.strip() for part in row.xpath("summary//text()") if part.strip())
            criteria[asked] = (level, answer, *EFFORT.search(text(row.xpath("p[@class='hint']")[0])).groups())
        assert len(criteria) == int(count)
        found[node.get("id").removeprefix("item-")] = Gap(
            text(summary.xpath("span[@class='tabular']")[0]), _chip(summary), target, criteria
        )
    return found


def gaps_on_paper(volume: str) -> dict[str, Gap]:
    found = {}
    for node in html.fromstring(volume).xpath(f"{ITEMS}[.//table[contains(@class, 'gaps')]]"):
        table = node.xpath(".//table[contains(@class, 'gaps')]")[0]
        criteria = {}
        for asked, todo in table.xpath(".//tr[td]"):
            answer, words = (part.strip() for part in asked.xpath("text()") if part.strip())
            level = text(asked.xpath("b")[0]).split(".")[1]
            criteria[words] = (level, answer, *EFFORT.search(text(todo.xpath("span")[0])).groups())
        target = re.search(r"\d+", text(table.xpath("preceding-sibling::h3[1]")[0]))[0]
        head = _head(node)
        found[_code(node)] = Gap(text(head.xpath(".//b")[0]), _chip(head), target, criteria)
    return found


def text(node) -> str:
    return " ".join(node.text_content().split())


def _code(article) -> str:
    return article.xpath("descendant-or-self::*/@id[starts-with(., 'item-')]")[0].removeprefix("item-")


def _head(article):
    return article.xpath(".//*[@class='item-head']")[0]


def _scored(table) -> dict[str, tuple[str, str]]:
    return {text(row[0]): (text(row[1]), _chip(row)) for row in table.xpath(".//tr[td]")}


def _chip(node) -> str:
    chips = node.xpath(".//span[contains(@class, 'chip')]")
    return text(chips[0]) if chips else ""


def _lever(row, code: str) -> tuple[str, ...]:
    count, scores, gain = (text(cell) for cell in row.xpath("td[@class='number']"))
    return (code, count, *scores.split(" → "), gain)


def _heat(*drawings) -> list[tuple[str, Share]]:
    """Fill and share of every cell, whatever the width of a cell in its drawing."""
    cells = []
    for drawing in drawings:
        rows = [(rect.get("fill"), float(rect.get("width"))) for rect in drawing.iter("{*}rect")]
        whole = max(width for _fill, width in rows)
        cells += [(fill, Share(width / whole)) for fill, width in rows]
    return cells
