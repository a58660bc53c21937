from django.urls import path

from reports import benchmark_views, comparing_views, views
from reports.portfolio import views as portfolio
from reports.statistics.views import ShowStatistics

urlpatterns = [
    path("statistics/", ShowStatistics.as_view(), name="statistics"),
    path("assessments/<int:assessment_id>/result/", views.ShowResult.as_view(), name="result"),
    path("assessments/<int:assessment_id>/derivation/", views.ShowDerivation.as_view(), name="derivation"),
    path("assessments/<int:assessment_id>/gaps/", views.ShowGaps.as_view(), name="gaps"),
    path("assessments/<int:assessment_id>/compare/", comparing_views.CompareAssessment.as_view(), name="compare_assessment"),
    path("portfolio/compare/", comparing_views.ComparePortfolio.as_view(), name="compare_portfolio"),
    path("assessments/<int:assessment_id>/benchmark/", benchmark_views.ShowBenchmark.as_view(), name="benchmark"),
    path("portfolio/", portfolio.ShowPortfolio.as_view(), name="portfolio"),
    path("portfolio/export.csv", portfolio.ExportPortfolio.as_view(form="csv"), name="portfolio_csv"),
    path("portfolio/export.xlsx", portfolio.ExportPortfolio.as_view(form="xlsx"), name="portfolio_workbook"),
    path("portfolio/views/", portfolio.SaveView.as_view(), name="save_portfolio_view"),
    path("portfolio/views/<int:view_id>/", portfolio.ChangeView.as_view(), name="change_portfolio_view"),
    path("portfolio/clients/<slug:client_slug>/tags/", portfolio.TagClient.as_view(), name="tag_client"),
    path("assessments/<int:assessment_id>/reports/", views.MakeReport.as_view(), name="make_report"),
    path("assessments/<int:assessment_id>/reports/<int:report_id>/", views.DownloadReport.as_view(), name="download_report"),
]
