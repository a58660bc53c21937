from django.shortcuts import redirect, render
from django.utils import timezone

from assessments.queries.answers import Progress, overall_progress, progress_by_domain, ratings_of, with_answer_counts
from assessments.queries.assigning import assignments_of, is_for, may_answer_item, with_due_date
from assessments.queries.bridging import next_edition
from assessments.queries.visible import assessments_visible_to
from assessments.states import OPEN
from assessments.views.access import AssessmentView
from assessments.views.assigning import item_row
from organizations.access import TenantView
from organizations.models import Organization
from organizations.permissions import Permission


class OrganizationHome(TenantView):
    """What is under way here, and where to go on."""

    permission = Permission.ASSESSMENT_VIEW

    def get(self, request):
        rows = assessments_visible_to(request.membership).select_related("organization", "version", "department")
        rows = rows.defer("version__content")
        counted = with_answer_counts(with_due_date(rows))
        assessments = [(row, Progress(row.answered_count, len(row.questionnaire.item_of))) for row in counted]
        if not assessments and request.organization.kind in (Organization.Kind.CONSULTANCY, Organization.Kind.SPONSOR):
            return redirect("portfolio", request.organization.slug)  # their work lies with others
        context = {"assessments": assessments, "may_start": self.may(Permission.ASSESSMENT_START)}
        return render(request, "assessments/home.html", context)


class AssessmentOverview(AssessmentView):
    """All domains and items with their progress and with whom they are, and the one place to go on."""

    permission = Permission.ASSESSMENT_VIEW

    def get(self, request):
        answered, assignments = set(ratings_of(self.assessment)), assignments_of(self.assessment)
        today, membership = timezone.localdate(), request.membership
        mine = {code for code, assignment in assignments.items() if is_for(membership, assignment)}
        only_mine = "mine" in request.GET
        domains = []
        for domain in progress_by_domain(self.questionnaire, answered):
            rows = [item_row(entry, assignments, today) for entry in domain.items]
            rows = [row for row in rows if row.item.code in mine] if only_mine else rows
            if rows:
                domains.append((domain, rows))
        context = {
            "assessment": self.assessment,
            "questionnaire": self.questionnaire,
            "domains": domains,
            "progress": overall_progress(self.questionnaire, answered),
            "next_item": self._next_item(domains, mine),
            "assigned": bool(assignments),
            "mine": len(mine),
            "only_mine": only_mine,
            "may_edit": self.may(Permission.ASSESSMENT_EDIT),
            "may_continue": self.may(Permission.ASSESSMENT_START) and next_edition(self.assessment) is not None,
        }
        return render(request, "assessments/overview.html", context)

    def _next_item(self, domains, mine: set[str]):
        """The first item with open questions that this person may answer; their own before the others."""
        membership = self.request.membership
        rows = [row for _domain, rows in domains for row in rows if row.entry.progress.left]
        rows = [row for row in rows if may_answer_item(membership, row.assignment)] if self.assessment.state in OPEN else []
        return next((row.item for row in sorted(rows, key=lambda row: row.item.code not in mine)), None)
