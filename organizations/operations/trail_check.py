"""Looking after the trail every day: all chains are verified, and the heads of the sound ones written down outside."""

import logging
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django_scopes import scope

from organizations.jobs import daily_at_length
from organizations.mail import in_language_of
from organizations.models import Organization, TrailHead, User
from organizations.operations.mail import queue_mail
from organizations.verifying import Checked, Exported, exported_heads, verify, write_down

logger = logging.getLogger(__name__)


@daily_at_length
def look_after_trails(at: datetime) -> None:
    """A broken chain is no longer written down, so the last sound head stays the furthest one; platform staff get a mail."""
    broken, sound = [], {}
    for checked in verify_all():
        _note(checked, at)
        if checked.fault:
            logger.error("The trail of organization %s is broken: %s.", checked.organization.pk, checked.fault)
            broken.append(checked)
        elif checked.number:
            sound[checked.organization.pk] = Exported(checked.number, checked.hash)
    if sound:
        write_down(sound, at)
    if broken:
        _tell_staff(broken, at)


def verify_all() -> Iterator[Checked]:
    exported = exported_heads()
    for organization in Organization.objects.order_by("pk").iterator():
        yield verify(organization, exported.get(organization.pk))


def _note(checked: Checked, at: datetime) -> None:
    with scope(organization=checked.organization):
        TrailHead.objects.filter(organization=checked.organization).update(
            checked_at=at, checked_number=checked.number, fault=checked.fault[:300]
        )


@transaction.atomic
def _tell_staff(broken: list[Checked], at: datetime) -> None:
    for person in User.objects.filter(is_staff=True, is_active=True).order_by("pk"):
        with in_language_of(person):
            subject = _("The trail of an organization is broken")
            lines = [_("organization %(id)s: %(fault)s") % {"id": row.organization.pk, "fault": row.fault} for row in broken]
            found = _("The daily verification found entries of the trail that are not as they were written:")
            advice = _("Run manage.py verify_trail on the server of %(site)s and compare with a backup.")
            text = "\n".join([found, "", *lines, "", advice % {"site": settings.SITE_URL}])
        queue_mail(to=person.email, subject=subject, text=text, at=at)
