import pytest

from questionnaires.searching import Filters, highlight, search
from questionnaires.views.library import clauses_by_item


@pytest.fixture(scope="module")
def library(packages):
    return packages[1]


def found(library, query, **filters):
    return [hit.clause.id for hit in search(library, query, Filters(**filters), clauses_by_item(library))]


def holding(library, *words):
    """Ids of the clauses in whose plain texts one of the words stands, found the slow way."""
    texts = {
        c.id: " ".join(
            [c.summary.zh, c.summary.en, *c.keywords, c.section, c.box or "", library.document_by_code[c.document].title.zh]
        )
        for c in library.clauses
    }
    return [key for key, text in texts.items() if any(word in text for word in words)]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("首席数据官", ("首席数据官", "CDO")),
        ("CDO", ("首席数据官", "CDO")),
        ("cdo", ("首席数据官", "CDO")),
        ("ＣＤＯ", ("首席数据官", "CDO")),
        ("DCMM", ("DCMM", "数据管理能力成熟度")),
        ("贯标", ("贯标",)),
        ("貫標", ("贯标",)),
        ("分类分级", ("分类分级",)),
        ("分類分級", ("分类分级",)),
        ("分类\n分级", ("分类分级",)),
        (" 分 类 分 级 ", ("分类分级",)),
        ("數據資產", ("数据资产",)),
        ("資料資產", ("数据资产",)),
    ],
)
def test_searches_find_what_they_should_and_nothing_else(library, query, words):
    expected = holding(library, *words)

    assert expected
    assert found(library, query) == expected


def test_english_is_found_by_whole_words_whatever_the_spaces(library):
    ids = found(library, "data  Quality")

    texts = {c.id: c.summary.en.lower() for c in library.clauses}
    assert {key for key, text in texts.items() if "data quality" in text or "data-quality" in text} >= set(ids)
    assert ids
    assert found(library, "ata quality") == []
    assert found(library, "CDOs") == []


def test_words_apart_are_found_where_the_phrase_is_not(library):
    both = found(library, "金融 能源")

    assert both
    assert set(both) <= set(found(library, "金融")) & set(found(library, "能源"))


@pytest.mark.parametrize("query", ["没有这个词语", "xyzzy", "_", "\\", ".*", "a" * 500])
def test_what_is_not_there_is_not_found(library, query):
    assert found(library, query) == []


def test_filters_narrow(library):
    assert {c.split("-")[0] for c in found(library, "", document="BDP13")} == {"BDP13"}
    assert len(found(library, "")) == 146
    assert found(library, "", status="historical") == found(library, "", document="BDP13")
    assert set(found(library, "", kind="support")) == {c.id for c in library.clauses if c.kind == "support"}
    assert set(found(library, "", addressee="government")) == {c.id for c in library.clauses if c.addressee == "government"}
    assert set(found(library, "", item="2025-DG1")) == {link.id for link in library.basis_by_uid["2025-DG1"].clauses}
    assert found(library, "首席数据官", document="BDP13") == []


@pytest.mark.parametrize(
    ("text", "term", "marked"),
    [
        ("推广首席 数据\n官制度", "首席数据官", "推广<mark>首席 数据\n官</mark>制度"),
        ("資料分級與 <b>", "资料分级", "<mark>資料分級</mark>與 &lt;b&gt;"),
        ("The ＣＤＯ and the cdos", "cdo", "The <mark>ＣＤＯ</mark> and the cdos"),
        ("nothing", "", "nothing"),
    ],
)
def test_highlights_stand_in_the_original_text(text, term, marked):
    assert highlight(text, [term]) == marked
