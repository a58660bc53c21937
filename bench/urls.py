"""The site's routes, and beside them a view that does nothing but send a page of a wanted length."""

from django.http import HttpResponse
from django.urls import include, path


def empty(request, length: int):
    return HttpResponse(b"x" * length)


urlpatterns = [path("bench/empty/<int:length>/", empty), path("", include("dcmm_site.urls"))]
handler404 = "dcmm_site.views.not_found"
