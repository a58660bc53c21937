from django.http import Http404
from django.urls import Resolver404, resolve
from django_scopes import scope

from organizations.guests import guest_at
from organizations.queries import membership_of


class TenantMiddleware:
    """Opens the scope of the organization that the address names.

    Every tenant page lies below ``/o/<organization_slug>/``. Who is neither a member nor the guest of a running engagement
    gets the 404 of a page that does not exist; who is not signed in is asked to sign in, whatever the address.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        slug = self._slug(request)
        request.membership = request.organization = None
        if slug is None or not request.user.is_authenticated:
            return self.get_response(request)
        request.membership = membership_of(request.user, slug) or guest_at(request.user, slug)
        if request.membership is None:
            with scope(organization=[]):
                return self.get_response(request)
        request.organization = request.membership.organization
        with scope(organization=request.organization):
            return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if "organization_slug" in kwargs and request.user.is_authenticated and request.membership is None:
            raise Http404
        return None

    @staticmethod
    def _slug(request):
        try:
            return resolve(request.path_info).kwargs.get("organization_slug")
        except Resolver404:
            return None
