from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager


class EngagementPhase(models.Model):
    """One step of an engagement, planned and done. A phase that nobody planned has no row."""

    class Phase(models.TextChoices):  # in their order
        KICK_OFF = "kick_off", _("Kick-off")
        TRAINING = "training", _("Training sessions")
        SELF_CHECK = "self_check", _("Self-check")
        INTERVIEWS = "interviews", _("Interviews")
        GAPS = "gaps", _("Gap analysis")
        REMEDIATION = "remediation", _("Remediation")
        MOCK = "mock", _("Mock assessment")
        VISIT = "visit", _("Formal visit")

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    engagement = models.ForeignKey("organizations.Engagement", on_delete=models.CASCADE, related_name="phases")
    phase = models.CharField(max_length=20, choices=Phase)
    planned_on = models.DateField(_("planned"), null=True, blank=True)
    done_on = models.DateField(_("done"), null=True, blank=True)
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    note = models.CharField(_("note"), max_length=500, blank=True)

    objects = ScopedManager(organization="organization")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["engagement", "phase"], name="one_row_per_phase")]

    def __str__(self):
        return f"{self.engagement_id} {self.phase}"
