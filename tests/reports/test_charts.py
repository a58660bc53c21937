import xml.etree.ElementTree as ElementTree

from reports import charts

SVG = "{http://www.w3.org/2000/svg}"
AXES = [(f"<数据&治理 {n}>", f"{n / 2:.2f}", n / 10) for n in range(9)]


def parsed(svg):
    return ElementTree.fromstring(str(svg))


def words(svg):
    return [element.text for element in parsed(svg).iter(f"{SVG}text")]


def test_radar_prints_names_and_values_as_text_on_a_fixed_scale():
    svg = charts.radar(AXES, highest=5, target=0.6, title="数据质量拖低总分")

    assert {name for name, _, _ in AXES} <= set(words(svg))
    assert {"0", "1", "2", "3", "4", "5"} <= set(words(svg))
    assert parsed(svg).find(f"{SVG}title").text == "数据质量拖低总分"
    assert len(list(parsed(svg).iter(f"{SVG}polygon"))) == 5 + 1 + 1  # rings, target, scores


def test_heat_map_fills_reached_levels_and_the_next_in_part():
    svg = charts.heat_map([("DS1", "战略", 2, [1.0, 0.9, 0.5, 0.2, 0.0])], title="t", labels=["1", "2", "3", "4", "5"])

    fills = [(r.get("fill"), float(r.get("width"))) for r in parsed(svg).iter(f"{SVG}rect")]
    full = fills[0][1]
    assert [fill for fill, width in fills if fill in charts.LEVEL_COLOURS.values()] == [
        charts.LEVEL_COLOURS[n] for n in (1, 2, 3)
    ]
    assert (charts.LEVEL_COLOURS[3], round(full * 0.5, 1)) in fills


def test_heat_map_marks_a_level_without_applicable_criteria():
    svg = charts.heat_map([("DS1", "战略", 5, [None, 1, 1, 1, 1])], title="t", labels=["1", "2", "3", "4", "5"])

    assert "n/a" in words(svg)


def test_charts_carry_no_style_and_no_script():
    for svg in (
        charts.radar(AXES, highest=5, target=None, title="<b>"),
        charts.bars(AXES, highest=4, target=0.5, title="</svg>"),
    ):
        assert "style=" not in svg
        assert "<script" not in svg
        parsed(svg)


def test_slope_shows_both_sides_of_each_row_and_none_where_it_is_left_out():
    rows = [("数据战略", "2.00", "3.00", 0.4, 0.6), ("数据治理", "3.00", "2.50", 0.6, 0.5), ("<b>", None, "1.00", None, 0.2)]

    svg = charts.slope(rows, sides=("2025", "2026"), highest=5, title="数据战略上升")

    assert "<title>数据战略上升</title>" in svg
    assert svg.count("<circle") == 5
    assert "&lt;b&gt;" in svg
    assert "None" not in svg


def test_labels_of_a_slope_never_cover_each_other():
    found = charts._apart([100, 101, 102, 180, None, 99], 15, 40, 300)

    known = sorted(y for y in found if y is not None)
    assert all(below - above >= 15 for above, below in zip(known, known[1:], strict=False))
    assert found[3] == 180
    assert found[4] is None


def test_strips_show_the_quartiles_and_the_own_value():
    svg = charts.strips([("总体", (0.4, 0.5, 0.6), "2.70", 0.54), ("A&B", (0.4, 0.5, 0.6), "–", None)], highest=5, title="分布")

    assert svg.count("<circle") == 1
    assert "2.70" in svg
    assert "A&amp;B" in svg
