import io
import json

import openpyxl
import pytest
from django.utils.translation import override
from openpyxl.worksheet.cell_range import CellRange

from assessments.answer_files import BadAnswers, read_answers
from questionnaires.export import as_workbook
from tests.samples import questionnaire

SAMPLE = questionnaire({"AA": {"AA1": (1, 1, 1, 0, 0)}})
GOOD = "criterion,rating,na_reason,note\nAA1.1.1,full,,\nAA1.2.1,partly,,写得不错\nAA1.3.1,na,not_in_scope,不在范围内\n"


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


def read(tmp_path, content, name="answers.csv", sample=SAMPLE, **options):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_answers(path, sample, **options)


def faults(tmp_path, content, **options):
    with pytest.raises(BadAnswers) as refused:
        read(tmp_path, content, **options)
    return [str(fault) for fault in refused.value.faults]


def workbook(rows, spoil=None):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    if spoil:
        spoil(sheet)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


HEAD = ["criterion", "rating", "na_reason", "note", "questionnaire", "version"]
ROWS = [HEAD] + [[code, "full", None, None, "sample", "1.0"] for code in SAMPLE.item_of]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_every_usual_encoding(tmp_path, encoding):
    answers = read(tmp_path, GOOD.encode(encoding))

    assert answers.ratings == {"AA1.1.1": "full", "AA1.2.1": "partly", "AA1.3.1": "na"}
    assert answers.na_reasons == {"AA1.3.1": "not_in_scope"}
    assert answers.notes == {"AA1.2.1": "写得不错", "AA1.3.1": "不在范围内"}


def test_labels_and_semicolons_are_understood(tmp_path):
    answers = read(tmp_path, "criterion;rating\nAA1.1.1;满足\nAA1.2.1;Largely met\nAA1.3.1;NONE\n")

    assert answers.ratings == {"AA1.1.1": "full", "AA1.2.1": "largely", "AA1.3.1": "none"}


def test_all_faults_come_at_once_with_row_and_column(tmp_path):
    content = "criterion,rating,na_reason,note\nAA1.1.1,excellent,,\nAA1.1.1,full,,\nXX1.1.1,full,,\n,full,,\nAA1.2.1,na,,\n"

    assert faults(tmp_path, content) == [
        "answers.csv:2:rating: “excellent” is no rating of AA1.1.1; use one of: full, largely, partly, none, na.",
        "answers.csv:3:criterion: AA1.1.1 stands twice; the first time in row 2.",
        "answers.csv:4:criterion: “XX1.1.1” is not a criterion of sample version 1.0.",
        "answers.csv:5:criterion: The criterion's code is missing.",
        "answers.csv:6:na_reason: “na” needs a reason; use one of: not_in_scope, done_elsewhere, other.",
        "answers.csv:6:note: “na” needs a note that explains it.",
        "answers.csv:7:criterion: AA1.3.1 is missing; add a row for it.",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "answers.csv:1:-: The file is empty.", id="empty"),
        pytest.param("criterion,rating\n", "answers.csv:1:-: The file holds no answers.", id="only a heading"),
        pytest.param("code,rating\nx,full\n", "answers.csv:1:criterion: The heading row has no column “criterion”.", id="heading"),
        pytest.param(b"PK\x03\x04rubbish", "answers.csv:1:-: This is not a text file; a workbook must be named .xlsx.", id="zip"),
        pytest.param(
            b"criterion,rating\nAA1.1.1,\xff\xfe\xfa\n",
            "answers.csv:1:-: The encoding is neither UTF-8 nor GB18030; save the file as “CSV UTF-8”.",
            id="encoding",
        ),
        pytest.param(
            'criterion,rating\n"AA1.1.1"x,full\n',
            "answers.csv:2:-: Not a table of comma-separated values: ',' expected after '\"'.",
            id="quoting",
        ),
        pytest.param(
            GOOD.replace("AA1.1.1,full,,", "AA1.1.1,full,other,"),
            "answers.csv:2:na_reason: A reason stands only beside the rating “na”.",
            id="reason without n/a",
        ),
        pytest.param(GOOD.replace("写得不错", "x" * 2001), "answers.csv:3:note: The note has 2001 characters; at most 2000 are kept.", id="long"),
        pytest.param(GOOD.replace("写得不错", "a\x07b"), "answers.csv:3:note: The cell holds control characters.", id="control"),
        pytest.param(GOOD.replace(",full,,", ",,,"), "answers.csv:2:rating: AA1.1.1 has no rating.", id="no rating"),
    ],
)  # fmt: skip
def test_a_bad_csv_gets_a_sentence(tmp_path, content, message):
    assert message in faults(tmp_path, content)


@pytest.mark.parametrize(
    ("questionnaire_code", "version", "expected"),
    [
        ("other", "1.0", "answers.csv:2:questionnaire: 3 rows are for “other”, but “sample” is being assessed."),
        ("sample", "0.9", "answers.csv:2:version: 3 rows are for “0.9”, but “1.0” is being assessed."),
    ],
)
def test_answers_to_another_questionnaire_or_version_are_recognised(tmp_path, questionnaire_code, version, expected):
    rows = "".join(f"{code},full,,,{questionnaire_code},{version}\n" for code in SAMPLE.item_of)

    assert faults(tmp_path, "criterion,rating,na_reason,note,questionnaire,version\n" + rows) == [expected]


def test_incomplete_answers_may_be_allowed(tmp_path):
    answers = read(tmp_path, "criterion,rating\nAA1.1.1,\nAA1.2.1,full\n", allow_incomplete=True)

    assert answers.ratings == {"AA1.2.1": "full"}


def test_a_workbook_is_read(tmp_path):
    assert read(tmp_path, workbook(ROWS), name="a.xlsx").ratings == dict.fromkeys(SAMPLE.item_of, "full")


def test_our_own_workbook_comes_back(tmp_path):
    book = openpyxl.load_workbook(io.BytesIO(as_workbook(SAMPLE, "zh")))
    for row in book["answers"].iter_rows(min_row=2):
        row[1].value = "largely"
    book.create_sheet("notes", 0)
    buffer = io.BytesIO()
    book.save(buffer)

    assert read(tmp_path, buffer.getvalue(), name="a.xlsx").ratings == dict.fromkeys(SAMPLE.item_of, "largely")


def test_anchors_may_be_numbers_and_na_only_where_allowed(tmp_path, questionnaires):
    actions = questionnaires["policy-actions"]
    strict = next(action.code for action in actions.items if not action.allow_na)
    rows = [[code, 3, None, None, "policy-actions", actions.version] for code in actions.item_of]

    assert set(read(tmp_path, workbook([HEAD, *rows]), name="a.xlsx", sample=actions).ratings.values()) == {"3"}

    rows[list(actions.item_of).index(strict)][1:4] = ["na", "other", "why"]
    message = f":rating: “na” is no rating of {strict}; use one of: 0, 1, 2, 3, 4."
    assert message in faults(tmp_path, workbook([HEAD, *rows]), name="a.xlsx", sample=actions)[0]


def merge(sheet):
    sheet.merge_cells("B2:B3")


def formula(sheet):
    sheet["B3"] = '=IF(1,"full","none")'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"not a workbook", "a.xlsx:1:-: This is not an Excel workbook (.xlsx), or it is damaged.", id="text"),
        pytest.param(workbook(ROWS)[:-200], "a.xlsx:1:-: This is not an Excel workbook (.xlsx), or it is damaged.", id="cut"),
        pytest.param(
            workbook(ROWS, lambda sheet: sheet.merged_cells.ranges.add(CellRange("A1:XFD1048576"))),
            "a.xlsx:1:-: The sheet is larger than 5000 rows or 60 columns.",
            id="merged to the end of the world",
        ),
        pytest.param(workbook([]), "a.xlsx:1:-: The file is empty.", id="empty"),
        pytest.param(workbook(ROWS, merge), "a.xlsx:2:rating: The cells B2:B3 are merged; unmerge them.", id="merged"),
        pytest.param(
            workbook(ROWS, formula), "a.xlsx:3:rating: The cell B3 holds a formula; paste its value instead.", id="formula"
        ),
        pytest.param(
            workbook([row[:4] for row in ROWS]),
            "a.xlsx:1:questionnaire: The heading row has no column “questionnaire”.",
            id="without questionnaire",
        ),
    ],
)
def test_a_bad_workbook_gets_a_sentence(tmp_path, content, message):
    assert message in faults(tmp_path, content, name="a.xlsx")


def as_json(**changes):
    data = {
        "questionnaire": "sample",
        "version": "1.0",
        "answers": [{"criterion": c, "rating": "full"} for c in SAMPLE.item_of],
    }
    return json.dumps({**data, **changes})


def test_json_is_read(tmp_path):
    assert read(tmp_path, as_json(), name="a.json").ratings == dict.fromkeys(SAMPLE.item_of, "full")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "a.json:1:-: This is not JSON"),
        ("[]", "a.json:1:answers: The JSON must be an object"),
        (as_json(version=None), "a.json:1:version: The JSON must name its “version”."),
        (as_json(answers=["x"]), "a.json:1:-: An answer must be an object."),
        (as_json(answers=[{"criterion": "AA1.1.1", "rating": {}}]), "a.json:1:rating: The value must be text."),
        ("[" * 100_000, "a.json:1:-: This is not JSON"),
        ('{"answers": ' + "9" * 5000 + "}", "a.json:1:-: This is not JSON"),
    ],
)
def test_bad_json_gets_a_sentence(tmp_path, content, message):
    assert faults(tmp_path, content, name="a.json")[0].startswith(message)


def test_other_kinds_of_files_are_refused(tmp_path):
    assert faults(tmp_path, "x", name="a.pdf") == ["a.pdf:1:-: The file must be .csv, .xlsx or .json."]
