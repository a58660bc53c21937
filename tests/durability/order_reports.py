"""Run inside a site's environment: enterprises that ordered so many reports of the policy actions, and one that can't be made."""

import json
import os
import sys
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dcmm_site.settings")
django.setup()

from django.utils import timezone  # noqa: E402
from django_scopes import scope  # noqa: E402

from assessments.operations.lifecycle import start_assessment  # noqa: E402
from organizations.models import User  # noqa: E402
from organizations.operations.membership import found_organization  # noqa: E402
from organizations.queries import membership_of  # noqa: E402
from questionnaires.library import current_version  # noqa: E402
from reports.models import Report  # noqa: E402
from reports.operations.ordering import order_report  # noqa: E402

ENTERPRISES = 3


def main(count: int, kind: str):
    now, orders = timezone.now(), []
    for number in range(ENTERPRISES):
        owner = User.objects.create_user(f"owner{number}@durable.example", "correct horse battery", name="Owner")
        organization = found_organization(name=f"Durable {number}", slug=f"durable-{number}", by=owner, at=now)
        with scope(organization=organization):
            version = current_version("policy-actions")
            assessment = start_assessment(
                organization=organization, version=version, name="2026", target=None, by=owner, at=now
            )
            place = membership_of(owner, organization.slug)
            for day in range(count // ENTERPRISES):  # another day, another snapshot
                at = now - timedelta(days=day)
                report = order_report(
                    assessment=assessment, place=place, variant="chief", language="zh-hans", formats=(kind,), by=owner, at=at
                )
                orders.append(report.pk)
    with scope(organization=organization):
        at = now - timedelta(days=count)
        poison = order_report(
            assessment=assessment, place=place, variant="chief", language="zh-hans", formats=(kind,), by=owner, at=at
        )
        Report.objects.filter(pk=poison.pk).update(snapshot='{"format":2}')
    print(json.dumps({"orders": orders, "poison": poison.pk}))


main(int(sys.argv[1]), sys.argv[2])
