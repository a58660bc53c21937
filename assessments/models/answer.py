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


class AnswerRevision(models.Model):
    """One saved state of an answer, kept for ever: its history, and what an undo goes back to."""

    class Via(models.TextChoices):
        WEB = "web", _("on the page")
        UNDO = "undo", _("undone")
        KIT = "kit", _("from the workbook")
        TAKEN_OVER = "taken_over", _("taken over from the last assessment")
        BRIDGE = "bridge", _("carried over from the older edition")

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="revisions")
    revision = models.PositiveIntegerField()
    rating = models.CharField(max_length=10, blank=True)
    na_reason = models.CharField(max_length=20, blank=True)
    note = models.TextField(max_length=2000, blank=True)
    via = models.CharField(max_length=20, choices=Via, default=Via.WEB)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    department = models.ForeignKey("organizations.Department", on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["-revision"]
        constraints = [models.UniqueConstraint(fields=["answer", "revision"], name="one_row_per_revision")]

    def __str__(self):
        return f"{self.answer_id} r{self.revision}"


class Mark(models.Model):
    """A criterion that somebody marked for a second look; the mark is the team's, anyone who answers may lift it."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.CASCADE, related_name="marks")
    criterion = models.ForeignKey("questionnaires.Criterion", on_delete=models.PROTECT, related_name="+")
    marked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    marked_at = models.DateTimeField()

    objects = ScopedManager(organization="organization")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assessment", "criterion"], name="one_mark_per_criterion")]

    def __str__(self):
        return f"{self.assessment_id} {self.criterion_id}"


class Comment(models.Model):
    """One contribution to the discussion of a criterion. ``asked`` is whom it asks; a question is open until settled.

    ``engagement``: whose team wrote it; other firms do not see it. None: the enterprise's own people.
    """

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.CASCADE, related_name="comments")
    criterion = models.ForeignKey("questionnaires.Criterion", on_delete=models.PROTECT, related_name="+")
    engagement = models.ForeignKey("organizations.Engagement", on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField(max_length=2000)
    asked = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    is_question = models.BooleanField(default=False)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    written_at = models.DateTimeField()
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["written_at", "pk"]

    def __str__(self):
        return f"{self.criterion_id}: {self.text[:40]}"
