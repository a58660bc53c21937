from itertools import groupby

from django.shortcuts import redirect, render
from django.utils import timezone
from django.views import View

from assessments.queries.needs import needs_of
from assessments.queries.plan_waiting import plan_work_of
from assessments.queries.waiting import Work, work_of
from organizations.guests import today
from organizations.models import Organization
from organizations.permissions import Permission, allows

SHOWN = 12


class MyWork(View):
    """The first page after signing in: what waits for me, what was asked, what to arrange, where we stand."""

    def get(self, request):
        work = work_of(request.user, timezone.localdate())
        if not work.memberships:
            return redirect("found_organization")
        places, needs = needs_of(request.user, work.memberships, today())
        plan = plan_work_of(request.user, work.memberships, places, timezone.localdate())
        portfolios = [row.organization for row in work.memberships if row.organization.has_clients]
        if len(work.memberships) == 1 and not (work.standings or needs or places or portfolios or plan):
            return redirect(work.memberships[0].organization)
        sponsors = [organization.kind == Organization.Kind.SPONSOR for organization in portfolios]
        if len(work.memberships) == 1 and sponsors == [True] and not (work.standings or needs):
            return redirect("portfolio", portfolios[0].slug)  # who looks at results has nothing to do here
        context = {
            "work": work,
            "plan": plan,
            "my_actions": plan.actions[:SHOWN],
            "more_actions": plan.actions[SHOWN:],
            "advises": bool(needs or places or portfolios),
            "needs": [(kind.value, list(rows)) for kind, rows in groupby(needs, key=lambda need: need.kind)],
            "portfolios": portfolios,
            "items": work.items[:SHOWN],
            "more_items": work.items[SHOWN:],
            "several": len(work.memberships) > 1,
            "late": sum(row.is_late for row in work.items),
            "go_on": first_step(work),
            "may_start": [row.organization for row in work.memberships if allows(row.role, Permission.ASSESSMENT_START)],
        }
        return render(request, "assessments/my_work.html", context)


def first_step(work: Work):
    """The assessment to go on with when no item is this person's own."""
    return None if work.items else next((row for row in work.standings if row.go_on), None)
