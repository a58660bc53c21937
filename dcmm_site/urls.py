from django.urls import include, path

from assessments.views.my_work import MyWork
from dcmm_site import views
from dcmm_site.isolation import views as isolation
from reports.views.verification import Verify

urlpatterns = [
    path("", MyWork.as_view(), name="home"),
    path("accounts/", include("allauth.urls")),
    path("language/", views.SetLanguage.as_view(), name="set_language"),
    path("health/", views.Health.as_view(), name="health"),
    path("staff/isolation/", isolation.Isolation.as_view(), name="isolation"),
    path("staff/isolation/start/", isolation.StartProof.as_view(), name="start_proof"),
    path("staff/isolation/state/", isolation.ProofState.as_view(), name="proof_state"),
    path("staff/isolation/<slug:stamp>/", isolation.IsolationPage.as_view(), name="isolation_page"),
    path("verify/", Verify.as_view(), name="verify"),
    path("", include("questionnaires.urls")),
    path("", include("organizations.urls")),
    path("o/<slug:organization_slug>/", include("organizations.tenant_urls")),
    path("o/<slug:organization_slug>/", include("assessments.urls")),
    path("o/<slug:organization_slug>/", include("reports.urls")),
]
handler404 = "dcmm_site.views.not_found"
