from django.db import models


class Version(models.Model):
    """A frozen issue of a package: a questionnaire, or the policy library.

    ``content`` is the whole package as canonical JSON; everything that is shown or scored is read from it. Once loaded it
    never changes (``questionnaires.loading`` refuses); an assessment stays on the version it began with.
    """

    class Kind(models.TextChoices):
        LEVELS = "levels"
        ANCHORS = "anchors"
        POLICIES = "policies"

    code = models.CharField(max_length=60)
    number = models.CharField(max_length=20)
    kind = models.CharField(max_length=20, choices=Kind)
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "number"], name="one_version_per_number")]
        ordering = ["code", "-pk"]

    def __str__(self):
        return f"{self.code} {self.number}"


class Criterion(models.Model):
    """What takes a rating in a version: a criterion, or a policy action. Here only so that answers can refer to it."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="criteria")
    code = models.CharField(max_length=60)
    item = models.CharField(max_length=60)
    position = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="one_criterion_per_code")]
        ordering = ["version", "position"]

    def __str__(self):
        return self.code
