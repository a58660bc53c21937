from django.urls import path

from reports import views

urlpatterns = [
    path("assessments/<int:assessment_id>/result/", views.ShowResult.as_view(), name="result"),
    path("assessments/<int:assessment_id>/derivation/", views.ShowDerivation.as_view(), name="derivation"),
    path("assessments/<int:assessment_id>/gaps/", views.ShowGaps.as_view(), name="gaps"),
    path("assessments/<int:assessment_id>/reports/", views.MakeReport.as_view(), name="make_report"),
    path("assessments/<int:assessment_id>/reports/<int:report_id>/", views.DownloadReport.as_view(), name="download_report"),
]
