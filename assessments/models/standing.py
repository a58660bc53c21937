from django.db import models
from django.db.models import Q
from django_scopes import ScopedManager

from assessments.models.review import Layer


class Standing(models.Model):
    """How one part of an assessment stands by one layer: what the engine computed from the answers, kept for lists.

    ``part`` is an item's or a domain's code, or "" for the whole. Written in the transaction of every act that changes an
    answer, a verdict or the method (``operations.standings``), so it is never older than they are.
    """

    class Kind(models.TextChoices):
        WHOLE = "whole"
        DOMAIN = "domain"
        ITEM = "item"

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.CASCADE, related_name="standings")
    layer = models.CharField(max_length=20, choices=Layer, default=Layer.SELF)
    engagement = models.ForeignKey("organizations.Engagement", on_delete=models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    part = models.CharField(max_length=20, blank=True)
    score = models.PositiveSmallIntegerField(null=True)  # hundredths, half up, of the exact value: what every page shows
    exact = models.CharField(max_length=60, blank=True)  # the exact value, e.g. "27/10"; "" when nothing is applicable
    level = models.PositiveSmallIntegerField(null=True)
    answered = models.PositiveIntegerField()  # criteria with a rating; for the layers above, those judged and not open again
    total = models.PositiveIntegerField()

    objects = ScopedManager(organization="organization")

    class Meta:
        indexes = [
            models.Index(
                fields=["assessment"],
                include=["organization", "layer", "engagement", "score", "exact", "level", "answered", "total"],
                condition=Q(part=""),
                name="standings_of_wholes",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "part"], condition=Q(engagement__isnull=True), name="one_own_standing_per_part"
            ),
            models.UniqueConstraint(
                fields=["assessment", "engagement", "layer", "part"],
                condition=Q(engagement__isnull=False),
                name="one_standing_per_part_and_layer",
            ),
            models.CheckConstraint(
                condition=Q(layer=Layer.SELF, engagement__isnull=True) | (~Q(layer=Layer.SELF) & Q(engagement__isnull=False)),
                name="only_layers_of_an_engagement_have_one",
            ),
        ]

    def __str__(self):
        return f"{self.assessment_id} {self.layer} {self.part or 'all'}: {self.score}"

    @property
    def shown(self) -> str:
        return "" if self.score is None else f"{self.score // 100}.{self.score % 100:02}"
