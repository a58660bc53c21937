"""The entries that are there already become the beginning of their organizations' chains, in the order they were written."""

import hashlib
import json
from datetime import UTC

from django.db import migrations
from django_scopes import scope

FIRST = "0" * 64
AT_ONCE = 1_000


def chain(apps, schema_editor):
    """As models.trail.hash_of and operations.trail do it at this time; here for itself, because those may change."""
    Organization = apps.get_model("organizations", "Organization")
    for organization in Organization.objects.order_by("pk").values_list("pk", flat=True):
        with scope(organization=organization):
            _chain(apps, organization)


def _chain(apps, organization):
    Entry, Head = apps.get_model("organizations", "ActivityEntry"), apps.get_model("organizations", "TrailHead")
    loose = Entry.objects.filter(organization=organization, number=None).order_by("pk")
    if not loose.exists():
        return
    head, _new = Head.objects.get_or_create(organization_id=organization)
    while entries := list(loose[:AT_ONCE]):
        for entry in entries:
            entry.number, entry.previous = head.number + 1, head.hash
            entry.hash = head.hash = _hash_of(entry)
            head.number = entry.number
        Entry.objects.bulk_update(entries, ["number", "previous", "hash"], batch_size=200)
    head.save()


def _hash_of(entry):
    content = {
        "organization": entry.organization_id, "number": entry.number, "verb": entry.verb, "about": entry.about,
        "by": entry.by_id, "acting_for": entry.acting_for_id,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "address": entry.address, "result": entry.result, "previous": entry.previous,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


class Migration(migrations.Migration):

    dependencies = [
        ("organizations", "0002_engagements"),
    ]

    operations = [
        migrations.RunPython(chain, migrations.RunPython.noop),
    ]
