from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from assessments.scoring import ANCHORS, RATINGS


class Answer(models.Model):
    """What was said about one criterion. ``revision`` counts its saves: a save states the one it read."""

    class NaReason(models.TextChoices):
        NOT_IN_SCOPE = "not_in_scope", _("Not in scope")
        DONE_ELSEWHERE = "done_elsewhere", _("Done elsewhere")
        OTHER = "other", _("Other")

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.CASCADE, related_name="answers")
    criterion = models.ForeignKey("questionnaires.Criterion", on_delete=models.PROTECT, related_name="+")
    rating = models.CharField(max_length=10, blank=True)
    na_reason = models.CharField(max_length=20, choices=NaReason, blank=True)
    note = models.TextField(max_length=2000, blank=True)
    revision = models.PositiveIntegerField(default=1)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    answered_at = models.DateTimeField()

    objects = ScopedManager(organization="organization")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "criterion"], name="one_answer_per_criterion"),
            models.CheckConstraint(condition=Q(rating__in=["", *RATINGS, *ANCHORS]), name="rating_is_known"),
            models.CheckConstraint(
                condition=(Q(rating="na") & ~Q(na_reason="") & ~Q(note="")) | (~Q(rating="na") & Q(na_reason="")),
                name="na_has_reason_and_note_and_nothing_else_has",
            ),
        ]

    def __str__(self):
        return f"{self.criterion_id}: {self.rating}"
