from django.conf import settings
from django.db import models
from django_scopes import ScopedManager


class ActivityEntry(models.Model):
    """One line of the trail: who did what, to what, when. Never changed, never deleted by the program."""

    organization = models.ForeignKey("organizations.Organization", on_delete=models.CASCADE, related_name="activity")
    verb = models.CharField(max_length=60)
    about = models.CharField(max_length=120, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} {self.about}"
