"""Run inside a prepared site's environment: a consultancy with many clients, and what its portfolio costs. Prints JSON.

Clients × cycles × the 33 items of the 2025 edition, their standings written as rows (the answers behind them do not matter
here), with phases, tags and assignments. For each size: the pages in process, in turn with an empty view of the same length,
and beside them the plain SQL GROUP BY over the same items in the same database.
"""

import json
import os
import sys
import time
from datetime import date, timedelta

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dcmm_site.settings")
settings.ROOT_URLCONF = "bench.urls"
settings.ALLOWED_HOSTS.append("testserver")
django.setup()

from django.db import connection, transaction  # noqa: E402 - the set-up comes first
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402
from django_scopes import scope  # noqa: E402

from assessments.models import Assessment, Assignment, EngagementPhase, Standing  # noqa: E402
from organizations.classes import Industry, Region, Size  # noqa: E402
from organizations.models import Engagement, Organization, TeamMember, User  # noqa: E402
from organizations.operations.membership import found_organization  # noqa: E402
from questionnaires.library import current_version, questionnaire_of  # noqa: E402
from reports.models import ClientTag  # noqa: E402

SIZES = ((50, 2), (500, 2), (5000, 3))
PAGES = {"table": "x=1", "heat map": "view=heat"}
GROUP_BY = """
SELECT assessment.organization_id, standing.assessment_id, AVG(standing.score), MIN(standing.score), COUNT(*)
FROM assessments_standing AS standing
JOIN assessments_assessment AS assessment ON assessment.id = standing.assessment_id
WHERE standing.organization_id IN ({clients}) AND standing.kind = 'item' AND standing.layer = 'self'
GROUP BY assessment.organization_id, standing.assessment_id
"""


def main(sizes=SIZES, runs: int = 15):
    figures = []
    for number, (clients, cycles) in enumerate(sizes):
        firm, lead, ids = furnish(f"firm-{number}", clients, cycles)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        figures.append({"clients": clients, "cycles": cycles, **measure(firm, lead, ids, runs if clients < 5000 else 7)})
    print(json.dumps(figures))


def furnish(slug: str, clients: int, cycles: int):
    now, day = timezone.now(), date.today()
    lead = User.objects.create_user(f"lead@{slug}.example", None, name="Lead")
    kind = Organization.Kind.CONSULTANCY
    firm = found_organization(name=slug, slug=slug, kind=kind, by=lead, at=now)
    version = current_version("gbt36073-2025")
    parts = list(_parts(questionnaire_of(version)))
    made = Organization.objects.bulk_create(
        Organization(
            name=f"企业{n:04}", slug=f"{slug}-{n}", industry=Industry.values[n % 13], size=Size.values[n % 5],
            region=Region.values[n % 34],
        )
        for n in range(clients)
    )  # fmt: skip
    ids = [row.pk for row in made]
    for start in range(0, clients, 250):
        some = made[start : start + 250]
        with scope(organization=[row.pk for row in some]), transaction.atomic():
            _fill(some, firm, lead, version, cycles, parts, now, day)
    with scope(organization=firm):
        ClientTag.objects.bulk_create(ClientTag(organization=firm, client_id=pk, name=f"批次{pk % 7}") for pk in ids)
    return firm, lead, ids


def _parts(questionnaire):
    yield "whole", ""
    for domain in questionnaire.domains:
        yield "domain", domain.code
        yield from (("item", item.code) for item in domain.items)


def _fill(some, firm, lead, version, cycles, parts, now, day):
    engagements = Engagement.objects.bulk_create(
        Engagement(
            organization=row, consultancy=firm, purpose="DCMM", starts_on=day, ends_on=day + timedelta(days=300),
            offered_by_enterprise=False, offered_by=lead, offered_at=now, accepted_at=now, answered_by=lead,
        )
        for row in some
    )  # fmt: skip
    TeamMember.objects.bulk_create(
        TeamMember(organization_id=row.organization_id, engagement=row, consultancy=firm, user=lead, role="lead", added_at=now)
        for row in engagements
    )
    EngagementPhase.objects.bulk_create(
        EngagementPhase(organization_id=row.organization_id, engagement=row, phase=phase, planned_on=day)
        for row in engagements
        for phase in EngagementPhase.Phase
    )
    assessments = Assessment.objects.bulk_create(
        Assessment(
            organization=row, version=version, name=f"{2026 - cycle}年度自评", target=3, method="staircase_080",
            started_by=lead, started_at=now - timedelta(days=365 * cycle),
        )
        for row in some
        for cycle in range(cycles)
    )  # fmt: skip
    Assignment.objects.bulk_create(
        Assignment(organization_id=row.organization_id, assessment=row, item_code="DS1", person=lead, due_on=day,
                   assigned_by=lead, assigned_at=now)
        for row in assessments
    )  # fmt: skip
    Standing.objects.bulk_create(_standing(row, n, kind, part) for row in assessments for n, (kind, part) in enumerate(parts))


def _standing(assessment, n: int, kind: str, part: str) -> Standing:
    score = 100 + (assessment.pk * 37 + n * 61) % 400
    return Standing(
        organization_id=assessment.organization_id, assessment=assessment, kind=kind, part=part, score=score,
        exact=f"{score}/100", level=max(1, score // 100), answered=9, total=18,
    )  # fmt: skip


def measure(firm, lead, ids: list[int], runs: int) -> dict:
    client = Client()
    client.force_login(lead)
    found = {"pages": {}}
    for name, query in PAGES.items():
        address = f"/o/{firm.slug}/portfolio/?{query}&per=100"
        for _ in range(2):
            response = client.get(address)
        assert response.status_code == 200, (address, response.status_code)
        empty = f"/bench/empty/{len(response.content)}/"
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        count = len(queries)
        times = {"page_ms": [], "empty_ms": []}
        for _ in range(runs):
            times["page_ms"].append(timed(lambda address=address: client.get(address)))
            times["empty_ms"].append(timed(lambda empty=empty: client.get(empty)))
        found["pages"][name] = {"queries": count, "bytes": len(response.content), **times}
    with scope(organization=ids):
        found["group_by_ms"] = [timed(lambda: grouped(ids)) for _ in range(runs)]
    return found


def grouped(ids: list[int]) -> int:
    """The yardstick: mean and lowest item of every assessment, by the database alone."""
    with connection.cursor() as cursor:
        cursor.execute(GROUP_BY.format(clients=", ".join(map(str, ids))))
        return len(cursor.fetchall())


def timed(act) -> float:
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main(json.loads(sys.argv[1]) if sys.argv[1:] else SIZES)
