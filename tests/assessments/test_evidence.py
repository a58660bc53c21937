from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from assessments.models import Answer, Assessment, Assignment, Evidence, EvidenceLink, EvidenceVersion
from assessments.operations.evidence import (
    Address,
    DescribedMeanwhile,
    Description,
    InTheBin,
    StoredFile,
    add_evidence,
    add_evidence_for,
    add_evidence_version,
    describe_evidence,
    description_of,
    edit_evidence,
    link_evidence,
    remove_evidence,
    restore_evidence,
    unlink_evidence,
)
from assessments.operations.holding import Closed
from assessments.queries.evidence import (
    Wanted,
    count_states,
    evidence_counts,
    find_evidence,
    is_expired,
    links_of,
    may_change,
    may_open,
    newest_versions,
    pieces_of,
    same_files,
    titles_by_criterion,
)
from assessments.queries.proof import proof_matrix
from organizations.models import ActivityEntry, Membership
from questionnaires.models import Criterion
from tests.conftest import NOON, begin

TODAY = date(2026, 11, 20)
FILE = StoredFile(key="evidence/abc", name="制度.pdf", media_type="application/pdf", size=8, sha256="a" * 64)


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def criterion(assessment):
    return Criterion.objects.get(version=assessment.version, code="DS1.1.1")


def criterion_of(assessment, code):
    return Criterion.objects.get(version=assessment.version, code=code)


def add(organization, by, title="数据管理办法", content=FILE, **words):
    with scope(organization=organization):
        return add_evidence(organization=organization, description=Description(title, **words), content=content, by=by, at=NOON)


def link(assessment, evidence, code, by, place=""):
    with scope(organization=assessment.organization):
        return link_evidence(
            assessment=assessment, criterion=criterion_of(assessment, code), evidence=evidence, place=place, by=by, at=NOON
        )


def verbs():
    return list(ActivityEntry.objects.filter(verb__startswith="evidence").order_by("pk").values_list("verb", flat=True))


def member(user):
    return Membership.objects.get(user=user)


def answer(assessment, code, rating, by):
    Answer.objects.create(
        organization=assessment.organization, assessment=assessment, criterion=criterion_of(assessment, code),
        rating=rating, answered_by=by, answered_at=NOON,
    )  # fmt: skip


# the library's writes


def test_add_evidence_keeps_description_file_and_hash(in_acme, alice):
    evidence = add(in_acme, alice, kind="policy", issued_on=TODAY, keeper="数据办")

    version = EvidenceVersion.objects.get()
    assert (evidence.title, evidence.kind, evidence.keeper, evidence.added_by) == ("数据管理办法", "policy", "数据办", alice)
    assert (version.number, version.file.name, version.size, version.sha256) == (1, "evidence/abc", 8, "a" * 64)
    assert verbs() == ["evidence.added"]


def test_a_newer_version_stands_beside_the_older(in_acme, alice, bob):
    evidence = add(in_acme, alice)

    add_evidence_version(evidence=evidence, content=Address("https://wiki.example/a"), by=alice, at=NOON)

    assert [(v.number, v.url) for v in evidence.versions.all()] == [(2, "https://wiki.example/a"), (1, "")]
    assert newest_versions([evidence.pk])[evidence.pk].number == 2


def test_edit_evidence_states_the_revision_it_read(in_acme, alice):
    evidence = add(in_acme, alice)
    edit_evidence(evidence=evidence, description=Description("New"), read_revision=1, by=alice, at=NOON)

    with pytest.raises(DescribedMeanwhile) as refused:
        edit_evidence(evidence=evidence, description=Description("Other"), read_revision=1, by=alice, at=NOON)

    assert refused.value.current.title == "New"
    assert Evidence.objects.get().revision == 2


def test_the_same_description_again_does_no_harm(in_acme, alice):
    evidence = add(in_acme, alice)

    for _twice in range(2):
        edit_evidence(evidence=evidence, description=Description("New"), read_revision=1, by=alice, at=NOON)

    assert Evidence.objects.get().revision == 2


def test_describe_evidence_changes_all_or_none(in_acme, alice):
    first, second = add(in_acme, alice, "一"), add(in_acme, alice, "二")
    changes = [(first, Description("甲"), 1), (second, Description("乙"), 7)]

    with pytest.raises(DescribedMeanwhile):
        describe_evidence(changes=changes, by=alice, at=NOON)

    assert sorted(Evidence.objects.values_list("title", flat=True)) == ["一", "二"]


def test_the_bin_takes_a_piece_out_of_every_count_and_gives_it_back(in_acme, assessment, alice):
    evidence = add(in_acme, alice)
    link(assessment, evidence, "DS1.1.1", alice)

    remove_evidence(evidence=evidence, by=alice, at=NOON)
    assert (evidence_counts(assessment), links_of(assessment), titles_by_criterion(assessment)) == ({}, [], {})
    assert (find_evidence(Wanted(), TODAY), find_evidence(Wanted(state="bin"), TODAY)) == ([], [evidence.pk])

    restore_evidence(evidence=evidence, by=alice, at=NOON)
    assert evidence_counts(assessment) == {"DS1.1.1": 1}
    assert verbs() == ["evidence.added", "evidence.linked", "evidence.removed", "evidence.restored"]


def test_nothing_is_done_with_a_piece_in_the_bin(in_acme, assessment, alice):
    evidence = add(in_acme, alice)
    remove_evidence(evidence=evidence, by=alice, at=NOON)

    with pytest.raises(InTheBin):
        link(assessment, evidence, "DS1.1.1", alice)
    with pytest.raises(InTheBin):
        add_evidence_version(evidence=evidence, content=FILE, by=alice, at=NOON)
    with pytest.raises(InTheBin):
        edit_evidence(evidence=evidence, description=Description("x"), read_revision=1, by=alice, at=NOON)


@pytest.mark.parametrize(
    "values", [{"url": "https://a.example", "file": "evidence/x", "sha256": "0" * 64}, {"file": "evidence/x"}, {}]
)
def test_the_database_wants_a_file_with_a_hash_or_a_link(in_acme, alice, values):
    evidence = add(in_acme, alice, content=None)

    with pytest.raises(IntegrityError), transaction.atomic():
        EvidenceVersion.objects.create(organization=in_acme, evidence=evidence, number=1, added_at=NOON, **values)


# links


def test_link_evidence_once_per_criterion_with_its_place(in_acme, assessment, criterion, alice):
    evidence = add(in_acme, alice)

    link(assessment, evidence, "DS1.1.1", alice, "第3章")
    link(assessment, evidence, "DS1.1.1", alice, "第4章")

    assert EvidenceLink.objects.get().place == "第4章"
    unlink_evidence(assessment=assessment, criterion=criterion, evidence=evidence, by=alice, at=NOON)
    assert EvidenceLink.objects.count() == 0
    assert verbs()[-1] == "evidence.unlinked"


@pytest.mark.parametrize("state", ["preparing", "submitted", "in_review", "final"])
def test_links_wait_for_an_open_assessment(in_acme, assessment, criterion, alice, state):
    evidence = add(in_acme, alice)
    link(assessment, evidence, "DS1.1.1", alice)
    Assessment.objects.update(state=state)

    with pytest.raises(Closed):
        link(assessment, evidence, "DS1.1.2", alice)
    with pytest.raises(Closed):
        unlink_evidence(assessment=assessment, criterion=criterion, evidence=evidence, by=alice, at=NOON)
    with pytest.raises(Closed):
        add_evidence_for(
            assessment=assessment, criterion=criterion, description=Description("x"), content=FILE, place="", by=alice, at=NOON
        )

    assert (EvidenceLink.objects.count(), Evidence.objects.count()) == (1, 1)


# reads


def test_evidence_counts_valid_pieces_in_one_query(in_acme, assessment, alice, django_assert_num_queries):
    good, announced = add(in_acme, alice), add(in_acme, alice, content=None)
    expired, last_day = add(in_acme, alice, valid_until=TODAY - timedelta(days=1)), add(in_acme, alice, valid_until=TODAY)
    for piece in (good, announced, expired, last_day):
        link(assessment, piece, "DS1.1.1", alice)
    link(assessment, good, "DS1.2.1", alice)

    with django_assert_num_queries(1):
        counts = evidence_counts(assessment, TODAY)

    assert counts == {"DS1.1.1": 2, "DS1.2.1": 1}
    assert (is_expired(expired, TODAY), is_expired(last_day, TODAY), is_expired(good, TODAY)) == (True, False, False)


def test_links_and_titles_by_criterion_in_one_query_each(in_acme, assessment, alice, django_assert_num_queries):
    first, second = add(in_acme, alice, "一"), add(in_acme, alice, "二", content=None)
    link(assessment, second, "DS1.2.1", alice)
    link(assessment, first, "DS1.1.1", alice)
    link(assessment, second, "DS1.1.1", alice)

    with django_assert_num_queries(1):
        links = [(row.criterion.code, row.evidence.title, row.evidence.has_content) for row in links_of(assessment)]
    with django_assert_num_queries(1):
        titles = titles_by_criterion(assessment)

    assert links == [("DS1.1.1", "一", True), ("DS1.1.1", "二", False), ("DS1.2.1", "二", False)]
    assert titles == {"DS1.1.1": ["一", "二"], "DS1.2.1": ["二"]}


def test_find_evidence_by_words_kind_and_what_is_wrong(in_acme, assessment, alice):
    plain = add(in_acme, alice, "B plain", kind="policy")
    announced = add(in_acme, alice, "A announced", content=None)
    expired = add(in_acme, alice, "expired", valid_until=TODAY - timedelta(days=1))
    ending = add(in_acme, alice, "ending", valid_until=TODAY + timedelta(days=60))
    lasting = add(in_acme, alice, "lasting", valid_until=TODAY + timedelta(days=61), keeper="财务部")
    codes = Criterion.objects.filter(version=assessment.version).order_by("position").values_list("code", flat=True)[:16]
    for code in codes:
        link(assessment, plain, code, alice)

    def found(**wanted):
        return set(find_evidence(Wanted(**wanted), TODAY))

    assert found() == {row.pk for row in (plain, announced, expired, ending, lasting)}
    assert found(kind="policy") == found(state="over_used") == {plain.pk}
    assert found(state="missing") == {announced.pk}
    assert found(state="expired") == {expired.pk}
    assert found(state="expiring") == {ending.pk}
    assert found(state="unused") == {row.pk for row in (announced, expired, ending, lasting)}
    assert found(text="财务") == {lasting.pk}
    assert found(text="制度.pdf", kind="policy") == {plain.pk}
    assert count_states(TODAY) == {"total": 5, "missing": 1, "expired": 1, "expiring": 1, "over_used": 1, "unused": 4}
    assert find_evidence(Wanted(sort="most_used"), TODAY)[0] == plain.pk
    assert find_evidence(Wanted(sort="valid_until"), TODAY)[:3] == [expired.pk, ending.pk, lasting.pk]


def test_titles_sort_as_a_chinese_reader_expects(in_acme, alice):
    rows = {title: add(in_acme, alice, title).pk for title in ("张三任命书", "安全制度", "报告10", "报告2")}

    order = find_evidence(Wanted(sort="title"), TODAY)

    assert order == [rows[title] for title in ("安全制度", "报告2", "报告10", "张三任命书")]


def test_over_used_counts_within_one_assessment(in_acme, assessment, alice):
    evidence = add(in_acme, alice)
    other = begin(in_acme, alice, name="next")
    codes = list(Criterion.objects.filter(version=assessment.version).order_by("position").values_list("code", flat=True)[:15])
    for row in (assessment, other):
        for code in codes:
            link(row, evidence, code, alice)

    (piece,) = pieces_of([evidence.pk], TODAY)

    assert (piece.use_count, piece.is_over_used) == (30, False)


def test_who_may_open_and_change(in_acme, alice, bob, dora, eve):
    of_dora = add(in_acme, dora, confidentiality="confidential")
    of_eve = add(in_acme, eve, confidentiality="confidential")
    internal = add(in_acme, dora)

    def opens(user):
        return [may_open(member(user), row) for row in (of_dora, of_eve, internal)]

    assert opens(alice) == opens(dora) == [True, True, True]
    assert opens(eve) == [False, True, True]
    assert opens(bob) == [False, False, True]
    assert [may_change(member(eve), row) for row in (of_dora, of_eve, internal)] == [False, True, False]


def test_a_confidential_piece_is_found_by_its_title_only(in_acme, alice):
    secret = add(in_acme, alice, "董事会纪要", confidentiality="confidential", keeper="法务部")

    assert find_evidence(Wanted(text="纪要"), TODAY) == [secret.pk]
    assert find_evidence(Wanted(text="法务"), TODAY) == find_evidence(Wanted(text="制度.pdf"), TODAY) == []


def test_what_is_secret_of_a_confidential_piece_neither_finds_nor_sorts_nor_counts_it(in_acme, alice, eve):
    ended = date(2020, 1, 1)
    secret = add(in_acme, alice, "董事会纪要", confidentiality="confidential", kind="contract", valid_until=ended)
    lasting = add(in_acme, alice, "制度", valid_until=date(2090, 1, 1))

    def found(user, **wanted):
        return find_evidence(Wanted(**wanted), TODAY, member(user))

    assert (found(alice, kind="contract"), found(alice, state="expired")) == ([secret.pk], [secret.pk])
    assert found(alice, sort="valid_until") == [secret.pk, lasting.pk]
    assert (found(eve, kind="contract"), found(eve, state="expired")) == ([], [])
    assert found(eve, sort="valid_until") == [lasting.pk, secret.pk]
    assert [count_states(TODAY, member(user))["expired"] for user in (alice, eve)] == [1, 0]


def test_same_files_finds_the_hash_outside_the_bin(in_acme, alice):
    kept, removed = add(in_acme, alice), add(in_acme, alice)
    remove_evidence(evidence=removed, by=alice, at=NOON)

    assert same_files("a" * 64) == [kept]
    assert same_files("a" * 64, but=kept) == []


# the matrix


def test_the_matrix_says_where_claims_outrun_proof(in_acme, assessment, alice, django_assert_num_queries):
    item = assessment.questionnaire.item_by_code["DS1"]
    evidence, stale = add(in_acme, alice), add(in_acme, alice, "stale", valid_until=TODAY - timedelta(days=1))
    for criterion in item.criteria:
        if criterion.level <= 3:
            answer(assessment, criterion.code, "full", alice)
        if criterion.level <= 2:
            link(assessment, evidence, criterion.code, alice)
    link(assessment, stale, item.at_level(3)[0].code, alice)

    with django_assert_num_queries(2):
        matrix = proof_matrix(assessment, TODAY)

    short = matrix.short_items
    assert [(row.item.code, row.claimed, row.proven) for row in short] == [("DS1", 3, 2)]
    assert [row.code for row in matrix.lacking] == [criterion.code for criterion in item.at_level(3)]
    assert [(piece.title, [code for code, _flaw in places]) for piece, places in matrix.flawed] == [
        ("stale", [item.at_level(3)[0].code])
    ]
    assert matrix.domains[0].proven_count == len(item.at_level(1)) + len(item.at_level(2))


def test_the_matrix_of_policy_actions_has_no_levels(in_acme, alice):
    policy = begin(in_acme, alice, code="policy-actions", target=None)
    answer(policy, "PA-101", "3", alice)
    answer(policy, "PA-102", "2", alice)

    matrix = proof_matrix(policy, TODAY)

    assert matrix.short_items == []
    assert [row.code for row in matrix.lacking] == ["PA-101"]


# pages


def url(name, *args):
    return reverse(name, args=["acme", *args])


def test_the_library_asks_the_database_as_often_for_one_piece_as_for_thirty(in_acme, assessment, as_alice, alice):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert as_alice.get(url("evidence_library")).status_code == 200
        return len(queries)

    first = add(in_acme, alice)
    link(assessment, first, "DS1.1.1", alice)
    one = asked()
    for n in range(30):
        link(assessment, add(in_acme, alice, f"piece {n}"), "DS1.1.1", alice)

    assert asked() == one
    assert one <= 12


def test_the_criterion_and_the_matrix_ask_as_often_for_one_link_as_for_ten(in_acme, assessment, as_alice, alice):
    def asked(address):
        with CaptureQueriesContext(connection) as queries:
            assert as_alice.get(address, headers={"HX-Request": "true"}).status_code == 200
        return len(queries)

    addresses = [url("criterion_evidence", assessment.pk, "DS1.1.1"), url("evidence_matrix", assessment.pk) + "?domain=DS"]
    link(assessment, add(in_acme, alice), "DS1.1.1", alice)
    one = [asked(address) for address in addresses]
    for n in range(10):
        link(assessment, add(in_acme, alice, f"piece {n}"), "DS1.1.1", alice)

    assert [asked(address) for address in addresses] == one
    assert max(one) <= 12


@pytest.mark.parametrize(
    "query", ["q=%00&kind=x&state=y&sort=z&page=99", "page=abc", "q=" + "数" * 500, "state=bin", "sort=title", "page=-1"]
)
def test_the_library_takes_any_address(in_acme, as_alice, alice, query):
    add(in_acme, alice)

    assert as_alice.get(f"{url('evidence_library')}?{query}").status_code == 200


def test_others_see_the_title_of_a_confidential_piece_and_nothing_else(client, in_acme, alice, bob):
    evidence = add(in_acme, alice, "董事会纪要", confidentiality="confidential", keeper="法务部", kind="contract")
    client.force_login(bob)

    for page in (url("evidence_library"), url("evidence", evidence.pk)):
        text = client.get(page).content.decode()
        assert "董事会纪要" in text
        assert not {"法务部", "制度.pdf", FILE.sha256[:12]} & {
            word for word in ("法务部", "制度.pdf", FILE.sha256[:12]) if word in text
        }
    assert client.get(url("evidence_file", evidence.pk, 1)).status_code == 403


def test_a_respondent_describes_what_all_may_open_but_removes_only_the_own(client, in_acme, alice, eve):
    shared, secret, own = add(in_acme, alice), add(in_acme, alice, confidentiality="confidential"), add(in_acme, eve)
    client.force_login(eve)
    words = {"title": "New", "kind": "plan", "confidentiality": "internal", "revision": 1}

    assert client.post(url("edit_evidence", shared.pk), words).status_code == 302
    assert client.post(url("edit_evidence", secret.pk), words).status_code == 403
    assert client.post(url("add_evidence_version", secret.pk), {"url": "https://a.example"}).status_code == 403
    assert client.post(url("remove_evidence", shared.pk)).status_code == 403
    assert client.post(url("remove_evidence", own.pk)).status_code == 302
    assert client.post(url("restore_evidence", own.pk)).status_code == 302
    assert client.get(f"{url('describe_evidence')}?piece={secret.pk}").status_code == 302


def test_an_edit_that_was_overtaken_shows_both(as_alice, in_acme, alice):
    evidence = add(in_acme, alice, "Old")
    edit_evidence(evidence=evidence, description=Description("Theirs"), read_revision=1, by=alice, at=NOON)
    words = {"title": "Mine", "kind": "plan", "confidentiality": "internal", "revision": 1}

    response = as_alice.post(url("edit_evidence", evidence.pk), words)

    assert response.status_code == 409
    assert response.context["evidence"].title == "Theirs"
    assert response.context["form"]["title"].value() == "Mine"
    again = as_alice.post(
        url("edit_evidence", evidence.pk), {**words, "revision": response.context["form"]["revision"].value()}
    )
    assert again.status_code == 302


@pytest.mark.parametrize(
    "wrong",
    [{"title": ""}, {"title": "\u202etitle"}, {"title": "x" * 201}, {"kind": "nothing"}, {"issued_on": "2026-13-01"}, {"issued_on": "1066-10-14"},
     {"issued_on": "2026-02-01", "valid_until": "2026-01-01"}, {"revision": ""}, {"revision": "9" * 30}, {"confidentiality": "secret"}],
)  # fmt: skip
def test_a_wrong_description_is_shown_again_with_what_was_typed(as_alice, in_acme, alice, wrong):
    evidence = add(in_acme, alice)
    words = {"title": "Typed", "kind": "plan", "confidentiality": "internal", "revision": 1, "keeper": "法务部", **wrong}

    response = as_alice.post(url("edit_evidence", evidence.pk), words)

    assert response.status_code == 422
    assert "法务部" in response.content.decode()
    assert description_of(Evidence.objects.get()) == description_of(evidence)


def test_a_piece_shows_what_it_proves(as_alice, in_acme, assessment, alice):
    evidence = add(in_acme, alice)
    link(assessment, evidence, "DS1.1.1", alice, "第3章")

    text = as_alice.get(url("evidence", evidence.pk)).content.decode()

    assert "2026 self-assessment" in text
    assert "#q-DS1-1-1" in text
    assert "第3章" in text


def test_link_and_unlink_under_a_question(as_alice, in_acme, assessment, alice):
    evidence = add(in_acme, alice)
    page = url("criterion_evidence", assessment.pk, "DS1.1.1")

    response = as_alice.post(page, {"evidence": evidence.pk, "place": "p. 3"}, headers={"HX-Request": "true"})
    assert (response.status_code, response.context["proven"].proving.valid) == (200, 1)
    assert "<html" not in response.content.decode()

    unlinked = as_alice.post(url("unlink_evidence", assessment.pk, "DS1.1.1", evidence.pk))
    assert unlinked.url == page
    assert EvidenceLink.objects.count() == 0


def test_a_link_with_a_title_becomes_a_piece_under_a_question(as_alice, in_acme, assessment):
    page = url("criterion_evidence", assessment.pk, "DS1.1.1")

    assert as_alice.post(page, {"url": "https://wiki.example/a", "title": "Wiki", "kind": "system"}).status_code == 302

    row = EvidenceLink.objects.get()
    assert (row.evidence.title, row.evidence.kind, row.evidence.versions.get().url) == (
        "Wiki",
        "system",
        "https://wiki.example/a",
    )


@pytest.mark.parametrize(
    "wrong",
    [{}, {"evidence": "x"}, {"evidence": 999999}, {"url": "javascript:alert(1)", "title": "x"}, {"url": "https://a.example"}, {"url": "ftp://a.example/x", "title": "x"},
     {"url": "https://a.example", "title": "x", "place": "p" * 121}, {"url": "https://a.example", "title": "x", "kind": "y"}],
)  # fmt: skip
def test_what_cannot_be_linked_is_said(as_alice, in_acme, assessment, wrong):
    response = as_alice.post(url("criterion_evidence", assessment.pk, "DS1.1.1"), wrong)

    assert response.status_code == 422
    assert response.context["refused"]
    assert Evidence.objects.count() == 0


def test_someone_elses_piece_cannot_be_linked(as_alice, in_acme, assessment, globex, charlie):
    theirs = add(globex, charlie)

    response = as_alice.post(url("criterion_evidence", assessment.pk, "DS1.1.1"), {"evidence": theirs.pk})

    assert response.status_code == 422
    assert as_alice.get(url("evidence", theirs.pk)).status_code == 404
    assert EvidenceLink.objects.count() == 0


def test_a_respondent_links_only_where_the_item_is_open_to_them(client, in_acme, assessment, alice, eve):
    Assignment.objects.create(organization=in_acme, assessment=assessment, item_code="DS1", person=alice, assigned_at=NOON)
    evidence = add(in_acme, eve)
    client.force_login(eve)

    assert client.post(url("criterion_evidence", assessment.pk, "DS1.1.1"), {"evidence": evidence.pk}).status_code == 403
    assert client.post(url("criterion_evidence", assessment.pk, "DS2.1.1"), {"evidence": evidence.pk}).status_code == 302
    assert client.get(url("criterion_evidence", assessment.pk, "DS1.1.1")).context["may_link"] is False


def test_a_closed_assessment_answers_409(as_alice, in_acme, assessment, alice):
    evidence = add(in_acme, alice)
    Assessment.objects.update(state="submitted")

    response = as_alice.post(url("criterion_evidence", assessment.pk, "DS1.1.1"), {"evidence": evidence.pk})

    assert response.status_code == 409
    assert as_alice.get(url("criterion_evidence", assessment.pk, "DS1.1.1")).context["may_link"] is False
    assert as_alice.get(url("criterion_evidence", assessment.pk, "XX9.9.9")).status_code == 404


def test_a_link_is_added_or_a_piece_announced(as_alice, in_acme):
    words = {"title": "数据战略", "kind": "plan", "confidentiality": "internal"}

    as_alice.post(url("add_evidence"), {**words, "url": "https://wiki.example/strategy"})
    as_alice.post(url("add_evidence"), words)
    refused = as_alice.post(url("add_evidence"), {**words, "url": "javascript:alert(1)"})

    assert list(EvidenceVersion.objects.values_list("url", flat=True)) == ["https://wiki.example/strategy"]
    assert (Evidence.objects.count(), refused.status_code) == (2, 422)


def test_several_pieces_are_described_on_one_page(as_alice, in_acme, alice):
    first, second = add(in_acme, alice, "一"), add(in_acme, alice, "二")
    page = as_alice.get(f"{url('describe_evidence')}?piece={first.pk}&piece={second.pk}&piece=x&piece={'9' * 40}")
    assert [piece for piece, _form in page.context["forms"]] == [first, second]
    words = {"piece": [first.pk, second.pk]}
    for piece in (first, second):
        words |= {
            f"p{piece.pk}-title": f"{piece.title}!",
            f"p{piece.pk}-kind": "record",
            f"p{piece.pk}-confidentiality": "internal",
            f"p{piece.pk}-revision": 1,
        }

    assert as_alice.post(url("describe_evidence"), {**words, f"p{first.pk}-title": ""}).status_code == 422
    assert as_alice.post(url("describe_evidence"), words).status_code == 302
    assert sorted(Evidence.objects.values_list("title", "kind")) == [("一!", "record"), ("二!", "record")]
    assert as_alice.post(url("describe_evidence"), {**words, f"p{first.pk}-title": "late"}).status_code == 409


def test_the_matrix_unfolds_one_domain(as_alice, in_acme, assessment, alice):
    link(assessment, add(in_acme, alice), "DS1.1.1", alice)

    assert "DS1.1.1" not in as_alice.get(url("evidence_matrix", assessment.pk)).content.decode()
    assert "DS1.1.1" in as_alice.get(url("evidence_matrix", assessment.pk) + "?domain=DS").content.decode()
    assert as_alice.get(url("evidence_matrix", assessment.pk) + "?domain=nowhere").status_code == 200


def test_the_store_has_no_addresses():
    default_storage.save("evidence/x", ContentFile(b"x"))

    with pytest.raises(NotImplementedError):
        default_storage.url("evidence/x")


def test_pages_of_the_library_keep_the_filters(as_alice, in_acme, alice, monkeypatch):
    monkeypatch.setattr("assessments.views.evidence.PAGE_SIZE", 1)
    for title in ("one", "two", "three"):
        add(in_acme, alice, title, kind="policy")

    page = as_alice.get(url("evidence_library") + "?kind=policy&page=2")

    assert [piece.title for piece in page.context["pieces"]] == ["two"]
    assert 'href="?kind=policy&amp;page=3"' in page.content.decode()
