from django.conf import settings
from django.db import models
from django_scopes import ScopedManager


class Kit(models.Model):
    """A workbook that was handed out. ``baseline`` holds what stood there then: {code: {revision, rating, na_reason, note,
    evidence: [titles]}} of the criteria it contains; a returned file is compared with it."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.CASCADE, related_name="kits")
    number = models.PositiveIntegerField()
    language = models.CharField(max_length=10)
    department = models.ForeignKey("organizations.Department", on_delete=models.SET_NULL, null=True, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    due_on = models.DateField(null=True, blank=True)  # when it should be back
    baseline = models.JSONField()
    question_count = models.PositiveIntegerField()  # of the baseline
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    issued_at = models.DateTimeField()

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["assessment", "number"], name="one_kit_per_number")]

    def __str__(self):
        return f"{self.assessment_id} kit {self.number}"


class KitReturn(models.Model):
    """A workbook that came back: ``rows`` is what was read from it, ``outcome`` what was done with each row once applied.

    Previewed, then applied as one act, then perhaps undone; each at most once."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.CASCADE, related_name="kit_returns")
    kit = models.ForeignKey(Kit, on_delete=models.CASCADE, related_name="returns")
    file_name = models.CharField(max_length=200)
    rows = models.JSONField()
    outcome = models.JSONField(default=dict)
    returned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    returned_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["-returned_at", "-pk"]

    def __str__(self):
        return f"{self.kit_id} {self.file_name}"
