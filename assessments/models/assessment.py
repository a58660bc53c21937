from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from questionnaires.library import questionnaire_of
from questionnaires.schema import Questionnaire


class Assessment(models.Model):
    """One organization working through one version of a questionnaire. ``target`` is a level 1-5; policy actions have none."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="assessments")
    version = models.ForeignKey("questionnaires.Version", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=120)
    target = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)])
    method = models.CharField(max_length=40, blank=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField()

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(target__isnull=True) | Q(target__range=(1, 5)), name="target_is_a_level")
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("assessment", args=[self.organization.slug, self.pk])

    @property
    def questionnaire(self) -> Questionnaire:
        return questionnaire_of(self.version)
