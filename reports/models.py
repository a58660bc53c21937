from django.conf import settings
from django.db import models
from django.urls import reverse
from django_scopes import ScopedManager


def _path(report, filename):
    return f"reports/{report.organization_id}/{report.sha256[:16]}-{filename}"


class Report(models.Model):
    """A report that was made: the frozen snapshot it tells, and the PDF that was set from it."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="reports")
    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.CASCADE, related_name="reports")
    language = models.CharField(max_length=10)
    snapshot = models.TextField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=_path, max_length=200)
    pages = models.PositiveIntegerField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self):
        return f"{self.assessment} {self.made_at:%Y-%m-%d}"

    def get_absolute_url(self):
        return reverse("download_report", args=[self.organization.slug, self.assessment_id, self.pk])
