from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from assessments.scoring import ANCHORS, RATINGS


class PanelItem(models.Model):
    """An item that several consultants rate, each alone. Nobody sees another's ratings before ``revealed_at``."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    engagement = models.ForeignKey("organizations.Engagement", on_delete=models.CASCADE, related_name="+")
    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.CASCADE, related_name="panel_items")
    item_code = models.CharField(max_length=20)
    called_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    called_at = models.DateTimeField()
    revealed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    revealed_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["called_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "engagement", "item_code"], name="one_panel_per_item_and_engagement")
        ]

    def __str__(self):
        return f"{self.assessment_id} {self.item_code}"


class PanelRater(models.Model):
    """A consultant who rates the item of a panel."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    panel = models.ForeignKey(PanelItem, on_delete=models.CASCADE, related_name="raters")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["panel", "user"], name="one_place_on_a_panel_per_person")]

    def __str__(self):
        return f"{self.panel_id}: {self.user_id}"


class BlindRating(models.Model):
    """What one rater says of one criterion, before they know what the others say. ``answer_revision``: of the answer seen."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    rater = models.ForeignKey(PanelRater, on_delete=models.CASCADE, related_name="ratings")
    criterion = models.ForeignKey("questionnaires.Criterion", on_delete=models.PROTECT, related_name="+")
    rating = models.CharField(_("rating"), max_length=10, blank=True)
    note = models.TextField(_("note"), max_length=2000, blank=True)
    answer_revision = models.PositiveIntegerField()
    revision = models.PositiveIntegerField(default=1)
    rated_at = models.DateTimeField()

    objects = ScopedManager(organization="organization")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rater", "criterion"], name="one_blind_rating_per_criterion"),
            models.CheckConstraint(condition=Q(rating__in=["", *RATINGS, *ANCHORS]), name="blind_rating_is_known"),
        ]

    def __str__(self):
        return f"{self.rater_id} {self.criterion_id}: {self.rating}"
