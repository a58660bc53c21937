from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from assessments.planning import CLOSED, CLOSING, DOING, DROPPED, OPEN
from questionnaires.labels import LEAD_LABELS


class PlanSetting(models.Model):
    """How the improvement plan of one assessment is reckoned: when it begins, what a day of each role costs, how many actions
    run side by side."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    assessment = models.OneToOneField("assessments.Assessment", on_delete=models.CASCADE, related_name="plan_setting")
    starts_on = models.DateField(_("plan begins on"))
    rates = models.JSONField(default=dict, blank=True)  # lead -> money per person-day, as text
    currency = models.CharField(_("currency"), max_length=10, default="CNY")
    parallel = models.PositiveSmallIntegerField(_("actions side by side"), default=3)
    revision = models.PositiveIntegerField(default=0)  # 0: nobody set it yet; a change states the one it read

    objects = ScopedManager(organization="organization")

    def __str__(self):
        return f"plan of {self.assessment_id}"


class ImprovementAction(models.Model):
    """Something to be done so that criteria become fully met: from the bank, from several gaps at once, or of one's own.

    Closing it does not touch the answers of the assessment: they stay as they were assessed. Closed actions are counted on top.
    """

    class Status(models.TextChoices):
        OPEN = OPEN, _("To do")
        DOING = DOING, _("In progress")
        CLOSING = CLOSING, _("To be confirmed")
        CLOSED = CLOSED, _("Closed")
        DROPPED = DROPPED, _("Not pursued")

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.CASCADE, related_name="actions")
    number = models.PositiveIntegerField()  # within the assessment; never used twice
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("what is to be done"), max_length=4000, blank=True)
    lead = models.CharField(_("lead"), max_length=20, choices=list(LEAD_LABELS.items()), blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    department = models.ForeignKey(
        "organizations.Department", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    days = models.DecimalField(_("person-days"), max_digits=6, decimal_places=1, default=0)
    weeks = models.PositiveSmallIntegerField(_("weeks"), default=1)
    starts_on = models.DateField(_("begins on"), null=True, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    quarter = models.CharField(_("quarter"), max_length=6, blank=True)  # e.g. 2026Q4, where it is pinned by hand
    is_on = models.BooleanField(default=True)  # counts in the what-if
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    revision = models.PositiveIntegerField(default=1)  # a change states the one it read
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)  # out of every list, brought back by undo
    merged_into = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")  # then removed

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "number"], name="one_action_per_number"),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(due_on__isnull=True) | Q(starts_on__lte=F("due_on")),
                name="action_is_not_due_before_it_begins",
            ),
        ]

    def __str__(self):
        return self.title


class ActionAim(models.Model):
    """A criterion that the action raises to fully met."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    action = models.ForeignKey(ImprovementAction, on_delete=models.CASCADE, related_name="aims")
    criterion = models.ForeignKey("questionnaires.Criterion", on_delete=models.PROTECT, related_name="+")

    objects = ScopedManager(organization="organization")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["action", "criterion"], name="one_aim_per_criterion")]

    def __str__(self):
        return f"{self.action_id} → {self.criterion_id}"


class ActionNeed(models.Model):
    """``needs`` comes before ``action``."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    action = models.ForeignKey(ImprovementAction, on_delete=models.CASCADE, related_name="needs")
    needs = models.ForeignKey(ImprovementAction, on_delete=models.CASCADE, related_name="needed_by")

    objects = ScopedManager(organization="organization")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["action", "needs"], name="one_need_per_pair"),
            models.CheckConstraint(condition=~Q(action=F("needs")), name="no_action_needs_itself"),
        ]

    def __str__(self):
        return f"{self.needs_id} before {self.action_id}"


class ActionComment(models.Model):
    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    action = models.ForeignKey(ImprovementAction, on_delete=models.CASCADE, related_name="comments")
    text = models.TextField(max_length=2000)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    written_at = models.DateTimeField()

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["written_at", "pk"]

    def __str__(self):
        return f"{self.action_id} {self.written_at:%Y-%m-%d}"


class ActionProof(models.Model):
    """A piece of evidence that shows that the action is done."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    action = models.ForeignKey(ImprovementAction, on_delete=models.CASCADE, related_name="proofs")
    evidence = models.ForeignKey("assessments.Evidence", on_delete=models.CASCADE, related_name="+")
    place = models.CharField(_("page or section"), max_length=120, blank=True)

    objects = ScopedManager(organization="organization")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["action", "evidence"], name="one_proof_per_piece")]

    def __str__(self):
        return f"{self.action_id} by {self.evidence_id}"


class ActionClosing(models.Model):
    """Somebody says that an action is done, somebody else confirms or refuses; a confirmation can be undone.

    ``before`` and ``after``: the exact total as it was previewed and confirmed, e.g. ``137/50``; levels beside them.
    """

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        UNDONE = "undone", _("Undone")

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    action = models.ForeignKey(ImprovementAction, on_delete=models.CASCADE, related_name="closings")
    note = models.TextField(max_length=2000, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    decision = models.TextField(max_length=2000, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    before = models.CharField(max_length=60, blank=True)
    after = models.CharField(max_length=60, blank=True)
    level_before = models.PositiveSmallIntegerField(null=True)
    level_after = models.PositiveSmallIntegerField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_why = models.TextField(max_length=2000, blank=True)

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["action"], condition=Q(outcome=""), name="one_closing_waits_per_action"),
        ]

    def __str__(self):
        return f"{self.action_id} {self.outcome}"
