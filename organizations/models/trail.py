"""The trail: one chain of entries per organization, each with the hash of the one before it."""

import hashlib
import json
from datetime import UTC, datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

FIRST = "0" * 64  # what the first entry of a chain names as the hash before it
CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
FIELDS = (  # the columns of an entry
    "organization_id", "number", "verb", "about", "by_id", "acting_for_id", "at", "address", "result", "previous", "hash",
)  # fmt: skip


class TrailIsFinal(Exception):
    """Entries come from ``record_activity`` alone; nobody changes or removes one."""


class EntryQuerySet(models.QuerySet):
    def _refuse(self, *_args, **_kwargs):
        raise TrailIsFinal

    update = delete = bulk_create = bulk_update = update_or_create = get_or_create = create = _refuse


class Result(models.TextChoices):
    DONE = "done", _("done")
    REFUSED = "refused", _("refused")
    FAILED = "failed", _("failed")


class ActivityEntry(models.Model):
    """One line of the trail: who did what, for whom, to what, when, from where, and what came of it.

    ``number`` counts from 1 without gaps; ``hash`` covers everything else here and ``previous``. People and firms are plain
    numbers without a constraint: erasing one must not break the chain. ``operations.trail`` writes, nobody else can.
    """

    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.CASCADE, related_name="activity", db_index=False
    )  # the constraint below is its index
    number = models.PositiveBigIntegerField(null=True)
    verb = models.CharField(max_length=60)
    about = models.CharField(max_length=120, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="+"
    )
    acting_for = models.ForeignKey(  # the consultancy of a guest
        "organizations.Organization",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )
    at = models.DateTimeField()
    address = models.CharField(max_length=45, default="", blank=True)
    result = models.CharField(max_length=10, choices=Result, default=Result.DONE)
    previous = models.CharField(max_length=64, default="")
    hash = models.CharField(max_length=64, default="")

    objects = ScopedManager(organization="organization", _manager_class=models.Manager.from_queryset(EntryQuerySet))

    class Meta:
        ordering = ["-number", "-pk"]
        constraints = [models.UniqueConstraint(fields=["organization", "number"], name="entries_are_numbered")]
        indexes = [
            models.Index(
                fields=["organization", "acting_for", "at"], condition=Q(acting_for__isnull=False), name="entries_of_guests"
            ),
        ]

    def __str__(self):
        return f"{self.number} {self.at:%Y-%m-%d %H:%M} {self.verb} {self.about}"

    def save(self, *args, **kwargs):
        raise TrailIsFinal

    def delete(self, *args, **kwargs):
        raise TrailIsFinal


class TrailHead(models.Model):
    """Where the chain of an organization ends, and where it begins since it was pruned. Whoever appends holds this row.

    ``checked_*`` and ``fault`` are what the last verification of the daily job found.
    """

    organization = models.OneToOneField("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=FIRST)
    first_number = models.PositiveBigIntegerField(default=1)
    first_previous = models.CharField(max_length=64, default=FIRST)
    checked_at = models.DateTimeField(null=True, blank=True)
    checked_number = models.PositiveBigIntegerField(default=0)
    fault = models.CharField(max_length=300, default="", blank=True)

    objects = ScopedManager(organization="organization")

    def __str__(self):
        return f"{self.organization_id}: {self.number} {self.hash[:12]}"


def hash_of(
    *,
    organization: int,
    number: int,
    verb: str,
    about: str,
    by: int | None,
    acting_for: int | None,
    at: datetime,
    address: str,
    result: str,
    previous: str,
) -> str:
    """SHA-256 over the canonical JSON of an entry: sorted keys, no blanks, ASCII, the time in UTC to the microsecond."""
    content = {
        "organization": organization, "number": number, "verb": verb, "about": about, "by": by, "acting_for": acting_for,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"), "address": address, "result": result, "previous": previous,
    }  # fmt: skip
    return hashlib.sha256(CANONICAL.encode(content).encode()).hexdigest()
