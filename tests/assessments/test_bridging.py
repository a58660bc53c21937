import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from assessments.carrying import Words
from assessments.models import Answer, AnswerRevision, Assessment, DraftAnswer, EngagementScope, EvidenceLink, Standing
from assessments.operations.answering import AnsweredMeanwhile, Said, save_answer
from assessments.operations.bridging import AlreadyContinued, accept_draft, bridge_assessment, dismiss_draft, restore_draft
from assessments.operations.evidence import Address, Description, add_evidence, link_evidence, remove_evidence
from assessments.operations.holding import Closed
from assessments.queries.answers import ratings_of
from assessments.queries.bridging import crossings_of, drafts_of
from assessments.scoring import score
from organizations.models import ActivityEntry
from questionnaires.library import current_version
from questionnaires.models import Criterion
from tests.conftest import NOON, begin

Via = AnswerRevision.Via
OLD, NEW = "gbt36073-2018", "gbt36073-2025"


@pytest.fixture
def origins(questionnaires):
    """The first criterion of 2025 of each relation, with its origin."""
    found = {}
    for criterion in questionnaires[NEW].criterion_by_code.values():
        found.setdefault(criterion.origin.relation, criterion)
    return found


@pytest.fixture
def last_cycle(acme, alice, in_acme):
    """Acme's assessment of 2018: everything largely met, but for one n/a and one note."""
    row = begin(acme, alice, code=OLD, name="2025 self-assessment", target=4)
    rows = Criterion.objects.filter(version=row.version)
    Answer.objects.bulk_create(
        Answer(
            organization=acme,
            assessment=row,
            criterion=criterion,
            rating="largely",
            note="see the charter" if criterion.code == "DS1.1.1" else "",
            answered_at=NOON,
        )
        for criterion in rows
    )
    return row


def criterion_of(assessment, code):
    return Criterion.objects.get(version=assessment.version, code=code)


def bridged(source, by):
    return bridge_assessment(source=source, version=current_version(NEW), name="2026 in the new edition", by=by, at=NOON)


def prove(assessment, code, by, title="Charter"):
    piece = add_evidence(
        organization=assessment.organization,
        description=Description(title=title),
        content=Address("https://acme.example/"),
        by=by,
        at=NOON,
    )
    link_evidence(assessment=assessment, criterion=criterion_of(assessment, code), evidence=piece, place="p. 3", by=by, at=NOON)
    return piece


def test_the_same_is_carried_with_note_and_evidence_and_history(last_cycle, alice, origins):
    same = origins["same"]
    (came_from,) = same.origin.came_from
    Answer.objects.filter(assessment=last_cycle, criterion__code=came_from).update(note="see the charter")
    piece = prove(last_cycle, came_from, alice)

    assessment = bridged(last_cycle, alice)

    answer = Answer.objects.get(assessment=assessment, criterion__code=same.code)
    assert (answer.rating, answer.note, answer.revision) == ("largely", "see the charter", 1)
    assert AnswerRevision.objects.get(answer=answer).via == Via.BRIDGE
    links = EvidenceLink.objects.filter(assessment=assessment).values_list("criterion__code", "evidence", "place")
    assert list(links) == [(same.code, piece.pk, "p. 3")]
    assert (assessment.derived_from, assessment.target, assessment.method) == (last_cycle, 4, last_cycle.method)


def test_carried_and_drafted_add_up_to_the_bank_and_only_the_carried_count(last_cycle, alice, questionnaires):
    new = questionnaires[NEW]

    assessment = bridged(last_cycle, alice)

    drafts, ratings = drafts_of(assessment), ratings_of(assessment)
    assert len(ratings) + len(drafts) == len(new.criterion_by_code)
    assert not {row.code for row in drafts} & set(ratings)
    assert {new.criterion_by_code[code].origin.relation for code in ratings} == {"same"}
    assert {row.code for row in drafts if not row.rating} == {
        c.code for c in new.criterion_by_code.values() if c.origin.relation == "new"
    }
    whole = Standing.objects.get(assessment=assessment, kind=Standing.Kind.WHOLE)
    assert whole.answered == len(ratings)
    assert whole.exact == str(score(new, ratings).score)


def test_an_unanswered_assessment_carries_nothing_and_drafts_everything(acme, alice, in_acme, questionnaires):
    empty = begin(acme, alice, code=OLD)

    assessment = bridged(empty, alice)

    assert not Answer.objects.filter(assessment=assessment).exists()
    assert DraftAnswer.objects.filter(assessment=assessment, rating="").count() == len(questionnaires[NEW].criterion_by_code)


def test_the_older_assessment_stays_as_it_was_also_when_it_is_final(last_cycle, alice):
    Assessment.objects.filter(pk=last_cycle.pk).update(state=Assessment.State.FINAL)
    before = list(Answer.objects.filter(assessment=last_cycle).order_by("pk").values())

    bridged(last_cycle, alice)

    last_cycle.refresh_from_db()
    assert last_cycle.state == Assessment.State.FINAL
    assert list(Answer.objects.filter(assessment=last_cycle).order_by("pk").values()) == before


def test_an_assessment_is_continued_once(last_cycle, alice):
    first = bridged(last_cycle, alice)

    with pytest.raises(AlreadyContinued) as refused:
        bridged(last_cycle, alice)

    assert refused.value.assessment == first
    assert Assessment.objects.filter(derived_from=last_cycle).count() == 1


def test_evidence_in_the_bin_is_not_carried(last_cycle, alice, origins):
    piece = prove(last_cycle, origins["same"].origin.came_from[0], alice)
    remove_evidence(evidence=piece, by=alice, at=NOON)

    assessment = bridged(last_cycle, alice)

    assert not EvidenceLink.objects.filter(assessment=assessment).exists()


def test_the_trail_says_that_it_was_carried_and_nothing_of_what(last_cycle, alice):
    assessment = bridged(last_cycle, alice)

    entry = ActivityEntry.objects.get(verb="assessment.bridged")
    assert entry.about == f"assessment {last_cycle.pk} as assessment {assessment.pk}"
    assert not ActivityEntry.objects.filter(about__contains="charter").exists()


def test_a_draft_counts_when_it_is_taken_over_with_its_evidence_and_not_before(last_cycle, alice, origins):
    merged = origins["merged"]
    piece = prove(last_cycle, merged.origin.came_from[0], alice)
    assessment = bridged(last_cycle, alice)
    assert merged.code not in ratings_of(assessment)
    before = Standing.objects.get(assessment=assessment, kind=Standing.Kind.WHOLE).answered

    answer = accept_draft(assessment=assessment, criterion=criterion_of(assessment, merged.code), by=alice, at=NOON)

    assert answer.rating == ratings_of(assessment)[merged.code] == "largely"
    assert EvidenceLink.objects.filter(assessment=assessment, criterion__code=merged.code, evidence=piece).exists()
    assert Standing.objects.get(assessment=assessment, kind=Standing.Kind.WHOLE).answered == before + 1
    draft = DraftAnswer.objects.get(assessment=assessment, criterion__code=merged.code)
    assert (draft.outcome, draft.settled_by) == (DraftAnswer.Outcome.ACCEPTED, alice)


def test_a_draft_never_overwrites_a_rating_and_keeps_a_note(last_cycle, alice, bob, origins):
    assessment = bridged(last_cycle, alice)
    widened, narrowed = (criterion_of(assessment, origins[name].code) for name in ("widened", "narrowed"))
    save_answer(assessment=assessment, criterion=widened, said=Said("none"), read_revision=0, by=bob, at=NOON)
    save_answer(assessment=assessment, criterion=narrowed, said=Said(note="mine"), read_revision=0, by=bob, at=NOON)

    with pytest.raises(AnsweredMeanwhile):
        accept_draft(assessment=assessment, criterion=widened, by=alice, at=NOON)
    answer = accept_draft(assessment=assessment, criterion=narrowed, by=alice, at=NOON)

    assert ratings_of(assessment)[widened.code] == "none"
    assert (answer.rating, answer.note, answer.revision) == ("largely", "mine", 2)


def test_drafts_are_not_taken_over_once_the_assessment_is_closed(last_cycle, alice, origins):
    assessment = bridged(last_cycle, alice)
    criterion = criterion_of(assessment, origins["widened"].code)
    Assessment.objects.filter(pk=assessment.pk).update(state=Assessment.State.FINAL)

    for act in (accept_draft, dismiss_draft, restore_draft):
        with pytest.raises(Closed):
            act(assessment=assessment, criterion=criterion, by=alice, at=NOON)


def test_what_was_drafted_is_told_as_it_was_whatever_is_answered_since(last_cycle, alice, origins):
    assessment = bridged(last_cycle, alice)
    then = crossings_of(assessment, drafts_of(assessment))

    accept_draft(assessment=assessment, criterion=criterion_of(assessment, origins["widened"].code), by=alice, at=NOON)
    same = criterion_of(assessment, origins["same"].code)
    save_answer(assessment=assessment, criterion=same, said=Said("none"), read_revision=1, by=alice, at=NOON)

    assert crossings_of(assessment, drafts_of(assessment)) == then
    assert next(row.words for row in then if row.code == same.code) == Words("largely")


# pages


def address(name, assessment, **more):
    return reverse(name, kwargs={"organization_slug": assessment.organization.slug, "assessment_id": assessment.pk, **more})


def test_an_owner_continues_in_the_newer_edition_and_sees_what_became_of_it(last_cycle, as_alice, questionnaires):
    assert address("continue_assessment", last_cycle) in as_alice.get(last_cycle.get_absolute_url()).content.decode()
    page = as_alice.get(address("continue_assessment", last_cycle))
    assert page.context["total"] == len(questionnaires[NEW].criterion_by_code)

    response = as_alice.post(address("continue_assessment", last_cycle), {"name": "2026", "prepare_first": "on"})

    assessment = Assessment.objects.get(derived_from=last_cycle)
    assert assessment.state == Assessment.State.PREPARING
    assert response.url == address("bridge", assessment)
    page = as_alice.get(response.url)
    assert (
        sum(row["count"] for row in page.context["rows"]) == page.context["total"] == len(questionnaires[NEW].criterion_by_code)
    )
    scores = [row["score"] for row in page.context["scores"]]
    assert len(scores) == 4
    assert scores[0] > scores[2] > scores[1] == scores[3]
    found = page.context["trend"]
    assert found.by_standard + found.by_enterprise == found.change
    assert {row["criterion"].code for row in page.context["dropped"]} == {
        c.code for c in questionnaires[OLD].criterion_by_code.values() if c.dropped
    }


def test_asking_twice_makes_one(last_cycle, as_alice):
    for _ in range(2):
        as_alice.post(address("continue_assessment", last_cycle), {"name": "2026"})

    assert Assessment.objects.filter(derived_from=last_cycle).count() == 1


def test_there_is_no_bridge_from_the_edition_in_force(assessment, as_alice):
    assert as_alice.get(address("continue_assessment", assessment)).status_code == 404
    assert as_alice.get(address("bridge", assessment)).status_code == 404


def test_the_answer_page_shows_the_proposal_and_one_click_takes_it_over(
    last_cycle, alice, as_alice, origins, django_assert_max_num_queries
):
    widened = origins["widened"]
    assessment = bridged(last_cycle, alice)
    item = address("answer_item", assessment, item_code=widened.code.split(".")[0])
    as_alice.get(item)
    with django_assert_max_num_queries(12):
        page = as_alice.get(item).content.decode()
    assert f"answers/{widened.code}/draft/" in page

    response = as_alice.post(address("settle_draft", assessment, criterion_code=widened.code), {"outcome": "accept"})

    assert response.status_code == 302
    assert ratings_of(assessment)[widened.code] == "largely"
    assert f"answers/{widened.code}/draft/" not in as_alice.get(item).content.decode()


def test_a_dismissed_proposal_is_gone_and_comes_back(last_cycle, alice, as_alice, origins):
    code = origins["widened"].code
    assessment = bridged(last_cycle, alice)
    item = address("answer_item", assessment, item_code=code.split(".")[0])
    settle = address("settle_draft", assessment, criterion_code=code)

    as_alice.post(settle, {"outcome": "dismiss"})
    assert f"answers/{code}/draft/" not in as_alice.get(item).content.decode()
    as_alice.post(settle, {"outcome": "restore"})

    assert f"answers/{code}/draft/" in as_alice.get(item).content.decode()
    assert code not in ratings_of(assessment)


def test_nonsense_about_a_proposal_is_not_found(last_cycle, alice, as_alice, origins):
    assessment = bridged(last_cycle, alice)

    assert (
        as_alice.post(address("settle_draft", assessment, criterion_code=origins["widened"].code), {"outcome": "x"}).status_code
        == 404
    )
    assert (
        as_alice.post(address("settle_draft", assessment, criterion_code="XX9.9.9"), {"outcome": "accept"}).status_code == 404
    )


def test_who_may_only_look_sees_proposals_but_settles_none(last_cycle, alice, bob, client, origins):
    assessment = bridged(last_cycle, alice)
    client.force_login(bob)
    code = origins["widened"].code

    page = client.get(address("answer_item", assessment, item_code=code.split(".")[0])).content.decode()

    assert 'class="draft"' in page
    assert "/draft/" not in page
    assert client.post(address("settle_draft", assessment, criterion_code=code), {"outcome": "accept"}).status_code == 403


def test_a_guest_of_the_newer_alone_sees_nothing_of_the_older(last_cycle, alice, rita, engagement, acme, client):
    assessment = bridged(last_cycle, alice)
    engagement.covers_all = False
    with scope(organization=acme):
        engagement.save(update_fields=["covers_all"])
        EngagementScope.objects.create(organization=acme, engagement=engagement, assessment=assessment)
    client.force_login(rita)

    page = client.get(address("bridge", assessment))

    assert page.status_code == 200
    assert last_cycle.name not in page.content.decode()
    assert page.context["source"] is None
    assert "trend" not in page.context


def test_the_bridge_page_costs_the_same_however_much_was_drafted(acme, alice, as_alice, last_cycle):
    empty = begin(acme, alice, code=OLD, name="empty")
    few, many = bridged(empty, alice), bridged(last_cycle, alice)
    as_alice.get(address("bridge", few))

    counts = []
    for row in (few, many):
        with CaptureQueriesContext(connection) as found:
            as_alice.get(address("bridge", row))
        counts.append(len(found))

    assert counts[0] == counts[1]
