from django.core.exceptions import PermissionDenied
from django.views import View

from organizations.permissions import Permission, allows

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class TenantView(View):
    """A page below ``/o/<organization_slug>/``: the middleware checked membership, here the permission is checked.

    ``permission`` is what every method needs; ``write_permission`` is needed in addition by anything but reading.
    """

    permission: Permission
    write_permission: Permission | None = None

    def dispatch(self, request, *args, organization_slug, **kwargs):
        if not all(self.role_allows(permission) for permission in self.needed(request)):
            raise PermissionDenied
        return self.handle(request, *args, **kwargs)

    def handle(self, request, *args, **kwargs):
        """The request of somebody whose role allows it."""
        return super().dispatch(request, *args, **kwargs)

    def needed(self, request) -> list[Permission]:
        reads = request.method in SAFE_METHODS
        return [self.permission] if reads or not self.write_permission else [self.permission, self.write_permission]

    def role_allows(self, permission: Permission) -> bool:
        return allows(self.request.membership.role, permission)

    def may(self, permission: Permission) -> bool:
        """For the page: whether to offer it."""
        return self.role_allows(permission)
