from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations.access import TenantView
from organizations.forms import DepartmentForm, DepartmentsForm
from organizations.models import Department
from organizations.operations.departments import (
    DepartmentInUse,
    NameTaken,
    add_departments,
    delete_department,
    rename_department,
)
from organizations.permissions import Permission
from organizations.queries import assignments_of, departments_with_counts


class Departments(TenantView):
    """The units that answer items, each with its people and items; new ones are added here."""

    permission = Permission.MEMBERS_VIEW
    write_permission = Permission.MEMBERS_INVITE

    def get(self, request):
        return self._page(request, DepartmentsForm())

    def post(self, request):
        form = DepartmentsForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        names = form.cleaned_data["names"]
        added = add_departments(organization=request.organization, names=names, by=request.user, at=timezone.now())
        text = ngettext("%(count)d department added.", "%(count)d departments added.", len(added)) % {"count": len(added)}
        messages.success(request, text)
        return redirect("departments", request.organization.slug)

    def _page(self, request, form, status=200):
        context = {
            "departments": departments_with_counts(request.organization),
            "form": form,
            "may_write": self.may(Permission.MEMBERS_INVITE),
            "may_edit": self.may(Permission.ORGANIZATION_EDIT),
        }
        return render(request, "organizations/departments.html", context, status=status)


class DepartmentView(TenantView):
    """A page about one department of the organization."""

    permission = Permission.MEMBERS_INVITE

    def handle(self, request, *args, department_id, **kwargs):
        rows = Department.objects.filter(organization=request.organization).select_related("organization")
        self.department = get_object_or_404(rows, pk=department_id)
        try:
            return super().handle(request, *args, **kwargs)
        except Department.DoesNotExist as error:  # deleted while the request was under way
            raise Http404 from error


class RenameDepartment(DepartmentView):
    def get(self, request):
        return self._page(request, DepartmentForm(initial={"name": self.department.name}))

    def post(self, request):
        form = DepartmentForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        try:
            rename_department(department=self.department, name=form.cleaned_data["name"], by=request.user, at=timezone.now())
        except NameTaken:
            form.add_error("name", _("Another department has this name."))
            return self._page(request, form, status=422)
        messages.success(request, _("The department is renamed."))
        return redirect("departments", request.organization.slug)

    def _page(self, request, form, status=200):
        context = {"form": form, "department": self.department}
        return render(request, "organizations/rename_department.html", context, status=status)


class DeleteDepartment(DepartmentView):
    """Shows first what hangs on it."""

    def get(self, request):
        return self._page(request)

    def post(self, request):
        name = self.department.name
        try:
            delete_department(department=self.department, by=request.user, at=timezone.now())
        except DepartmentInUse:
            return self._page(request, status=422)
        messages.success(request, _("%(name)s is deleted.") % {"name": name})
        return redirect("departments", request.organization.slug)

    def _page(self, request, status=200):
        context = {
            "department": self.department,
            "assessments": [assessment.name for assessment in self.department.assessments.all()],
            "assignments": assignments_of(self.department),
            "member_count": self.department.memberships.count(),
        }
        return render(request, "organizations/delete_department.html", context, status=status)
