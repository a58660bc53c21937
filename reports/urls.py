from django.urls import path

from reports.portfolio import views as portfolio
from reports.statistics.views import ShowStatistics
from reports.views import batches, benchmark, branding, changes, comparing, ordering, result

REPORT = "assessments/<int:assessment_id>/reports/<int:report_id>"
urlpatterns = [
    path("statistics/", ShowStatistics.as_view(), name="statistics"),
    path("assessments/<int:assessment_id>/result/", result.ShowResult.as_view(), name="result"),
    path("assessments/<int:assessment_id>/derivation/", result.ShowDerivation.as_view(), name="derivation"),
    path("assessments/<int:assessment_id>/gaps/", result.ShowGaps.as_view(), name="gaps"),
    path("assessments/<int:assessment_id>/compare/", comparing.CompareAssessment.as_view(), name="compare_assessment"),
    path("portfolio/compare/", comparing.ComparePortfolio.as_view(), name="compare_portfolio"),
    path("assessments/<int:assessment_id>/benchmark/", benchmark.ShowBenchmark.as_view(), name="benchmark"),
    path("portfolio/", portfolio.ShowPortfolio.as_view(), name="portfolio"),
    path("portfolio/export.csv", portfolio.ExportPortfolio.as_view(form="csv"), name="portfolio_csv"),
    path("portfolio/export.xlsx", portfolio.ExportPortfolio.as_view(form="xlsx"), name="portfolio_workbook"),
    path("portfolio/views/", portfolio.SaveView.as_view(), name="save_portfolio_view"),
    path("portfolio/views/<int:view_id>/", portfolio.ChangeView.as_view(), name="change_portfolio_view"),
    path("portfolio/clients/<slug:client_slug>/tags/", portfolio.TagClient.as_view(), name="tag_client"),
    path("assessments/<int:assessment_id>/reports/", ordering.Reports.as_view(), name="reports"),
    path("assessments/<int:assessment_id>/reports/usual/", ordering.MakeReport.as_view(), name="make_report"),
    path(f"{REPORT}/", ordering.DownloadReport.as_view(), name="download_report"),
    path(f"{REPORT}/state/", ordering.ReportState.as_view(), name="report_state"),
    path(f"{REPORT}/cancel/", ordering.CancelReport.as_view(), name="cancel_report"),
    path(f"{REPORT}/again/", ordering.MakeAgain.as_view(), name="make_report_again"),
    path(f"{REPORT}/changes/", changes.ShowChanges.as_view(), name="report_changes"),
    path("portfolio/reports/", batches.PortfolioReports.as_view(), name="portfolio_reports"),
    path("report-batches/<int:batch_id>/", batches.ShowBatch.as_view(), name="report_batch"),
    path("report-batches/<int:batch_id>/cancel/", batches.CancelBatch.as_view(), name="cancel_batch"),
    path("report-batches/<int:batch_id>/again/", batches.MakeBatchAgain.as_view(), name="make_batch_again"),
    path("report-batches/<int:batch_id>/download/", batches.DownloadBatch.as_view(), name="download_batch"),
    path("settings/branding/", branding.ShowBranding.as_view(), name="branding"),
]
