from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.forms.assigning import AssignForm, PassOnForm
from assessments.models import Assignment
from assessments.operations.assigning import NobodyNamed, assign_items, clear_assignments, pass_on
from assessments.queries.answers import DomainProgress, ItemProgress, progress_by_domain, ratings_of
from assessments.queries.assigning import assignments_of, may_answer_item
from assessments.views.access import AssessmentView
from organizations.permissions import Permission


@dataclass(frozen=True)
class ItemRow:
    """One item of the table: its progress and who has it."""

    entry: ItemProgress
    assignment: Assignment | None
    overdue: bool
    chosen: bool

    @property
    def item(self):
        return self.entry.item


class Assign(AssessmentView):
    """Hand out the items: every one with who has it until when; set department, person and due date of many at once."""

    permission = Permission.ASSIGN

    def get(self, request):
        return self._page(request, AssignForm(questionnaire=self.questionnaire, offered=set()))

    def post(self, request):
        offered = {row.item.code for _domain, rows in self._rows() for row in rows}
        form = AssignForm(request.POST, questionnaire=self.questionnaire, offered=offered)
        act = self._clear if request.POST.get("action") == "clear" else self._assign
        if form.is_valid() and act(request, form):
            return redirect(request.get_full_path())
        return self._page(request, form, status=422)

    def _clear(self, request, form) -> bool:
        codes = form.cleaned_data["item_codes"]
        count = clear_assignments(assessment=self.assessment, item_codes=codes, by=request.user, at=timezone.now())
        said = ngettext("%(n)d item is with nobody now.", "%(n)d items are with nobody now.", count) % {"n": count}
        messages.success(request, said)
        return True

    def _assign(self, request, form) -> bool:
        if not form.names_something():
            form.add_error(None, _("Choose a department, a person or a due date."))
            return False
        names = ("item_codes", "department", "person", "due_on")
        values = {name: form.cleaned_data[name] for name in names}
        try:
            count = assign_items(assessment=self.assessment, **values, by=request.user, at=timezone.now())
        except NobodyNamed as error:
            codes = ", ".join(error.item_codes)
            form.add_error(None, _("Nobody has %(codes)s: choose a department or a person as well.") % {"codes": codes})
            return False
        messages.success(request, ngettext("%(n)d item is set.", "%(n)d items are set.", count) % {"n": count})
        return True

    @property
    def only_unassigned(self) -> bool:
        return self.request.GET.get("show") == "unassigned"

    def _rows(self, chosen=()) -> list[tuple[DomainProgress, list[ItemRow]]]:
        self.assignments, today = assignments_of(self.assessment), timezone.localdate()
        domains = []
        for domain in progress_by_domain(self.questionnaire, set(ratings_of(self.assessment))):
            rows = [item_row(entry, self.assignments, today, chosen) for entry in domain.items]
            rows = [row for row in rows if row.assignment is None] if self.only_unassigned else rows
            if rows:
                domains.append((domain, rows))
        return domains

    def _page(self, request, form, status=200):
        chosen = form.cleaned_data.get("item_codes", ()) if form.is_bound else ()
        context = {
            "assessment": self.assessment,
            "form": form,
            "domains": self._rows(chosen),
            "unassigned": len(self.questionnaire.items) - len(self.assignments),
            "only_unassigned": self.only_unassigned,
            "members": {row.user_id for row in form.people.values()},
            "may_write": self.may(Permission.ASSIGN),
        }
        return render(request, "assessments/assign.html", context, status=status)


class PassOn(AssessmentView):
    """Hand an item on to a colleague or a department; only who may answer it can."""

    permission = Permission.PASS_ON

    def get(self, request, item_code):
        return self._page(request, item_code, PassOnForm(membership=request.membership))

    def post(self, request, item_code):
        item = self._item(item_code)
        form = PassOnForm(request.POST, membership=request.membership)
        if not form.is_valid():
            return self._page(request, item_code, form, status=422)
        names = ("department", "person", "note")
        values = {name: form.cleaned_data[name] for name in names}
        row = pass_on(assessment=self.assessment, item_code=item.code, **values, by=request.user, at=timezone.now())
        messages.success(request, _("%(item)s is with %(who)s now.") % {"item": item.code, "who": row.person or row.department})
        return redirect(self.assessment)

    def _item(self, item_code):
        item = self.item_or_404(item_code)
        self.assignment = Assignment.objects.filter(assessment=self.assessment, item_code=item.code).first()
        if not may_answer_item(self.request.membership, self.assignment):
            raise PermissionDenied
        return item

    def _page(self, request, item_code, form, status=200):
        context = {"assessment": self.assessment, "item": self._item(item_code), "assignment": self.assignment, "form": form}
        return render(request, "assessments/pass_on.html", {**context, "may_write": self.may(self.permission)}, status=status)


def item_row(entry: ItemProgress, assignments: dict[str, Assignment], today, chosen=()) -> ItemRow:
    assignment = assignments.get(entry.item.code)
    due = assignment.due_on if assignment else None
    late = due is not None and due < today and entry.progress.left > 0
    return ItemRow(entry, assignment, late, entry.item.code in chosen)
