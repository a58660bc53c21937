"""Run inside a site's environment: furnish the demo at a fixed time, freeze this year's assessments as owner and advisors see
them, and put the snapshots and the files of one full report into a folder. ``python -m tests.reports.freeze_demo FOLDER``."""

import os
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dcmm_site.settings")
django.setup()

from django.apps import apps  # noqa: E402
from django.contrib.auth.hashers import PBKDF2PasswordHasher  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import F  # noqa: E402
from django.utils import timezone  # noqa: E402
from django_scopes import scope  # noqa: E402

from assessments.models import Assessment  # noqa: E402
from dcmm_site.demo import furnish  # noqa: E402
from organizations.guests import Guest  # noqa: E402
from organizations.models import Membership, Organization, Role, TeamMember, TeamRole  # noqa: E402
from reports.freezing import freeze  # noqa: E402
from reports.models import Report  # noqa: E402
from reports.papers.making import MAKERS, files_of  # noqa: E402
from reports.rights import may_make  # noqa: E402
from tests.conftest import NOON  # noqa: E402

ENTERPRISE = "linjiang-bank"  # has a plan, evidence and policy actions
MOVED = (
    "Answer", "Verdict", "EvidenceLink", "EvidenceVersion", "Evidence", "ImprovementAction", "ActionAim", "ActionNeed", "ActionProof",
    "ActionComment", "Assignment",
)  # fmt: skip


def main(folder: Path):
    PBKDF2PasswordHasher.iterations = 1000  # nobody signs in
    furnish(at=NOON)
    on = timezone.localdate(NOON)
    for organization in Organization.objects.order_by("slug"):
        with scope(organization=organization):
            _move_rows()
            newest = Assessment.objects.exclude(version__code="gbt36073-2018").order_by("started_at", "name")
            for number, assessment in enumerate(newest, start=1):
                for reader, place in _places(organization):
                    if may_make(place, assessment):
                        frozen = freeze(assessment, place=place, language=Report.Language.CHINESE, on=on)
                        (folder / f"{organization.slug}-{number}-{reader}.json").write_text(frozen.text)
    with scope(organization=Organization.objects.get(slug=ENTERPRISE)):
        newest = Assessment.objects.filter(version__code="gbt36073-2025").latest("started_at")
        place = Membership.objects.get(organization__slug=ENTERPRISE, role=Role.OWNER)
        frozen = freeze(newest, place=place, language=Report.Language.CHINESE, on=on)
    order = {"snapshot": frozen.text, "variant": Report.Variant.CHIEF, "items": [], "formats": list(MAKERS), "together": True}
    files, _pages = files_of(order, said=lambda _step: None)
    for kind, content in files.items():
        (folder / f"report.{kind}").write_bytes(content)


def _places(organization: Organization):
    """(name, place) of the owner and of the lead of each engagement."""
    yield "owner", Membership.objects.get(organization=organization, role=Role.OWNER)
    leads = TeamMember.objects.filter(engagement__organization=organization, role=TeamRole.LEAD)
    for row in leads.select_related("user", "engagement__consultancy"):
        yield f"{row.engagement.consultancy.slug}-{row.engagement.starts_on}", Guest(row.user, row.engagement, row.role)


def _move_rows():
    """Write every third row anew, unchanged: PostgreSQL then reads it last where no order is asked for."""
    if connection.vendor == "postgresql":
        for name in MOVED:
            rows = apps.get_model("assessments", name).objects.all()
            keys = list(rows.order_by("pk").values_list("pk", flat=True))[::3]
            rows.filter(pk__in=keys).update(organization=F("organization"))


main(Path(sys.argv[1]))
