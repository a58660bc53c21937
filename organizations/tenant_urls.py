"""Routes below ``/o/<organization_slug>/``."""

from django.urls import path

from organizations.views import departments, invitations, members

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
]
