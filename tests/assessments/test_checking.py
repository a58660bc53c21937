"""The check before submitting: each rule as a table of plain values, then the page."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from assessments.checking import RULES, Facts, Finding, check, errors_in
from assessments.models import Assignment, Comment, Evidence, EvidenceLink, EvidenceVersion, Mark
from assessments.operations.answering import Said, save_answer
from assessments.queries.checking import facts_of, findings_of, voices
from assessments.templatetags.checking import heading, in_words
from questionnaires.models import Criterion
from questionnaires.schema import rated_codes
from tests.conftest import NOON, begin

TODAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def q(questionnaires):
    return questionnaires["gbt36073-2025"]


@pytest.fixture(scope="module")
def item(q):
    return q.items[0]


def found(questionnaire, facts, code, due=None):
    findings = check(questionnaire, facts, due=due or {}, now=NOON, today=TODAY)
    return [finding for finding in findings if finding.code == code]


def all_rated(questionnaire, rating="full", **more):
    return {code: Facts(rating=rating, **more) for code in questionnaire.item_of}


def at_level(item, level):
    return tuple(criterion.code for criterion in item.at_level(level))


def test_nothing_to_find_in_a_careful_assessment(q):
    ratings = ("full", "largely")
    facts = {code: Facts(rating=ratings[n % 2], proofs=1) for n, code in enumerate(q.item_of)}

    assert check(q, facts, due={}, now=NOON, today=TODAY) == ()


def test_unanswered_is_an_error_per_item(q, item):
    facts = all_rated(q)
    del facts[item.criteria[1].code]
    facts[item.criteria[3].code] = Facts(note="later")

    errors = errors_in(check(q, facts, due={}, now=NOON, today=TODAY))

    places = (item.criteria[1].code, item.criteria[3].code)
    assert errors == (Finding("error", "unanswered", item.code, places, {"n": 2}),)


@pytest.mark.parametrize(
    ("fact", "faults"),
    [
        pytest.param(Facts(rating="na"), 1, id="bare"),
        pytest.param(Facts(rating="na", na_reason="other"), 1, id="no note"),
        pytest.param(Facts(rating="na", note="by the group"), 1, id="no reason"),
        pytest.param(Facts(rating="na", na_reason="other", note=" "), 1, id="blank note"),
        pytest.param(Facts(rating="na", na_reason="other", note="by the group"), 0, id="explained"),
    ],
)
def test_not_applicable_needs_reason_and_note(q, item, fact, faults):
    assert len(found(q, {item.criteria[0].code: fact}, "na_unexplained")) == faults


@pytest.mark.parametrize(
    ("lower", "higher", "expected"),
    [
        pytest.param("none", "full", True, id="not met below"),
        pytest.param("partly", "largely", True, id="partly below largely"),
        pytest.param("largely", "full", False, id="largely is met"),
        pytest.param("none", "partly", False, id="higher one not met"),
        pytest.param("", "full", False, id="below still open"),
        pytest.param("na", "full", False, id="below does not apply"),
    ],
)
def test_a_level_above_one_that_is_not_met(q, item, lower, higher, expected):
    facts = {code: Facts(rating=lower) for code in at_level(item, 3)} | {
        code: Facts(rating=higher) for code in at_level(item, 4)
    }

    places = [finding.criteria for finding in found(q, facts, "level_skipped")]

    assert places == ([at_level(item, 3)] if expected else [])


@pytest.mark.parametrize(
    ("level", "fact", "expected"),
    [
        pytest.param(3, Facts(rating="full"), True, id="full at 3"),
        pytest.param(5, Facts(rating="largely"), True, id="largely at 5"),
        pytest.param(2, Facts(rating="full"), False, id="level 2 needs none"),
        pytest.param(3, Facts(rating="partly"), False, id="partly claims little"),
        pytest.param(3, Facts(rating="full", proofs=1), False, id="proven"),
        pytest.param(3, Facts(rating="full", expired=("Plan",)), False, id="expired is another finding"),
    ],
)
def test_claims_from_level_3_want_evidence(q, item, level, fact, expected):
    assert bool(found(q, {at_level(item, level)[0]: fact}, "claim_without_evidence")) is expected


@pytest.mark.parametrize(("rating", "expected"), [("full", True), ("none", True), ("na", False), ("", False)])
def test_the_same_rating_in_every_row(q, item, rating, expected):
    facts = {code: Facts(rating=rating) for code in rated_codes(item)}

    assert bool(found(q, facts, "same_rating")) is expected
    assert not found(q, facts | {item.criteria[-1].code: Facts(rating="partly")}, "same_rating")


def test_expired_evidence_is_named_once(q, item):
    facts = {code: Facts(rating="partly", expired=("Plan", "Rules")) for code in rated_codes(item)[:2]}

    (finding,) = found(q, facts, "evidence_expired")

    assert finding.values == {"n": 2, "titles": ("Plan", "Rules")}


@pytest.mark.parametrize(
    ("said", "expected"),
    [({}, 0), ({"IT": "full"}, 0), ({"IT": "full", "Sales": "full"}, 0), ({"IT": "full", "Sales": "none"}, 1)],
    ids=["nobody", "one", "agree", "at odds"],
)
def test_departments_at_odds(q, item, said, expected):
    assert len(found(q, {item.criteria[0].code: Facts(rating="full", voices=said)}, "departments_at_odds")) == expected


@pytest.mark.parametrize(
    ("code", "fact"),
    [
        ("open_questions", Facts(rating="full", questions=2)),
        ("marks_left", Facts(rating="full", marked=True)),
        ("half_without_note", Facts(rating="partly")),
        ("long_taken_over", Facts(rating="full", taken_over_at=NOON - timedelta(days=14))),
    ],
)
def test_what_is_left_open(q, item, code, fact):
    place = item.criteria[2].code

    assert [finding.criteria for finding in found(q, {place: fact}, code)] == [(place,)]


@pytest.mark.parametrize(
    ("code", "fact"),
    [
        ("half_without_note", Facts(rating="partly", note="two of three systems")),
        ("long_taken_over", Facts(rating="full", taken_over_at=NOON - timedelta(days=13))),
    ],
)
def test_what_is_in_order(q, item, code, fact):
    assert found(q, {item.criteria[2].code: fact}, code) == []


@pytest.mark.parametrize(
    ("seconds", "people", "typed", "expected"),
    [
        pytest.param(3, 1, True, True, id="a minute for all"),
        pytest.param(30, 1, True, False, id="at leisure"),
        pytest.param(3, 2, True, False, id="two people"),
        pytest.param(0, 1, False, False, id="from a workbook"),
    ],
)
def test_answered_within_a_minute(q, item, seconds, people, typed, expected):
    codes = rated_codes(item)
    facts = {
        code: Facts(rating="full", by=n % people, at=NOON + timedelta(seconds=seconds * n), typed=typed)
        for n, code in enumerate(codes)
    }

    assert bool(found(q, facts, "answered_too_fast")) is expected


@pytest.mark.parametrize(("due", "expected"), [(date(2026, 11, 19), True), (TODAY, False)], ids=["yesterday", "today"])
def test_overdue_only_while_something_is_open(q, item, due, expected):
    assert bool(found(q, {}, "overdue", {item.code: due})) is expected
    assert found(q, all_rated(q), "overdue", {item.code: due}) == []


def test_more_than_a_tenth_not_applicable(q):
    codes = list(q.item_of)
    tenth = len(codes) // 10
    facts = all_rated(q) | {code: Facts(rating="na", na_reason="other", note="n") for code in codes[:tenth]}

    assert found(q, facts, "large_na_share") == []
    facts[codes[-1]] = Facts(rating="na", na_reason="other", note="n")
    (finding,) = found(q, facts, "large_na_share")
    assert (finding.item, finding.values) == ("", {"n": tenth + 1, "total": len(codes), "percent": 10})


@pytest.mark.parametrize(
    ("rating", "code", "expected"),
    [
        ("3", "claim_without_evidence", True),
        ("2", "claim_without_evidence", False),
        ("2", "half_without_note", True),
        ("0", "half_without_note", False),
        ("", "unanswered", True),
    ],
)
def test_policy_actions_are_checked_too(questionnaires, rating, code, expected):
    actions = questionnaires["policy-actions"]
    action = actions.items[0].code

    assert (action in {finding.item for finding in found(actions, {action: Facts(rating=rating)}, code)}) is expected


def test_errors_come_first(q, item):
    findings = check(q, {item.criteria[0].code: Facts(rating="partly", marked=True)}, due={}, now=NOON, today=TODAY)

    assert [f.severity for f in findings if f.severity != "error"] == ["warning", "hint"]
    assert findings[0].severity == "error"


VALUES = {
    "n": 2, "higher": 4, "lower": 3, "titles": ("Plan", "Rules"), "departments": ("IT", "Sales"), "days": 14, "due": "2026-11-01",
    "total": 486, "percent": 10,
}  # fmt: skip


@pytest.mark.parametrize("code", [*(rule.__name__ for rule in RULES), "large_na_share"])
def test_every_rule_has_a_heading_and_a_sentence_with_its_numbers(code):
    with override("en"):
        words = heading(code), in_words(Finding("hint", code, "DS1", ("DS1.1.1",), VALUES))

    assert all(words)
    assert "%(" not in words[1]


def revision(department, rating):
    return {"department__name": department, "rating": rating}


def test_somebody_without_a_department_settles_what_departments_said():
    said = [revision("IT", "full"), revision("Sales", "none")]

    assert voices(said) == {"IT": "full", "Sales": "none"}
    assert voices([*said, revision(None, "partly")]) == {}
    assert voices([*said, revision(None, "partly"), revision("IT", "largely")]) == {"IT": "largely"}


# the rows behind it


def criterion(assessment, code):
    return Criterion.objects.get(version=assessment.version, code=code)


def say(assessment, code, rating, by, read=0, department=None, at=NOON, note=""):
    save_answer(
        assessment=assessment, criterion=criterion(assessment, code), said=Said(rating, note=note), read_revision=read, by=by, at=at,
        department_id=department.pk if department else None,
    )  # fmt: skip


def prove(assessment, code, by, title="Plan", valid_until=None):
    piece = Evidence.objects.create(
        organization=assessment.organization, title=title, valid_until=valid_until, added_by=by, added_at=NOON
    )
    EvidenceVersion.objects.create(
        organization=assessment.organization,
        evidence=piece,
        number=1,
        url="https://acme.example/plan",
        added_by=by,
        added_at=NOON,
    )
    return EvidenceLink.objects.create(
        organization=assessment.organization, assessment=assessment, evidence=piece, criterion=criterion(assessment, code),
        place="p. 4", linked_by=by, linked_at=NOON,
    )  # fmt: skip


def furnish(assessment, code, by, department):
    """One row of everything the check reads about a criterion."""
    say(assessment, code, "partly", by, department=department)
    prove(assessment, code, by)
    prove(assessment, code, by, "Old plan", date(2026, 11, 19))
    row = {"organization": assessment.organization, "assessment": assessment, "criterion": criterion(assessment, code)}
    Mark.objects.create(**row, marked_by=by, marked_at=NOON)
    Comment.objects.create(**row, text="Really?", is_question=True, written_by=by, written_at=NOON)


def test_facts_are_read_from_the_rows(assessment, alice, data_office, in_acme):
    furnish(assessment, "DS1.1.1", alice, data_office)

    facts = facts_of(assessment, TODAY)

    assert facts == {
        "DS1.1.1": Facts(
            rating="partly", proofs=1, expired=("Old plan",), voices={"Data office": "partly"}, questions=1, marked=True,
            by=alice.pk, at=NOON, typed=True,
        )
    }  # fmt: skip


def test_evidence_in_the_bin_proves_nothing(assessment, alice, in_acme):
    link = prove(assessment, "DS1.1.1", alice)
    Evidence.objects.filter(pk=link.evidence_id).update(removed_at=NOON)

    assert facts_of(assessment, TODAY) == {}


def test_another_assessments_rows_are_not_read(assessment, acme, alice, data_office, in_acme):
    furnish(begin(acme, alice), "DS1.1.1", alice, data_office)

    assert facts_of(assessment, TODAY) == {}


def test_due_dates_come_from_the_assignments(assessment, alice, data_office, in_acme):
    Assignment.objects.create(
        organization=assessment.organization, assessment=assessment, item_code="DS1", department=data_office,
        due_on=date(2026, 11, 1), assigned_by=alice, assigned_at=NOON,
    )  # fmt: skip

    findings = findings_of(assessment, now=NOON, today=TODAY)

    assert [f.values["due"] for f in findings if f.code == "overdue"] == ["2026-11-01"]


@pytest.fixture
def address(assessment):
    return reverse("check_assessment", args=["acme", assessment.pk])


def test_the_page_links_each_finding_to_its_place(as_alice, address, assessment):
    page = as_alice.get(address).content.decode()

    place = reverse("answer_item", args=["acme", assessment.pk, "DS1"])
    assert f'href="{place}#q-DS1-1-1"' in page
    assert reverse("submit_assessment", args=["acme", assessment.pk]) not in page


@pytest.mark.parametrize("code", ["gbt36073-2018", "policy-actions"])
def test_the_page_shows_the_other_questionnaires(as_alice, acme, alice, code):
    assert as_alice.get(reverse("check_assessment", args=["acme", begin(acme, alice, code).pk])).status_code == 200


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_kind_of_finding_has_words(as_alice, address, assessment, alice, data_office, in_acme, item, language):
    as_alice.cookies["django_language"] = language
    for n, row in enumerate(rated_codes(item)):
        say(assessment, row, "full", alice, department=data_office if n else None)
    furnish(assessment, "DS2.1.1", alice, data_office)

    assert as_alice.get(address).status_code == 200


def test_the_number_of_queries_does_not_grow(as_alice, address, assessment, alice, data_office, acme, in_acme, q):
    furnish(assessment, "DS1.1.1", alice, data_office)
    as_alice.get(address)
    with CaptureQueriesContext(
        connection,
    ) as one:
        as_alice.get(address)
    for code in list(q.item_of)[1:40]:
        furnish(assessment, code, alice, data_office)

    with CaptureQueriesContext(connection) as many:
        as_alice.get(address)

    assert len(many) == len(one) <= 15
