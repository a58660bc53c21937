import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from assessments.models import Answer, Layer, Standing, Verdict
from assessments.operations.answering import Said, save_answer, undo_answer
from assessments.operations.editing import edit_assessment
from assessments.operations.standings import refresh_all, refresh_standings
from assessments.operations.taking_over import take_over_item, undo_take_over
from assessments.queries.answering import previous_answers
from assessments.queries.criteria import criteria_by_code
from assessments.queries.layers import counts, layer_ratings
from assessments.scoring import ANCHORS, RATINGS, hundredths, score
from questionnaires.loading import load_packages
from questionnaires.schema import rated_codes
from tests.conftest import NOON, begin, engage

GRADED = (*RATINGS, "")
METHODS = ("staircase_080", "nplf", "strict_floor")


def said(rating):
    return Said(rating, "other", "because") if rating == "na" else Said(rating)


def kept(assessment, engagement=None, layer=Layer.SELF):
    rows = Standing.objects.filter(assessment=assessment, engagement=engagement, layer=layer)
    assert not rows.exclude(organization=assessment.organization).exists()
    return {row.part: (row.kind, row.score, row.exact, row.level, row.answered, row.total) for row in rows}


def computed(assessment, engagement=None, layer=Layer.SELF):
    """The same from the stored answers, by the engine's own way from ratings to total."""
    questionnaire = assessment.questionnaire
    ratings = layer_ratings(assessment, engagement)[layer]
    result = score(questionnaire, ratings, assessment.method or None)
    settled = set(ratings) if layer == Layer.SELF else judged(assessment, engagement, layer)
    items, domains = ({part.code: part for part in parts} for parts in (result.items, result.domains))
    parts = {}
    for domain in questionnaire.domains:
        for item in domain.items:
            parts[item.code] = ("item", *line(items.get(item.code)), *tally(rated_codes(item), settled))
        codes = [code for item in domain.items for code in rated_codes(item)]
        parts[domain.code] = ("domain", *line(domains.get(domain.code)), *tally(codes, settled))
    parts[""] = ("whole", *line(result if result.score is not None else None), *tally(questionnaire.item_of, settled))
    return parts


def judged(assessment, engagement, layer):
    revisions = dict(Answer.objects.filter(assessment=assessment).values_list("criterion__code", "revision"))
    rows = Verdict.objects.filter(assessment=assessment, engagement=engagement, layer=layer).select_related("criterion")
    return {row.criterion.code for row in rows if counts(row, revisions.get(row.criterion.code, 0))}


def line(part):
    return (None, "", None) if part is None else (hundredths(part.score), str(part.score), part.level)


def tally(codes, settled):
    return sum(code in settled for code in codes), len(list(codes))


def answer(assessment, criterion, rating, by):
    row = Answer.objects.filter(assessment=assessment, criterion=criterion).first()
    read = row.revision if row else 0
    return save_answer(assessment=assessment, criterion=criterion, said=said(rating), read_revision=read, by=by, at=NOON)


def judge(assessment, engagement, criterion, rating, layer=Layer.CONSULTANT, kind="agree", revision=None):
    row = Answer.objects.filter(assessment=assessment, criterion=criterion).first()
    values = {"kind": kind, "rating": rating, "reason": "other", "note": "seen"}
    Verdict.objects.update_or_create(
        assessment=assessment, engagement=engagement, layer=layer, criterion=criterion,
        defaults={
            "organization": assessment.organization, "decided_at": NOON, **values,
            "answer_revision": revision if revision is not None else (row.revision if row else 0),
        },
    )  # fmt: skip
    with transaction.atomic():
        refresh_standings(assessment, [criterion.item])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("code", ["gbt36073-2025", "gbt36073-2018", "policy-actions"])
def test_standings_are_what_the_engine_computes_whatever_was_done(in_acme, acme, alice, engagement, code, method, seed):
    chance, assessment = random.Random(f"{code} {method} {seed}"), begin(acme, alice, code)
    anchors = code == "policy-actions"
    if not anchors:
        assessment = _with_method(assessment, method, alice)
    items = chance.sample(assessment.questionnaire.items, 4)
    criteria = [criteria_by_code(assessment.version)[code] for item in items for code in rated_codes(item)]

    for _ in range(40):
        criterion, rating = chance.choice(criteria), chance.choice([*ANCHORS, "na", ""] if anchors else GRADED)
        layer = chance.choice([Layer.CONSULTANT, Layer.PANEL])
        kind = "more" if rating == "" else "adjust"
        act = chance.randrange(5)
        if act == 0:
            judge(assessment, engagement, criterion, rating, layer, kind)
        elif act == 1 and not anchors:
            assessment = _with_method(assessment, chance.choice(METHODS), alice)
        else:
            answer(assessment, criterion, rating, alice)

    assert kept(assessment) == computed(assessment)
    for layer in (Layer.CONSULTANT, Layer.PANEL):
        assert kept(assessment, engagement, layer) in ({}, computed(assessment, engagement, layer))
    assert kept(assessment, engagement, Layer.CONSULTANT) or kept(assessment, engagement, Layer.PANEL)


def _with_method(assessment, method, by):
    return edit_assessment(
        assessment=assessment, name=assessment.name, department=None, period_from=None, period_until=None,
        target=assessment.target, method=method, by=by, at=NOON,
    )  # fmt: skip


def test_an_assessment_stands_from_its_first_moment(in_acme, assessment):
    assert kept(assessment) == computed(assessment)
    assert kept(assessment)[""] == ("whole", 0, "0", 1, 0, len(assessment.questionnaire.item_of))


def test_an_item_and_a_domain_without_anything_applicable_have_no_score(in_acme, assessment, alice):
    domain = assessment.questionnaire.domains[0]
    criteria = criteria_by_code(assessment.version)

    for item in domain.items:
        for code in rated_codes(item):
            answer(assessment, criteria[code], "na", alice)

    assert kept(assessment) == computed(assessment)
    assert kept(assessment)[domain.code][1:4] == (None, "", None)


def test_an_edit_takes_the_verdict_out_of_its_layer(in_acme, assessment, engagement, alice):
    criterion = criteria_by_code(assessment.version)["DS1.1.1"]
    answer(assessment, criterion, "full", alice)
    judge(assessment, engagement, criterion, "none", kind="adjust")
    before = kept(assessment, engagement, Layer.CONSULTANT)

    answer(assessment, criterion, "largely", alice)

    after = kept(assessment, engagement, Layer.CONSULTANT)
    assert (before["DS1"][4], after["DS1"][4]) == (1, 0)
    assert before["DS1"][2] != after["DS1"][2] == kept(assessment)["DS1"][2]


def test_a_layer_whose_verdicts_are_gone_stands_no_more(in_acme, assessment, engagement):
    judge(assessment, engagement, criteria_by_code(assessment.version)["DS1.1.1"], "full")
    Verdict.objects.all().delete()

    with transaction.atomic():
        refresh_standings(assessment)

    assert set(Standing.objects.values_list("layer", flat=True)) == {"self"}


def test_the_layers_of_two_engagements_are_apart(in_acme, acme, alice, assessment, engagement, charlie, globex):
    globex.kind = "consultancy"
    globex.save()
    other = engage(acme, globex, alice, [(charlie, "lead")])
    criteria = criteria_by_code(assessment.version)

    judge(assessment, engagement, criteria["DS1.1.1"], "full")
    judge(assessment, other, criteria["DG1.1.1"], "full")

    for one in (engagement, other):
        assert kept(assessment, one, Layer.CONSULTANT) == computed(assessment, one, Layer.CONSULTANT)
    assert kept(assessment, engagement, Layer.CONSULTANT) != kept(assessment, other, Layer.CONSULTANT)


def test_undo_and_taking_over_refresh_them(in_acme, acme, alice):
    last = begin(acme, alice, name="2025")
    criteria = criteria_by_code(last.version)
    answer(last, criteria["DS1.1.1"], "full", alice)
    assessment = begin(acme, alice, name="2026")

    before = previous_answers(assessment, "DS1")
    about = {"assessment": assessment, "item_code": "DS1", "by": alice, "at": NOON}
    take_over_item(previous=before, allowed={"DS1.1.1": ("full",)}, **about)
    assert kept(assessment) == computed(assessment)
    assert kept(assessment)[""][4] == 1

    undo_take_over(**about)
    assert kept(assessment) == computed(assessment)
    assert kept(assessment)[""][4] == 0

    answer(assessment, criteria["DS1.1.1"], "partly", alice)
    row = answer(assessment, criteria["DS1.1.1"], "full", alice)
    first = row.revisions.get(revision=row.revision - 1)
    undo_answer(assessment=assessment, criterion=criteria["DS1.1.1"], to=first, read_revision=row.revision, by=alice, at=NOON)
    assert kept(assessment) == computed(assessment)


def test_a_save_reads_once_and_writes_what_changed(in_acme, assessment, alice):
    criterion = criteria_by_code(assessment.version)["DS1.1.1"]
    answer(assessment, criterion, "full", alice)

    with CaptureQueriesContext(connection) as queries:
        answer(assessment, criterion, "none", alice)

    about = [query["sql"] for query in queries if "assessments_standing" in query["sql"]]
    assert len(about) == 2  # the sources; item, domain and whole in one statement


def test_what_is_missing_is_computed(in_acme, acme, alice, globex, charlie):
    mine, theirs = begin(acme, alice), begin(globex, charlie)
    with scope(organization=globex):
        Standing.objects.all().delete()
    Standing.objects.filter(assessment=mine, part="DS1").update(score=499)

    assert refresh_all() == 1
    with scope(organization=globex):
        assert kept(theirs) == computed(theirs)
    assert kept(mine)["DS1"][1] == 499  # it was there

    call_command("refresh_standings")
    assert kept(mine) == computed(mine)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(3))
def test_people_who_save_at_once_leave_the_right_standing(acme, alice, packages, round_):
    load_packages([*packages[0], packages[1]], at=NOON)  # a test with transactions of its own empties every table
    assessment = begin(acme, alice)
    questionnaire, criteria = assessment.questionnaire, criteria_by_code(assessment.version)
    item = questionnaire.items[round_]

    def save(code):
        chance = random.Random(code)
        try:
            with scope(organization=acme):
                for _ in range(5):
                    answer(assessment, criteria[code], chance.choice(["full", "largely", "partly", "none"]), alice)
        finally:
            connections.close_all()

    codes = [*rated_codes(item), *rated_codes(questionnaire.items[-1])]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(save, codes))

    with scope(organization=acme):
        assert kept(assessment) == computed(assessment)
        assert kept(assessment)[""][4] == len(codes)
