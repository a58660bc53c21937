from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from organizations.classes import Industry, Region, Size


class Organization(models.Model):
    """The tenant; every answer belongs to exactly one.

    ``contact_code``, made when it is first asked for: whoever knows it may offer an engagement, and see the name.
    """

    class Kind(models.TextChoices):
        ENTERPRISE = "enterprise", _("Enterprise")
        CONSULTANCY = "consultancy", _("Consultancy")
        BOTH = "both", _("Enterprise and consultancy")
        SPONSOR = "sponsor", _("Group, park or authority")

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(unique=True, max_length=60)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.ENTERPRISE)
    industry = models.CharField(_("industry"), max_length=20, choices=Industry, blank=True)
    size = models.CharField(_("size"), max_length=20, choices=Size, blank=True)
    region = models.CharField(_("region"), max_length=20, choices=Region, blank=True)
    contact_code = models.CharField(max_length=12, unique=True, null=True, blank=True)
    benchmark_since = models.DateTimeField(null=True, blank=True)  # set: its scores may count, nameless, in benchmarks
    requires_second_factor = models.BooleanField(_("every member needs a second factor"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("organization", args=[self.slug])

    @property
    def contact_code_in_groups(self) -> str:
        """As people read it out: ABCD-EFGH-JKLM."""
        code = self.contact_code or ""
        return "-".join(code[start : start + 4] for start in range(0, len(code), 4))

    @property
    def has_clients(self) -> bool:
        """It looks at other organizations: as a consultancy, or as a sponsor."""
        return self.kind != self.Kind.ENTERPRISE


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    COORDINATOR = "coordinator", _("Coordinator")
    RESPONDENT = "respondent", _("Respondent")
    VIEWER = "viewer", _("Viewer")


class Department(models.Model):
    """A unit of the organization that answers items, and may be the scope of an assessment."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="departments")
    name = models.CharField(_("name"), max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager(organization="organization")

    class Meta:
        constraints = [models.UniqueConstraint("organization", Lower("name"), name="department_names_differ")]

    def __str__(self):
        return self.name


class Membership(models.Model):
    """A person's place in one organization."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    department = models.ForeignKey(Department, on_delete=models.SET_NULL, null=True, blank=True, related_name="memberships")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager(organization="organization")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="one_membership_per_person")]

    def __str__(self):
        return f"{self.user} · {self.get_role_display()}"


class Invitation(models.Model):
    """A place in the organization offered to one address. ``token_sha256`` is set when the mail leaves; the token itself is
    in the mail only, or was shown once to somebody who hands it on. Pending until accepted, revoked or expired."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=80, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role)
    department = models.ForeignKey(Department, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    language = models.CharField(max_length=10, blank=True)
    token_sha256 = models.CharField(max_length=64, blank=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    link_shown_at = models.DateTimeField(null=True, blank=True)  # set: the link did not travel by mail and proves no address
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager(organization="organization")

    class Meta:
        ordering = ["-invited_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("email"),
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
                name="one_open_invitation_per_address",
            ),
            models.UniqueConstraint(fields=["token_sha256"], condition=~Q(token_sha256=""), name="invitation_tokens_differ"),
        ]

    def __str__(self):
        return f"{self.email} · {self.get_role_display()}"

    @property
    def proves_address(self) -> bool:
        """Whoever holds the link reads the mail of the address it was sent to."""
        return self.link_shown_at is None
