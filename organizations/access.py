from django.core.exceptions import PermissionDenied
from django.views import View

from organizations.permissions import Permission, allows


class TenantView(View):
    """A page below ``/o/<organization_slug>/``: the middleware checked membership, here the permission is checked.

    ``permission`` is what every method needs; ``write_permission`` is needed in addition by anything but reading.
    """

    permission: Permission
    write_permission: Permission | None = None

    def dispatch(self, request, *args, organization_slug, **kwargs):
        needed = [self.permission]
        if self.write_permission and request.method not in ("GET", "HEAD", "OPTIONS"):
            needed.append(self.write_permission)
        if not all(self.may(permission) for permission in needed):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def may(self, permission: Permission) -> bool:
        return allows(self.request.membership.role, permission)
