"""Plans and laws written for the purpose, with the defects that real files have, split by their own structure."""

import pytest
from django.utils.translation import override

from questionnaires.importing import WARNINGS, split_document
from questionnaires.labels import IMPORT_LABELS
from questionnaires.originals import UNREADABLE

PLAN = """                     示范省数据产业发展规划（2026—2030年）
                                目  录
一、发展基础 ........................ 1
二、主要任务 ........................ 3
（一）夯实数据底座 .................. 3
（二）提升治理能力 .................. 5
三、保障措施 ........................ 8
                                 — 1 —
一、发展基础
过去五年，全省数据产业稳步成
长，企业用数意识明显提高。
                                 — 2 —
二、主要任务
（ 一）夯实数据底座
1. 建好目录。引导企业编制数据资源目录，并随业务变化及时更
新。
2．汇聚数据。支持重点行业建设数据空间，推动跨企业
— 3 —
共享。
专栏 1  数据底座工程
（1）目录工程。到２０２７年，百家企业完成目录编制。
（2）空间工程。建成三个行业数据空间。
（二）提升治理能力
推动贯标评估。鼓励企业对照国家标准开展自评。
强化质量管理。引导企业建立质量检查制度。
三、保障措施
（一）加强组织领导。建立工作协调机制。
（二）强化资金支持。对通过评估的企业给予奖励。
                       示范省工业和信息化厅
                         2026年3月15日
"""
LAW = """中华示范数据安全条例
（2025年3月1日示范会议通过　示范令第八号）
目录
第一章　总则
第二章　数据分类分级
　第一节　分类
　第二节　分级
第三章　附则

第一章　总则
　　第一条　为了保障数据安全，制定本条例。
　　第二条　在本行政区域内开展数据处理活动，适用
本条例。
　　第三条　数据处理者应当依照下列要求处理数据：
　　（一）合法取得；
　　（二）限于目的；
　　（三）及时删除。
第二章　数据分类分级
第一节　分类
　　第四条　数据处理者应当对数据分类。
第二节　分级
　　第六条　数据处理者应当对数据分级。
　　分级结果每年复核一次。
第三章　附则
　　第七条　本条例自2025年6月1日起施行。
"""
MARKDOWN = """# 示范市数据要素行动方案（征求意见稿）

## 一、总体要求

以应用为牵引，稳步推进。

## 二、重点任务

### （一）建设目录

**摸清家底。** 各单位梳理数据资源。

| 专栏1 重点工程 |
| --- |
| 1. 目录工程：三年覆盖主要行业。 |
"""


def units(text):
    return {unit.text.split("。")[0]: unit for unit in split_document(text).units}


def test_title_issuer_and_date_are_found_where_they_stand():
    draft = split_document(PLAN)

    assert draft.title == "示范省数据产业发展规划（2026—2030年）"
    assert draft.issuer == "示范省工业和信息化厅"
    assert draft.date.isoformat() == "2026-03-15"


def test_a_plan_is_split_with_its_section_paths():
    found = units(PLAN)

    assert found["建好目录"].path == ("二、主要任务", "（一）夯实数据底座", "1.建好目录")
    assert found["推动贯标评估"].path == ("二、主要任务", "（二）提升治理能力", "推动贯标评估")
    assert found["强化资金支持"].path == ("三、保障措施", "（二）强化资金支持")


def test_hard_line_breaks_and_page_numbers_leave_no_trace():
    found = units(PLAN)

    assert found["过去五年，全省数据产业稳步成长，企业用数意识明显提高"].path == ("一、发展基础",)
    assert found["汇聚数据"].text == "汇聚数据。支持重点行业建设数据空间，推动跨企业共享。"
    assert "—" not in "".join(unit.text for unit in split_document(PLAN).units)


def test_a_table_of_contents_is_skipped():
    assert sum("夯实数据底座" in unit.path[-1] for unit in split_document(PLAN).units) == 0
    assert len(split_document(LAW).units) == 6


def test_a_box_is_known_as_one():
    boxed = [unit for unit in split_document(PLAN).units if unit.box]

    assert {unit.box for unit in boxed} == {"专栏1 数据底座工程"}
    assert len(boxed) == 2
    assert [unit.box for unit in split_document(MARKDOWN).units] == [None, None, "专栏1 重点工程"]


def test_a_law_is_split_by_articles_under_chapters_and_sections():
    rows = [(unit.label, unit.path) for unit in split_document(LAW).units]

    assert rows == [
        ("第一条", ("第一章 总则",)),
        ("第二条", ("第一章 总则",)),
        ("第三条", ("第一章 总则",)),
        ("第四条", ("第二章 数据分类分级", "第一节 分类")),
        ("第六条", ("第二章 数据分类分级", "第二节 分级")),
        ("第七条", ("第三章 附则",)),
    ]


def test_an_article_keeps_its_paragraphs_and_enumeration():
    third = split_document(LAW).units[2].text

    assert all(part in third for part in ("（一）合法取得", "（二）限于目的", "（三）及时删除"))
    assert "分级结果每年复核一次" in split_document(LAW).units[4].text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(MARKDOWN, "征求意见稿", id="a draft"),
        pytest.param(LAW, "第六条 follows 第四条", id="a missing article"),
        pytest.param("没有结构的一段话。", "No title was found", id="no title"),
        pytest.param("没有结构的一段话。", "No headings or articles were found", id="no structure"),
    ],
)
def test_what_looks_wrong_is_said(text, words):
    assert any(words in warning.message for warning in split_document(text).warnings)


def test_an_empty_text_gives_no_units():
    draft = split_document("  \n\n ")

    assert draft.units == ()
    assert draft.warnings


def test_every_warning_and_refusal_can_be_said_in_the_language_of_the_page():
    with override("en"):
        english = {code: str(words) for code, words in IMPORT_LABELS.items()}
    with override("zh-hans"):
        chinese = {code: str(words) for code, words in IMPORT_LABELS.items()}

    assert english == {**UNREADABLE, **WARNINGS}
    assert all(chinese[code] != english[code] for code in english)
