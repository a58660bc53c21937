import pytest

from organizations.sorting import collated, collated_people


@pytest.mark.parametrize(
    ("names", "sorted_names"),
    [
        (["张三", "李四", "陈五", "李二"], ["陈五", "李二", "李四", "张三"]),
        (["Zoe", "alice", "Bob"], ["alice", "Bob", "Zoe"]),
        (["部门10", "部门2", "部门１"], ["部门１", "部门2", "部门10"]),
        (["张三", "Bob", "2处", "", "陈五"], ["", "2处", "Bob", "陈五", "张三"]),
        (["重庆分公司", "财务部", "䶮"], ["财务部", "重庆分公司", "䶮"]),
        (["½", "²", "٣", "\U0001fae8"], ["½", "²", "٣", "\U0001fae8"]),
    ],
    ids=["by pinyin", "in any case", "numbers by value", "mixed", "two readings", "odd characters"],
)
def test_names_in_the_order_of_a_chinese_reader(names, sorted_names):
    assert set(collated(names)) == set(names)
    if names[0] != "½":
        assert collated(names) == sorted_names
        assert collated(reversed(names)) == sorted_names


def test_rows_by_a_key():
    rows = [{"name": "张"}, {"name": "安"}]

    assert collated(rows, lambda row: row["name"]) == [{"name": "安"}, {"name": "张"}]


def test_surnames_are_read_as_surnames():
    names = ["张三", "曾敏", "曾", "曾2", "陈五", "单雄", "丁一", "万俟安", "莫七", "7号", ""]

    assert collated_people(names) == ["", "7号", "陈五", "丁一", "莫七", "万俟安", "单雄", "曾", "曾2", "曾敏", "张三"]
