"""Run inside a site's environment, ``python -m bench.order COUNT DAY``: so many enterprises, each with an answered assessment
of the 2025 edition, order a full PDF as of DAY days ago. They are made by the first call. Prints nothing."""

import os
import sys
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dcmm_site.settings")
django.setup()

from django.utils import timezone  # noqa: E402 - the set-up comes first
from django_scopes import scope  # noqa: E402

from assessments.models import Assessment  # noqa: E402
from bench.furnish import answered  # noqa: E402
from organizations.models import Organization, User  # noqa: E402
from organizations.operations.membership import found_organization  # noqa: E402
from organizations.queries import membership_of  # noqa: E402
from questionnaires.library import current_version  # noqa: E402
from questionnaires.models import Criterion  # noqa: E402
from reports.operations.ordering import order_report  # noqa: E402


def main(count: int, day: int):
    at = timezone.now() - timedelta(days=day)
    version = current_version("gbt36073-2025")
    criteria = list(Criterion.objects.filter(version=version).order_by("position"))
    for number in range(count):
        slug, email = f"orders-{number}", f"orders{number}@bench.example"
        owner = User.objects.filter(email=email).first() or User.objects.create_user(email, None, name="Owner")
        if not Organization.objects.filter(slug=slug).exists():
            organization = found_organization(name=f"临江第{number}银行", slug=slug, by=owner, at=at)
            with scope(organization=organization):
                answered(organization, version, criteria, "2026", owner, at)
        place = membership_of(owner, slug)
        with scope(organization=place.organization):
            order_report(
                assessment=Assessment.objects.get(name="2026"), place=place, variant="full", language="zh-hans",
                formats=("pdf",), by=owner, at=at,
            )  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
