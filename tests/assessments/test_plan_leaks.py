"""What an attacker tries with the improvement plan: proof that is not theirs to see, forged fields, closing alone."""

import pytest
from django.urls import reverse
from django_scopes import scope

from assessments.models import ActionClosing, ActionProof, Evidence, ImprovementAction
from assessments.operations.engagement_scope import set_scope
from assessments.operations.evidence import Address, Description, add_evidence
from assessments.operations.planning import add_action, add_proof, ask_to_close
from assessments.queries.planning import preview_closing
from organizations.operations.engagement import end_engagement
from tests.assessments.test_guests import as_user
from tests.conftest import NOON, begin

SECRET, PLACE = "Quizzical minutes", "Quizzical page 7"


def evidence_of(organization, by, title=SECRET):
    address = Address("https://a.example/x")
    return add_evidence(organization=organization, description=Description(title=title), content=address, by=by, at=NOON)


@pytest.fixture
def piece(in_acme, alice):
    return evidence_of(in_acme, alice)


@pytest.fixture
def waiting(assessment, piece, eve):
    """An action that Eve says is done, with one piece of proof."""
    action = add_action(assessment=assessment, title="Write it", codes=["DS1.1.1"], by=eve, at=NOON)
    add_proof(action=action, evidence=piece, place=PLACE, by=eve, at=NOON)
    return ask_to_close(action=action, by=eve, at=NOON)


def at(name, assessment, *parts):
    return reverse(name, args=[assessment.organization.slug, assessment.pk, *parts])


def pages(waiting, assessment):
    yield at("action", assessment, waiting.action_id)
    yield at("decide_closing", assessment, waiting.pk)


@pytest.mark.parametrize("change", [{"confidentiality": "confidential"}, {"removed_at": NOON}])
def test_of_hidden_proof_a_guest_reads_neither_title_nor_place(waiting, assessment, piece, lena, engagement, change):
    Evidence.objects.filter(pk=piece.pk).update(**change)
    client = as_user(lena)

    for path in (*pages(waiting, assessment), at("plan_csv", assessment)):
        assert "Quizzical" not in client.get(path).content.decode("utf-8-sig")


def test_who_confirms_opens_the_proof_in_a_narrowed_scope_too(waiting, assessment, piece, lena, alice, engagement):
    """A library piece that is linked to nothing covered, but proves an action of a plan that is."""
    link, client = reverse("evidence", args=["acme", piece.pk]), as_user(lena)
    set_scope(engagement=engagement, covers_all=False, assessments=[assessment], by=alice, at=NOON)

    assert client.get(link).status_code == 200
    assert all(link in client.get(path).content.decode() for path in pages(waiting, assessment))


@pytest.mark.parametrize("change", [{"confidentiality": "confidential"}, {"removed_at": NOON}, None])
def test_hidden_proof_and_that_of_a_removed_action_is_no_link(waiting, assessment, piece, lena, alice, engagement, change):
    link, client = reverse("evidence", args=["acme", piece.pk]), as_user(lena)
    set_scope(engagement=engagement, covers_all=False, assessments=[assessment], by=alice, at=NOON)
    if change:
        Evidence.objects.filter(pk=piece.pk).update(**change)
    else:
        ImprovementAction.objects.update(removed_at=NOON)

    assert client.get(link).status_code == 404
    for path in pages(waiting, assessment):
        page = client.get(path).content.decode()
        assert (link in page, SECRET in page) == (False, False)


def test_proof_of_a_plan_outside_the_scope_is_not_found(waiting, assessment, acme, piece, lena, alice, engagement):
    other = begin(acme, alice, name="Another")
    set_scope(engagement=engagement, covers_all=False, assessments=[other], by=alice, at=NOON)

    assert as_user(lena).get(reverse("evidence", args=["acme", piece.pk])).status_code == 404


def confirm(person, assessment, closing, **more):
    after = preview_closing(closing.action).after.exact
    form = {"outcome": "confirm", "after": after} | more
    return as_user(person).post(at("decide_closing", assessment, closing.pk), form).status_code


def test_nobody_closes_their_own_or_without_the_right(waiting, assessment, eve, bob, alice, globex, charlie, otto, engagement):
    assert [confirm(person, assessment, waiting) for person in (eve, bob, otto, charlie)] == [403, 403, 403, 404]
    for status in ("closed", "closing"):
        as_user(eve).post(at("set_action_status", assessment, waiting.action_id), {"status": status})
    waiting.action.refresh_from_db()
    assert waiting.action.status == "closing"
    assert confirm(alice, assessment, waiting, asked_by=bob.pk) == 302
    assert [confirm(alice, assessment, waiting) for _try in range(2)] == [422, 422]
    assert ActionClosing.objects.filter(outcome="confirmed").count() == 1


def test_who_asked_does_not_confirm_as_a_guest_either(assessment, piece, lena, eve, dora, alice, engagement, in_acme):
    """Dora asks; the same person confirms neither as a coordinator nor with forged fields."""
    action = add_action(assessment=assessment, title="Write it", codes=["DS1.1.1"], by=dora, at=NOON)
    add_proof(action=action, evidence=piece, by=dora, at=NOON)
    closing = ask_to_close(action=action, by=dora, at=NOON)

    assert confirm(dora, assessment, closing, asked_by=eve.pk, alone="on") == 422
    action.refresh_from_db()
    assert action.status == "closing"


def test_after_the_engagement_nothing_is_decided(waiting, assessment, alice, lena, engagement):
    end_engagement(engagement=engagement, by=alice, at=NOON)

    assert confirm(lena, assessment, waiting) == 404


def test_a_closing_of_another_assessment_is_not_found_here(waiting, assessment, acme, alice, lena, engagement):
    other = begin(acme, alice, name="Other")
    set_scope(engagement=engagement, covers_all=False, assessments=[other], by=alice, at=NOON)

    for where in (assessment, other):
        assert confirm(lena, where, waiting) == 404
        assert as_user(lena).get(at("action", where, waiting.action_id)).status_code == 404
    assert as_user(alice).post(at("withdraw_closing", other, waiting.pk)).status_code == 404


def test_a_plan_takes_nothing_from_elsewhere(assessment, acme, globex, alice, charlie, lena, data_office):
    other, theirs = begin(acme, alice, name="Other"), begin(globex, charlie)
    with scope(organization=globex):
        foreign = add_action(assessment=theirs, title="Theirs", by=charlie, at=NOON)
        evidence = evidence_of(globex, charlie, "Theirs")
    with scope(organization=acme):
        own = add_action(assessment=assessment, title="Own", by=alice, at=NOON)
        for _n in range(3):
            elsewhere = add_action(assessment=other, title="Elsewhere", by=alice, at=NOON)
    client = as_user(alice)
    good = {"title": "Changed", "days": 1, "weeks": 1, "revision": 1}

    for wrong in ({"needs": "3"}, {"owner": charlie.pk}, {"owner": lena.pk}, {"department": 10**9}, {"codes": ["X1.1.1"]}):
        assert client.post(at("edit_action", assessment, own.pk), good | wrong).status_code == 422
    assert client.post(at("merge_actions", assessment), {"number": ["1", "3"], "title": "M"}).status_code == 422
    assert client.post(at("prove_action", assessment, own.pk), {"evidence": evidence.pk}).status_code == 422
    for row in (foreign, elsewhere):
        assert client.post(at("set_action_status", assessment, row.pk), {"status": "doing"}).status_code == 404
        assert client.get(at("plan", assessment), {"removed": row.pk, "merged": row.pk}).status_code == 200
    client.post(at("switch_actions", assessment), {"shown": "1,2,3", "on": "2,3"})
    forged = {"status": "closed", "number": 9, "is_on": "", "assessment": other.pk, "organization": globex.pk, "made_by": 1}
    assert client.post(at("edit_action", assessment, own.pk), good | forged).status_code == 302
    with scope(organization=acme):
        own.refresh_from_db()
        assert (own.title, own.status, own.number, own.assessment, own.made_by) == ("Changed", "open", 1, assessment, alice)
        assert set(ImprovementAction.objects.filter(assessment=other).values_list("is_on", flat=True)) == {True}
        assert not ActionProof.objects.exists()
