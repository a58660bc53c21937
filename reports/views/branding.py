"""How an organization's reports are dressed: logo, colour, texts; with a preview."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations.access import TenantView
from organizations.permissions import Permission
from reports.forms.branding import BrandingForm
from reports.models import Branding
from reports.operations.branding import Stale, edit_branding

DEFAULT_ACCENT = "#b83a26"


class ShowBranding(TenantView):
    permission = Permission.ORGANIZATION_EDIT

    def get(self, request):
        return self.page(BrandingForm.of(self.saved()))

    def post(self, request):
        form = BrandingForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(form, status=422)
        try:
            edit_branding(organization=request.organization, **form.values(), by=request.user, at=timezone.now())
        except Stale as error:
            return self.page(form, theirs=error.current, status=409)
        messages.success(request, _("Saved. Reports made from now on look like this."))
        return redirect("branding", request.organization.slug)

    def saved(self) -> Branding:
        return Branding.objects.filter(organization=self.request.organization).first() or Branding(revision=0)

    def page(self, form: BrandingForm, theirs: Branding | None = None, status=200):
        """``theirs``: what somebody else saved meanwhile; shown beside what was typed, which the next save then replaces."""
        saved = theirs or self.saved()
        if theirs:
            form = form.for_revision(theirs.revision)
        if not saved.logo:
            del form.fields["remove_logo"]
        context = {"form": form, "saved": saved, "theirs": theirs, "accent": saved.accent or DEFAULT_ACCENT, "may_edit": True}
        return render(self.request, "reports/reports/branding.html", context, status=status)
