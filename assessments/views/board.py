from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.operations.reminding import remind_now
from assessments.queries.board import Board as BoardOf
from assessments.queries.board import Share, board_of
from assessments.states import OPEN
from assessments.views.access import AssessmentView
from organizations.models import Membership
from organizations.permissions import Permission

SORTS = {
    "late": lambda share: (-share.overdue, -share.waiting),
    "waiting": lambda share: -share.waiting,
    "answered": lambda share: share.progress.answered / (share.progress.total or 1),
    "items": lambda share: -len(share.items),
    "name": lambda share: 0,  # they come in the order of their names
}
COLUMNS = ("departments", "people")


class Board(AssessmentView):
    """Who is how far: by department, by person, and item by item."""

    permission = Permission.ASSESSMENT_VIEW

    def get(self, request):
        board = board_of(self.assessment, timezone.localdate())
        sort = request.GET.get("sort") if request.GET.get("sort") in SORTS else "late"
        columns = request.GET.get("columns") if request.GET.get("columns") in COLUMNS else COLUMNS[0]
        context = {
            "assessment": self.assessment,
            "board": board,
            "departments": ordered(board.departments, sort),
            "people": ordered(board.people, sort),
            "idle": [share for share in board.people if not share.items],
            "sort": sort,
            "columns": columns,
            "matrix": matrix(self.questionnaire, board, columns),
            "may_remind": self.may(Permission.ASSIGN) and self.assessment.state in OPEN,
            "may_assign": self.may(Permission.ASSIGN),
        }
        return render(request, "assessments/board.html", context)


class Remind(AssessmentView):
    """Send one person what waits for them, at most once a day."""

    permission = Permission.ASSIGN

    def post(self, request, user_id):
        member = get_object_or_404(Membership.objects.select_related("user"), user_id=user_id)
        queued = remind_now(assessment=self.assessment, person=member.user, by=request.user, at=timezone.now())
        if queued:
            messages.success(request, _("%(who)s gets a reminder by e-mail.") % {"who": member.user})
        else:
            messages.warning(
                request, _("%(who)s gets no mail: one a day is the most, or reminders are off.") % {"who": member.user}
            )
        return redirect("board", request.organization.slug, self.assessment.pk)


def ordered(shares: tuple[Share, ...], sort: str) -> list[Share]:
    """Those that have something, sorted; equals stay in the order of their names."""
    return sorted((share for share in shares if share.items), key=SORTS[sort])


def matrix(questionnaire, board: BoardOf, columns: str) -> dict:
    """Items by departments or people: a row for each item with one cell per column, filled where the item is.

    The last columns hold what has no such holder: the other kind only, or nobody.
    """
    shares = [share for share in getattr(board, columns) if share.items]
    held = {row.item.code for share in shares for row in share.items}
    rest = tuple(row for row in board.items if row.assignment and row.item.code not in held)
    name = _("A department only") if columns == "people" else _("A person only")
    shares += [share for share in (Share(None, name, rest), board.nobody) if share.items]
    holds = [{row.item.code for row in share.items} for share in shares]
    by_code = {row.item.code: row for row in board.items}
    domains = [
        (domain, [(by_code[item.code], [item.code in codes for codes in holds]) for item in domain.items])
        for domain in questionnaire.domains
    ]
    return {"shares": shares, "domains": domains, "width": len(shares) + 1}
