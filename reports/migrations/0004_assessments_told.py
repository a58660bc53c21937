"""Which other assessments each report tells, read out of its snapshot."""

import json

from django.db import migrations, models
from django.utils import timezone
from django_scopes import scope

UNKNOWN = 0
AT_ONCE = 20  # snapshots may be megabytes long


def fill(apps, schema_editor):
    """As reports.rights reads it at this time; here for itself, because that may change."""
    Organization, Report = apps.get_model("organizations", "Organization"), apps.get_model("reports", "Report")
    for organization in Organization.objects.order_by("pk").values_list("pk", flat=True):
        with scope(organization=organization):
            rows = Report.objects.filter(organization=organization, assessments__isnull=True).exclude(snapshot="")
            waiting = list(rows.order_by("pk").values_list("pk", flat=True))
            named = _named_here(apps, organization) if waiting else {}
            for start in range(0, len(waiting), AT_ONCE):
                some = waiting[start : start + AT_ONCE]
                for pk, snapshot in Report.objects.filter(pk__in=some).order_by("pk").values_list("pk", "snapshot"):
                    Report.objects.filter(pk=pk).update(assessments=_told(snapshot, named))


def _named_here(apps, organization):
    Assessment, named = apps.get_model("assessments", "Assessment"), {}
    rows = Assessment.objects.filter(organization=organization).order_by("pk").values_list("pk", "name", "started_at")
    for pk, name, started_at in rows:
        named.setdefault(f"{name} ({timezone.localdate(started_at)})", set()).add(pk)
    return named


def _told(snapshot, named):
    parts, found = json.loads(snapshot), set()
    for part in parts if isinstance(parts, list) else [parts]:
        earlier, source = part.get("earlier"), (part.get("annex") or {}).get("source")
        names = [f"{earlier['name']} ({earlier['date']})"] if earlier else []
        for name in [*names, *([source] if source else [])]:
            found |= named.get(name, {UNKNOWN})
    return sorted(found)


class Migration(migrations.Migration):

    dependencies = [
        ("assessments", "0004_plan"),
        ("reports", "0003_report_family"),
    ]

    operations = [
        migrations.AddField(
            model_name="report",
            name="assessments",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
