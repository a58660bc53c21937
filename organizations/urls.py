from django.urls import path

from organizations.views import home, joining, profile, staff

urlpatterns = [
    path("organizations/new/", home.FoundOrganization.as_view(), name="found_organization"),
    path("profile/", profile.Profile.as_view(), name="profile"),
    path("profile/second-factor/", profile.SecondFactor.as_view(), name="second_factor"),
    path("staff/", staff.Accounts.as_view(), name="staff_accounts"),
    path("staff/accounts/<int:user_id>/", staff.Account.as_view(), name="staff_account"),
    path("staff/accounts/<int:user_id>/deactivate/", staff.DeactivateAccount.as_view(), name="deactivate_account"),
    path("staff/accounts/<int:user_id>/reactivate/", staff.ReactivateAccount.as_view(), name="reactivate_account"),
    path(
        "staff/accounts/<int:user_id>/second-factor/remove/",
        staff.RemoveSecondFactor.as_view(),
        name="staff_remove_second_factor",
    ),
    path("staff/organizations/", staff.Organizations.as_view(), name="staff_organizations"),
    path("invitations/<str:token>/", joining.AcceptInvitation.as_view(), name="accept_invitation"),
]
