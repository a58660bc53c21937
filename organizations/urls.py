from django.urls import path

from organizations.views import home, joining, profile

urlpatterns = [
    path("organizations/new/", home.FoundOrganization.as_view(), name="found_organization"),
    path("profile/", profile.Profile.as_view(), name="profile"),
    path("profile/second-factor/", profile.SecondFactor.as_view(), name="second_factor"),
    path("invitations/<str:token>/", joining.AcceptInvitation.as_view(), name="accept_invitation"),
]
