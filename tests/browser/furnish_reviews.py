"""Run inside a site's environment: two consultancies, three enterprises, and an assessment of each that was submitted."""

import json
import os
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dcmm_site.settings")
django.setup()

from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.utils import timezone  # noqa: E402
from django_scopes import scope  # noqa: E402

from assessments.models import Answer, AnswerRevision  # noqa: E402
from assessments.operations.evidence import Description, add_evidence, link_evidence, sha256_of, stored_file  # noqa: E402
from assessments.operations.lifecycle import start_assessment, submit_assessment  # noqa: E402
from assessments.queries.criteria import criteria_by_code  # noqa: E402
from organizations.models import Organization, Role, TeamRole, User  # noqa: E402
from organizations.operations.engagement import accept_engagement, offer_engagement, put_on_team  # noqa: E402
from organizations.operations.membership import add_member, found_organization  # noqa: E402
from questionnaires.library import current_version  # noqa: E402

PASSWORD = "correct horse battery"
NOW = timezone.now()
FIRMS = (("zhi", "知行咨询", ("lead", "reviewer")), ("bo", "博闻咨询", ("lead",)))
ENTERPRISES = (("jiang", "江畔银行", "zhi"), ("ling", "岭南制造", "zhi"), ("shan", "山海能源", "bo"))
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def main():
    hashed = User.objects.create_user("hash@review.example", PASSWORD).password  # one for all: hashing is slow by design
    firms = {slug: firm(slug, name, places, hashed) for slug, name, places in FIRMS}
    made = {slug: enterprise(slug, name, *firms[by], hashed) for slug, name, by in ENTERPRISES}
    print(json.dumps(made))


def someone(place, slug, name, hashed) -> User:
    return User.objects.create(email=f"{place}@{slug}.example", name=name, password=hashed)


def firm(slug, name, places, hashed):
    team = [someone(place, slug, {"lead": "周启明", "reviewer": "何静"}[place], hashed) for place in places]
    kind = Organization.Kind.CONSULTANCY
    consultancy = found_organization(name=name, slug=slug, kind=kind, by=team[0], at=NOW)
    with scope(organization=consultancy):
        for person in team[1:]:
            add_member(organization=consultancy, user=person, role=Role.RESPONDENT, by=team[0], at=NOW)
    return consultancy, team


def enterprise(slug, name, consultancy, team, hashed) -> dict:
    owner = someone("owner", slug, "负责人", hashed)
    organization = found_organization(name=name, slug=slug, by=owner, at=NOW)
    engagement = offer_engagement(
        enterprise=organization, consultancy=consultancy, offered_by_enterprise=False, purpose="就绪辅导",
        starts_on=(NOW - timedelta(days=9)).date(), ends_on=(NOW + timedelta(days=90)).date(), by=team[0], at=NOW,
    )  # fmt: skip
    engagement = accept_engagement(engagement=engagement, by=owner, at=NOW)
    for person, role in zip(team, (TeamRole.LEAD, TeamRole.REVIEWER), strict=False):
        put_on_team(engagement=engagement, user=person, role=role, by=team[0], at=NOW)
    with scope(organization=organization):
        assessment = submitted(organization, owner)
    return {"assessment": assessment.pk, "engagement": engagement.pk}


def submitted(organization, owner):
    version = current_version("gbt36073-2025")
    assessment = start_assessment(organization=organization, version=version, name="年度自评", target=3, by=owner, at=NOW)
    answers = Answer.objects.bulk_create(
        Answer(
            organization=organization, assessment=assessment, criterion=criterion, rating="largely", answered_by=owner,
            answered_at=NOW,
        )
        for criterion in criteria_by_code(version).values()
    )  # fmt: skip
    AnswerRevision.objects.bulk_create(
        AnswerRevision(organization=organization, answer=row, revision=1, rating=row.rating, by=owner, at=NOW)
        for row in answers
    )
    upload = SimpleUploadedFile("数据战略.pdf", PDF)
    with stored_file(upload, "application/pdf", sha256_of(upload)) as content:
        description = Description(title="数据战略规划", kind="plan")
        piece = add_evidence(organization=organization, description=description, content=content, by=owner, at=NOW)
    for criterion in list(criteria_by_code(version).values())[:6]:
        link_evidence(assessment=assessment, criterion=criterion, evidence=piece, place="第3章", by=owner, at=NOW)
    submit_assessment(assessment=assessment, by=owner, at=NOW)
    return assessment


main()
