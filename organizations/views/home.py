from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from organizations.forms import OrganizationForm
from organizations.operations.membership import found_organization


class FoundOrganization(View):
    def get(self, request):
        return self._page(request, OrganizationForm())

    def post(self, request):
        form = OrganizationForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        organization = found_organization(**form.cleaned_data, by=request.user, at=timezone.now())
        messages.success(request, _("%(name)s is set up.") % {"name": organization.name})
        return redirect(organization)

    @staticmethod
    def _page(request, form, status=200):
        return render(request, "organizations/found.html", {"form": form}, status=status)
