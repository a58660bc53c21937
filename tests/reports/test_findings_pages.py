"""The pages of result and gaps say what the snapshot's findings say."""

from html import escape

import pytest
from django.urls import reverse
from django.utils import timezone

from reports.queries import snapshot_of
from tests.conftest import begin, everywhere
from tests.reports.test_compare_pages import fill, text

ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}


def page_of(name, assessment, client):
    return text(client.get(reverse(name, args=[assessment.organization.slug, assessment.pk]), **ENGLISH))


def told(assessment, user):
    with everywhere():
        place = assessment.organization.memberships.get(user=user)
        return snapshot_of(assessment, on=timezone.localdate(), language="en", place=place)


@pytest.fixture
def page(client, alice, assessment):
    fill(assessment, "partly", DS1_1_1="full", DS1_1_2="full")
    client.force_login(alice)
    return lambda name: page_of(name, assessment, client)


def test_the_result_begins_with_the_chiefs_paragraph_and_links_three_steps(page, assessment, alice):
    findings = told(assessment, alice).findings

    shown = page("result")

    assert escape(findings.chief, quote=True) in shown
    for step in findings.first:
        assert f'gaps/#item-{step.item}">{step.name}</a>' in shown
    for cause in findings.causes:
        assert cause.title in shown
    assert all(escape(flag) in shown for flag in findings.flags)
    assert shown.index("verdict-words") < shown.index("first-steps") < shown.index("two-charts") < shown.index('id="annex"')


def test_the_gaps_tell_each_item_and_where_its_clauses_stand(page, assessment, alice):
    snapshot = told(assessment, alice)

    shown = page("gaps")

    for item in snapshot.gaps:
        for paragraph in (item.finding.there, item.finding.why_not, item.finding.risk, item.finding.todo):
            assert escape(paragraph, quote=True) in shown
        for ref in item.gap.direct:
            clause = snapshot.clause_by_id[ref.id]
            document = snapshot.document_by_code[clause.document]
            assert escape(f"{document.title} ({document.number})") in shown
            assert escape(clause.section) in shown
            assert escape(ref.reason) in shown
            assert document.on_the_day in shown
        if not item.gap.direct:
            assert escape(item.gap.no_direct_note) in shown


@pytest.mark.parametrize("code", ["gbt36073-2025", "policy-actions"])
def test_pages_without_any_answer_say_what_to_do(client, acme, alice, code):
    empty = begin(acme, alice, code=code, target=None if code == "policy-actions" else 3)
    client.force_login(alice)

    assert "Begin answering" in page_of("result", empty, client)
    for name in ("gaps", "derivation"):
        assert page_of(name, empty, client)
