"""The one drawing of the plan over time, on the page and on paper."""

import re
from xml.etree.ElementTree import fromstring

import pytest

from assessments.drawing import clipped
from assessments.gantt import LOOK, Row, draw, named

MARKS = [(0, "2026Q4"), (13, "2027Q1")]


@pytest.mark.parametrize(
    ("text", "width", "shown"), [("abc", 100, "abc"), ("数据治理", 30, "数…"), ("abcdef", 30, "abc…"), ("", 5, "")]
)
def test_a_name_is_cut_where_it_would_be_wider(text, width, shown):
    assert clipped(text, 11, width) == shown


def test_every_state_is_told_by_fill_or_sign():
    looks = [LOOK[state] for state in LOOK]

    assert len(set(looks)) == len(looks)


@pytest.mark.parametrize("state", LOOK)
def test_what_waits_stands_behind_and_is_pointed_at(state):
    rows = [Row(1, "First", 0, 4, state), Row(2, "Second", 4, 8.5, state, said="4 weeks", address="/second/")]

    svg = draw(rows, marks=MARKS, needs=[(1, 2), (1, 99)], title="Plan", today=2)

    drawing = fromstring(svg)
    bars = [(float(bar.get("x")), float(bar.get("width"))) for bar in drawing.iter("{http://www.w3.org/2000/svg}rect")]
    assert bars[1][0] == pytest.approx(sum(bars[0]), abs=0.2)
    assert svg.count("<polyline") == 1
    assert svg.count("stroke-dasharray") == 1 + 2 * (state == "off")
    assert drawing.get("role") == "group"


def test_without_addresses_it_is_a_picture():
    assert fromstring(draw([Row(1, "First", 0, 4, "open")], marks=MARKS, needs=[], title="Plan")).get("role") == "img"


def test_texts_are_escaped():
    svg = draw([Row(1, "<b>&", 0, 4, "open", said='"><script>', address='/"/')], marks=[], needs=[], title="<i>")

    assert not re.search(r"<(b|i|script)>", svg)
    fromstring(svg)


def test_a_quarter_without_room_goes_unnamed():
    places = [(0, "2026Q3"), (5, "2026Q4"), (60, "2027Q1")]

    assert [name for _x, name in named(places, 200)] == ["", "2026Q4", "2027Q1"]
    assert [name for _x, name in named(places, 80)] == ["", "2026Q4", ""]
