"""Every text here was made up for the purpose; only the last test reads real ones, and only where they lie beside the checkout."""

import html
import re
from datetime import date
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import docx
import pytest
from docx.oxml import parse_xml
from pypdf import PdfReader, PdfWriter

from questionnaires import originals
from questionnaires.importing import (
    Missing,
    Original,
    Unit,
    UnreadableDocument,
    Warning,
    attach_originals,
    extract_text,
    split_document,
)
from questionnaires.originals import clean, marker_of, read_lines, squeeze, to_int
from questionnaires.packages import read_policy_library
from questionnaires.schema import Locator, PolicyClause, Text
from reports.papers.typesetting import typeset

SOURCES = Path(__file__).resolve().parents[3] / "shared/policies/sources"


def clause(key, start, anchor, nth=1):
    words = Text(zh="渡口", en="Ferry")
    return PolicyClause(
        id=key, document="FERRY", order=1, section="一", box=None, kind="requirement", addressee="all", reading="act",
        summary=words, keywords=("渡口",), locator=Locator(start=start, nth=nth, anchor=anchor),
    )  # fmt: skip


def quote(text, start, anchor, nth=1):
    found = attach_originals(text, [clause("a", start, anchor, nth)])
    return found.found["a"].quote


# --- numerals


@pytest.mark.parametrize(
    ("numeral", "number"),
    [
        ("一", 1), ("十", 10), ("十二", 12), ("二十", 20), ("九十九", 99), ("一百", 100), ("一百零二", 102), ("一百一十", 110),
        ("九百九十九", 999), ("一千二百六十", 1260), ("二〇二一", 2021), ("二○二一", 2021), ("12", 12), ("１２", 12), ("一 百 二", 102),
        ("", None), ("甲", None), ("十甲", None), ("1" * 5000, None),
    ],
)  # fmt: skip
def test_numerals_of_every_kind_become_numbers(numeral, number):
    assert to_int(numeral) == number


@pytest.mark.parametrize(
    ("line", "label", "number"),
    [
        ("第二编　分则", "第二编", 2), ("第 三 章　渡 口", "第三章", 3), ("第十二条　船主应当", "第十二条", 12), ("第１２条 船主", "第12条", 12),
        ("第十七条之一　船主", "第十七条之一", 17), ("四、渡口", "四、", 4), ("（ 一）渡口", "（一）", 1), ("(五) 渡口", "（五）", 5),
        ("１．渡口", "1.", 1), ("3、渡口", "3.", 3), ("（２）渡口", "（2）", 2), ("4）渡口", "（4）", 4), ("专 栏 ３：渡口", "专栏3", 3),
    ],
)  # fmt: skip
def test_a_line_begins_with_a_marker(line, label, number):
    marker = marker_of(line)

    assert (marker.label, marker.number) == (label, number)


@pytest.mark.parametrize(
    "line", ["第五条规定的船只", "第三章第二节所称", "1.5万人", "2031年", "（一）项所列船只", "一、二类渡口", "第三方机构"]
)
def test_a_citation_or_a_figure_is_no_marker(line):
    assert marker_of(line) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("渡 口\n数据", "渡口数据"), ("到 2033 年", "到2033年"), ("使用 Big  Data 工具", "使用Big Data工具"), ("**渡口**。", "渡口。"),
        ("（ 一）　船只 。", "（一）船只。"), ("小船|五米", "小船 | 五米"),
    ],
)  # fmt: skip
def test_cleaning_takes_out_what_line_ends_leave(text, words):
    assert clean(text) == words


# --- lines without what the page added


def texts(text):
    return [line.text for line in read_lines(text)]


@pytest.mark.parametrize(
    "number", ["— 12 —", "- 12 -", "－１２－", "第 12 页 共 30 页", "第十二页", "12/30", "12", "Page 3 of 9", "iv"]
)
def test_page_numbers_are_left_out(number):
    assert texts(f"推动渡口数\n{number}\n据汇聚。") == ["推动渡口数", "据汇聚。"]


def test_a_page_number_within_a_line_is_left_out_and_a_range_stays():
    assert texts("推动渡口数— 12 —据汇聚，2031—2033年。") == ["推动渡口数据汇聚，2031—2033年。"]


def test_a_contents_list_with_page_numbers_is_left_out():
    text = "目  录\n一、现状\t1\n（一）船只……2\n二、任务 3\n一、现状\n船只很多。\n（一）船只\n二、任务"

    assert texts(text) == ["一、现状", "船只很多。", "（一）船只", "二、任务"]


def test_a_contents_list_without_the_word_is_left_out_when_its_titles_come_again():
    text = "一、现状……1\n二、任务……2\n三、保障……3\n一、现状\n船只很多。\n二、任务\n三、保障"

    assert texts(text) == ["一、现状", "船只很多。", "二、任务", "三、保障"]


def test_a_contents_list_without_page_numbers_ends_where_its_titles_come_again():
    text = "目录\n第一章　总则\n第二章　渡口\n附则\n第一章　总则\n第一条　为了摆渡。\n第二章　渡口\n附则"

    assert texts(text)[:2] == ["第一章　总则", "第一条　为了摆渡。"]


def test_a_list_that_ends_in_numbers_is_no_contents_list():
    text = "1.船只 30\n2.渡口 40\n3.船员 50"

    assert texts(text) == ["1.船只 30", "2.渡口 40", "3.船员 50"]


def test_running_heads_are_left_out_but_the_title_stays():
    page = "\n云溪渡口规划\n— {} —\n"
    text = "云溪渡口规划\n船只很多，数" + page.format(1) + "据很少，因" + page.format(2) + "此要记账。" + page.format(3)

    assert texts(text) == ["云溪渡口规划", "船只很多，数", "据很少，因", "此要记账。"]


def test_a_short_line_that_comes_again_in_running_text_stays():
    text = "行动目标\n船只记账。\n行动目标\n渡口记账。\n行动目标\n船员记账。"

    assert texts(text).count("行动目标") == 3


def test_footnotes_and_their_marks_are_left_out():
    text = "船次达到一万²，位居第一。\n\n² 按渡口台账估计，\n含停航渡口\n\n水位达到三米，共 5 km² 水面。"

    assert texts(text) == ["船次达到一万，位居第一。", "水位达到三米，共 5 km² 水面。"]


def test_a_foreign_article_between_two_jump_marks_is_left_out():
    text = "（上接第2页）\n面向渡口和船\n（下转第18页）\n别处的文章\n说的是别的事。\n(上接第17页)\n主宣传记账。"

    assert texts(text) == ["面向渡口和船", "主宣传记账。"]


def test_jump_marks_without_a_partner_take_nothing_else_away():
    assert texts("船只（下转第3页）\n渡口。（上接第9页）船员。") == ["船只", "渡口。", "船员。"]


def test_the_end_of_a_line_printed_twice_stands_once():
    assert texts("培育摆渡新业态。\n\n态。支持夜航。") == ["培育摆渡新业", "态。支持夜航。"]


def test_markdown_marks_and_invisible_signs_are_left_out():
    text = "\ufeff# 渡口规划\n---\n- **夯实基础。**推动记\u200b账。\n| 专栏1 台账 |\n|:--|\n| 1.选渡口。\n2.教船员。|\n正文。"

    lines = read_lines(text)

    assert [line.text for line in lines] == [
        "渡口规划",
        "夯实基础。推动记账。",
        "专栏1 台账",
        "1.选渡口。",
        "2.教船员。",
        "正文。",
    ]
    assert [line.depth for line in lines] == [1, 0, 0, 0, 0, 0]
    assert [line.bold for line in lines] == ["", "夯实基础。", "", "", "", ""]
    assert [bool(line.cell) for line in lines] == [False, False, True, True, True, False]


# --- wording of known clauses

FERRY = """目  录
一、渡口现状	1
二、渡口任务	2
三、渡口保障	3
\x20
一、渡口现状
全省渡口众多， 船次逐 年增加，但台账多在纸上，难以汇 总，亟须加强渡口台账管理，改变现状。
二、渡口任务
加强渡口台账管理。各渡口应当在收船 后当日记账，记明船号、
— 2 —
船次和水位。鼓励船主用手机（ 即渡口通）记账；不会使用的，由渡口代 记。
\x20
公开渡口数据。县级主管部门每季度
\x20
公布一次船次³。
³ 以收船时为准
专栏 1  渡口示范行动
选定示范渡口。每县选两个渡口先行
三、渡口保障
"""


def test_a_quote_is_the_sentence_around_the_anchor_across_a_page():
    assert quote(FERRY, "加强渡口台账管理。各渡", "船号、船次") == "各渡口应当在收船后当日记账，记明船号、船次和水位。"


def test_a_paragraph_goes_on_over_the_page_to_the_line_that_ends_its_sentence():
    found = attach_originals(
        FERRY, [clause("a", "加强渡口台账管理。各渡", "当日记账"), clause("b", "加强渡口台账管理。各渡", "手机")]
    )

    assert found.found["a"].paragraph == found.found["b"].paragraph
    assert found.found["a"].paragraph.startswith("加强渡口台账管理。各渡口应当")
    assert found.found["a"].paragraph.endswith("由渡口代记。")


def test_a_part_of_an_enumeration_ends_at_its_semicolon():
    assert quote(FERRY, "加强渡口台账管理。各渡", "用手机") == "鼓励船主用手机（即渡口通）记账；"
    assert quote(FERRY, "加强渡口台账管理。各渡", "代记") == "不会使用的，由渡口代记。"


def test_half_width_brackets_in_the_locator_fit_full_width_ones_in_the_text():
    assert quote(FERRY, "加强渡口台账管理。各渡", "(即渡口通)") == "鼓励船主用手机（即渡口通）记账；"


def test_the_nth_place_of_a_start_is_taken():
    first = attach_originals(FERRY, [clause("a", "加强渡口台账管理", "改变现状", nth=1)])
    second = attach_originals(FERRY, [clause("a", "加强渡口台账管理", "船号", nth=2)])
    third = attach_originals(FERRY, [clause("a", "加强渡口台账管理", "船号", nth=3)])

    assert first.found["a"].paragraph == "加强渡口台账管理，改变现状。"
    assert second.found["a"].quote == "各渡口应当在收船后当日记账，记明船号、船次和水位。"
    assert third.missing == (Missing("a", "start_not_found"),)


def test_footnote_and_gap_do_not_enter_a_quote():
    assert quote(FERRY, "公开渡口数据。县级主管", "公布一次") == "县级主管部门每季度公布一次船次。"


def test_a_heading_ends_a_paragraph_that_lacks_its_full_stop():
    found = attach_originals(FERRY, [clause("a", "选定示范渡口。每县选两", "两个渡口")])

    assert found.found["a"] == Original(paragraph="选定示范渡口。每县选两个渡口先行", quote="每县选两个渡口先行")


def test_the_next_known_locator_ends_a_paragraph():
    text = "规范摆渡。船主按时开船\n规范收费。船主明码标价。"
    found = attach_originals(
        text, [clause("a", "规范摆渡。船主按时开船", "按时"), clause("b", "规范收费。船主明码标价", "明码")]
    )

    assert found.found["a"].paragraph == "规范摆渡。船主按时开船"


def test_an_anchor_of_another_paragraph_is_missing_not_misquoted():
    found = attach_originals(
        FERRY, [clause("a", "加强渡口台账管理。各渡", "两个渡口"), clause("b", "此处并无这样一段文字的", "渡口")]
    )

    assert found.found == {}
    assert found.missing == (Missing("a", "anchor_not_in_paragraph"), Missing("b", "start_not_found"))


def test_a_box_in_a_table_cell_and_bold_marks_are_read():
    text = "| 专栏1  渡口示范 |\n|:--|\n| 1.选定渡口。每县选两 \n个渡口，先行记账。\n2.培训船员。每年一次。 |\n\n——**台账齐全**。船次当日入库。\n"

    assert quote(text, "1.选定渡口。每县选两个", "先行") == "每县选两个渡口，先行记账。"
    assert quote(text, "2.培训船员。每年一次。", "每年") == "每年一次。"
    assert quote(text, "——**台账齐全**。船", "台账齐全") == "台账齐全。"


def test_the_same_wording_comes_from_lines_broken_hard():
    words = "".join(line + "\n" for line in FERRY.replace(" ", "").replace("\t", " ").split("\n"))
    wrapped = re.sub(r"([^\n]{14})(?=[^\n])", r"\1\n", words)

    assert quote(wrapped, "加强渡口台账管理。各渡", "船号、船次") == "各渡口应当在收船后当日记账，记明船号、船次和水位。"
    assert quote(wrapped, "公开渡口数据。县级主管", "公布一次") == "县级主管部门每季度公布一次船次。"


# --- laws

LAW = """云溪省渡口数据管理条例

（2023年3月15日云溪省第十四届人民代表大会常务委员会第二次会议通过）

目　　录
第一章　总　则
第二章　渡口台账
　第一节　登记
　第二节　核对
第三章　附　则

第一章　总　则

第一条　为了规范渡口数据的登记，结合本省实际，制
定本条例。
第二条　本省行政区域内渡口数据的登记，适用本条例。
　　法律另有规定的，从其规定。
第三条　登记应当遵循下列原则：
（ 一）先登记、后摆渡；
（二）一船一册。
第二章　渡口台账
第一节　登记
第四条　船主应当每日记录船次和水位，依照本条例
第五条规定的格式填写，不得漏
— 2 —
记。
第 ５ 条　台账应当载明船号。
第二节　核对
第六条　主管部门应当每季度核对台账。
第三章　附则
第七条　本条例自2023年6月1日起施行。
"""
FIRST, SECOND = ("第二章 渡口台账", "第一节 登记"), ("第二章 渡口台账", "第二节 核对")


def test_a_law_is_split_into_articles_below_chapters_and_sections():
    draft = split_document(LAW)

    assert draft.units == (
        Unit(1, "第一条", ("第一章 总则",), None, "为了规范渡口数据的登记，结合本省实际，制定本条例。"),
        Unit(2, "第二条", ("第一章 总则",), None, "本省行政区域内渡口数据的登记，适用本条例。\n法律另有规定的，从其规定。"),
        Unit(3, "第三条", ("第一章 总则",), None, "登记应当遵循下列原则：\n（一）先登记、后摆渡；\n（二）一船一册。"),
        Unit(4, "第四条", FIRST, None, "船主应当每日记录船次和水位，依照本条例第五条规定的格式填写，不得漏记。"),
        Unit(5, "第5条", FIRST, None, "台账应当载明船号。"),
        Unit(6, "第六条", SECOND, None, "主管部门应当每季度核对台账。"),
        Unit(7, "第七条", ("第三章 附则",), None, "本条例自2023年6月1日起施行。"),
    )
    assert draft.warnings == ()


def test_a_law_says_who_passed_it_and_when():
    draft = split_document(LAW)

    assert draft.title == "云溪省渡口数据管理条例"
    assert draft.issuer == "云溪省人民代表大会常务委员会"
    assert draft.date == date(2023, 3, 15)
    assert draft.number is None


def test_parts_of_an_outline_and_titles_below_their_numbers_make_a_path():
    text = "渡口纲要\n第一篇\n渡口新局\n第一章　记账\n第一节　当日记账\n收船后当日记账，不得拖延。\n专栏1\n渡口示范\n每县选两个渡口，先行记账。"

    path = ("第一篇 渡口新局", "第一章 记账", "第一节 当日记账")
    assert [(unit.path, unit.box) for unit in split_document(text).units] == [(path, None), (path, "专栏1 渡口示范")]


DECREE = """# 中华人民共和国主席令

第九十九号

《中华人民共和国渡口法》已由第二十届全国人民代表大会常务委员会第一次会议于2031年6月10日通过，现予公布。

中华人民共和国主席　某某

二〇三一年六月十日

## 中华人民共和国渡口法

### 第一编　通则

#### 第一章　总则

**第一条** 为了规范摆渡，制定本法。

### 第二编　分则

#### 第一章　船只

**第二条** 船只应当登记。

**第二条之一** 竹筏比照船只登记。

附件1　船只分类表

| 类别 | 长度 |
|---|---|
| 小船 | 五米以下 |
"""


def test_a_decree_in_markdown_gives_its_number_and_parts_and_annex():
    draft = split_document(DECREE)

    assert (draft.title, draft.number) == ("中华人民共和国渡口法", "中华人民共和国主席令第九十九号")
    assert (draft.issuer, draft.date) == ("全国人民代表大会常务委员会", date(2031, 6, 10))
    assert [(unit.label, unit.path, unit.text) for unit in draft.units] == [
        ("第一条", ("第一编 通则", "第一章 总则"), "为了规范摆渡，制定本法。"),
        ("第二条", ("第二编 分则", "第一章 船只"), "船只应当登记。"),
        ("第二条之一", ("第二编 分则", "第一章 船只"), "竹筏比照船只登记。"),
        ("", ("附件1 船只分类表",), "类别 | 长度"),
        ("", ("附件1 船只分类表",), "小船 | 五米以下"),
    ]
    assert draft.warnings == ()


def warnings(text):
    return [(warning.code, warning.values) for warning in split_document(text).warnings]


def test_a_missing_article_and_a_chapter_that_stands_twice_are_told():
    text = LAW.replace("第六条", "第八条").replace("第七条", "第九条").replace("第三章　附则", "第二章　渡口台账\n第三章　附则")

    assert warnings(text) == [
        ("jumps", {"label": "第八条", "section": "—", "before": "第5条"}),
        ("repeats", {"label": "第二章", "section": "—"}),
    ]
    assert [warning.message for warning in split_document(text).warnings][0] == (
        "第八条 follows 第5条 (section: —); something between them may be missing."
    )


def test_a_law_that_begins_late_and_ends_open_is_told():
    text = "渡口法（节选）\n第三章　船只\n第九条　船只应当向渡口登记，不得\n"

    assert [code for code, _ in warnings(text)] == ["excerpt", "starts_late", "starts_late", "ends_open"]


def test_numbers_that_begin_anew_hint_at_two_documents():
    assert ("restarts", {"label": "第一条", "section": "—", "before": "第七条"}) in warnings(LAW + LAW)


@pytest.mark.parametrize("word", ["征求意见稿", "草案", "送审稿"])
def test_a_draft_is_told(word):
    assert warnings(LAW.replace("管理条例\n", f"管理条例\n（{word}）\n", 1)) == [("draft", {"word": word})]


# --- plans

PLAN = """云溪省工业和信息化厅关于印发《云溪省渡口
数据发展三年行动计划（2031—2033年）》的通知
云工信〔２０３１〕 12 号

各市、州工业和信息化局，有关单位：
    现将《云溪省渡口数据发展三年行动计划（2031—2033年）》印发给你们，请认真组织实施。
    附件：云溪省渡口数据发展三年行动计划（2031—2033年）

                云溪省工业和信息化厅
                二〇三一年十一月五日
（此件公开发布）

云溪省渡口数据发展三年行动计划
（2031—2033年）

为把渡口的数据管好用好，制定本计划。

一、总体要求
（一）工作思路。坚持先易后难，把每一条船的账记清楚，让数据跟着船走。
（二）主要目标。到２０３３年，全省八成渡口建成台账，船次数据当日入库。
二、重点任务
（ 一）摸清家底
1．编制目录。由各县编制渡口目录，按月更新。
（二）打通数据
**夯实基础。**推动船次数据、水位数
- 12 -
据和气象数据汇聚，形成一张图。
——丰富应用。鼓励船主使用数据安排班次。

专栏１　渡口台账行动
1. 示范渡口。选择十个渡口先行记账。
2. 台账培训。每年培训船员二百人次。

建立共享机制。部门之间按需共享渡口数据。

三、保障措施：
（一）加强组织领导。
各县成立工作专班，明确责任人。
（二）各县每年报告一次进展，省厅汇总后公布。
"""


def test_a_plan_is_split_into_paragraphs_below_its_headings():
    draft = split_document(PLAN)

    tasks, box = ("二、重点任务", "（二）打通数据"), "专栏1 渡口台账行动"
    assert [(unit.label, unit.path, unit.box, unit.text) for unit in draft.units] == [
        ("", (), None, "现将《云溪省渡口数据发展三年行动计划（2031—2033年）》印发给你们，请认真组织实施。"),
        ("", (), None, "为把渡口的数据管好用好，制定本计划。"),
        ("（一）", ("一、总体要求", "（一）工作思路"), None, "工作思路。坚持先易后难，把每一条船的账记清楚，让数据跟着船走。"),
        (
            "（二）",
            ("一、总体要求", "（二）主要目标"),
            None,
            "主要目标。到２０３３年，全省八成渡口建成台账，船次数据当日入库。",
        ),
        ("1.", ("二、重点任务", "（一）摸清家底", "1.编制目录"), None, "编制目录。由各县编制渡口目录，按月更新。"),
        ("", (*tasks, "夯实基础"), None, "夯实基础。推动船次数据、水位数据和气象数据汇聚，形成一张图。"),
        ("", (*tasks, "丰富应用"), None, "——丰富应用。鼓励船主使用数据安排班次。"),
        ("1.", (*tasks, "1.示范渡口"), box, "示范渡口。选择十个渡口先行记账。"),
        ("2.", (*tasks, "2.台账培训"), box, "台账培训。每年培训船员二百人次。"),
        ("", (*tasks, "建立共享机制"), None, "建立共享机制。部门之间按需共享渡口数据。"),
        ("", ("三、保障措施", "（一）加强组织领导"), None, "各县成立工作专班，明确责任人。"),
        ("（二）", ("三、保障措施",), None, "各县每年报告一次进展，省厅汇总后公布。"),
    ]
    assert [unit.order for unit in draft.units] == list(range(1, 13))
    assert draft.warnings == ()


def test_a_notice_says_number_issuer_and_date_of_the_plan_it_brings():
    draft = split_document(PLAN)

    assert draft.title == "云溪省渡口数据发展三年行动计划（2031—2033年）"
    assert draft.number == "云工信〔2031〕12号"
    assert draft.issuer == "云溪省工业和信息化厅"
    assert draft.date == date(2031, 11, 5)


def test_labels_at_the_top_say_the_same():
    text = (
        "---\nname: 渡口规划\n发文机关: 云溪省交通运输厅\n发文字号: 云交〔2031〕7号\n成文日期: 2031年2月3日\n来源: 云溪网\n---\n"
        "# 渡口规划（节选）\n一、任务\n记清每一条船的账，按月公布。"
    )

    draft = split_document(text)

    assert (draft.title, draft.number) == ("渡口规划（节选）", "云交〔2031〕7号")
    assert (draft.issuer, draft.date) == ("云溪省交通运输厅", date(2031, 2, 3))
    assert [unit.text for unit in draft.units] == ["记清每一条船的账，按月公布。"]
    assert [code for code, _ in warnings(text)] == ["excerpt"]


def test_the_web_site_a_text_was_taken_from_is_not_its_issuer():
    text = "## 政策标题：\n云溪省关于渡口的通知\n## 政策来源：\n云溪省人民政府\n## 政策内容：\n渡口发展规划\n一、任务\n记清每一条船的账。"

    draft = split_document(text)

    assert (draft.title, draft.issuer) == ("渡口发展规划", None)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2031年11月15日", date(2031, 11, 15)),
        ("二○三一年十一月十五日", date(2031, 11, 15)),
        ("２０３１ 年 １ 月 ５ 日", date(2031, 1, 5)),
        ("云溪省渡口局　2031年2月30日", None),
        ("2031-11-15", date(2031, 11, 15)),
    ],
)
def test_dates_of_every_kind(line, expected):
    assert split_document(f"渡口规划\n一、任务\n记清每一条船的账。\n\n云溪省渡口局\n{line}").date == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("云政发〔2031〕5号", "云政发〔2031〕5号"),
        ("（云政发[2031] 5 号）", "云政发〔2031〕5号"),
        ("云政办发（２０３１）第１５号", "云政办发〔2031〕15号"),
        ("云溪省人民政府令 第 12 号", "云溪省人民政府令第12号"),
        ("云溪省渡口局公告2031年第3号", "云溪省渡口局公告2031年第3号"),
    ],
)
def test_numbers_of_every_kind(line, expected):
    assert split_document(f"渡口管理办法\n{line}\n第一条　为了摆渡，制定本办法。").number == expected


def test_a_number_that_is_cited_is_not_the_number_of_the_document():
    text = "渡口规划\n根据《关于渡口的意见》（云政发〔2030〕5号），编制本规划，请认真执行。\n一、任务\n记清每一条船的账。"

    assert split_document(text).number is None


def test_markdown_headings_without_numbers_make_a_path():
    text = "# 渡口规划\n\n## 背景\n\n船只很多，台账很少。\n\n## 任务\n\n### 记账\n\n**当日记。**收船后当日记账。\n\n### 公开\n\n按季度公布船次，接受监督。\n"

    assert [(unit.path, unit.text) for unit in split_document(text).units] == [
        (("背景",), "船只很多，台账很少。"),
        (("任务", "记账", "当日记"), "当日记。收船后当日记账。"),
        (("任务", "公开"), "按季度公布船次，接受监督。"),
    ]
    assert warnings(text) == []


def test_markdown_headings_with_numbers_keep_their_order_whatever_their_hashes():
    text = "# 渡口规划\n## 一、任务\n## （一）记账\n#### 当日记账\n收船后当日记账，不得拖延。\n## 二、保障\n每县安排专人，负责到底。"

    assert [unit.path for unit in split_document(text).units] == [("一、任务", "（一）记账", "当日记账"), ("二、保障",)]


def test_a_markdown_box_ends_with_its_table():
    text = (
        "渡口规划\n一、任务\n记清每一条船的账，按月公布。\n\n| 专栏2：渡口  示范 |\n|:--|\n| 1.选定渡口。每县选两个。\n2.培训船员。每年一次。|\n\n"
        "公开数据。按季度公布船次。"
    )

    assert [(unit.box, unit.path) for unit in split_document(text).units] == [
        (None, ("一、任务",)),
        ("专栏2 渡口示范", ("一、任务", "1.选定渡口")),
        ("专栏2 渡口示范", ("一、任务", "2.培训船员")),
        (None, ("一、任务", "公开数据")),
    ]
    assert warnings(text) == [("starts_late", {"label": "专栏2", "section": "—"})]


def test_a_box_whose_end_is_not_marked_is_told():
    text = "渡口规划\n一、任务\n专栏1 渡口示范\n选定渡口。每县选两个。\n公开数据。按季度公布船次。\n二、保障\n每县安排专人，负责到底。"

    assert [unit.box for unit in split_document(text).units] == ["专栏1 渡口示范", "专栏1 渡口示范", None]
    assert warnings(text) == [("open_boxes", {"boxes": 1})]


def test_items_without_text_below_them_are_passages_not_headings():
    text = "渡口规划\n一、应当记录下列数据：\n（一）船号\n（二）船次\n二、应当按月公布\n"

    assert [(unit.label, unit.text) for unit in split_document(text).units] == [
        ("（一）", "船号"),
        ("（二）", "船次"),
        ("二、", "应当按月公布"),
    ]


def test_hard_line_breaks_are_joined_and_paragraphs_kept_apart():
    text = "渡口规划\n一、任务\n" + "\n".join(
        [
            "夯实基础。推动船次数据和水位数据",
            "汇聚到省级平台，形成全省渡口一张",
            "图，并且逐步接入气象数据。鼓励各",
            "县先行先试。",
            "丰富应用。鼓励船主使用数据安排班",
            "次，鼓励乘客使用数据安排行程，让",
            "数据多跑路、船只少空跑。",
        ]
    )

    assert [unit.text for unit in split_document(text).units] == [
        "夯实基础。推动船次数据和水位数据汇聚到省级平台，形成全省渡口一张图，并且逐步接入气象数据。鼓励各县先行先试。",
        "丰富应用。鼓励船主使用数据安排班次，鼓励乘客使用数据安排行程，让数据多跑路、船只少空跑。",
    ]


def test_a_text_without_structure_becomes_paragraphs_and_says_so():
    text = "渡口很多，船只也很多，可是没有人记账。\n\n大家都觉得应当从今天开始，把账记起来。"

    draft = split_document(text)

    assert [unit.text for unit in draft.units] == text.split("\n\n")
    assert [warning.code for warning in draft.warnings] == ["no_title", "no_structure"]


@pytest.mark.parametrize("text", ["", " \n\f\n— 1 —\n", "\ufeff"])
def test_an_empty_text_says_so(text):
    draft = split_document(text)

    assert (draft.title, draft.units, draft.warnings) == (None, (), (Warning("empty"),))


def test_a_very_long_passage_is_told():
    text = "渡口规划\n一、任务\n" + "记清每一条船的账，" * 300 + "按月公布。"

    assert warnings(text) == [("long_unit", {"order": 1, "characters": 2705})]


def test_countless_warnings_are_cut_short():
    text = "渡口规划\n" + "".join(f"第{number}条　记账。\n" for number in range(1, 400, 2))

    assert len(warnings(text)) == 51
    assert warnings(text)[-1] == ("more", {"count": 149})


def test_every_warning_has_a_message():
    codes = {
        "empty",
        "no_title",
        "no_structure",
        "draft",
        "excerpt",
        "ends_open",
        "starts_late",
        "jumps",
        "repeats",
        "restarts",
    }
    values = dict.fromkeys(("word", "words", "label", "before", "section", "order", "characters", "boxes", "count"), "渡口")

    for code in codes | {"long_unit", "open_boxes", "more"}:
        assert Warning(code, values).message.endswith((".", ".)"))


# --- files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("name", ["渡口.txt", "C:\\渡口\\PLAN.MD"])
def test_text_files_are_read_in_the_usual_encodings(name, encoding):
    assert extract_text(name, PLAN.encode(encoding)) == PLAN


def word_file(fill):
    document = docx.Document()
    fill(document)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def fill_plan(document):
    document.add_paragraph("渡口发展规划", style="Title")
    document.add_paragraph("一、任务", style="Heading 1")
    paragraph = document.add_paragraph()
    paragraph.add_run("夯实基础。").bold = True
    paragraph.add_run("推动船次数据汇聚，形成一张图。")
    box = document.add_table(rows=2, cols=1)
    box.cell(0, 0).text = "专栏1　渡口示范"
    box.cell(1, 0).text = "选定渡口。每县选两个。"
    box.cell(1, 0).add_paragraph("培训船员。每年一次。")
    document.add_paragraph("公开数据。按季度公布船次。")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "小船", "五米以下"
    inner = box.cell(1, 0).add_table(rows=1, cols=1)
    inner.cell(0, 0).text = "评选办法。由省厅另行公布。"


def test_a_word_file_keeps_the_order_of_paragraphs_and_cells():
    assert extract_text("plan.docx", word_file(fill_plan)).split("\n") == [
        "渡口发展规划",
        "# 一、任务",
        "**夯实基础。**推动船次数据汇聚，形成一张图。",
        "| 专栏1　渡口示范 |",
        "| 选定渡口。每县选两个。 |",
        "| 培训船员。每年一次。 |",
        "| 评选办法。由省厅另行公布。 |",
        "公开数据。按季度公布船次。",
        "| 小船 | 五米以下 |",
    ]


def test_a_word_file_is_split_with_its_boxes():
    draft = split_document(extract_text("plan.docx", word_file(fill_plan)))

    assert draft.title == "渡口发展规划"
    assert [(unit.path[-1], unit.box) for unit in draft.units] == [
        ("夯实基础", None), ("选定渡口", "专栏1 渡口示范"), ("培训船员", "专栏1 渡口示范"), ("评选办法", "专栏1 渡口示范"), ("公开数据", None), ("一、任务", None),
    ]  # fmt: skip


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def test_inserted_words_are_read_and_deleted_words_and_contents_lists_are_not():
    def fill(document):
        body = document.element.body
        run = "<w:r><w:t>{}</w:t></w:r>"
        body.insert(0, parse_xml(
            f'<w:p {W}>{run.format("船主")}<w:ins w:id="1" w:author="a">{run.format("应当")}</w:ins>'
            f'<w:del w:id="2" w:author="a"><w:r><w:delText>可以</w:delText></w:r></w:del>{run.format("记账。")}</w:p>'
        ))  # fmt: skip
        body.insert(0, parse_xml(
            f'<w:sdt {W}><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
            f"<w:sdtContent><w:p>{run.format('一、任务 1')}</w:p></w:sdtContent></w:sdt>"
        ))  # fmt: skip
        body.insert(1, parse_xml(f"<w:sdt {W}><w:sdtContent><w:p>{run.format('渡口规划')}</w:p></w:sdtContent></w:sdt>"))
        body.insert(3, parse_xml(
            f"<w:p {W}><w:r><w:pict><w:txbxContent><w:p>{run.format('专栏1 台账')}</w:p></w:txbxContent></w:pict></w:r></w:p>"
        ))  # fmt: skip

    assert extract_text("a.docx", word_file(fill)).strip().split("\n") == ["渡口规划", "船主应当记账。", "", "| 专栏1 台账 |"]


def pdf_file(text, css=""):
    paragraphs = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in text.split("\n") if paragraph.strip())
    style = f"body {{ font-family: 'Noto Serif CJK SC' }} p {{ text-indent: 2em }} {css}"
    return typeset(f"<meta charset=utf-8>{paragraphs}", [style], seconds=60, megabytes=2048)


PAGED = "@page { size: A6; @top-center { content: '云溪渡口汇编' } @bottom-center { content: '— ' counter(page) ' —' } }"


def test_a_pdf_gives_the_same_articles_as_its_text():
    draft = split_document(
        extract_text(
            "law.pdf",
            pdf_file(re.sub(r"(制|例|漏)\n(?:— 2 —\n)?(?=[定第记])", r"\1", LAW), PAGED),
        )
    )

    assert [(unit.label, unit.path, squeeze(unit.text)) for unit in draft.units] == [
        (unit.label, unit.path, squeeze(unit.text)) for unit in split_document(LAW).units
    ]


def test_a_quote_from_a_pdf_crosses_its_pages():
    text = "渡口规划\n一、任务\n" + "".join(
        f"任务{chr(0x4E00 + n)}。" + "推动船次数据和水位数据汇聚，" * 7 + "形成一张图。\n" for n in range(20)
    )
    pdf = pdf_file(text, PAGED)
    starts = [squeeze(line)[:12] for line in text.split("\n")[2:-1]]

    found = attach_originals(extract_text("plan.pdf", pdf), [clause(start, start, "一张图") for start in starts])

    assert len(PdfReader(BytesIO(pdf)).pages) > 3
    assert {original.quote for original in found.found.values()} == {"推动船次数据和水位数据汇聚，" * 7 + "形成一张图。"}
    assert len(found.found) == 20


def pdf_of(pages, password=None, **encryption):
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if password is not None:
        writer.encrypt(password, **encryption)
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


def zipped(**members):
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "/").replace("/xml", ".xml"), content)
    return file.getvalue()


OLD_WORD = b"\xd0\xcf\x11\xe0" + bytes(100)


@pytest.mark.parametrize(
    ("name", "raw", "code"),
    [
        ("渡口.doc", OLD_WORD, "wrong_kind"),
        ("渡口", b"", "wrong_kind"),
        ("a.txt", b"x" * (10 * 1024 * 1024 + 1), "too_large"),
        ("a.txt", PLAN.encode("utf-16"), "encoding"),
        ("a.txt", PLAN.replace("〔", "(").encode("big5", errors="ignore"), "encoding"),
        ("a.txt", "渡口".encode()[:-1], "encoding"),
        ("a.md", pdf_of(1), "not_text"),
        ("a.docx", OLD_WORD, "old_word"),
        ("a.docx", b"PK\x03\x04 and no more", "damaged"),
        ("a.docx", zipped(other_xml="<a/>"), "damaged"),
        ("a.docx", zipped(word_document_xml="<a"), "damaged"),
        ("a.docx", zipped(word_document_xml=" " * (100 * 1024 * 1024 + 1)), "unpacked_too_large"),
        ("a.pdf", b"no pdf", "damaged"),
        ("a.pdf", b"%PDF-1.7\nand no more", "damaged"),
        ("a.pdf", pdf_of(1, "secret", algorithm="AES-256"), "encrypted"),
        ("a.pdf", pdf_of(2), "no_text_layer"),
        ("a.pdf", pdf_of(601), "too_many_pages"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_a_sentence(name, raw, code):
    with pytest.raises(UnreadableDocument) as refused:
        extract_text(name, raw)

    assert refused.value.code == code
    assert str(refused.value) == originals.UNREADABLE[code].format(**refused.value.values)


def test_a_pdf_that_anyone_may_open_is_read_although_it_is_encrypted():
    writer = PdfWriter(clone_from=BytesIO(pdf_file("渡口发展规划，记清每一条船的账。")))
    writer.encrypt("", owner_password="secret", algorithm="AES-256")
    file = BytesIO()
    writer.write(file)

    assert squeeze(extract_text("a.pdf", file.getvalue())) == "渡口发展规划，记清每一条船的账。"


def test_a_document_of_countless_lines_is_read_in_time():
    text = (
        "目录\n" * 3000
        + "一、渡口……1\n" * 3000
        + "（下转第9页）\n" * 3000
        + "¹ 渡口\n" * 3000
        + "— 1 —\n" * 3000
        + "渡口，" * 100_000
    )

    assert len(split_document(text).warnings) < 52


# --- the real thing


@pytest.mark.skipif(
    not SOURCES.is_dir(), reason="the source texts of the library lie beside this checkout only where it is developed"
)
@pytest.mark.parametrize(
    ("file", "code", "clauses"), [("001", "BDP14", 97), ("002", "BDP13", 27), ("003", "BDP14I", 11), ("004", "NIP14", 11)]
)
def test_every_clause_of_the_library_is_found_in_its_source(file, code, clauses):
    path = next(SOURCES.glob(f"{file}_*.txt"))
    known = [each for each in read_policy_library().clauses if each.document == code]

    found = attach_originals(extract_text(path.name, path.read_bytes()), known)

    assert (len(found.found), found.missing) == (clauses, ())
    for each in known:
        original = found.found[each.id]
        assert squeeze(each.locator.anchor) in squeeze(original.quote)
        assert original.quote in original.paragraph
        assert original.quote.endswith(("。", "；"))
        assert not re.search(r"\s|\*\*|[—-] ?\d+ ?[—-]|第\d+页|\|", original.quote)
