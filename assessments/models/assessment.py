from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from questionnaires.library import questionnaire_of
from questionnaires.schema import Questionnaire


class Assessment(models.Model):
    """One organization, or one department of it, working through one version of a questionnaire.

    ``target`` is a level 1-5; ``targets`` holds those that differ, by domain or item code. Policy actions have none.
    ``derived_from`` is the one of an older edition that the bridge carried over.
    """

    class State(models.TextChoices):
        PREPARING = "preparing", _("Preparing")
        ANSWERING = "answering", _("Answering")
        SUBMITTED = "submitted", _("Submitted")
        IN_REVIEW = "in_review", _("In review")
        RETURNED = "returned", _("Returned")
        FINAL = "final", _("Final")

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="assessments")
    version = models.ForeignKey("questionnaires.Version", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=120)
    department = models.ForeignKey(
        "organizations.Department", on_delete=models.PROTECT, null=True, blank=True, related_name="assessments"
    )
    period_from = models.DateField(_("period from"), null=True, blank=True)
    period_until = models.DateField(_("period until"), null=True, blank=True)
    target = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)])
    targets = models.JSONField(default=dict, blank=True)
    method = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=20, choices=State, default=State.ANSWERING)
    state_note = models.TextField(max_length=2000, blank=True)  # why it was returned or reopened
    state_note_of = models.ForeignKey(  # the engagement that wrote it; none: the enterprise
        "organizations.Engagement", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    revision = models.PositiveIntegerField(default=1)  # counts its finals: reopening begins the next
    derived_from = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField()

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(target__isnull=True) | Q(target__range=(1, 5)), name="target_is_a_level"),
            models.CheckConstraint(
                condition=Q(period_from__isnull=True) | Q(period_until__isnull=True) | Q(period_from__lte=F("period_until")),
                name="period_does_not_end_before_it_begins",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("assessment", args=[self.organization.slug, self.pk])

    @property
    def questionnaire(self) -> Questionnaire:
        return questionnaire_of(self.version)


class Submission(models.Model):
    """What was submitted or made final, frozen: answers, evidence titles and the result they give, of a final also the layers
    above, as canonical JSON with its hash."""

    class Kind(models.TextChoices):
        SUBMITTED = "submitted", _("Submitted")
        FINAL = "final", _("Final")

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="submissions")
    engagement = models.ForeignKey(  # whose review made it final; none: the enterprise
        "organizations.Engagement", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.SUBMITTED)
    revision = models.PositiveIntegerField(default=1)  # the assessment's
    frozen = models.TextField()
    sha256 = models.CharField(max_length=64)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    submitted_at = models.DateTimeField()

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["-submitted_at", "-pk"]

    def __str__(self):
        return f"{self.assessment_id} {self.submitted_at:%Y-%m-%d}"
