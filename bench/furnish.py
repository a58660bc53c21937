"""Run inside a site's environment: a furnished enterprise to measure on. Prints what was made as JSON.

200 respondents, 40 of them with items; an assessment of the 2025 edition with every criterion answered, noted at places and
partly evidenced; last year's assessment, answered as well and in review by a consultancy that has judged every other answer.
"""

import json
import os
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dcmm_site.settings")
django.setup()

from django.db import connection  # noqa: E402 - the set-up comes first
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402
from django_scopes import scope  # noqa: E402

from assessments.models import (  # noqa: E402
    Answer,
    AnswerRevision,
    Assessment,
    Assignment,
    Evidence,
    EvidenceLink,
    EvidenceVersion,
    Verdict,
)
from assessments.operations.lifecycle import start_assessment  # noqa: E402
from organizations.models import Department, Membership, Organization, Role, TeamRole, User  # noqa: E402
from organizations.operations.engagement import accept_engagement, offer_engagement, put_on_team  # noqa: E402
from organizations.operations.membership import found_organization  # noqa: E402
from questionnaires.library import current_version  # noqa: E402
from questionnaires.models import Criterion  # noqa: E402

RATINGS = ("full", "largely", "partly", "none")


def main(people: int = 200, busy: int = 40):
    now = timezone.now()
    owner = User.objects.create_user("owner@bench.example", None, name="Owner")
    organization = found_organization(name="Bench", slug="bench", by=owner, at=now)
    with scope(organization=organization):
        departments = [Department.objects.create(organization=organization, name=f"部门{n:02}") for n in range(10)]
        persons = User.objects.bulk_create(
            User(email=f"person{n}@bench.example", name=f"人员{n:03}", password=owner.password) for n in range(people)
        )
        Membership.objects.bulk_create(
            Membership(organization=organization, user=person, role=Role.COORDINATOR, department=departments[n % 10])
            for n, person in enumerate(persons)
        )
        version = current_version("gbt36073-2025")
        criteria = list(Criterion.objects.filter(version=version).order_by("position"))
        last = answered(organization, version, criteria, "2025", owner, now - timedelta(days=365))
        assessment = answered(organization, version, criteria, "2026", owner, now)
        items = [item.code for item in assessment.questionnaire.items]
        Assignment.objects.bulk_create(
            Assignment(
                organization=organization, assessment=assessment, item_code=code, department=departments[n % 10],
                person=persons[n % busy], due_on=now.date() + timedelta(days=n % 7 - 3), assigned_by=owner, assigned_at=now,
            )
            for n, code in enumerate(items)
        )  # fmt: skip
        _evidence(organization, assessment, criteria[::2], owner, now)
        _evidence(organization, last, criteria[::2], owner, now)
    lead = _review(organization, last, criteria, owner, now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as the database does by itself after a while; before it plans blindly
    largest = max(assessment.questionnaire.items, key=lambda item: len(item.criteria))
    made = {
        "slug": "bench", "assessment": assessment.pk, "last": last.pk, "largest": largest.code, "owner": owner.email,
        "lead": lead.email,
        "sessions": [_session(person) for person in persons], "codes": [c.code for c in criteria],
    }  # fmt: skip
    print(json.dumps(made))


def answered(organization, version, criteria, name, owner, at):
    assessment = start_assessment(organization=organization, version=version, name=name, target=3, by=owner, at=at)
    answers = Answer.objects.bulk_create(
        Answer(
            organization=organization, assessment=assessment, criterion=criterion, rating=RATINGS[n % 4],
            note="制度已印发，覆盖核心业务。" if n % 3 == 0 else "", answered_by=owner, answered_at=at,
        )
        for n, criterion in enumerate(criteria)
    )  # fmt: skip
    AnswerRevision.objects.bulk_create(
        AnswerRevision(
            organization=organization, answer=answer, revision=1, rating=answer.rating, note=answer.note, by=owner, at=at
        )
        for answer in answers
    )
    return assessment


def _evidence(organization, assessment, criteria, owner, at):
    pieces = Evidence.objects.bulk_create(
        Evidence(organization=organization, title=f"证据{n:03}", kind="policy", added_by=owner, added_at=at) for n in range(60)
    )
    EvidenceVersion.objects.bulk_create(
        EvidenceVersion(
            organization=organization, evidence=piece, number=1, url="https://example.com/", added_by=owner, added_at=at
        )
        for piece in pieces
    )
    EvidenceLink.objects.bulk_create(
        EvidenceLink(
            organization=organization, evidence=pieces[n % 60], assessment=assessment, criterion=criterion, linked_by=owner,
            linked_at=at,
        )
        for n, criterion in enumerate(criteria)
    )  # fmt: skip


def _review(organization, assessment, criteria, owner, at) -> User:
    lead = User.objects.create_user("lead@firm.example", None, name="Lead")
    firm = found_organization(name="Firm", slug="firm", kind=Organization.Kind.CONSULTANCY, by=lead, at=at)
    term = {"purpose": "DCMM", "starts_on": at.date() - timedelta(days=9), "ends_on": at.date() + timedelta(days=90)}
    engagement = offer_engagement(
        enterprise=organization, consultancy=firm, offered_by_enterprise=False, **term, by=lead, at=at
    )
    engagement = accept_engagement(engagement=engagement, by=owner, at=at)
    put_on_team(engagement=engagement, user=lead, role=TeamRole.LEAD, by=lead, at=at)
    with scope(organization=organization):
        Assessment.objects.filter(pk=assessment.pk).update(state=Assessment.State.RETURNED)
        Verdict.objects.bulk_create(
            Verdict(
                organization=organization, engagement=engagement, assessment=assessment, criterion=criterion, kind="adjust",
                rating="partly", reason="no_proof", note="证据未覆盖全部分支机构。", answer_revision=1, decided_by=lead,
                decided_at=at,
            )
            for criterion in criteria[::2]
        )  # fmt: skip
    return lead


def _session(person) -> str:
    client = Client()
    client.force_login(person)
    return client.cookies["sessionid"].value


if __name__ == "__main__":
    main()
