import pytest

from questionnaires.strict_yaml import BadYaml, read_yaml


def written(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "file.yaml"
    path.write_bytes(text.encode(encoding))
    return path


def test_plain_data_comes_out_without_surprises(tmp_path):
    path = written(tmp_path, 'a: no\nb: on\nc: 2021-12\nd: 12\ne: "12"\nf: true\ng: null\nh: 1.0\ni: [x, 2]\nj: 007\n')

    assert read_yaml(path) == {
        "a": "no", "b": "on", "c": "2021-12", "d": 12, "e": "12", "f": True, "g": None, "h": "1.0", "i": ["x", 2], "j": "007",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &x 1\nb: *x\n", "line 1: anchors and aliases are not allowed"),
        ("a: 1\na: 2\n", "line 2: the key 'a' stands twice"),
        ("a: !!python/object:os.system x\n", "line 1: tags are not allowed"),
        ("a: [1\n", "line 2: did not find expected ',' or ']'"),
        ("", "empty file"),
        ("a: " + "[" * 30 + "]" * 30, "line 1: nested deeper than 20"),
    ],
)
def test_anything_clever_is_refused_with_its_line(tmp_path, text, message):
    with pytest.raises(BadYaml, match="^" + message.replace("[", r"\[").replace("]", r"\]")):
        read_yaml(written(tmp_path, text))


def test_another_encoding_is_refused(tmp_path):
    with pytest.raises(BadYaml, match="not UTF-8"):
        read_yaml(written(tmp_path, "a: 数据", encoding="gb18030"))
