from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.fields.files import FieldFile
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from reports import variants


def _path(report, filename):
    return f"reports/{report.organization_id}/{report.sha256[:16]}-{filename}"


class Report(models.Model):
    """A report that was asked for: the snapshot that it tells, frozen then, and the files that the worker made from it.

    ``engagement``: whose team asked; none: the enterprise. ``engagements``: those whose verdicts it tells (primary keys):
    for their own firms and the enterprise alone. ``assessments``: the other ones that it tells (primary keys), for guests
    who may see all of these; None until they have been read out of what the worker froze. ``snapshot`` holds one snapshot
    as canonical JSON, of two languages a list of both. ``hashes``: format -> SHA-256 of its file. A file that has expired is
    gone; the snapshot stays, and gives the same bytes anew.
    """

    class Variant(models.TextChoices):
        FULL = variants.FULL, _("Full volume")
        CHIEF = variants.CHIEF, _("Two pages for the chief")
        DEPARTMENT = variants.DEPARTMENT, _("Department volume")
        EXTERNAL = variants.EXTERNAL, _("External version")

    class Language(models.TextChoices):
        CHINESE = "zh-hans", _("Chinese")
        ENGLISH = "en", _("English")
        BOTH = "both", _("Chinese and English side by side")

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="reports")
    assessment = models.ForeignKey("assessments.Assessment", on_delete=models.CASCADE, related_name="reports")
    engagement = models.ForeignKey(
        "organizations.Engagement", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    engagements = models.JSONField(default=list, blank=True)
    assessments = models.JSONField(null=True, blank=True)
    variant = models.CharField(max_length=12, choices=Variant, default=Variant.FULL)
    department = models.ForeignKey(
        "organizations.Department", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    department_name = models.CharField(max_length=80, blank=True)  # as it was then
    items = models.JSONField(default=list, blank=True)  # of a department volume: its items' codes
    language = models.CharField(max_length=10, choices=Language)
    formats = models.JSONField(default=list, blank=True)  # of "pdf", "docx", "xlsx"
    is_draft = models.BooleanField(default=False)
    snapshot = models.TextField(blank=True)  # of a batch: empty until the worker has frozen it
    sha256 = models.CharField(max_length=64, blank=True)
    file = models.FileField(upload_to=_path, max_length=200, blank=True)
    word = models.FileField(upload_to=_path, max_length=200, blank=True)
    workbook = models.FileField(upload_to=_path, max_length=200, blank=True)
    hashes = models.JSONField(default=dict, blank=True)
    pages = models.PositiveIntegerField(null=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    expired_at = models.DateTimeField(null=True)

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self):
        return f"{self.assessment} {self.made_at:%Y-%m-%d}"

    def get_absolute_url(self):
        return reverse("download_report", args=[self.organization.slug, self.assessment_id, self.pk])

    @property
    def file_of(self) -> dict[str, FieldFile]:
        """Format -> its file, of those that are there."""
        files = {"pdf": self.file, "docx": self.word, "xlsx": self.workbook}
        return {kind: file for kind, file in files.items() if file}


class ReportBatch(models.Model):
    """Several reports that were asked for at once, of several enterprises or departments; handed over as one archive.

    Belongs to the organization of who asked. ``members``: [enterprise, report], ``left_out``: [enterprise, key of the reason],
    both with primary keys. The archive is put together when it is fetched, of what its reader may see by then.
    """

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=120)
    members = models.JSONField(default=list)
    left_out = models.JSONField(default=list, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)  # none of its reports is waiting or being made

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("report_batch", args=[self.organization.slug, self.pk])


class RenderJob(models.Model):
    """A report that waits for a worker or is being made. The queue of all tenants: ids and progress only.

    Of several workers the one whose ``token`` stands here has it, until ``leased_until``; what another one finishes is thrown
    away. ``attempts`` counts the workers that took it; a failure at the third or later is the last. ``tenant``: whose it is;
    ``person``, as a guest through ``engagement``: whose rights it is made with; ``asking``: the organization for which they
    ask, among which the workers are shared.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        MAKING = "making", _("Being made")
        DONE = "done", _("Ready")
        FAILED = "failed", _("Failed")
        CANCELLED = "cancelled", _("Cancelled")

    tenant = models.PositiveBigIntegerField()
    asking = models.PositiveBigIntegerField()
    person = models.PositiveBigIntegerField()
    engagement = models.PositiveBigIntegerField(null=True)
    report = models.PositiveBigIntegerField(unique=True)
    batch = models.PositiveBigIntegerField(null=True, db_index=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    step = models.CharField(max_length=20, blank=True)  # a key of reports/jobs.py
    percent = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    token = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField()
    is_cancelled = models.BooleanField(default=False)  # asked for; the worker looks
    failure = models.CharField(max_length=40, blank=True)  # a key of reports/jobs.py
    queued_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["queued_at", "pk"]
        indexes = [models.Index(fields=["state", "next_try_at"]), models.Index(fields=["asking", "taken_at"])]

    def __str__(self):
        return f"{self.tenant}/{self.report} {self.state}"

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.WAITING, self.State.MAKING)


class IssuedFile(models.Model):
    """The hash of a file that left this site, so that it is recognised when it comes back. Tells nobody whose it is."""

    sha256 = models.CharField(max_length=64, unique=True)
    snapshot_sha256 = models.CharField(max_length=64, db_index=True)
    kind = models.CharField(max_length=10)  # pdf, docx, xlsx
    issued_on = models.DateField()

    def __str__(self):
        return f"{self.kind} {self.sha256[:12]}"


class Branding(models.Model):
    """How reports are dressed that this organization makes: a consultancy's own look, or an enterprise's."""

    organization = models.OneToOneField("organizations.Organization", on_delete=models.CASCADE, related_name="branding")
    logo = models.TextField(blank=True)  # PNG in base64, decoded and encoded anew by us
    accent = models.CharField(_("accent colour"), max_length=7, blank=True)  # like #b83a26
    cover_text = models.CharField(_("text on the cover"), max_length=300, blank=True)
    disclaimer = models.TextField(_("disclaimer"), max_length=2000, blank=True)
    revision = models.PositiveIntegerField(default=1)

    objects = ScopedManager(organization="organization")

    def __str__(self):
        return f"branding of {self.organization_id}"


class ClientTag(models.Model):
    """A word that a consultancy or sponsor (``organization``) files a client under; its own, the client does not see it."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    client = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("tag"), max_length=40)

    objects = ScopedManager(organization="organization")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "client", "name"], name="one_tag_per_client_and_word")]

    def __str__(self):
        return self.name


class SavedView(models.Model):
    """A person's way of looking at the portfolio: the filters, columns and order that the query string holds."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=2000, blank=True)
    is_default = models.BooleanField(default=False)
    deleted_at = models.DateTimeField(null=True, blank=True)  # so that deleting can be undone

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user", "name"], condition=Q(deleted_at__isnull=True), name="one_view_per_name"
            ),
            models.UniqueConstraint(
                fields=["organization", "user"],
                condition=Q(is_default=True, deleted_at__isnull=True),
                name="one_default_view_per_person",
            ),
        ]

    def __str__(self):
        return self.name


class BenchmarkGroup(models.Model):
    """A group of enterprises that take part in benchmarks, as it stands for a quarter (``reports.comparisons.benchmark``).

    Without names.

    Belongs to no tenant: its members read it through ``reports.comparisons.contributions``, each with their own figures
    left out.
    ``marks`` is the composition that was shown last, also while the group is hidden and ``members`` empty.
    """

    quarter = models.CharField(max_length=6)  # e.g. 2026Q4
    questionnaire = models.CharField(max_length=60)
    key = models.CharField(max_length=120, blank=True)
    members = models.JSONField(default=list, blank=True)
    marks = models.JSONField(default=list, blank=True)
    frozen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["questionnaire", "key"], name="one_benchmark_group_per_key")]

    def __str__(self):
        return f"{self.questionnaire} {self.quarter} {self.key}"
