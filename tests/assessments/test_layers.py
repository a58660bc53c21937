"""Self-assessment, consultant and panel side by side, and the difference criterion by criterion."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.models import Answer, Layer, Verdict
from assessments.operations.reviewing import Judged, JudgedMeanwhile, save_verdict
from assessments.queries.layers import columns_of, differences, layer_ratings, verdicts_of
from assessments.scoring import score, score_item
from assessments.states import State
from organizations.models import Organization, TeamRole
from organizations.operations.membership import found_organization
from tests.assessments.reviews import AGREE, MORE, adjust, criterion_of, judge, say
from tests.assessments.test_lifecycle import answer_all, put
from tests.conftest import NOON, begin, engage


@pytest.fixture
def reviewed(assessment, alice, engagement, in_acme):
    answer_all(assessment, alice)
    return put(assessment, State.IN_REVIEW)


def own_ratings(assessment):
    return dict(Answer.objects.filter(assessment=assessment).values_list("criterion__code", "rating"))


def by_panel(assessment, engagement, code, rating, by):
    answer = Answer.objects.get(assessment=assessment, criterion__code=code)
    return save_verdict(
        engagement=engagement, assessment=assessment, criterion=criterion_of(assessment, code), layer=Layer.PANEL,
        judged=Judged(Verdict.Kind.ADJUST, rating, "other", "Settled by the panel."), answer_revision=answer.revision,
        read_revision=0, by=by, at=NOON,
    )  # fmt: skip


def test_the_layers_lie_over_each_other_and_never_overwrite(reviewed, engagement, rita, lena):
    own = own_ratings(reviewed)
    adjust(reviewed, engagement, "DS1.1.1", "none", rita)
    adjust(reviewed, engagement, "DS1.1.2", "none", rita)
    by_panel(reviewed, engagement, "DS1.1.2", "partly", lena)

    layers = layer_ratings(reviewed, engagement)

    assert own_ratings(reviewed) == layers[Layer.SELF] == own
    assert layers[Layer.CONSULTANT] == {**own, "DS1.1.1": "none", "DS1.1.2": "none"}
    assert layers[Layer.PANEL] == {**own, "DS1.1.1": "none", "DS1.1.2": "partly"}


def test_the_last_verdict_on_a_criterion_is_that_of_the_highest_layer(reviewed, engagement, rita, lena):
    by_panel(reviewed, engagement, "DS1.1.2", "partly", lena)
    by_panel(reviewed, engagement, "DS1.1.1", "partly", lena)
    judge(reviewed, engagement, "DS1.1.1", AGREE, rita, read=0)

    verdicts = verdicts_of(reviewed, [engagement])

    assert [(row.criterion.code, row.layer) for row in verdicts] == [
        ("DS1.1.1", Layer.CONSULTANT), ("DS1.1.1", Layer.PANEL), ("DS1.1.2", Layer.PANEL),
    ]  # fmt: skip


def test_what_asks_for_more_or_is_open_again_shows_the_layer_below(reviewed, engagement, alice, rita):
    judge(reviewed, engagement, "DS1.1.1", MORE, rita, note="Which?")
    adjust(reviewed, engagement, "DS1.1.2", "none", rita)
    say(reviewed, "DS1.1.2", "full", alice)

    layers = layer_ratings(reviewed, engagement, "DS1")

    assert layers[Layer.CONSULTANT] == layers[Layer.SELF]


@pytest.mark.parametrize("method", ["staircase_080", "nplf", "strict_floor"])
def test_each_column_is_what_the_engine_gives(reviewed, engagement, rita, lena, method):
    type(reviewed).objects.filter(pk=reviewed.pk).update(method=method)
    reviewed.refresh_from_db()
    for code in ("DS1.1.1", "DS1.1.2", "DG2.1.1"):
        adjust(reviewed, engagement, code, "none", rita)
    by_panel(reviewed, engagement, "DS1.1.1", "partly", lena)

    columns = columns_of(reviewed, [engagement])

    layers = layer_ratings(reviewed, engagement)
    assert [(column.layer, column.judged) for column in columns] == [("self", 0), ("consultant", 3), ("panel", 1)]
    for column in columns:
        assert column.result == score(reviewed.questionnaire, layers[column.layer], method)


def test_each_difference_has_its_reason_and_its_exact_effect(reviewed, engagement, rita):
    adjust(reviewed, engagement, "DS1.1.1", "none", rita, note="Nothing is written down.")
    adjust(reviewed, engagement, "DS1.1.2", "partly", rita)
    judge(reviewed, engagement, "DS1.2.1", AGREE, rita)
    own, consultant = columns_of(reviewed, [engagement])

    (part,) = differences(reviewed, own, consultant, verdicts_of(reviewed, [engagement]))

    item, method = reviewed.questionnaire.item_by_code["DS1"], own.result.method
    before = own_ratings(reviewed)
    alone = score_item(item, {**before, "DS1.1.1": "none"}, method).score - score_item(item, before, method).score
    assert [(row.code, row.own, row.rating, row.verdict.note) for row in part.rows] == [
        ("DS1.1.1", "full", "none", "Nothing is written down."),
        ("DS1.1.2", "largely", "partly", "The record covers one system only."),
    ]
    assert part.rows[0].effect == alone < 0
    both = {**before, "DS1.1.1": "none", "DS1.1.2": "partly"}
    assert part.moved == score_item(item, both, method).score - score_item(item, before, method).score


def test_policy_actions_have_layers_without_levels(acme, alice, engagement, rita, in_acme):
    assessment = begin(acme, alice, "policy-actions")
    answer_all(assessment, alice)
    put(assessment, State.IN_REVIEW)
    code = assessment.questionnaire.items[0].code  # rated 4
    adjust(assessment, engagement, code, "1", rita)
    own, consultant = columns_of(assessment, [engagement])

    (part,) = differences(assessment, own, consultant, verdicts_of(assessment, [engagement]))

    assert (part.before, part.after, part.rows[0].effect) == (4, 1, -3)
    assert own.result.level is None


def test_members_see_each_firms_column_apart(as_alice, client, reviewed, engagement, acme, alice, rita, charlie):
    kind = Organization.Kind.CONSULTANCY
    oak = found_organization(name="Oak", slug="oak", kind=kind, by=charlie, at=NOON)
    other = engage(acme, oak, alice, [(charlie, TeamRole.LEAD)])
    adjust(reviewed, engagement, "DS1.1.1", "none", rita, note="Sage says so.")
    adjust(reviewed, other, "DS1.1.1", "partly", charlie, note="Oak says so.")
    put(reviewed, State.FINAL)

    page = as_alice.get(reverse("layers", args=["acme", reviewed.pk])).content.decode()

    assert page.count("Sage") >= 1
    assert "Sage says so." in page
    assert "Oak says so." in page


def test_the_page_costs_the_same_with_much_on_it(client, reviewed, engagement, rita, django_assert_num_queries):
    client.force_login(rita)
    place = reverse("layers", args=["acme", reviewed.pk])
    adjust(reviewed, engagement, "DS1.1.1", "none", rita)
    client.get(place)
    with CaptureQueriesContext(connection) as one:
        client.get(place)
    for criterion in reviewed.questionnaire.item_by_code["DS1"].criteria[1:]:
        adjust(reviewed, engagement, criterion.code, "none", rita)

    with django_assert_num_queries(len(one)):
        assert client.get(place).status_code == 200


def test_a_verdict_over_one_that_never_was_is_refused(reviewed, engagement, rita):
    with pytest.raises(JudgedMeanwhile) as refused:
        judge(reviewed, engagement, "DS1.1.1", AGREE, rita, read=4)

    assert refused.value.current is None
