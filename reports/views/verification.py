"""Is this report ours, and unchanged? For everybody who may read the content; tells a date and a hash, and nothing else."""

import hashlib

from allauth.core.internal import ratelimit
from django import forms
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from questionnaires.views.access import ContentView
from reports.models import IssuedFile
from reports.papers.verifying import claims_of

MAX_BYTES = 20 * 1024 * 1024
TRIES = {"verify_report": "30/1h/user,30/1h/ip"}


class VerifyForm(forms.Form):
    file = forms.FileField(
        label=_("PDF of a report"),
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
        help_text=_("At most 20 MB. The file is looked at and not kept."),
    )

    def clean_file(self) -> bytes:
        upload = self.cleaned_data["file"]
        if upload.size > MAX_BYTES:
            raise forms.ValidationError(gettext("The file is larger than %(size)d MB.") % {"size": MAX_BYTES // 1024 // 1024})
        content = upload.read()
        if not content.startswith(b"%PDF"):
            raise forms.ValidationError(gettext("This is no PDF. Please choose the file as it was downloaded here."))
        return content


class Verify(ContentView):
    def get(self, request):
        return self.page(request, VerifyForm())

    def post(self, request):
        if ratelimit.consume(request, app="reports", action="verify_report", config=TRIES, user=request.user) is None:
            return ratelimit.respond_429(request)
        form = VerifyForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(request, form, status=422)
        return self.page(request, VerifyForm(), **recognised(form.cleaned_data["file"]))

    @staticmethod
    def page(request, form, status=200, **found):
        return render(request, "reports/reports/verify.html", {"form": form, **found}, status=status)


def recognised(pdf: bytes) -> dict:
    """``outcome``: unchanged, changed or unknown; ``issued``: the file as it left this site, or one of the same snapshot."""
    sha256 = hashlib.sha256(pdf).hexdigest()
    if issued := IssuedFile.objects.filter(sha256=sha256).first():
        return {"outcome": "unchanged", "issued": issued, "sha256": sha256}
    issued = IssuedFile.objects.filter(snapshot_sha256__in=claims_of(pdf), kind="pdf").order_by("pk").first()
    return {"outcome": "changed" if issued else "unknown", "issued": issued, "sha256": sha256}
