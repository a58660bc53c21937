from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager


class InterviewSheet(models.Model):
    """The questions of one interview. A working paper of the firm: the engagement's team sees it, the enterprise does not."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    engagement = models.ForeignKey("organizations.Engagement", on_delete=models.CASCADE, related_name="+")
    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.CASCADE, related_name="interview_sheets")
    lead = models.CharField(_("role"), max_length=20)  # who leads the improvement in the bank (questionnaires.schema.Lead)
    interviewee = models.CharField(_("interviewee"), max_length=100)
    held_on = models.DateField(_("date"))
    place = models.CharField(_("place"), max_length=200, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["held_on", "pk"]

    def __str__(self):
        return f"{self.held_on} {self.interviewee}"


class InterviewNote(models.Model):
    """One criterion on a sheet, and what was said about it. ``revision`` counts its saves; 0: nothing was noted yet."""

    class Outcome(models.TextChoices):
        CONFIRMS = "confirms", _("Confirms the rating")
        CONTRADICTS = "contradicts", _("Contradicts the rating")
        PROMISED = "promised", _("Promises new proof")

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    sheet = models.ForeignKey(InterviewSheet, on_delete=models.CASCADE, related_name="notes")
    criterion = models.ForeignKey("questionnaires.Criterion", on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome, blank=True)
    note = models.TextField(_("note"), max_length=2000, blank=True)
    revision = models.PositiveIntegerField(default=0)
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    noted_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager(organization="organization")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sheet", "criterion"], name="one_note_per_criterion_and_sheet"),
            models.CheckConstraint(
                condition=Q(outcome__in=["", "confirms", "contradicts", "promised"]), name="interview_outcome_is_known"
            ),
        ]

    def __str__(self):
        return f"{self.sheet_id} {self.criterion_id}: {self.outcome}"
