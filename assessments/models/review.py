from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from assessments.scoring import ANCHORS, RATINGS


class Layer(models.TextChoices):
    """Whose judgement. Each stays as it was said; a layer above shows its own verdict, else what lies below."""

    SELF = "self", _("Self-assessment")
    CONSULTANT = "consultant", _("Consultant")
    PANEL = "panel", _("Expert panel")


class EngagementScope(models.Model):
    """An assessment that an engagement covers which does not cover all."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    engagement = models.ForeignKey("organizations.Engagement", on_delete=models.CASCADE, related_name="scopes")
    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.CASCADE, related_name="scopes")

    objects = ScopedManager(organization="organization")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["engagement", "assessment"], name="one_scope_per_assessment")]

    def __str__(self):
        return f"{self.engagement_id} covers {self.assessment_id}"


class Verdict(models.Model):
    """What a reviewer says about one answer. ``answer_revision`` is the revision that was judged (0: nothing was answered):
    once the answer has another one, the verdict is open again and counts no more until it is given anew.

    ``rating`` is the judged one: the answer's own (agree), another (adjust), none (need more).
    """

    class Kind(models.TextChoices):
        AGREE = "agree", _("Agree")
        ADJUST = "adjust", _("Adjust")
        MORE = "more", _("Need more")

    class Reason(models.TextChoices):
        NO_PROOF = "no_proof", _("Not proven by the evidence")
        OUTDATED = "outdated", _("The evidence is outdated")
        PARTIAL = "partial", _("Covers only part of the scope")
        NOT_LIVED = "not_lived", _("Written down but not practised")
        MISREAD = "misread", _("The question was understood differently")
        MODEST = "modest", _("Better than it was rated")
        OTHER = "other", _("Other")

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    engagement = models.ForeignKey("organizations.Engagement", on_delete=models.CASCADE, related_name="+")
    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.CASCADE, related_name="verdicts")
    layer = models.CharField(max_length=20, choices=Layer, default=Layer.CONSULTANT)
    criterion = models.ForeignKey("questionnaires.Criterion", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    rating = models.CharField(max_length=10, blank=True)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    note = models.TextField(max_length=2000, blank=True)
    answer_revision = models.PositiveIntegerField()
    evidence = models.JSONField(default=list)  # the pieces (primary keys) that were linked when it was judged
    revision = models.PositiveIntegerField(default=1)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField()

    objects = ScopedManager(organization="organization")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "engagement", "layer", "criterion"], name="one_verdict_per_layer"),
            models.CheckConstraint(condition=Q(rating__in=["", *RATINGS, *ANCHORS]), name="judged_rating_is_known"),
            models.CheckConstraint(condition=~Q(layer=Layer.SELF), name="verdicts_are_not_the_enterprises"),
            models.CheckConstraint(
                condition=~Q(kind="adjust") | (~Q(rating="") & ~Q(reason="") & ~Q(note="")),
                name="an_adjustment_has_rating_reason_and_note",
            ),
        ]

    def __str__(self):
        return f"{self.criterion_id}: {self.kind} {self.rating}"


class VerdictRevision(models.Model):
    """One saved state of a verdict, kept for ever."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    verdict = models.ForeignKey(Verdict, on_delete=models.CASCADE, related_name="revisions")
    revision = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    rating = models.CharField(max_length=10, blank=True)
    reason = models.CharField(max_length=20, blank=True)
    note = models.TextField(max_length=2000, blank=True)
    answer_revision = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["-revision"]
        constraints = [models.UniqueConstraint(fields=["verdict", "revision"], name="one_row_per_verdict_revision")]

    def __str__(self):
        return f"{self.verdict_id} r{self.revision}"


class ReturnPoint(models.Model):
    """One thing that a return asks for. Done once the answer has another revision or its evidence has changed."""

    class Kind(models.TextChoices):
        MORE = "more", _("Question of the review")
        ADJUST = "adjust", _("Adjusted in the review")
        UNPROVEN = "unproven", _("No valid evidence")

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.CASCADE, related_name="return_points")
    engagement = models.ForeignKey("organizations.Engagement", on_delete=models.SET_NULL, null=True, related_name="+")
    criterion = models.ForeignKey("questionnaires.Criterion", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    text = models.TextField(max_length=2000, blank=True)
    answer_revision = models.PositiveIntegerField()
    evidence = models.JSONField(default=list)
    returned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    returned_at = models.DateTimeField()

    objects = ScopedManager(organization="organization")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "criterion", "returned_at"], name="one_point_per_criterion_and_return"
            ),
        ]

    def __str__(self):
        return f"{self.criterion_id}: {self.kind}"


class SignOff(models.Model):
    """The first of two signatures under a review. ``sha256`` is of all that was judged: a change undoes the signature."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.CASCADE, related_name="sign_offs")
    engagement = models.ForeignKey("organizations.Engagement", on_delete=models.SET_NULL, null=True, related_name="+")
    sha256 = models.CharField(max_length=64)
    note = models.TextField(max_length=2000, blank=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    signed_at = models.DateTimeField()

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["-signed_at", "-pk"]

    def __str__(self):
        return f"{self.assessment_id} {self.signed_at:%Y-%m-%d}"
