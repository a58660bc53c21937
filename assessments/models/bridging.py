from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from assessments.carrying import RULES
from assessments.scoring import RATINGS


class DraftAnswer(models.Model):
    """What the bridge from an older edition proposes for one criterion; it counts for nothing until it is taken over.

    ``rule`` names how the rating was found (assessments/carrying.py); without a rating there is no proposal. Why the criterion
    is another one now stands in the questionnaire.
    """

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("Taken over")
        DISMISSED = "dismissed", _("Dismissed")

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.CASCADE, related_name="drafts")
    criterion = models.ForeignKey("questionnaires.Criterion", on_delete=models.PROTECT, related_name="+")
    relation = models.CharField(max_length=20)
    came_from = models.JSONField(default=list, blank=True)  # codes of the older edition
    rule = models.CharField(max_length=20)
    rating = models.CharField(max_length=10, blank=True)
    na_reason = models.CharField(max_length=20, blank=True)
    note = models.TextField(max_length=2000, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager(organization="organization")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "criterion"], name="one_draft_per_criterion"),
            models.CheckConstraint(condition=Q(rating__in=["", *RATINGS]), name="drafted_rating_is_known"),
            models.CheckConstraint(condition=Q(rule__in=RULES), name="drafting_rule_is_known"),
        ]

    def __str__(self):
        return f"{self.criterion_id}: {self.relation} {self.rating}"
