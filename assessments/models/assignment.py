from django.conf import settings
from django.db import models
from django.db.models import Q
from django_scopes import ScopedManager


class Assignment(models.Model):
    """One item handed to a department, to a person, or to a person in a department, until a day. No row: unassigned."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.CASCADE, related_name="assignments")
    item_code = models.CharField(max_length=20)
    department = models.ForeignKey(
        "organizations.Department", on_delete=models.CASCADE, null=True, blank=True, related_name="assignments"
    )
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    due_on = models.DateField(null=True, blank=True)
    note = models.TextField(max_length=500, blank=True)  # what the one who passed it on wrote
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    assigned_at = models.DateTimeField()

    objects = ScopedManager(organization="organization")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "item_code"], name="one_assignment_per_item"),
            models.CheckConstraint(
                condition=Q(department__isnull=False) | Q(person__isnull=False), name="assignment_names_somebody"
            ),
        ]

    def __str__(self):
        return f"{self.item_code} → {self.person or self.department}"
