from django.urls import path

from organizations.views import home

urlpatterns = [
    path("", home.Home.as_view(), name="home"),
    path("organizations/new/", home.FoundOrganization.as_view(), name="found_organization"),
]
