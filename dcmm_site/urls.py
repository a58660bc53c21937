from django.urls import include, path

from dcmm_site import views

urlpatterns = [
    path("accounts/", include("allauth.account.urls")),
    path("language/", views.SetLanguage.as_view(), name="set_language"),
    path("health/", views.Health.as_view(), name="health"),
    path("", include("questionnaires.urls")),
    path("", include("organizations.urls")),
    path("o/<slug:organization_slug>/", include("assessments.urls")),
    path("o/<slug:organization_slug>/", include("reports.urls")),
]
handler404 = "dcmm_site.views.not_found"
