import json
import shutil

import pytest

from questionnaires.linter import lint, publish, published, read_all
from questionnaires.packages import CONTENT, BrokenPackage, read_policy_library, read_questionnaire


@pytest.fixture
def content(tmp_path):
    """A copy of the content to spoil."""
    return shutil.copytree(CONTENT, tmp_path / "content")


def spoil(content, file, old, new):
    path = content / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def faults_of(read, *args):
    with pytest.raises(BrokenPackage) as refused:
        read(*args)
    return [str(fault) for fault in refused.value.faults]


def lint_faults(content):
    return [str(fault) for fault in lint(*read_all(content), content)]


def test_a_package_is_refused_whole_with_file_and_key(content):
    spoil(content, "bank/data_model.yaml", "aspect: ", "aspect: colour #")
    spoil(content, "bank/data_model.yaml", "purpose:", "porpoise:")
    (content / "bank/metadata.yaml").unlink()

    faults = faults_of(read_questionnaire, "gbt36073-2025", content)

    assert "bank/data_model.yaml:porpoise: Unexpected keyword argument" in faults
    assert "bank/data_model.yaml:purpose: Field required" in faults
    assert "bank/metadata.yaml:-: the file does not exist" in faults
    assert any(fault.startswith("bank/data_model.yaml:criteria.0.aspect: Input should be") for fault in faults)


def test_broken_yaml_is_refused_with_file_and_line(content):
    spoil(content, "gbt36073-2018/edition.yaml", "code:", "code: [")

    assert faults_of(read_questionnaire, "gbt36073-2018", content)[0].startswith("gbt36073-2018/edition.yaml:-: line")


def test_a_broken_policy_library_is_refused_with_file_and_key(content):
    spoil(content, "policies/clauses/BDP14.yaml", "kind: requirement", "kind: wish")

    assert faults_of(read_policy_library, content)[0].startswith("policies/clauses/BDP14.yaml:0.kind: Input should be")


def test_a_doubled_code_is_a_fault(content):
    spoil(content, "bank/data_model.yaml", '"1.2"', '"1.1"')

    assert "gbt36073-2025/edition.yaml:DA1.1.1: the criterion stands 2 times" in lint_faults(content)


def test_an_unknown_clause_is_a_fault(content):
    spoil(content, "policies/items/2025.yaml", "id: BDP14-5.1-b", "id: BDP14-9.9-z")

    assert "policies/items:2025-DS1: the clause BDP14-9.9-z does not exist" in lint_faults(content)


def test_a_clause_for_government_only_is_no_basis(content):
    library = read_policy_library(content)
    background = next(clause.id for clause in library.clauses if clause.is_background)
    spoil(content, "policies/items/2025.yaml", "id: BDP14-5.1-b", f"id: {background}")

    assert f"policies/items:2025-DS1: {background} addresses government only and can't be a basis" in lint_faults(content)


def test_a_2018_criterion_that_nobody_takes_up_is_a_fault(content):
    path = content / "bank/ref_master.yaml"
    text = path.read_text(encoding="utf-8")
    assert "dropped:" not in text
    for file in ("master_data", "reference_data"):
        other = content / f"bank/{file}.yaml"
        other.write_text(other.read_text(encoding="utf-8").replace("ST2.5.2", "ST2.5.1"), encoding="utf-8")

    assert [fault for fault in lint_faults(content) if fault.startswith("gbt36073-2018:ST2.5.2")]


def test_a_published_version_never_changes(content):
    questionnaires, library = read_all(content)
    publish([*questionnaires, library], content)
    assert lint_faults(content) == []
    before = published(content)

    spoil(content, "bank/data_model.yaml", "weeks: ", "weeks: 1")

    assert "published.json:gbt36073-2025 1.0: was published with other content; give the changed package a new version" in (
        lint_faults(content)
    )
    publish(read_all(content)[0], content)
    assert published(content) == before


def test_a_retired_code_is_never_used_again(content):
    codes = list(read_questionnaire("gbt36073-2025", content).item_of)
    older = {
        "gbt36073-2025 0.8": {"sha256": "0" * 64, "codes": codes},
        "gbt36073-2025 0.9": {"sha256": "1" * 64, "codes": codes[1:]},
    }
    (content / "published.json").write_text(json.dumps(older), encoding="utf-8")

    assert lint_faults(content) == ["published.json:DS1.1.1: was retired in an earlier version and must not be used again"]


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("bank/data_model.yaml", "after: []", 'after: ["5.1"]', "of a higher level"),
        ("bank/data_model.yaml", "purpose:\n  zh: ", "purpose:\n  zh: x #", "not in the right language"),
        ("bank/dq_check.yaml", '  - code: "1.1"\n    aspect: process\n    zh: ', '  - code: "1.1"\n    aspect: process\n    zh: 全公司', "level 1"),
    ],
)  # fmt: skip
def test_the_linter_has_teeth(content, file, old, new, fault):
    spoil(content, file, old, new)

    assert any(fault in line for line in lint_faults(content))
