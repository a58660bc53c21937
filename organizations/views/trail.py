from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from organizations.access import TenantView
from organizations.permissions import Permission
from organizations.queries import members_of
from organizations.table_writing import write_csv, write_xlsx
from organizations.trail_forms import TrailForm
from organizations.trail_reading import (
    Line,
    clients_now,
    firms_in,
    head_of,
    lookers,
    own_export,
    own_page,
    people_in,
    team_export,
    team_page,
)

MOST_EXPORTED = 100_000
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class TrailView(TenantView):
    permission = Permission.TRAIL_VIEW

    def page(self, request, form, **context):
        query = request.GET.copy()
        query.pop("before", None)
        context |= {"form": form, "query": query.urlencode(), "may_edit": self.may(Permission.ORGANIZATION_EDIT)}
        return render(request, self.template, context)


class OwnTrail(TrailView):
    template = "organizations/trail.html"

    @staticmethod
    def form(request) -> TrailForm:
        organization = request.organization
        return TrailForm(request.GET, people=people_in(organization), firms=firms_in(organization))

    def get(self, request):
        form, organization = self.form(request), request.organization
        page = own_page(organization, form.wanted()) if form.is_valid() else None
        is_whole = not any(request.GET.values())
        return self.page(
            request,
            form,
            page=page,
            head=head_of(organization),
            lookers=lookers(organization, timezone.now()) if is_whole else [],
            is_whole=is_whole,
        )


class TeamTrail(TrailView):
    """What the own teams did at clients; only where there can be any."""

    template = "organizations/trail_of_team.html"

    def handle(self, request, *args, **kwargs):
        if not request.organization.has_clients:
            raise Http404
        self.clients = clients_now(request.organization)
        return super().handle(request, *args, **kwargs)

    def form(self, request) -> TrailForm:
        people = [(row.user_id, str(row.user)) for row in members_of(request.organization)]
        return TrailForm(request.GET, people=people, clients=sorted(self.clients.items(), key=lambda item: item[1]))

    def get(self, request):
        form = self.form(request)
        page = team_page(request.organization, self.clients, form.wanted()) if form.is_valid() else None
        return self.page(request, form, page=page, clients=self.clients)


class ExportTrail(OwnTrail):
    back = "trail"

    def get(self, request):
        form, ending = self.form(request), request.GET.get("format", "csv")
        lines = self.lines(request, form.wanted()) if form.is_valid() and ending in TYPES else []
        if lines is None:
            words = _("These are more than %(n)d entries. Choose a shorter period and export it in parts.")
            messages.error(request, words % {"n": MOST_EXPORTED})
        if not form.is_valid() or ending not in TYPES or lines is None:
            return redirect(self.back, request.organization.slug)
        name = get_valid_filename(f"{request.organization.slug}-{self.back}-{timezone.localdate():%Y-%m-%d}.{ending}")
        disposition = f'attachment; filename="{name}"'
        return HttpResponse(_written(ending, lines), content_type=TYPES[ending], headers={"Content-Disposition": disposition})

    def lines(self, request, wanted) -> list[Line] | None:
        return own_export(request.organization, wanted, MOST_EXPORTED)


class ExportTeamTrail(TeamTrail):
    back = "team_trail"
    get = ExportTrail.get

    def lines(self, request, wanted) -> list[Line] | None:
        return team_export(request.organization, self.clients, wanted, MOST_EXPORTED)


def _written(ending: str, lines: list[Line]) -> bytes:
    columns = {
        _("Entry no."): 9, _("When"): 22, _("Who"): 20, _("Person's number"): 10, _("On behalf of"): 24, _("At"): 24,
        _("What"): 36, _("About"): 48, _("From where"): 18, _("Result"): 10, _("Act"): 24, _("Ids"): 36, _("Hash"): 66,
    }  # fmt: skip
    rows = [_cells(line) for line in lines]
    if ending == "csv":
        return write_csv(list(columns), rows)
    return write_xlsx(_("Trail"), list(columns), list(columns.values()), rows)


def _cells(line: Line) -> list:
    entry = line.entry
    when = timezone.localtime(entry.at).isoformat(sep=" ", timespec="seconds")
    person = "" if entry.by_id is None else entry.by_id
    shown = [entry.number, when, line.who, person, line.firm, line.client, line.act, line.about, entry.address, line.result]
    return [*shown, entry.verb, entry.about, entry.hash]
