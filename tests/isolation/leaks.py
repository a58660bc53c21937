"""The site's routes with three more, each of which leaks in its own way. For test_proof.py alone."""

import io
from pathlib import Path

import openpyxl
from django.conf import settings
from django.http import FileResponse, HttpResponse
from django.urls import include, path

from assessments.models import Assessment, Evidence
from organizations.access import TenantView
from organizations.permissions import Permission
from tests.conftest import everywhere


class UnscopedLookup(TenantView):
    permission = Permission.ASSESSMENT_VIEW

    def get(self, request, assessment_id):
        with everywhere():
            return HttpResponse(Assessment.objects.get(pk=assessment_id).name)


class ExportWithoutFilter(TenantView):
    permission = Permission.EVIDENCE_VIEW

    def get(self, request):
        book, file = openpyxl.Workbook(), io.BytesIO()
        with everywhere():
            for evidence in Evidence.objects.all():
                book.active.append([evidence.title])
        book.save(file)
        return HttpResponse(file.getvalue(), content_type="application/vnd.ms-excel")


class FileByPath(TenantView):
    permission = Permission.EVIDENCE_VIEW

    def get(self, request, path):
        return FileResponse((Path(settings.MEDIA_ROOT) / path).open("rb"))


class NeverFilled(TenantView):
    permission = Permission.ASSESSMENT_VIEW

    def get(self, request, riddle):
        return HttpResponse()


urlpatterns = [
    path("o/<slug:organization_slug>/leaks/<int:assessment_id>/", UnscopedLookup.as_view(), name="unscoped_lookup"),
    path("o/<slug:organization_slug>/leaks/all.xlsx", ExportWithoutFilter.as_view(), name="export_without_filter"),
    path("o/<slug:organization_slug>/leaks/files/<path:path>", FileByPath.as_view(), name="file_by_path"),
    path("o/<slug:organization_slug>/leaks/<str:riddle>/<int:kit_id>/", NeverFilled.as_view(), name="never_filled"),
    path("", include("dcmm_site.urls")),
]
handler404 = "dcmm_site.views.not_found"
