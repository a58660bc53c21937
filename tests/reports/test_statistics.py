import os
import subprocess
import sys
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from assessments.models import (
    Answer,
    AnswerRevision,
    BlindRating,
    EngagementScope,
    Layer,
    PanelItem,
    PanelRater,
    Verdict,
    VerdictRevision,
)
from assessments.queries.criteria import criteria_by_code
from organizations.models import Engagement, Organization, Role, TeamRole, User
from organizations.operations.engagement import end_engagement
from organizations.operations.membership import add_member, found_organization
from reports.statistics import alpha
from reports.statistics.alpha import NoFigure, ordinal_alphas
from reports.statistics.queries import LEAST_UNITS, statistics_of
from tests.assessments.test_panel import signed_in
from tests.conftest import NOON, begin, engage

CODE = "DS1.1.1"
HEAVY = ("numpy", "pandas", "krippendorff")
RATERS_OF_THE_BOOK = (  # Krippendorff, Computing Krippendorff's Alpha-Reliability (2011): 12 units, 4 raters, 5 values
    (1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3),
    (None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None),
)


@pytest.fixture
def clients(sage, lena, rita):
    """Three enterprises that Sage advises, each with an assessment."""
    return [client(sage, n, [(lena, TeamRole.LEAD), (rita, TeamRole.REVIEWER)]) for n in range(3)]


def client(consultancy, n, team, **terms):
    owner = User.objects.create_user(f"owner{n}@client.example", name=f"Owner {n}")
    enterprise = found_organization(name=f"Client {n}", slug=f"client-{n}", by=owner, at=NOON)
    engagement = engage(enterprise, consultancy, owner, team, **terms)
    return engagement, begin(enterprise, owner)


def judge(place, own, given, code=CODE, revision=1, **verdict):
    """The client's own rating and the consultant's first verdict on it."""
    engagement, assessment = place
    organization = assessment.organization
    na = {"na_reason": "other", "note": "n"} if own == "na" else {}
    with scope(organization=organization):
        criterion = criteria_by_code(assessment.version)[code]
        answer, _new = Answer.objects.update_or_create(
            assessment=assessment,
            criterion=criterion,
            defaults={"organization": organization, "rating": own, "revision": revision, "answered_at": NOON, **na},
        )
        AnswerRevision.objects.create(organization=organization, answer=answer, revision=revision, rating=own, at=NOON)
        kind = Verdict.Kind.AGREE if own == given else Verdict.Kind.ADJUST
        said = {"kind": kind, "rating": given, "answer_revision": revision, **verdict}
        if kind == Verdict.Kind.ADJUST:
            said = {"reason": "no_proof", "note": "n", **said}
        here = {"assessment": assessment, "engagement": engagement, "layer": Layer.CONSULTANT, "criterion": criterion}
        row, _new = Verdict.objects.update_or_create(
            **here, defaults={"organization": organization, "decided_at": NOON, **said}
        )
        number = row.revisions.count() + 1
        VerdictRevision.objects.create(organization=organization, verdict=row, revision=number, at=NOON, **said)


def rate_blind(place, users, ratings_by_code, revealed=True, item="DS1"):
    """A panel in which each of the users gave the ratings named, criterion by criterion."""
    engagement, assessment = place
    mine = {"organization": assessment.organization}
    with scope(organization=assessment.organization):
        panel = PanelItem.objects.create(
            **mine,
            engagement=engagement,
            assessment=assessment,
            item_code=item,
            called_at=NOON,
            revealed_at=NOON if revealed else None,
        )
        raters = [PanelRater.objects.create(**mine, panel=panel, user=user) for user in users]
        for code, ratings in ratings_by_code.items():
            criterion = criteria_by_code(assessment.version)[code]
            for rater, rating in zip(raters, ratings, strict=True):
                BlindRating.objects.create(
                    **mine, rater=rater, criterion=criterion, rating=rating, answer_revision=0, rated_at=NOON
                )


def page(user, slug="sage"):
    return signed_in(user).get(reverse("statistics", args=[slug]))


# ---- the difference between client and consultant


def test_the_mean_difference_is_exact(clients, lena, sage):
    for place, own, given in zip(clients, ("full", "full", "largely"), ("partly", "full", "none"), strict=True):
        judge(place, own, given)

    number, (row,) = statistics_of(lena, sage)

    (gap,) = row.over_rated
    assert (number, row.judged) == (3, 3)
    assert (gap.subject.code, gap.n, gap.over, gap.under) == (CODE, 3, 2, 0)
    assert gap.mean == (Fraction(1, 2) + 0 + Fraction(4, 5)) / 3
    assert row.reasons == (("no_proof", 2),)
    assert row.under_rated == []


def test_the_first_judgement_counts_and_its_last_correction(clients, lena, sage):
    """Adjusted (and corrected at once), then the client learns and lowers its rating: still over-rated."""
    for place in clients:
        judge(place, "full", "none")
        with scope(organization=place[1].organization):
            verdict = Verdict.objects.get()
            VerdictRevision.objects.create(
                organization=place[1].organization, verdict=verdict, revision=2, kind="adjust", rating="partly",
                reason="no_proof", note="n", answer_revision=1, at=NOON,
            )  # fmt: skip
        judge(place, "partly", "partly", revision=2)

    _number, (row,) = statistics_of(lena, sage)

    assert row.over_rated[0].mean == Fraction(1, 2)


def test_what_does_not_apply_or_was_not_answered_or_asks_for_more_is_not_counted(clients, lena, sage):
    judge(clients[0], "na", "full")
    judge(clients[1], "", "full")
    judge(clients[2], "full", "", kind="more", reason="", note="Show us")

    _number, versions = statistics_of(lena, sage)

    assert versions == []


def test_below_the_minimum_no_criterion_is_named(clients, lena, sage):
    for place in clients[:2]:
        judge(place, "full", "none")

    _number, (row,) = statistics_of(lena, sage)

    assert (row.judged, row.over_rated, row.items) == (2, [], ())
    assert CODE not in page(lena).content.decode()


def test_items_gather_their_criteria(clients, lena, sage):
    for place in clients:
        judge(place, "none", "full", "DS1.1.1", reason="modest")
        judge(place, "partly", "full", "DS1.1.2", reason="modest")

    _number, (row,) = statistics_of(lena, sage)

    assert [(gap.subject.code, gap.n, gap.mean) for gap in row.differing_items] == [("DS1", 6, Fraction(-3, 4))]
    assert [gap.subject.code for gap in row.under_rated] == ["DS1.1.1", "DS1.1.2"]


def test_policy_actions_count_in_quarters(sage, lena, rita):
    places = []
    for n in range(3):
        engagement, assessment = client(sage, n, [(lena, TeamRole.LEAD)])
        actions = begin(assessment.organization, engagement.offered_by, "policy-actions")
        places.append((engagement, actions))
    code = places[0][1].questionnaire.items[0].code
    for place in places:
        judge(place, "4", "1", code)

    _number, (row,) = statistics_of(lena, sage)

    assert (row.questionnaire.code, row.over_rated[0].mean) == ("policy-actions", Fraction(3, 4))


# ---- whose clients


def test_only_clients_of_ones_own_teams_and_running_engagements_count(clients, lena, rita, sage, charlie):
    for place in clients:
        judge(place, "full", "none")
    with scope(organization=sage):
        add_member(organization=sage, user=charlie, role=Role.OWNER, by=lena, at=NOON)

    assert statistics_of(charlie, sage) == (0, [])  # on no team
    end_engagement(engagement=clients[0][0], by=lena, at=NOON)
    number, (row,) = statistics_of(lena, sage)
    assert (number, row.judged) == (2, 2)


def test_assessments_out_of_scope_do_not_count(clients, lena, sage):
    for place in clients:
        judge(place, "full", "none")
    (engagement, assessment), organization = clients[0], clients[0][1].organization
    with scope(organization=organization):
        Engagement.objects.filter(pk=engagement.pk).update(covers_all=False)

    assert statistics_of(lena, sage)[1][0].judged == 2
    with scope(organization=organization):
        EngagementScope.objects.create(organization=organization, engagement=engagement, assessment=assessment)
    assert statistics_of(lena, sage)[1][0].judged == 3


def test_other_firms_verdicts_do_not_count(clients, lena, sage):
    sam = User.objects.create_user("sam@oak.example", name="Sam")
    oak = found_organization(name="Oak", slug="oak", kind=Organization.Kind.CONSULTANCY, by=sam, at=NOON)
    enterprise = clients[0][1].organization
    theirs = engage(enterprise, oak, sam, [(sam, TeamRole.LEAD)])
    judge((theirs, clients[0][1]), "full", "none")

    assert statistics_of(lena, sage) == (3, [])
    assert statistics_of(sam, oak)[1][0].judged == 1


def test_who_may_read_the_page(clients, lena, rita, otto, charlie):
    assert page(lena).status_code == 200
    assert page(rita).status_code == page(otto).status_code == 403
    assert page(charlie).status_code == 404


def test_the_page_costs_the_same_with_one_client_and_with_many(clients, lena, sage):
    judge(clients[0], "full", "none")
    browser, path = signed_in(lena), reverse("statistics", args=["sage"])
    browser.get(path)
    with CaptureQueriesContext(connection) as few:
        browser.get(path)
    for place in clients[1:]:
        for code in ("DS1.1.1", "DS1.1.2", "DG1.1.1"):
            judge(place, "full", "none", code)
    with CaptureQueriesContext(connection) as many:
        browser.get(path)

    assert len(many) == len(few) <= 10


# ---- agreement


def test_the_figure_of_the_book():
    units = [[column.count(value) for value in range(1, 6)] for column in zip(*RATERS_OF_THE_BOOK, strict=True)]

    (figure,) = ordinal_alphas([units])

    assert round(figure, 3) == 0.815


@pytest.mark.parametrize(
    ("units", "figure"),
    [
        pytest.param([[2, 0], [0, 2], [2, 0], [0, 2]], 1.0, id="all alike"),
        pytest.param([[2, 0], [2, 0]], None, id="one value only"),
        pytest.param([[1, 0], [0, 1]], None, id="nobody rates what another rates"),
        pytest.param([], None, id="nothing"),
    ],
)
def test_edges_of_the_figure(units, figure):
    assert ordinal_alphas([units]) == [figure]


def test_agreement_by_item_and_over_all(clients, lena, rita, sage):
    codes = [criterion.code for criterion in clients[0][1].questionnaire.item_by_code["DS1"].criteria][:10]
    rate_blind(
        clients[0], [lena, rita], {code: ("full", "full") if n % 2 else ("none", "none") for n, code in enumerate(codes)}
    )
    rate_blind(clients[1], [lena, rita], dict.fromkeys(codes, ("full", "none")), revealed=False)

    _number, (row,) = statistics_of(lena, sage)

    assert (row.agreement.units, row.agreement.alpha) == (10, 1.0)
    assert [(one.item.code, one.units, one.alpha) for one in row.by_item] == [("DS1", 10, 1.0)]
    html = page(lena).content.decode()
    assert "α 1.00" in html
    assert "reliable" in html


def test_too_few_ratings_give_no_figure(clients, lena, rita, sage):
    rate_blind(clients[0], [lena, rita], {CODE: ("full", "none"), "DS1.1.2": ("full", "na")})

    _number, (row,) = statistics_of(lena, sage)

    assert (row.agreement.units, row.agreement.alpha, row.by_item) == (1, None, ())
    assert f"a figure is shown from {LEAST_UNITS} on" in page(lena).content.decode()


def test_a_child_that_fails_is_said_on_the_page(clients, lena, rita, monkeypatch):
    codes = [criterion.code for criterion in clients[0][1].questionnaire.item_by_code["DS1"].criteria][:10]
    rate_blind(clients[0], [lena, rita], dict.fromkeys(codes, ("full", "largely")))
    monkeypatch.setattr(alpha, "SECONDS", 0.001)
    with pytest.raises(NoFigure):
        ordinal_alphas([[[1, 1]]])

    assert page(lena).status_code == 503


def test_the_page_is_rendered_without_numpy(clients, lena, rita, monkeypatch):
    """In this process every import of it fails; the figure is there all the same."""
    codes = [criterion.code for criterion in clients[0][1].questionnaire.item_by_code["DS1"].criteria][:10]
    rate_blind(
        clients[0], [lena, rita], {code: ("full", "largely") if n % 2 else ("none", "none") for n, code in enumerate(codes)}
    )
    for heavy in HEAVY:
        monkeypatch.setitem(sys.modules, heavy, None)

    assert "α 0." in page(lena).content.decode()


def test_a_worker_of_the_web_starts_without_pandas_and_our_code_without_numpy(tmp_path):
    """openpyxl takes numpy along where it finds it, so it is hidden from that here."""
    program = """
import sys
sys.modules["numpy"] = None
import openpyxl
del sys.modules["numpy"]
import django
django.setup()
from django.urls import get_resolver
get_resolver().url_patterns
print(*sorted({"numpy", "pandas", "krippendorff"} & set(sys.modules)))
"""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "dcmm_site.settings", "DCMM_DATA_DIR": str(tmp_path)}

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, env=environment, text=True)

    assert done.stdout.split() == []
