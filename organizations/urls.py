from django.urls import path

from organizations import views

urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("organizations/new/", views.FoundOrganization.as_view(), name="found_organization"),
]
