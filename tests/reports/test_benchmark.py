import random
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import ScopeError, scope

from assessments.models import Answer, Assessment, Standing
from assessments.operations.standings import refresh_standings
from assessments.queries.answers import ratings_of
from assessments.scoring import score
from organizations.models import Membership, Organization, Role, User
from organizations.operations.membership import add_member, found_organization
from questionnaires.models import Criterion
from reports.comparisons.benchmark import (
    LEAST,
    WHOLE,
    Entry,
    figures,
    frozen_groups,
    holders_of,
    keys_of,
    may_be_shown,
    others,
    percentile,
    step_of,
)
from reports.comparisons.contributions import contributions, groups_for
from reports.models import BenchmarkGroup
from reports.operations.benchmarking import freeze_groups, quarter_of
from tests.conftest import NOON, begin

CODE = "gbt36073-2025"
NEXT_QUARTER = datetime(2027, 1, 5, 4, 0, tzinfo=UTC)
FINANCE = {"industry": "finance", "size": "large", "region": "33"}


def entry(pk, value=3, owner=None, seen_by=(), place=None, revision=1):
    return Entry(
        organization=pk,
        assessment=pk,
        revision=revision,
        owners=frozenset({owner or 1000 + pk}),
        seen_by=frozenset(seen_by),
        place=place or FINANCE,
        scores={WHOLE: Fraction(value)},
    )


def members(count, **options):
    return [entry(pk, Fraction(100 + 7 * pk, 60), **options) for pk in range(1, count + 1)]


def page(group, reader):
    """Everything that a reader is told about a group."""
    rest = others(group, reader.organization, reader.owners)
    if not may_be_shown(rest):
        return None
    values = [row.scores[WHOLE] for row in rest]
    return figures(values), percentile(values, reader.scores[WHOLE]), step_of(len(rest))


# below the threshold


def test_eight_others_are_enough_and_seven_are_not():
    assert page(members(LEAST + 1), entry(1)) is not None
    assert page(members(LEAST), entry(1)) is None


def test_enterprises_of_one_owner_count_as_one_and_weigh_together():
    one_owner = [entry(pk, owner=7) for pk in range(1, 9)]
    assert not may_be_shown(one_owner)
    assert len(set(holders_of(one_owner).values())) == 1

    rest = [entry(pk) for pk in range(10, 18)]
    assert may_be_shown(rest)
    assert may_be_shown([entry(1, owner=7), entry(2, owner=7), *rest])  # 2 of 10
    assert not may_be_shown([*one_owner[:3], *rest])  # 3 of 11 are more than a quarter


def test_owners_who_share_enterprises_by_way_of_others_are_one_holder():
    chain = [Entry(n, n, 1, frozenset({n, n + 1}), frozenset(), FINANCE, {WHOLE: Fraction(3)}) for n in range(1, 6)]

    assert len(set(holders_of(chain).values())) == 1
    assert len(set(holders_of(reversed(chain)).values())) == 1


def test_everything_that_belongs_to_the_reader_is_left_out():
    group = [*members(9), entry(20, owner=1001)]  # 20 belongs to the owner of 1

    assert {row.organization for row in others(group, 1, frozenset({1001}))} == set(range(2, 10))
    assert {row.organization for row in others(group, 99, frozenset({1005}))} == {1, 2, 3, 4, 6, 7, 8, 9, 20}


def test_a_group_that_one_consultancy_mostly_sees_is_not_shown():
    rest = [entry(pk) for pk in range(10, 14)]

    assert may_be_shown([*(entry(pk, seen_by=(5,)) for pk in range(1, 5)), *rest])  # half
    assert not may_be_shown([*(entry(pk, seen_by=(5,)) for pk in range(1, 6)), *rest])


# singling out


@pytest.mark.parametrize("count", [8, 9, 11, 12, 15, 40])
def test_no_figure_is_the_value_of_one_enterprise(count):
    """An enterprise that moves alone never moves a quartile by more than a third of it."""
    values = [Fraction(n * 5, count) for n in range(count)]
    for place in range(count):
        moved = figures(values[:place] + [values[place] + Fraction(3, 100)] + values[place + 1 :])
        for before, after in zip(vars(figures(values)).values(), vars(moved).values(), strict=True):
            assert abs(after - before) <= Fraction(1, 10)


def test_figures_are_told_in_tenths_and_counts_in_steps():
    found = figures([Fraction(n, 7) for n in range(8, 17)])

    assert all((value * 10).denominator == 1 for value in vars(found).values())
    assert [step_of(n) for n in (8, 12, 13, 17, 18)] == [(8, 12), (8, 12), (13, 17), (13, 17), (18, 22)]
    assert {percentile([Fraction(n) for n in range(9)], Fraction(own, 2)) % 10 for own in range(20)} == {0}


def test_a_quartile_of_many_lies_where_it_should():
    found = figures([Fraction(n, 100) for n in range(501)])

    assert (found.low, found.middle, found.high) == (Fraction(13, 10), Fraction(25, 10), Fraction(38, 10))


def test_two_readers_who_put_their_pages_together_cannot_tell_whose_value_is_whose():
    """Whatever two members see: the others may have swapped their values among each other."""
    chance = random.Random(3)
    for _ in range(50):
        group = [entry(pk, Fraction(chance.randint(0, 500), 100)) for pk in range(1, 12)]
        a, b, *rest = group
        values = [row.scores[WHOLE] for row in rest]
        chance.shuffle(values)
        swapped = [a, b, *(entry(row.organization, value) for row, value in zip(rest, values, strict=True))]

        assert (page(group, a), page(group, b)) == (page(swapped, a), page(swapped, b))


def test_a_consultancy_that_knows_half_of_a_group_cannot_tell_the_others_apart():
    """With the pages of all its clients, and their values: any of the others may have any of the values that it doesn't know."""
    chance = random.Random(8)
    for _ in range(50):
        group = [entry(pk, Fraction(chance.randint(0, 500), 100), seen_by=(5,) if pk <= 5 else ()) for pk in range(1, 12)]
        clients, rest = group[:5], group[5:]
        values = [row.scores[WHOLE] for row in rest]
        chance.shuffle(values)
        swapped = [*clients, *(entry(row.organization, value) for row, value in zip(rest, values, strict=True))]

        assert page(group, clients[0]) is not None
        assert [page(group, row) for row in clients] == [page(swapped, row) for row in clients]


def test_a_combination_that_singles_somebody_out_is_not_shown():
    """Nine of finance, one of them small: large finance would be finance without that one."""
    for odd in (1, 2):
        small = [entry(50 + n, place=FINANCE | {"size": "small"}) for n in range(odd)]
        found = frozen_groups([*members(9), *small], {})
        assert found["industry:finance"].members
        assert found[""].members
        assert "industry:finance|size:large" not in found
        assert "size:large" not in found

    small = [entry(50 + n, place=FINANCE | {"size": "small"}) for n in range(3)]
    found = frozen_groups([*members(9), *small], {})
    assert len(found["industry:finance|size:large"].members) == 9


def test_a_combination_that_is_the_same_group_tells_nothing_more_and_is_shown():
    found = frozen_groups(members(9), {})

    assert {len(group.members) for group in found.values()} == {9}
    assert len(found) == 8


def test_groups_are_those_of_industry_size_and_region_and_their_combinations():
    assert len(keys_of(FINANCE)) == 8
    assert list(keys_of({"industry": "finance", "size": "", "region": ""}).values()) == ["", "industry:finance"]


# two days


def test_a_group_changes_by_three_or_not_at_all():
    first = frozen_groups(members(10), {})

    for joined in (1, 2):
        later = frozen_groups(members(10 + joined), first)
        assert later[""].members == first[""].members
    assert len(frozen_groups(members(13), first)[""].members) == 13


def test_one_who_improves_is_not_seen_to():
    first = frozen_groups(members(10), {})
    better = [entry(1, 5, revision=2), *members(10)[1:]]

    assert frozen_groups(better, first)[""].members == first[""].members


def test_after_one_left_the_group_is_withheld_rather_than_used_or_told_apart():
    first = frozen_groups(members(12), {})

    second = frozen_groups(members(11), first)
    assert second[""].members == ()
    third = frozen_groups(members(11), second)  # and not a quarter later either
    assert third[""].members == ()
    fourth = frozen_groups(members(9), third)  # three have left since it was shown
    assert len(fourth[""].members) == 9


def test_a_group_that_fell_below_the_threshold_does_not_come_back_with_one_changed():
    first = frozen_groups(members(9), {})
    gone = frozen_groups(members(5), first)
    assert gone[""].members == ()

    back = frozen_groups([*members(8), entry(77)], gone)  # 9 left, 77 joined

    assert back[""].members == ()


# the pages


@pytest.fixture
def peers(acme, alice):
    """Acme and nine other enterprises of finance, each with an owner of its own and a final; all take part."""
    rows = [acme, *(_enterprise(n) for n in range(9))]
    for n, row in enumerate(rows):
        Organization.objects.filter(pk=row.pk).update(benchmark_since=NOON, **FINANCE)
        row.refresh_from_db()
        _final(row, ("none", "partly", "largely", "full")[n % 4], n)
    return rows


def _enterprise(n):
    owner = User.objects.create_user(f"owner{n}@peer.example", name=f"Owner {n}")
    return found_organization(name=f"Peer {n}", slug=f"peer-{n}", by=owner, at=NOON)


def _final(organization, rating, n=0):
    with scope(organization=organization):
        owner = Membership.objects.filter(role=Role.OWNER).first().user
        assessment = begin(organization, owner, name="final")
        rows = Criterion.objects.filter(version=assessment.version)
        Answer.objects.bulk_create(
            Answer(
                organization=organization,
                assessment=assessment,
                criterion=row,
                rating=rating if row.position % 10 >= n else "full",
                answered_at=NOON,
            )
            for row in rows
        )
        Assessment.objects.filter(pk=assessment.pk).update(state=Assessment.State.FINAL)
        assessment.refresh_from_db()
        refresh_standings(assessment)
        return assessment


def final_of(organization):
    with scope(organization=organization):
        return Assessment.objects.get(name="final")


def look(client, organization, **query):
    return client.get(reverse("benchmark", args=[organization.slug, final_of(organization).pk]), query)


def test_a_group_that_is_large_enough_is_shown_with_its_definition_and_its_number_in_a_step(peers, acme, as_alice):
    assert freeze_groups(code=CODE, at=NOON)

    response = look(as_alice, acme)

    assert response.context["step"] == (8, 12)
    assert response.context["group"].quarter == "2026Q4"
    assert response.context["percentile"] % 10 == 0
    content = response.content.decode()
    assert "8–12" in content
    for row in peers[1:]:
        assert row.name not in content
    assert look(as_alice, acme, group="industry-size").status_code == 200


def test_below_the_threshold_the_page_is_that_of_no_group_at_all(peers, acme, as_alice):
    freeze_groups(code=CODE, at=NOON)
    nobody = _without_token(look_at_nothing(as_alice, acme))
    BenchmarkGroup.objects.all().delete()
    for row in peers[8:]:  # seven others are left
        Organization.objects.filter(pk=row.pk).update(benchmark_since=None)
    freeze_groups(code=CODE, at=NOON)

    assert _without_token(look(as_alice, acme)) == nobody
    for name in ("all", "industry", "industry-size", "nonsense"):
        assert look(as_alice, acme, group=name).status_code == 404


def look_at_nothing(client, organization):
    kept = list(BenchmarkGroup.objects.all())
    BenchmarkGroup.objects.all().delete()
    response = look(client, organization)
    BenchmarkGroup.objects.bulk_create(kept)
    return response


def _without_token(response):
    token = response.context["csrf_token"]
    return response.content.decode().replace(str(token), "")


def test_the_edge_of_the_threshold_in_the_database_is_not_shown_to_the_reader(peers, acme, as_alice):
    """Eight members are frozen, but without the reader there are seven."""
    for row in peers[8:]:
        Organization.objects.filter(pk=row.pk).update(benchmark_since=None)
    freeze_groups(code=CODE, at=NOON)

    assert len(BenchmarkGroup.objects.get(key="").members) == 8
    assert look(as_alice, acme).context["group"] is None


def test_only_who_takes_part_sees_a_benchmark(peers, acme, as_alice):
    freeze_groups(code=CODE, at=NOON)
    Organization.objects.filter(pk=acme.pk).update(benchmark_since=None)

    response = look(as_alice, acme)

    assert response.context["group"] is None
    assert not response.context["takes_part"]
    assert look(as_alice, acme, group="all").status_code == 404


def test_who_describes_itself_otherwise_sees_no_other_group(peers, acme, as_alice):
    freeze_groups(code=CODE, at=NOON)
    Organization.objects.filter(pk=acme.pk).update(industry="energy", region="11")
    acme.refresh_from_db()

    with scope(organization=acme):
        assert [group.name for group in groups_for(acme, CODE)] == ["all", "size"]


def test_within_a_quarter_nothing_moves_whoever_leaves_or_improves(peers, acme, as_alice):
    freeze_groups(code=CODE, at=NOON)
    before = _without_token(look(as_alice, acme))

    Organization.objects.filter(pk=peers[3].pk).update(benchmark_since=None)
    with scope(organization=peers[4]):
        Standing.objects.update(exact="5", score=500)
    assert not freeze_groups(code=CODE, at=NOON)

    assert _without_token(look(as_alice, acme)) == before


def test_the_next_quarter_honours_who_left(peers, acme, as_alice):
    freeze_groups(code=CODE, at=NOON)
    Organization.objects.filter(pk=peers[3].pk).update(benchmark_since=None)

    freeze_groups(code=CODE, at=NEXT_QUARTER)

    assert look(as_alice, acme).context["group"] is None
    assert not any(row["organization"] == peers[3].pk for group in BenchmarkGroup.objects.all() for row in group.members)


def test_only_the_newest_quarter_is_kept(peers):
    freeze_groups(code=CODE, at=NOON)
    freeze_groups(code=CODE, at=NEXT_QUARTER)

    assert set(BenchmarkGroup.objects.values_list("quarter", flat=True)) == {"2027Q1"}
    assert quarter_of(NOON) == "2026Q4"


def test_contributions_are_the_newest_finals_of_whole_organizations_that_take_part(peers, acme, alice, data_office):
    with scope(organization=acme):
        expected = score(final_of(acme).questionnaire, ratings_of(final_of(acme)))
        unit = begin(acme, alice, name="unit")
        Assessment.objects.filter(pk=unit.pk).update(state=Assessment.State.FINAL, department=data_office)
        begin(acme, alice, name="not final")
    with scope(organization=peers[1]):
        Assessment.objects.update(state=Assessment.State.RETURNED)
    with scope(organization=peers[2]):
        Assessment.objects.update(started_at=NOON.replace(year=2024, month=10))
    Organization.objects.filter(pk=peers[3].pk).update(benchmark_since=None)

    found = {row.organization: row for row in contributions(CODE, NOON)}

    assert set(found) == {row.pk for row in peers} - {peers[n].pk for n in (1, 2, 3)}
    assert found[acme.pk].assessment == final_of(acme).pk
    assert found[acme.pk].scores[WHOLE] == expected.score
    assert {part: value for part, value in found[acme.pk].scores.items() if part} == {
        row.code: row.score for row in expected.domains
    }
    assert found[acme.pk].owners == {alice.pk}


def test_another_method_of_an_enterprise_is_expressed_in_the_default_one(peers, acme):
    with scope(organization=acme):
        assessment = final_of(acme)
        Assessment.objects.filter(pk=assessment.pk).update(method="strict_floor")
        assessment.refresh_from_db()
        refresh_standings(assessment)
        expected = score(assessment.questionnaire, ratings_of(assessment)).score

    assert next(row for row in contributions(CODE, NOON) if row.organization == acme.pk).scores[WHOLE] == expected


def test_contributions_know_who_sees_them(peers, acme, engagement):
    found = {row.organization: row for row in contributions(CODE, NOON)}

    assert found[acme.pk].seen_by == {engagement.consultancy_id}


def test_an_owner_of_many_enterprises_shows_nobody_a_group_of_them(peers, acme, alice, as_alice):
    for row in peers[1:]:
        with scope(organization=row):
            add_member(organization=row, user=alice, role=Role.OWNER, by=alice, at=NOON)
    freeze_groups(code=CODE, at=NOON)

    assert look(as_alice, acme).context["group"] is None


def test_reading_contributions_leaves_no_scope_open(peers):
    contributions(CODE, NOON)

    with pytest.raises(ScopeError):
        Assessment.objects.count()


def test_the_page_and_the_freeze_cost_the_same_however_many_take_part(peers, acme, as_alice):
    freeze_groups(code=CODE, at=NOON)
    look(as_alice, acme)
    with CaptureQueriesContext(connection) as one:
        look(as_alice, acme)
    with CaptureQueriesContext(connection) as ten:
        contributions(CODE, NOON)
    Organization.objects.exclude(pk=acme.pk).update(benchmark_since=None)

    with CaptureQueriesContext(connection) as alone:
        contributions(CODE, NOON)

    assert len(ten) == len(alone)
    assert len(one) <= 15


def test_a_guest_sees_the_benchmark_of_the_enterprise_and_strangers_nothing(peers, acme, engagement, rita, charlie, client):
    freeze_groups(code=CODE, at=NOON)
    client.force_login(rita)
    assert look(client, acme).context["group"] is not None
    client.force_login(charlie)
    assert look(client, acme).status_code == 404
