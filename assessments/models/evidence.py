from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager


class Evidence(models.Model):
    """A file or link that backs answers, described once for the whole organization and used by many criteria."""

    class Kind(models.TextChoices):
        POLICY = "policy", _("Policy or rule")
        PLAN = "plan", _("Plan or strategy")
        STANDARD = "standard", _("Standard")
        RECORD = "record", _("Record of work done")
        REPORT = "report", _("Report or statistics")
        SYSTEM = "system", _("System or screenshot")
        CONTRACT = "contract", _("Contract or appointment")
        TRAINING = "training", _("Training")
        OTHER = "other", _("Other")

    class Confidentiality(models.TextChoices):
        PUBLIC = "public", _("Public")
        INTERNAL = "internal", _("Internal")
        CONFIDENTIAL = "confidential", _("Confidential: owner, coordinators and whoever added it")

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="evidence")
    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.OTHER)
    confidentiality = models.CharField(_("confidentiality"), max_length=20, choices=Confidentiality, default="internal")
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    keeper = models.CharField(_("kept by (department or person)"), max_length=80, blank=True)
    revision = models.PositiveIntegerField(default=1)  # counts its descriptions: a change states the one it read
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)  # in the bin: out of every list, brought back by undo

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["-added_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(issued_on__isnull=True) | Q(valid_until__isnull=True) | Q(issued_on__lte=F("valid_until")),
                name="evidence_does_not_end_before_it_begins",
            )
        ]

    def __str__(self):
        return self.title


class EvidenceVersion(models.Model):
    """One issue of a piece of evidence: either a stored file with its hash and size, or a link."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    evidence = models.ForeignKey(Evidence, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    file = models.FileField(upload_to="evidence/", max_length=200, blank=True)  # a key of ours, never the user's name
    url = models.URLField(max_length=500, blank=True)
    name = models.CharField(max_length=200, blank=True)  # the user's name for the file: a label
    media_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(null=True, blank=True)  # bytes
    sha256 = models.CharField(max_length=64, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField()

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["evidence", "number"], name="one_evidence_version_per_number"),
            models.CheckConstraint(
                condition=(Q(url="") & ~Q(file="") & ~Q(sha256="")) | (~Q(url="") & Q(file="")),
                name="evidence_is_a_file_with_a_hash_or_a_link",
            ),
        ]

    def __str__(self):
        return f"{self.evidence_id} v{self.number}"


class EvidenceLink(models.Model):
    """One piece of evidence proving one criterion of one assessment, with the page or section that does."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    evidence = models.ForeignKey(Evidence, on_delete=models.CASCADE, related_name="links")
    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.CASCADE, related_name="evidence_links")
    criterion = models.ForeignKey("questionnaires.Criterion", on_delete=models.PROTECT, related_name="+")
    place = models.CharField(_("page or section"), max_length=120, blank=True)
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    linked_at = models.DateTimeField()

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["linked_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["evidence", "assessment", "criterion"], name="one_link_per_criterion_and_piece")
        ]

    def __str__(self):
        return f"{self.evidence_id} → {self.criterion_id}"
