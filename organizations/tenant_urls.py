"""Routes below ``/o/<organization_slug>/``."""

from django.urls import path

from organizations.views import departments, engagements, invitations, members, trail

urlpatterns = [
    path("members/", members.Members.as_view(), name="members"),
    path("members/invite/", invitations.InviteMembers.as_view(), name="invite_members"),
    path("members/leave/", members.LeaveOrganization.as_view(), name="leave_organization"),
    path("members/<int:membership_id>/", members.ChangeMembership.as_view(), name="change_membership"),
    path("members/<int:membership_id>/remove/", members.RemoveMember.as_view(), name="remove_member"),
    path("invitations/<int:invitation_id>/resend/", invitations.ResendInvitation.as_view(), name="resend_invitation"),
    path("invitations/<int:invitation_id>/link/", invitations.ShowInvitationLink.as_view(), name="show_invitation_link"),
    path("invitations/<int:invitation_id>/revoke/", invitations.RevokeInvitation.as_view(), name="revoke_invitation"),
    path("departments/", departments.Departments.as_view(), name="departments"),
    path("departments/<int:department_id>/", departments.RenameDepartment.as_view(), name="rename_department"),
    path("departments/<int:department_id>/delete/", departments.DeleteDepartment.as_view(), name="delete_department"),
    path("settings/", members.OrganizationSettings.as_view(), name="organization_settings"),
    path("settings/contact-code/", members.RenewContactCode.as_view(), name="renew_contact_code"),
    path("engagements/", engagements.Engagements.as_view(), name="engagements"),
    path("engagements/<int:engagement_id>/", engagements.ShowEngagement.as_view(), name="engagement"),
    path("engagements/<int:engagement_id>/decline/", engagements.DeclineEngagement.as_view(), name="decline_engagement"),
    path("engagements/<int:engagement_id>/end/", engagements.EndEngagement.as_view(), name="end_engagement"),
    path("engagements/<int:engagement_id>/term/", engagements.ProlongEngagement.as_view(), name="prolong_engagement"),
    path("engagements/<int:engagement_id>/team/", engagements.AddToTeam.as_view(), name="add_to_team"),
    path(
        "engagements/<int:engagement_id>/team/<int:member_id>/remove/",
        engagements.TakeOffTeam.as_view(),
        name="take_off_team",
    ),
    path("trail/", trail.OwnTrail.as_view(), name="trail"),
    path("trail/export/", trail.ExportTrail.as_view(), name="export_trail"),
    path("trail/team/", trail.TeamTrail.as_view(), name="team_trail"),
    path("trail/team/export/", trail.ExportTeamTrail.as_view(), name="export_team_trail"),
]
