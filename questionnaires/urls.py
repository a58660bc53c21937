from django.urls import path

from questionnaires.views import editions, library, staff

urlpatterns = [
    path("editions/", editions.Editions.as_view(), name="editions"),
    path("editions/compare/", editions.CompareEditions.as_view(), name="compare_editions"),
    path("editions/<str:code>/", editions.EditionPage.as_view(), name="edition"),
    path("editions/<str:code>/<str:item_code>/", editions.ItemPage.as_view(), name="item"),
    path("library/", library.Library.as_view(), name="library"),
    path("library/documents/<str:code>/", library.DocumentPage.as_view(), name="document"),
    path("library/clauses/<str:clause_id>/", library.ClausePage.as_view(), name="clause"),
    path("library/clauses/<str:clause_id>/links/", staff.AcceptLink.as_view(), name="accept_link"),
    path("library/import/", staff.ImportDocument.as_view(), name="import_policy"),
    path("conditions/", editions.Conditions.as_view(), name="conditions"),
]
