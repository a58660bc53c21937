from django.contrib import messages
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from assessments.operations.reminding import remind_now
from assessments.queries.board import Board as BoardOf
from assessments.queries.board import BoardItem, Share, board_of
from assessments.states import OPEN
from assessments.views.access import AssessmentView
from assessments.views.stencils import Stencils, opening, stencils_of
from organizations.models import User
from organizations.permissions import Permission

SORTS = {
    "late": lambda share: (-share.overdue, -share.waiting),
    "waiting": lambda share: -share.waiting,
    "answered": lambda share: share.progress.answered / (share.progress.total or 1),
    "items": lambda share: -len(share.items),
    "name": lambda share: 0,  # they come in the order of their names
}
COLUMNS = ("departments", "people")
EMPTY_CELL = "<td></td>"


class Board(AssessmentView):
    """Who is how far: by department, by person, and item by item."""

    permission = Permission.ASSESSMENT_VIEW

    def get(self, request):
        board = board_of(self.assessment, timezone.localdate())
        sort = request.GET.get("sort") if request.GET.get("sort") in SORTS else "late"
        columns = request.GET.get("columns") if request.GET.get("columns") in COLUMNS else COLUMNS[0]
        may_remind = self.may(Permission.ASSIGN) and self.assessment.state in OPEN
        context = {
            "assessment": self.assessment,
            "board": board,
            "departments": share_rows(self, ordered(board.departments, sort)),
            "people": share_rows(self, ordered(board.people, sort), remind=may_remind),
            "idle": [share.name for share in board.people if not share.items],
            "sort": sort,
            "columns": columns,
            "matrix": matrix(self, board, columns),
            "may_remind": may_remind,
            "may_assign": self.may(Permission.ASSIGN),
        }
        return render(request, "assessments/board.html", context)


class Remind(AssessmentView):
    """Send one person what waits for them, at most once a day."""

    permission = Permission.ASSIGN

    def post(self, request, user_id):
        person = get_object_or_404(User.objects.filter(memberships__organization=request.organization), pk=user_id)
        queued = remind_now(assessment=self.assessment, person=person, by=request.user, at=timezone.now())
        if queued:
            messages.success(request, _("%(who)s gets a reminder by e-mail.") % {"who": person})
        else:
            messages.warning(request, _("%(who)s gets no mail: one a day is the most, or reminders are off.") % {"who": person})
        return redirect("board", request.organization.slug, self.assessment.pk)


def ordered(shares: tuple[Share, ...], sort: str) -> list[Share]:
    """Those that have something, sorted; equals stay in the order of their names."""
    return sorted((share for share in shares if share.items), key=SORTS[sort])


def share_rows(view: AssessmentView, shares: list[Share], remind: bool = False) -> list[SafeString]:
    """A line of the table for each, from stencils. ``remind``: with a button for each person who has something to do."""
    path = reverse("board", args=[view.request.organization.slug, view.assessment.pk])
    token, stencils = get_token(view.request), stencils_of(view.assessment.version)
    return [_share_row(stencils, share, path if remind else "", token) for share in shares]


def _share_row(stencils: Stencils, share: Share, path: str, token: str) -> SafeString:
    progress, waiting, overdue, due = share.progress, share.waiting, share.overdue, share.next_due
    fixed = {
        "has_department": share.department is not None,
        "is_late": overdue > 0,
        "is_waiting": waiting > 0,
        "remind": bool(path),
        "progress": {"total": opening("total"), "answered": opening("answered")},
    }
    values = {
        "name": share.name,
        "department": str(share.department or ""),
        "items": str(len(share.items)),
        "total": str(progress.total),
        "answered": str(progress.answered),
        "proven": str(share.proven),
        "waiting": str(waiting),
        "overdue": str(overdue),
        "due": f"{due:%Y-%m-%d}" if due else "–",
        "path": f"{path}remind/{share.holder.pk}/",
        "token": token,
    }
    return stencils.fill("assessments/share.html", values, key=tuple(fixed.values())[:4], **fixed)


def matrix(view: AssessmentView, board: BoardOf, columns: str) -> dict:
    """Items by departments or people: a row for each item with one cell per column, filled where the item is.

    The last columns hold what has no such holder: the other kind only, or nobody.
    """
    shares = [share for share in getattr(board, columns) if share.items]
    held = {row.item.code for share in shares for row in share.items}
    rest = tuple(row for row in board.items if row.assignment and row.item.code not in held)
    name = _("A department only") if columns == "people" else _("A person only")
    shares += [share for share in (Share(None, name, rest), board.nobody) if share.items]
    column_of = {row.item.code: n for n, share in enumerate(shares) for row in share.items}
    path = reverse("assessment", args=[view.request.organization.slug, view.assessment.pk])
    stencils = stencils_of(view.assessment.version)
    html = {row.item.code: _item_row(stencils, row, path, column_of[row.item.code], len(shares)) for row in board.items}
    domains = [(domain, [html[item.code] for item in domain.items]) for domain in view.questionnaire.domains]
    return {"shares": shares, "domains": domains, "width": len(shares) + 1}


def _item_row(stencils: Stencils, row: BoardItem, path: str, column: int, width: int) -> SafeString:
    state = "late" if row.is_late else "done" if not row.progress.left else "begun" if row.progress.answered else ""
    values = {
        "path": f"{path}items/{row.item.code}/",
        "before": mark_safe(EMPTY_CELL * column),
        "after": mark_safe(EMPTY_CELL * (width - column - 1)),
        "count": f"{row.progress.answered}/{row.progress.total}",
    }
    return stencils.fill("assessments/board_item.html", values, key=(row.item.code, state), item=row.item, state=state)
