from django.urls import path

from reports import batch_views, benchmark_views, branding_views, change_views, comparing_views, report_views, views
from reports.portfolio import views as portfolio
from reports.statistics.views import ShowStatistics

REPORT = "assessments/<int:assessment_id>/reports/<int:report_id>"
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
    path("assessments/<int:assessment_id>/reports/", report_views.Reports.as_view(), name="reports"),
    path("assessments/<int:assessment_id>/reports/usual/", report_views.MakeReport.as_view(), name="make_report"),
    path(f"{REPORT}/", report_views.DownloadReport.as_view(), name="download_report"),
    path(f"{REPORT}/state/", report_views.ReportState.as_view(), name="report_state"),
    path(f"{REPORT}/cancel/", report_views.CancelReport.as_view(), name="cancel_report"),
    path(f"{REPORT}/again/", report_views.MakeAgain.as_view(), name="make_report_again"),
    path(f"{REPORT}/changes/", change_views.ShowChanges.as_view(), name="report_changes"),
    path("portfolio/reports/", batch_views.PortfolioReports.as_view(), name="portfolio_reports"),
    path("report-batches/<int:batch_id>/", batch_views.ShowBatch.as_view(), name="report_batch"),
    path("report-batches/<int:batch_id>/download/", batch_views.DownloadBatch.as_view(), name="download_batch"),
    path("settings/branding/", branding_views.ShowBranding.as_view(), name="branding"),
]
