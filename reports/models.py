from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager


def _path(report, filename):
    return f"reports/{report.organization_id}/{report.sha256[:16]}-{filename}"


class Report(models.Model):
    """A report that was made: the frozen snapshot it tells, and the PDF that was set from it."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="reports")
    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.CASCADE, related_name="reports")
    engagement = models.ForeignKey(  # whose team made it; none: the enterprise
        "organizations.Engagement", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
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


class ClientTag(models.Model):
    """A word that a consultancy or sponsor (``organization``) files a client under; its own, the client does not see it."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    client = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("tag"), max_length=40)

    objects = ScopedManager(organization="organization")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "client", "name"], name="one_tag_per_client_and_word")]

    def __str__(self):
        return self.name


class SavedView(models.Model):
    """A person's way of looking at the portfolio: the filters, columns and order that the query string holds."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=2000, blank=True)
    is_default = models.BooleanField(default=False)
    deleted_at = models.DateTimeField(null=True, blank=True)  # so that deleting can be undone

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user", "name"], condition=Q(deleted_at__isnull=True), name="one_view_per_name"
            ),
            models.UniqueConstraint(
                fields=["organization", "user"],
                condition=Q(is_default=True, deleted_at__isnull=True),
                name="one_default_view_per_person",
            ),
        ]

    def __str__(self):
        return self.name


class BenchmarkGroup(models.Model):
    """A group of enterprises that take part in benchmarks, as it stands for a quarter (reports/benchmark.py). Without names.

    Belongs to no tenant: its members read it through ``reports.contributions``, each with their own figures left out.
    ``marks`` is the composition that was shown last, also while the group is hidden and ``members`` empty.
    """

    quarter = models.CharField(max_length=6)  # e.g. 2026Q4
    questionnaire = models.CharField(max_length=60)
    key = models.CharField(max_length=120, blank=True)
    members = models.JSONField(default=list, blank=True)
    marks = models.JSONField(default=list, blank=True)
    frozen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["questionnaire", "key"], name="one_benchmark_group_per_key")]

    def __str__(self):
        return f"{self.questionnaire} {self.quarter} {self.key}"
