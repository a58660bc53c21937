import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from assessments.models import EngagementScope
from organizations.guests import clients_of, today
from organizations.models import (
    ActivityEntry,
    Engagement,
    Membership,
    Organization,
    QueuedMail,
    Role,
    TeamMember,
    TeamRole,
    User,
)
from organizations.operations.engagement import (
    NoLongerOpen,
    accept_engagement,
    end_engagement,
    offer_engagement,
    prolong_engagement,
    put_on_team,
)
from organizations.operations.engagement_mail import warn_of_ends
from organizations.operations.membership import add_member, found_organization, remove_member, renew_contact_code
from tests.conftest import NOON, PASSWORD, begin, engage


def url(organization, name, *ids):
    return reverse(name, args=[organization.slug, *ids])


def as_user(user):
    client = Client()
    client.force_login(user)
    return client


def code_of(organization):
    return renew_contact_code(organization=organization, by=None, at=NOON)


def offer(**changes):
    values = {"purpose": "Readiness", "starts_on": today(), "ends_on": today() + timedelta(days=90), "covers": "all"}
    return values | changes


def offered(enterprise, firm, by, by_enterprise=False, **terms):
    values = {"purpose": "Readiness", "starts_on": today(), "ends_on": today() + timedelta(days=90), **terms}
    return offer_engagement(
        enterprise=enterprise, consultancy=firm, offered_by_enterprise=by_enterprise, **values, by=by, at=NOON
    )


def only_engagement(enterprise):
    with scope(organization=enterprise):
        return Engagement.objects.get()


# offering


def test_enterprise_offers_by_the_code_and_names_what_it_opens(acme, alice, sage, lena, assessment):
    begin(acme, alice, name="another")
    code = code_of(sage)
    typed = f" {code[:4].lower()}-{code[4:8]}-{code[8:]} "

    response = as_user(alice).post(
        url(acme, "offer_engagement"), offer(code=typed, covers="chosen", assessments=[assessment.pk])
    )

    assert response.url == url(acme, "engagements")
    engagement = only_engagement(acme)
    assert (engagement.consultancy, engagement.kind, engagement.offered_by_enterprise) == (sage, "advice", True)
    assert not engagement.covers_all
    with scope(organization=acme):
        assert [row.assessment for row in EngagementScope.objects.all()] == [assessment]
    assert QueuedMail.objects.filter(to=lena.email, text__contains="Acme").count() == 1


def test_nothing_is_open_before_the_other_side_accepts(acme, alice, sage, lena):
    engagement = offered(acme, sage, alice, by_enterprise=True)
    put_on_team(engagement=engagement, user=lena, role=TeamRole.LEAD, by=lena, at=NOON)
    lenas = as_user(lena)
    assert lenas.get(url(acme, "organization")).status_code == 404

    assert lenas.post(url(sage, "accept_engagement", engagement.pk)).url == url(sage, "engagement", engagement.pk)

    assert lenas.get(url(acme, "organization")).status_code == 200
    assert QueuedMail.objects.filter(to=alice.email, text__contains="Sage").count() == 1


def test_enterprise_chooses_the_assessments_when_it_accepts(acme, alice, sage, lena, assessment):
    other = begin(acme, alice, name="another")
    as_user(lena).post(url(sage, "offer_engagement"), offer(code=code_of(acme)))
    engagement = only_engagement(acme)
    put_on_team(engagement=engagement, user=lena, role=TeamRole.LEAD, by=lena, at=NOON)
    assert (engagement.covers_all, engagement.offered_by_enterprise) == (False, False)

    alices, page = as_user(alice), url(acme, "accept_engagement", engagement.pk)
    assert "another" in alices.get(page).content.decode()
    assert alices.post(page, {"covers": "chosen"}).status_code == 422
    alices.post(page, {"covers": "chosen", "assessments": [other.pk]})

    lenas = as_user(lena)
    assert lenas.get(url(acme, "assessment", other.pk)).status_code == 200
    assert lenas.get(url(acme, "assessment", assessment.pk)).status_code == 404


def test_scope_is_narrowed_and_widened_at_any_time(acme, alice, sage, lena, engagement, assessment):
    other = begin(acme, alice, name="another")
    lenas, alices = as_user(lena), as_user(alice)
    assert lenas.get(url(acme, "assessment", assessment.pk)).status_code == 200

    alices.post(url(acme, "engagement_scope", engagement.pk), {"covers": "chosen", "assessments": [other.pk]})
    assert lenas.get(url(acme, "assessment", assessment.pk)).status_code == 404
    assert assessment.name not in lenas.get(url(sage, "engagement", engagement.pk)).content.decode()

    alices.post(url(acme, "engagement_scope", engagement.pk), {"covers": "all"})
    assert lenas.get(url(acme, "assessment", assessment.pk)).status_code == 200
    assert as_user(lena).get(url(sage, "engagement_scope", engagement.pk)).status_code == 403


def test_scope_takes_no_assessment_of_others(acme, alice, engagement, globex, charlie):
    foreign = begin(globex, charlie)

    values = {"covers": "chosen", "assessments": [foreign.pk]}

    assert as_user(alice).post(url(acme, "engagement_scope", engagement.pk), values).status_code == 422


def test_sponsor_gets_results_only_and_no_page(acme, alice, charlie):
    park = found_organization(name="Park", kind=Organization.Kind.SPONSOR, by=charlie, at=NOON)
    as_user(alice).post(url(acme, "offer_engagement"), offer(code=code_of(park)))
    engagement = only_engagement(acme)
    assert engagement.kind == Engagement.Kind.SPONSORSHIP

    charlies = as_user(charlie)
    charlies.post(url(park, "accept_engagement", engagement.pk))
    for role in (TeamRole.LEAD, TeamRole.OBSERVER):
        charlies.post(url(park, "add_to_team", engagement.pk), {"user": charlie.pk, "role": role})

    assert [(row.engagement, row.role) for row in clients_of(charlie, park)] == [(engagement, "observer")]
    assert charlies.get(url(acme, "organization")).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_on": date(2026, 5, 1), "ends_on": date(2026, 4, 30)}, "ends_on"),
        ({"starts_on": today() + timedelta(days=900), "ends_on": today() + timedelta(days=901)}, "starts_on"),
        ({"ends_on": date(2099, 1, 1)}, "ends_on"),
        ({"ends_on": ""}, "ends_on"),
        ({"purpose": "\u202e"}, "purpose"),
        ({"code": "AAAA"}, "code"),
        ({"covers": "chosen"}, "covers"),
    ],
)
def test_bad_offer_is_refused_with_a_sentence(as_alice, acme, sage, changes, field):
    response = as_alice.post(url(acme, "offer_engagement"), offer(**{"code": code_of(sage), **changes}))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]


def test_code_must_be_of_the_right_kind_of_organization(as_alice, acme, globex, sage, lena):
    for code in (code_of(globex), code_of(acme)):
        assert as_alice.post(url(acme, "offer_engagement"), offer(code=code)).status_code == 422
    firm = found_organization(name="Other firm", kind=Organization.Kind.CONSULTANCY, by=lena, at=NOON)
    assert as_user(lena).post(url(sage, "offer_engagement"), offer(code=code_of(firm))).status_code == 422
    with scope(organization=acme):
        assert not Engagement.objects.exists()


def test_wrong_codes_are_counted_and_right_ones_are_not(as_alice, acme, sage):
    page, code = url(acme, "offer_engagement"), code_of(sage)
    for _n in range(20):
        assert as_alice.post(page, offer(code="WRONG")).status_code == 422

    assert as_alice.post(page, offer(code=code)).status_code == 429
    cache.clear()
    assert as_alice.post(page, offer(code=code)).status_code == 302


def test_contact_code_is_made_and_replaced_on_the_page_of_settings(as_alice, acme):
    page = url(acme, "organization_settings")
    assert acme.contact_code is None

    codes = []
    for _n in range(2):
        as_alice.post(url(acme, "renew_contact_code"))
        acme.refresh_from_db()
        codes.append(acme.contact_code)
        assert acme.contact_code_in_groups in as_alice.get(page).content.decode()
    assert codes[0] != codes[1]
    assert re.fullmatch("[2-9A-HJ-NP-Z]{12}", codes[0])


# answering and ending


def test_decline_withdraw_and_answering_twice(acme, alice, sage, lena):
    declined, withdrawn = offered(acme, sage, lena), offered(acme, sage, lena)
    alices, lenas = as_user(alice), as_user(lena)

    alices.post(url(acme, "decline_engagement", declined.pk))
    lenas.post(url(sage, "end_engagement", withdrawn.pk), {"reason": ""})

    for engagement in (declined, withdrawn):
        alices.post(url(acme, "accept_engagement", engagement.pk), {"covers": "all"})
        with scope(organization=acme):
            engagement.refresh_from_db()
        assert engagement.accepted_at is None
        assert lenas.get(url(sage, "engagement", engagement.pk)).status_code == 404
    with pytest.raises(NoLongerOpen):
        accept_engagement(engagement=declined, by=alice, at=NOON)


def test_offer_is_not_accepted_by_the_side_that_made_it(acme, alice, sage, lena):
    engagement = offered(acme, sage, lena)

    as_user(lena).post(url(sage, "accept_engagement", engagement.pk))

    assert only_engagement(acme).accepted_at is None


def test_after_the_end_every_page_is_404_from_the_next_request_on(acme, alice, sage, rita, engagement, assessment):
    ritas = as_user(rita)
    item = assessment.questionnaire.domains[0].items[0].code
    criterion = assessment.questionnaire.domains[0].items[0].criteria[0].code
    opened = [
        ("get", url(acme, "organization")),
        ("get", url(acme, "assessment", assessment.pk)),
        ("get", url(acme, "answer_item", assessment.pk, item)),
        ("get", url(acme, "evidence_library")),
        ("get", url(acme, "discussion", assessment.pk, criterion)),  # a fragment of an open tab
        ("post", url(acme, "discussion", assessment.pk, criterion)),  # what was typed into it
        ("get", url(acme, "result", assessment.pk)),
    ]
    for method, address in opened:
        assert getattr(ritas, method)(address, headers={"HX-Request": "true"}).status_code != 404, address

    as_user(alice).post(url(acme, "end_engagement", engagement.pk), {"reason": "done"})

    for method, address in opened:
        response = getattr(ritas, method)(address, headers={"HX-Request": "true"})
        assert response.status_code == 404, address
        assert "Acme" not in response.content.decode()
    assert "Acme" not in ritas.get("/", follow=True).content.decode()
    assert QueuedMail.objects.filter(to="lena@sage.example", subject__contains="Acme").exists()


def test_firm_sees_nothing_of_an_ended_engagement_and_the_enterprise_sees_why(acme, alice, sage, lena, engagement):
    end_engagement(engagement=engagement, reason="The budget is spent", by=alice, at=NOON)

    for page in (url(sage, "engagement", engagement.pk), url(sage, "end_engagement", engagement.pk)):
        assert as_user(lena).get(page).status_code == 404
    assert "Acme" not in as_user(lena).get(url(sage, "engagements")).content.decode()
    listed = as_user(alice).get(url(acme, "engagements")).content.decode()
    assert "The budget is spent" in listed
    assert "Alice" in listed


def test_consultancy_may_end_it_too(acme, sage, lena, rita, engagement):
    assert as_user(rita).post(url(sage, "end_engagement", engagement.pk)).status_code == 403

    as_user(lena).post(url(sage, "end_engagement", engagement.pk), {"reason": ""})

    assert only_engagement(acme).ended_by == lena
    assert as_user(lena).get(url(acme, "organization")).status_code == 404


def test_it_ends_by_itself_after_its_last_day(acme, sage, alice, lena):
    engagement = engage(acme, sage, alice, [(lena, TeamRole.LEAD)], ends_on=today())
    assert as_user(lena).get(url(acme, "organization")).status_code == 200

    with scope(organization=acme):
        yesterday = today() - timedelta(days=1)
        Engagement.objects.update(starts_on=yesterday, ends_on=yesterday)

    assert as_user(lena).get(url(acme, "organization")).status_code == 404
    assert as_user(lena).get(url(sage, "engagement", engagement.pk)).status_code == 404
    with pytest.raises(NoLongerOpen):
        prolong_engagement(engagement=engagement, ends_on=today() + timedelta(days=9), by=alice, at=datetime.now(UTC))


def test_enterprise_alone_prolongs_it(acme, alice, sage, lena, engagement):
    later = today() + timedelta(days=30)

    assert as_user(lena).post(url(sage, "prolong_engagement", engagement.pk), {"ends_on": later}).status_code == 403
    assert as_user(alice).post(url(acme, "prolong_engagement", engagement.pk), {"ends_on": "1999-01-01"}).status_code == 422
    assert as_user(alice).post(url(acme, "prolong_engagement", engagement.pk), {"ends_on": later}).status_code == 302

    assert only_engagement(acme).ends_on == later


def test_owners_of_both_sides_are_told_once_before_the_end(acme, alice, bob, sage, lena, engagement):
    at = datetime.now(UTC)
    prolong_engagement(engagement=engagement, ends_on=today() + timedelta(days=15), by=alice, at=at)
    QueuedMail.objects.all().delete()

    warn_of_ends(at)
    assert not QueuedMail.objects.exists()
    for _day in range(2):
        warn_of_ends(at + timedelta(days=1))

    assert sorted(QueuedMail.objects.values_list("to", flat=True)) == sorted([alice.email, lena.email])


# the team


def test_firm_puts_its_own_people_on_the_team_and_takes_them_off(acme, alice, sage, lena, otto, charlie):
    engagement = offered(acme, sage, lena)
    accept_engagement(engagement=engagement, by=alice, at=NOON)
    lenas, page = as_user(lena), url(sage, "add_to_team", engagement.pk)

    assert lenas.post(page, {"user": charlie.pk, "role": "lead"}).status_code == 422
    assert lenas.post(page, {"user": otto.pk, "role": "owner"}).status_code == 422
    lenas.post(page, {"user": otto.pk, "role": "observer"})
    assert as_user(otto).get(url(acme, "organization")).status_code == 200

    with scope(organization=acme):
        place = TeamMember.objects.get(user=otto)
    lenas.post(url(sage, "take_off_team", engagement.pk, place.pk))
    assert as_user(otto).get(url(acme, "organization")).status_code == 404


def test_enterprise_sees_the_team_and_does_not_staff_it(acme, alice, engagement, rita):
    alices = as_user(alice)
    page = alices.get(url(acme, "engagement", engagement.pk)).content.decode()
    with scope(organization=acme):
        place = TeamMember.objects.get(user=rita)

    assert "Rita" in page
    assert rita.email not in page
    assert alices.post(url(acme, "take_off_team", engagement.pk, place.pk)).status_code == 403
    assert alices.post(url(acme, "add_to_team", engagement.pk), {"user": alice.pk, "role": "lead"}).status_code == 403


def test_who_leaves_the_firm_leaves_its_teams_for_good(acme, sage, lena, rita, engagement):
    with scope(organization=sage):
        remove_member(membership=Membership.objects.select_related("organization").get(user=rita), by=lena, at=NOON)

    assert as_user(rita).get(url(acme, "organization")).status_code == 404
    with scope(organization=sage):
        add_member(organization=sage, user=rita, role=Role.RESPONDENT, by=lena, at=NOON)
    assert as_user(rita).get(url(acme, "organization")).status_code == 404
    with scope(organization=acme):
        assert not TeamMember.objects.filter(user=rita).exists()
        assert ActivityEntry.objects.filter(verb="team.left").count() == 1


# who sees whom


def test_consultancies_at_one_enterprise_do_not_see_each_other(acme, alice, engagement, lena, assessment):
    wren = User.objects.create_user("wren@rival.example", PASSWORD, name="Wren")
    rival = found_organization(name="Rival", kind=Organization.Kind.CONSULTANCY, slug="rival", by=wren, at=NOON)
    engage(acme, rival, alice, [(wren, TeamRole.LEAD)])
    item = assessment.questionnaire.domains[0].items[0].code

    pages = [
        url(acme, "organization"),
        url(acme, "assessment", assessment.pk),
        url(acme, "answer_item", assessment.pk, item),
        url(acme, "board", assessment.pk),
        url(acme, "evidence_library"),
        url(acme, "evidence_matrix", assessment.pk),
        url(rival, "engagements"),
        "/",
    ]
    wrens = as_user(wren)
    for page in pages:
        response = wrens.get(page, follow=True)
        assert response.status_code in (200, 403), page
        assert not re.search("Sage|Lena|Rita|Otto|sage.example", response.content.decode()), page
    for page in (url(acme, "members"), url(acme, "engagements"), url(acme, "engagement", engagement.pk)):
        assert wrens.get(page).status_code == 403
    assert wrens.get(url(rival, "engagement", engagement.pk)).status_code == 404


def test_guest_is_told_where_they_are_and_members_are_not(acme, alice, engagement, rita):
    line = "You are here as Reviewer of Sage"

    assert line in as_user(rita).get(url(acme, "organization"), headers={"Accept-Language": "en"}).content.decode()
    assert "guest-line" not in as_user(alice).get(url(acme, "organization")).content.decode()


def test_engagement_of_another_pair_is_not_found(acme, engagement, globex, charlie, sage):
    other_firm = found_organization(name="Rival", kind=Organization.Kind.BOTH, by=charlie, at=NOON)

    for organization in (globex, other_firm):
        for name in ("engagement", "end_engagement", "accept_engagement"):
            assert as_user(charlie).get(url(organization, name, engagement.pk)).status_code in (404, 403)
        assert as_user(charlie).post(url(organization, "decline_engagement", engagement.pk)).status_code == 404


def test_both_kinds_of_lists_cost_the_same_queries(acme, alice, sage, lena, engagement):
    def cost(user, organization):
        client = as_user(user)
        client.get(url(organization, "engagements"))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url(organization, "engagements")).status_code == 200
        return len(queries)

    before = cost(alice, acme), cost(lena, sage)
    for n in range(4):
        owner = User.objects.create_user(f"owner{n}@example.com", PASSWORD, name=f"Owner {n}")
        client = found_organization(name=f"Client {n}", by=owner, at=NOON)
        engage(client, sage, owner, [(lena, TeamRole.LEAD)])
        engage(acme, sage, alice, [(lena, TeamRole.LEAD)])
        ended = engage(acme, sage, alice, [(lena, TeamRole.LEAD)])
        end_engagement(engagement=ended, by=alice if n % 2 else lena, at=NOON)

    assert (cost(alice, acme), cost(lena, sage)) == before


# settings


def test_kind_and_classes_are_chosen_at_the_foundation(client, alice):
    client.force_login(alice)
    values = {"name": "Firm", "kind": "consultancy", "industry": "software", "size": "small", "region": "31"}

    client.post(reverse("found_organization"), values)

    firm = Organization.objects.get(name="Firm")
    assert (firm.kind, firm.industry, firm.size, firm.region) == ("consultancy", "software", "small", "31")


def test_benchmark_is_off_until_the_owner_opts_in_and_can_be_taken_back(as_alice, acme):
    values = {"name": acme.name, "industry": "finance", "size": "large", "region": "33"}
    assert acme.benchmark_since is None

    as_alice.post(url(acme, "organization_settings"), values | {"shares_scores": "on"})
    acme.refresh_from_db()
    assert acme.benchmark_since is not None
    assert (acme.kind, acme.industry) == ("enterprise", "finance")

    as_alice.post(url(acme, "organization_settings"), values)
    acme.refresh_from_db()
    assert acme.benchmark_since is None


def test_kind_is_kept_while_engagements_need_it(as_alice, acme, sage, lena, engagement):
    values = {"name": "x", "kind": "consultancy"}
    assert as_alice.post(url(acme, "organization_settings"), values).status_code == 422
    assert as_user(lena).post(url(sage, "organization_settings"), {"name": "x", "kind": "enterprise"}).status_code == 422
    assert as_alice.post(url(acme, "organization_settings"), values | {"kind": "both"}).status_code == 302
