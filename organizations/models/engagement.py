from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager


class TeamRole(models.TextChoices):
    """A guest's place in one engagement; beside ``Role`` in the table of permissions."""

    LEAD = "lead", _("Lead")
    REVIEWER = "reviewer", _("Reviewer")
    OBSERVER = "observer", _("Observer")


class Engagement(models.Model):
    """What joins a consultancy or sponsor to an enterprise: for a purpose, for a time, for all assessments or for some.

    It belongs to the enterprise (``organization``), which can end it at once. One side offers it, the other accepts or
    declines. It opens the enterprise to its team only while it runs (``queries.engagements.running``).
    """

    class Kind(models.TextChoices):
        ADVICE = "advice", _("Advice and review")
        SPONSORSHIP = "sponsorship", _("Results only")  # a line in a portfolio; no page of the enterprise

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="engagements")
    consultancy = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="client_engagements")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.ADVICE)
    purpose = models.CharField(_("purpose"), max_length=200)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))  # the last day
    covers_all = models.BooleanField(_("all assessments"), default=True)  # else those in assessments.EngagementScope
    offered_by_enterprise = models.BooleanField()
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    offered_at = models.DateTimeField()
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=500, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)  # both sides were told that its end is near

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["-offered_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(starts_on__lte=F("ends_on")), name="engagement_does_not_end_before_it_begins"),
            models.CheckConstraint(condition=~Q(organization=F("consultancy")), name="engagement_joins_two"),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(declined_at__isnull=True), name="engagement_is_accepted_or_declined"
            ),
        ]

    def __str__(self):
        return f"{self.consultancy_id} → {self.organization_id}: {self.purpose}"

    def runs_on(self, day: date) -> bool:
        return bool(self.accepted_at) and self.ended_at is None and self.starts_on <= day <= self.ends_on

    @property
    def is_open_offer(self) -> bool:
        return self.accepted_at is None and self.declined_at is None and self.ended_at is None


class TeamMember(models.Model):
    """A consultant's place in the team of an engagement. Counts only as long as they are a member of the consultancy."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="team")
    consultancy = models.ForeignKey(  # the engagement's
        "organizations.Organization", on_delete=models.CASCADE, related_name="+"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(_("role"), max_length=20, choices=TeamRole)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField()

    objects = ScopedManager(organization="organization")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["engagement", "user"], name="one_place_in_a_team_per_person")]

    def __str__(self):
        return f"{self.user} · {self.get_role_display()}"
