"""What the teams of engagements see of an enterprise's pages."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from assessments.models import Assessment, Evidence, Submission
from assessments.operations.engagement_scope import set_scope
from assessments.operations.evidence import Address, Description, add_evidence, link_evidence, remove_evidence
from assessments.operations.lifecycle import move_assessment
from assessments.queries.submission import as_canonical_json, content_to_freeze, sha256_of
from organizations.permissions import Permission
from questionnaires.models import Criterion
from tests.assessments.reviews import say
from tests.conftest import NOON, begin

CONFIDENTIAL, INTERNAL = Evidence.Confidentiality.CONFIDENTIAL, Evidence.Confidentiality.INTERNAL


def as_user(user):
    client = Client()
    client.force_login(user)
    return client


def url(acme, name, *ids):
    return reverse(name, args=[acme.slug, *ids])


@pytest.fixture
def criterion(assessment):
    return Criterion.objects.filter(version=assessment.version).order_by("position").first()


@pytest.fixture
def other(acme, alice):
    return begin(acme, alice, name="another")


@pytest.fixture
def pieces(acme, alice, assessment, other, criterion):
    """By title: linked to the first assessment, confidential, linked to the other, linked to none, in the bin."""

    def piece(title, confidentiality=INTERNAL, linked_to=None):
        evidence = add_evidence(
            organization=acme,
            description=Description(title=title, kind=Evidence.Kind.POLICY, confidentiality=confidentiality),
            content=Address("https://intranet.example/"),
            by=alice,
            at=NOON,
        )
        if linked_to:
            link_evidence(assessment=linked_to, criterion=criterion, evidence=evidence, place="", by=alice, at=NOON)
        return evidence

    with scope(organization=acme):
        found = {
            "Open": piece("Open", linked_to=assessment),
            "Secret": piece("Secret", CONFIDENTIAL, linked_to=assessment),
            "Elsewhere": piece("Elsewhere", linked_to=other),
            "Loose": piece("Loose"),
            "Binned": piece("Binned", linked_to=assessment),
        }
        remove_evidence(evidence=found["Binned"], by=alice, at=NOON)
    return found


def titles_on(page) -> set[str]:
    return set(re.findall("Open|Secret|Elsewhere|Loose|Binned", page.content.decode()))


def test_guest_sees_no_confidential_piece_and_no_bin(acme, engagement, lena, assessment, criterion, pieces):
    lenas = as_user(lena)
    library = url(acme, "evidence_library")
    seen = {"Open", "Elsewhere", "Loose"}

    assert titles_on(lenas.get(library)) - {"Open"} == seen - {"Open"}
    assert titles_on(lenas.get(library, {"q": "Secret"})) == {"Secret"}  # what was typed into the search stands there
    assert url(acme, "evidence", pieces["Secret"].pk) not in lenas.get(library, {"q": "Secret"}).content.decode()
    assert "Binned" not in lenas.get(library, {"state": "bin"}).content.decode()
    assert "state=bin" not in lenas.get(library).content.decode()
    found = {title for title, piece in pieces.items() if lenas.get(url(acme, "evidence", piece.pk)).status_code == 200}
    assert found == seen
    assert lenas.get(url(acme, "evidence_file", pieces["Secret"].pk, 1)).status_code == 404
    for page in (url(acme, "criterion_evidence", assessment.pk, criterion.code), url(acme, "evidence_matrix", assessment.pk)):
        assert not titles_on(lenas.get(page)) & {"Secret", "Binned"}


def test_criterion_says_how_many_pieces_are_not_shown_to_a_guest(acme, alice, engagement, lena, assessment, criterion, pieces):
    page = url(acme, "criterion_evidence", assessment.pk, criterion.code)

    assert as_user(lena).get(page).context["not_shown"] == 1
    assert as_user(alice).get(page).context["not_shown"] == 0
    assert {"Open", "Secret"} <= titles_on(as_user(alice).get(page))


def test_guest_of_some_assessments_sees_what_is_linked_to_them(acme, alice, engagement, lena, assessment, other, pieces):
    set_scope(engagement=engagement, covers_all=False, assessments=[assessment], by=alice, at=NOON)
    lenas = as_user(lena)

    assert not titles_on(lenas.get(url(acme, "evidence_library"))) & {"Elsewhere", "Loose", "Secret", "Binned"}
    assert lenas.get(url(acme, "evidence_library")).context["counts"]["total"] == 1
    found = {title for title, piece in pieces.items() if lenas.get(url(acme, "evidence", piece.pk)).status_code == 200}
    assert found == {"Open"}
    home = lenas.get(url(acme, "organization")).content.decode()
    assert assessment.name in home
    assert "another" not in home
    assert lenas.get(url(acme, "assessment", other.pk)).status_code == 404


def test_piece_used_elsewhere_does_not_tell_of_that_assessment(
    acme, alice, engagement, lena, assessment, other, criterion, pieces
):
    with scope(organization=acme):
        link_evidence(assessment=other, criterion=criterion, evidence=pieces["Open"], place="", by=alice, at=NOON)
    set_scope(engagement=engagement, covers_all=False, assessments=[assessment], by=alice, at=NOON)

    page = as_user(lena).get(url(acme, "evidence", pieces["Open"].pk))

    assert assessment.name in page.content.decode()
    assert "another" not in page.content.decode()


@pytest.mark.parametrize("person", ["lena", "rita", "otto"])
@pytest.mark.parametrize("submitted", [False, True])
def test_pages_offer_guests_nothing_that_they_may_not_do(
    request, acme, alice, engagement, assessment, pieces, person, submitted
):
    """Every link and form of the pages that a guest reaches leads somewhere: no 403, no crash."""
    if submitted:
        with scope(organization=acme):
            type(assessment).objects.filter(pk=assessment.pk).update(state="submitted")
            assessment.refresh_from_db()
            move_assessment(assessment=assessment, permission=Permission.REVIEW_BEGIN, by=alice, at=NOON)
    client = as_user(request.getfixturevalue(person))
    item = assessment.questionnaire.domains[0].items[0].code
    pages = [
        url(acme, "organization"),
        url(acme, "assessment", assessment.pk),
        url(acme, "answer_item", assessment.pk, item),
        url(acme, "board", assessment.pk),
        url(acme, "find_criteria", assessment.pk),
        url(acme, "check_assessment", assessment.pk),
        url(acme, "result", assessment.pk),
        url(acme, "evidence_matrix", assessment.pk),
        url(acme, "evidence_library"),
        url(acme, "evidence", pieces["Open"].pk),
    ]
    refused, tried = set(), set()
    for page in pages:
        response = client.get(page)
        assert response.status_code == 200, page
        html = response.content.decode()
        offered = set(re.findall(r'href="(/o/acme/[^"#]*)', html)) - tried
        tried |= offered
        for address in offered:
            if client.get(address.replace("&amp;", "&")).status_code in (403, 404, 500):
                refused.add((page, address))
        assert "<fieldset>" not in html, page  # the questions themselves stand there disabled
        for address in set(re.findall(r'<form[^>]*method="post"[^>]*action="(/o/acme/[^"#]*)"(?![^>]*data-answer)', html)):
            if client.post(address.replace("&amp;", "&")).status_code in (403, 404):
                refused.add((page, "POST " + address))

    assert sorted(refused) == []


# what is frozen, and what was said last time


def freeze(assessment, by):
    frozen = as_canonical_json(content_to_freeze(assessment))
    return Submission.objects.create(
        organization_id=assessment.organization_id, assessment=assessment, frozen=frozen, sha256=sha256_of(frozen),
        submitted_by=by, submitted_at=NOON,
    )  # fmt: skip


def test_frozen_confidential_pieces_are_no_guests(acme, engagement, lena, alice, assessment, pieces):
    with scope(organization=acme):
        submission = freeze(assessment, alice)
    for name in ("submission", "submission_file"):
        page = url(acme, name, assessment.pk, submission.pk)
        assert titles_on(as_user(alice).get(page)) == {"Open", "Secret"}
        assert titles_on(as_user(lena).get(page)) == {"Open"}


def test_a_piece_that_becomes_confidential_leaves_the_frozen_states(acme, engagement, lena, alice, assessment, pieces):
    with scope(organization=acme):
        submission = freeze(assessment, alice)
        Evidence.objects.filter(pk=pieces["Open"].pk).update(confidentiality=CONFIDENTIAL)

    assert titles_on(as_user(lena).get(url(acme, "submission_file", assessment.pk, submission.pk))) == set()


def test_what_changed_does_not_tell_a_guest_of_confidential_pieces(
    acme, engagement, lena, alice, assessment, criterion, pieces
):
    with scope(organization=acme):
        freeze(assessment, alice)
        remove_evidence(evidence=pieces["Secret"], by=alice, at=NOON)
        Assessment.objects.filter(pk=assessment.pk).update(state=Assessment.State.RETURNED)
    page = url(acme, "review_changes", assessment.pk)

    assert "Secret" in titles_on(as_user(alice).get(page))
    assert "Secret" not in titles_on(as_user(lena).get(page))


def test_last_time_is_shown_only_to_who_may_see_it(acme, engagement, lena, alice, assessment, criterion):
    with scope(organization=acme):
        say(assessment, criterion.code, "full", alice, note="Unrepeatable")
        later = begin(acme, alice, name="Next year")
        Assessment.objects.filter(pk=later.pk).update(started_at=NOON.replace(year=2027))
        page = url(acme, "answer_item", later.pk, criterion.item)
        assert "Unrepeatable" in as_user(lena).get(page).content.decode()

        set_scope(engagement=engagement, covers_all=False, assessments=[later], by=alice, at=NOON)
    assert "Unrepeatable" not in as_user(lena).get(page).content.decode()
