from django.db import models


class QueuedMail(models.Model):
    """A mail that waits for the worker. It belongs to no tenant, and is deleted once sent: its text may hold a one-time link.

    Either ``subject`` and ``text`` are here, or ``kind`` names who renders them from ``payload`` when the mail leaves.
    """

    to = models.EmailField()
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    kind = models.CharField(max_length=40, blank=True)
    payload = models.JSONField(default=dict, blank=True)
    language = models.CharField(max_length=10, blank=True)
    queued_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)  # also the fence: who took the mail is known by its number
    leased_until = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["next_try_at", "pk"]
        indexes = [models.Index("next_try_at", condition=models.Q(failed_at__isnull=True), name="mail_that_waits")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(failed_at__isnull=True) | models.Q(text=""), name="failed_mail_keeps_no_text"
            )
        ]

    def __str__(self):
        return f"mail {self.pk}"


class DailyRun(models.Model):
    """One job on one day; ``done_at`` is set in the transaction that does the work, so its effect happens once."""

    name = models.CharField(max_length=200)
    on = models.DateField()
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "on"], name="one_run_a_day")]

    def __str__(self):
        return f"{self.name} on {self.on}"
