"""The offline kit from handing out to undo, through the views."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope

from assessments.kit import layout
from assessments.kit.writing import row_height, sheet_name
from assessments.models import AnswerRevision, Assessment, Assignment, EvidenceLink, Kit, KitReturn
from assessments.operations.evidence import link_evidence
from organizations.models import ActivityEntry
from questionnaires.models import Criterion
from tests.assessments.kits import (
    PLACES,
    address,
    answer,
    apply,
    book_of,
    counts,
    file_of,
    fill,
    hand_out,
    piece,
    returned,
    row_of,
    said_in,
    saved,
    upload,
)
from tests.conftest import NOON, begin

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.fixture
def as_eve(client, eve):
    client.force_login(eve)
    return client


def assign(assessment, item_code, by, **to):
    with scope(organization=assessment.organization):
        values = {"organization": assessment.organization, "assigned_by": by, "assigned_at": NOON, **to}
        return Assignment.objects.create(assessment=assessment, item_code=item_code, **values)


def test_a_kit_is_handed_out_downloaded_and_noted_in_the_trail(as_alice, assessment, alice):
    response = as_alice.post(address("kits", assessment), {"whom": "all", "language": "zh-hans", "domains": ["DS"]})
    with scope(organization=assessment.organization):
        kit = Kit.objects.get()
    file = as_alice.get(address("download_kit", assessment, kit.pk))

    assert response.status_code == 302
    assert {code[:2] for code in kit.baseline} == {"DS"}
    assert kit.question_count == len(kit.baseline)
    assert file["Content-Type"].endswith("spreadsheetml.sheet")
    assert file["Content-Disposition"] == 'attachment; filename="2026_self-assessment-1.xlsx"'
    assert file.content == file_of(kit)
    with scope(organization=assessment.organization):
        verbs = set(ActivityEntry.objects.values_list("verb", flat=True))
    assert {"kit.issued", "kit.downloaded"} <= verbs


@pytest.mark.parametrize(("language", "first", "rating"), [("zh-hans", "填写说明", "评分"), ("en", "Instructions", "Rating")])
def test_the_workbook_in_both_languages(assessment, alice, language, first, rating):
    answer(assessment, "DS1.1.1", alice, "largely", note="=1+1\n第二行")
    kit = hand_out(assessment, alice, language=language)

    book = book_of(kit)

    sheet, row = row_of(book, "DS1.1.1")
    assert book.worksheets[0].title == first
    assert [s.sheet_state for s in book.worksheets] == ["visible", "visible", "visible", "veryHidden"]
    assert sheet.cell(1, PLACES["rating"]).value == rating
    assert sheet.cell(row, PLACES["rating"]).value == layout.RATING_NAMES["largely"].in_language(language)
    note = sheet.cell(row, PLACES["note"])
    assert (note.value, note.data_type) == ("=1+1\n第二行", "s")
    assert sheet.protection.sheet
    assert [sheet.cell(row, place).protection.locked for place in PLACES.values()] == [
        name not in layout.INPUTS for name in PLACES
    ]
    assert sheet.freeze_panes == "B2"
    assert sheet.data_validations.dataValidation


def test_sheet_names_are_what_a_spreadsheet_takes():
    taken = set()

    names = [sheet_name(name, taken) for name in ("G1 a/b:c", "G1 a?b*c", "AC " + "数" * 40, "AC " + "数" * 41)]

    assert names == ["G1 a b c", "G1 a b c (2)", "AC " + "数" * 28, "AC " + "数" * 24 + " (2)"]


@pytest.mark.parametrize(
    ("cells", "lines"),
    [
        pytest.param({"code": "DS1.1.1", "statement": ""}, 1, id="short"),
        pytest.param({"statement": "数" * 28}, 2, id="Han characters are wide"),
        pytest.param({"statement": "x" * 55}, 1, id="Latin ones are not"),
        pytest.param({"note": "a\nb\nc", "statement": "x"}, 3, id="line breaks"),
    ],
)
def test_rows_are_as_high_as_their_text(cells, lines):
    assert row_height(cells) == 15 * lines + 4


def test_the_tallest_row_is_one_that_excel_takes():
    assert row_height({"note": "数" * 2000}) == 409


def test_the_same_kit_gives_the_same_bytes(assessment, alice):
    kit = hand_out(assessment, alice)

    assert file_of(kit) == file_of(kit)


def test_an_untouched_kit_changes_nothing(as_alice, assessment, alice):
    piece_of = piece(assessment.organization, "Data policy", alice)
    answer(assessment, "DS1.1.1", alice, "full", note="line one\r\nline two _x0041_ 𠮷😀")
    answer(assessment, "DS1.1.2", alice, "na", "other", "why")
    with scope(organization=assessment.organization):
        criterion = Criterion.objects.get(version=assessment.version, code="DS1.1.1")
        link_evidence(assessment=assessment, criterion=criterion, evidence=piece_of, by=alice, at=NOON)
    kit = hand_out(assessment, alice)

    kit_return = returned(upload(as_alice, assessment, file_of(kit)), assessment)

    assert counts(as_alice, kit_return) == {"unchanged": kit.question_count}


def test_answers_come_back_as_one_act(as_alice, assessment, alice):
    answer(assessment, "DS1.1.2", alice, "full")
    piece(assessment.organization, "数据战略规划", alice)
    kit = hand_out(assessment, alice)
    book = book_of(kit)
    fill(book, "DS1.1.1", rating="大部分满足", note="已印发", evidence="数据战略规划\n没有的文件")
    fill(book, "DS1.1.2", rating="不适用", na_reason="由其他单位承担", note="由集团执行")
    kit_return = returned(upload(as_alice, assessment, saved(book)), assessment)

    assert said_in(assessment) == {"DS1.1.2": ("full", "", "")}
    assert counts(as_alice, kit_return) == {"added": 1, "changed": 1, "unchanged": kit.question_count - 2}
    response = apply(as_alice, kit_return)

    assert response.status_code == 302
    assert said_in(assessment) == {"DS1.1.1": ("largely", "", "已印发"), "DS1.1.2": ("na", "done_elsewhere", "由集团执行")}
    with scope(organization=assessment.organization):
        assert list(EvidenceLink.objects.values_list("criterion__code", "evidence__title")) == [("DS1.1.1", "数据战略规划")]
        assert AnswerRevision.objects.filter(via="kit").count() == 2
        assert KitReturn.objects.get().outcome["unlinked"] == {"DS1.1.1": ["没有的文件"]}
    page = as_alice.get(response.url).content.decode()
    assert "没有的文件" in page
    assert "Undo this workbook" in page


def test_applying_twice_does_no_harm(as_alice, assessment, alice):
    book = book_of(hand_out(assessment, alice))
    fill(book, "DS1.1.1", rating="满足")
    kit_return = returned(upload(as_alice, assessment, saved(book)), assessment)
    page = as_alice.get(address("kit_return", assessment, kit_return.pk))
    data = {"seen": page.context["seen"], "rule": ""}

    first, second = (as_alice.post(address("kit_return", assessment, kit_return.pk), data) for _ in range(2))

    assert (first.status_code, second.status_code) == (302, 302)
    with scope(organization=assessment.organization):
        assert AnswerRevision.objects.count() == 1
        assert ActivityEntry.objects.filter(verb="kit.applied").count() == 1


@pytest.fixture
def conflict(as_alice, assessment, alice, dora):
    """DS1.1.1 was handed out empty; the workbook says fully met, Dora said partly met."""
    book = book_of(hand_out(assessment, alice))
    fill(book, "DS1.1.1", rating="满足", note="workbook")
    fill(book, "DS1.1.2", rating="满足")
    answer(assessment, "DS1.1.1", dora, "partly", note="here", at=NOON + timedelta(hours=1))
    return returned(upload(as_alice, assessment, saved(book)), assessment)


def test_a_conflict_is_not_decided_by_itself(as_alice, assessment, conflict):
    response = apply(as_alice, conflict)

    assert response.status_code == 422
    assert "1 conflict is not decided yet." in response.content.decode()
    assert said_in(assessment) == {"DS1.1.1": ("partly", "", "here")}


@pytest.mark.parametrize(
    ("rule", "rows", "stands"),
    [
        ("", {"DS1.1.1": "ours"}, ("partly", "", "here")),
        ("", {"DS1.1.1": "theirs"}, ("full", "", "workbook")),
        ("ours", {}, ("partly", "", "here")),
        ("theirs", {}, ("full", "", "workbook")),
        ("theirs", {"DS1.1.1": "ours"}, ("partly", "", "here")),
        ("newer", {}, ("full", "", "workbook")),
    ],
)
def test_a_conflict_is_decided_one_by_one_or_by_rule(as_alice, assessment, conflict, rule, rows, stands):
    response = apply(as_alice, conflict, rule, rows=rows)

    assert response.status_code == 302
    assert said_in(assessment) == {"DS1.1.1": stands, "DS1.1.2": ("full", "", "")}


def test_the_newer_rule_keeps_an_answer_given_after_the_workbook_was_saved(as_alice, assessment, alice, conflict):
    answer(assessment, "DS1.1.1", alice, "none", note="later", at=timezone.now() + timedelta(days=1))

    apply(as_alice, conflict, "newer")

    assert said_in(assessment)["DS1.1.1"] == ("none", "", "later")


def test_a_new_conflict_since_the_preview_stops_everything(as_alice, assessment, alice, conflict):
    seen = as_alice.get(address("kit_return", assessment, conflict.pk)).context["seen"]
    answer(assessment, "DS1.1.2", alice, "none")
    before = said_in(assessment)

    response = as_alice.post(address("kit_return", assessment, conflict.pk), {"seen": seen, "rule": "theirs"})

    assert response.status_code == 409
    assert said_in(assessment) == before
    assert response.context["conflicts"] == 2


def test_undo_puts_back_what_nobody_changed_since(as_alice, assessment, alice, dora):
    answer(assessment, "DS1.1.1", alice, "none", note="old")
    one, two = piece(assessment.organization, "One", alice), piece(assessment.organization, "Two", alice)
    with scope(organization=assessment.organization):
        criterion = Criterion.objects.get(version=assessment.version, code="DS1.1.1")
        link_evidence(assessment=assessment, criterion=criterion, evidence=one, place="p. 3", by=alice, at=NOON)
    book = book_of(hand_out(assessment, alice))
    fill(book, "DS1.1.1", rating="满足", note="new", evidence="Two")
    fill(book, "DS1.1.2", rating="满足")
    fill(book, "DS1.2.1", rating="满足")
    kit_return = returned(upload(as_alice, assessment, saved(book)), assessment)
    apply(as_alice, kit_return)
    answer(assessment, "DS1.2.1", dora, "partly")
    with scope(organization=assessment.organization):
        assert list(EvidenceLink.objects.values_list("evidence", flat=True)) == [two.pk]

    response = as_alice.post(address("undo_kit_return", assessment, kit_return.pk))

    assert response.status_code == 302
    assert said_in(assessment) == {"DS1.1.1": ("none", "", "old"), "DS1.1.2": ("", "", ""), "DS1.2.1": ("partly", "", "")}
    with scope(organization=assessment.organization):
        assert list(EvidenceLink.objects.values_list("evidence", "place")) == [(one.pk, "p. 3")]
    page = as_alice.get(response.url).content.decode()
    assert "2 answers were put back." in page
    assert "DS1.2.1" in page
    assert as_alice.post(address("undo_kit_return", assessment, kit_return.pk)).status_code == 302
    assert said_in(assessment)["DS1.1.1"] == ("none", "", "old")


def test_every_row_is_accounted_for(as_alice, assessment, alice):
    answer(assessment, "DS1.1.1", alice, "none")
    kit = hand_out(assessment, alice)
    book = book_of(kit)
    fill(book, "DS1.1.1", rating="满足")
    fill(book, "DS1.1.2", rating="满足")
    fill(book, "DS1.2.1", rating="excellent")
    sheet, row = row_of(book, "DS1.2.2")
    sheet.delete_rows(row)
    sheet.append(["DS1.1.1", None, None, None, "满足"])
    sheet.append(["DS9.9.9", None, None, None, "满足"])
    sheet.append(["DQ1.1.1", None, None, None, "满足"])
    sheet.append([None, None, None, None, "满足"])

    kit_return = returned(upload(as_alice, assessment, saved(book)), assessment)

    assert counts(as_alice, kit_return) == {
        "changed": 1, "added": 1, "refused": 1, "missing": 1, "unchanged": kit.question_count - 4, "others": 4,
    }  # fmt: skip
    in_file = sum(1 for s in book.worksheets[1:-1] for row in s.iter_rows(min_row=2, values_only=True) if any(row))
    assert in_file + 1 == sum(counts(as_alice, kit_return).values())
    assert [other["fault"] for other in kit_return.rows["others"]] == ["unknown_code", "no_code", "repeated", "not_in_kit"]


def test_a_respondent_gets_and_returns_the_own_items_only(as_eve, assessment, alice, eve, data_office):
    assign(assessment, "DS1", alice, person=alice)
    assign(assessment, "DG1", alice, department=data_office)
    as_eve.post(address("kits", assessment), {"whom": "all", "language": "en"})
    with scope(organization=assessment.organization):
        kit = Kit.objects.get()
    others = hand_out(assessment, alice)
    book = book_of(others)
    fill(book, "DS1.1.1", rating="满足")
    fill(book, "DG1.1.1", rating="满足")

    assert kit.person == eve
    assert not any(code.startswith("DS1.") for code in kit.baseline)
    assert as_eve.get(address("download_kit", assessment, kit.pk)).status_code == 200
    assert as_eve.get(address("download_kit", assessment, others.pk)).status_code == 404
    kit_return = returned(upload(as_eve, assessment, saved(book)), assessment)
    apply(as_eve, kit_return)
    assert said_in(assessment) == {"DG1.1.1": ("full", "", "")}
    assert "This item is not assigned to you." in as_eve.get(address("kit_return", assessment, kit_return.pk)).content.decode()


def test_a_respondent_does_not_see_what_others_returned(client, assessment, alice, eve):
    client.force_login(alice)
    kit_return = returned(upload(client, assessment, file_of(hand_out(assessment, alice))), assessment)
    client.force_login(eve)

    assert client.get(address("kit_return", assessment, kit_return.pk)).status_code == 404
    assert client.post(address("undo_kit_return", assessment, kit_return.pk)).status_code == 404


@pytest.mark.parametrize(("whom", "items"), [("department", {"DG1"}), ("person", {"DQ1"})])
def test_a_kit_for_a_department_or_a_person(as_alice, assessment, alice, eve, data_office, whom, items):
    assign(assessment, "DG1", alice, department=data_office)
    assign(assessment, "DQ1", alice, person=eve)
    if whom == "person":
        with scope(organization=assessment.organization):
            Assignment.objects.filter(item_code="DG1").delete()
    chosen = {"department": f"department-{data_office.pk}", "person": f"person-{eve.pk}"}[whom]

    as_alice.post(address("kits", assessment), {"whom": chosen, "language": "en", "due_on": "2026-12-01"})

    with scope(organization=assessment.organization):
        kit = Kit.objects.select_related("department").get()
    assert {code.split(".")[0] for code in kit.baseline} == items
    assert (kit.department, kit.person) == ((data_office, None) if whom == "department" else (None, eve))


def test_an_empty_kit_is_refused_with_a_sentence(as_alice, assessment, data_office):
    data = {"whom": f"department-{data_office.pk}", "language": "en"}

    response = as_alice.post(address("kits", assessment), data)

    assert response.status_code == 422
    assert "No item is assigned there" in response.content.decode()


@pytest.mark.parametrize("data", [{}, {"whom": "person-1 OR 1=1", "language": "en"}, {"whom": "all", "language": "xx"}, {"whom": "all", "language": "en", "due_on": "tomorrow"}, {"whom": "all", "language": "en", "domains": ["ZZ"]}])  # fmt: skip
def test_bad_input_is_answered_with_the_form(as_alice, assessment, data):
    assert as_alice.post(address("kits", assessment), data).status_code == 422


def test_uploading_nothing_and_applying_nonsense(as_alice, assessment, conflict):
    assert as_alice.post(address("upload_kit", assessment)).status_code == 422
    page = address("kit_return", assessment, conflict.pk)
    assert as_alice.post(page).status_code == 422
    assert as_alice.post(page, {"rule": "x", "seen": "y"}).status_code == 422
    assert as_alice.post(page, {"rule": "ours", "seen": "y" * 64}).status_code == 409
    assert as_alice.get(address("kit_return", assessment, 10**9)).status_code == 404


def test_a_closed_assessment_takes_no_kit(as_alice, assessment, alice, conflict):
    with scope(organization=assessment.organization):
        Assessment.objects.update(state="submitted")
    kit = address("kits", assessment)

    assert as_alice.get(kit).status_code == 200
    assert as_alice.post(kit, {"whom": "all", "language": "en"}).status_code == 409
    assert upload(as_alice, assessment, b"x").status_code == 409
    assert as_alice.post(address("kit_return", assessment, conflict.pk), {"seen": "x"}).status_code == 409
    assert as_alice.post(address("undo_kit_return", assessment, conflict.pk)).status_code == 409
    assert as_alice.get(address("kit_return", assessment, conflict.pk)).status_code == 200


def test_a_viewer_sees_the_list_without_forms(client, assessment, alice, bob):
    kit = hand_out(assessment, alice)
    client.force_login(bob)

    page = client.get(address("kits", assessment))

    assert page.status_code == 200
    assert "<form" not in page.content.decode().split("<main")[1]
    assert client.get(address("download_kit", assessment, kit.pk)).status_code == 403
    assert client.post(address("kits", assessment)).status_code == 403
    assert client.post(address("upload_kit", assessment)).status_code == 403


def test_a_kit_without_notes_column_leaves_the_notes(as_alice, assessment, alice):
    answer(assessment, "DS1.1.1", alice, "none", note="keep me")
    book = book_of(hand_out(assessment, alice))
    fill(book, "DS1.1.1", rating="满足")
    for sheet in book.worksheets[1:-1]:
        sheet.delete_cols(PLACES["note"])
    kit_return = returned(upload(as_alice, assessment, saved(book)), assessment)

    apply(as_alice, kit_return)

    assert said_in(assessment) == {"DS1.1.1": ("full", "", "keep me")}


def test_policy_actions_come_back_on_their_anchors(as_alice, acme, alice):
    assessment = begin(acme, alice, "policy-actions", "actions", None)
    book = book_of(hand_out(assessment, alice, items=[f"PA-10{n}" for n in range(1, 7)]))
    for number, word in enumerate(["3 制度化", 4, "2", "３", "5", "不适用"], start=1):
        fill(book, f"PA-10{number}", rating=word)
    kit_return = returned(upload(as_alice, assessment, saved(book)), assessment)

    apply(as_alice, kit_return)

    assert said_in(assessment) == {f"PA-10{n}": (rating, "", "") for n, rating in enumerate("3423", start=1)}
    assert counts(as_alice, kit_return) == {"added": 4, "refused": 2}


def test_pages_take_the_same_number_of_queries_however_much_they_show(as_alice, assessment, alice, django_assert_num_queries):
    def queries(name, *args):
        with CaptureQueriesContext(connection) as captured:
            assert as_alice.get(address(name, assessment, *args)).status_code == 200
        return len(captured)

    kit = hand_out(assessment, alice, items=["DS1"])
    book = book_of(kit)
    fill(book, "DS1.1.1", rating="满足")
    one = returned(upload(as_alice, assessment, saved(book)), assessment)
    few = queries("kits"), queries("kit_return", one.pk)
    kits = [hand_out(assessment, alice, items=["DS1", "DG1", "DQ1"]) for _ in range(3)]
    book = book_of(kits[0])
    for code in kits[0].baseline:
        fill(book, code, rating="满足", note="x")
    many = returned(upload(as_alice, assessment, saved(book)), assessment)

    assert (queries("kits"), queries("kit_return", many.pk)) == few
