from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import content_disposition_header as content_disposition
from django.utils.text import get_valid_filename
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from organizations.access import TenantView
from organizations.classes import Industry, Region, Size
from organizations.guests import today
from organizations.permissions import Permission
from organizations.queries import members_of
from questionnaires.packages import QUESTIONNAIRES
from reports.models import SavedView
from reports.operations.portfolio import (
    TooMany,
    delete_view,
    record_export,
    restore_view,
    save_view,
    set_default_view,
    set_tags,
)
from reports.portfolio.choosing import ALL, COLUMNS, GROUPS, HEAT, LAYERS, SIZES, TABLE, choice_of
from reports.portfolio.exporting import ExportFailed, as_csv, as_xlsx, table_of
from reports.portfolio.forms import TagsForm, ViewForm
from reports.portfolio.queries import clients_in_portfolio, portfolio_of
from reports.portfolio.rows import Rows, shown
from reports.portfolio.sheets import STATES, sheet_of


class PortfolioView(TenantView):
    """Pages of consultancies and sponsors; elsewhere there are none."""

    permission = Permission.PORTFOLIO_VIEW

    def handle(self, request, *args, **kwargs):
        if not request.organization.has_clients:
            raise Http404
        return super().handle(request, *args, **kwargs)

    def back(self, query: str = ""):
        return redirect(f"{reverse('portfolio', args=[self.request.organization.slug])}{'?' if query else ''}{query}")

    def sheet(self, **options):
        choice, organization = choice_of(self.request.GET), self.request.organization
        return sheet_of(organization.slug, portfolio_of(self.request.user, organization, choice), choice, **options)

    def own_views(self):
        return SavedView.objects.filter(organization=self.request.organization, user=self.request.user)


class ShowPortfolio(PortfolioView):
    """All clients of the reader as a dense table, or as a heat map."""

    def get(self, request):
        views = list(self.own_views().filter(deleted_at__isnull=True))
        default = next((view for view in views if view.is_default), None)
        if default and default.query and not request.GET:
            return self.back(default.query)
        sheet = self.sheet()
        rows = Rows(sheet, today())
        context = {
            "sheet": sheet,
            "choice": sheet.choice,
            "body": rows.body(),
            "means": rows.means(sheet.everything) if sheet.is_heat else "",
            "mean": shown(sheet.everything.mean),
            "heads": list(heads(sheet)),
            "views": [(view, view.query == sheet.choice.query()) for view in views],
            "query": sheet.choice.query(),
            "pages": pages(sheet),
            "filters": self.filters(sheet),
            "shape": {
                "table": sheet.choice.query(view=TABLE, domain="", sort="client"),
                "heat": sheet.choice.query(view=HEAT, sort="client"),
            },
            "columns": [(key, label, key in sheet.choice.cols) for key, (label, _figure) in COLUMNS.items()],
            "export": {form: sheet.choice.query(page=sheet.choice.page) for form in ("csv", "xlsx")},
            "is_sponsor": sheet.results_only,
        }
        return render(request, "reports/portfolio/portfolio.html", context)

    def filters(self, sheet) -> dict:
        """(name, label, what nothing is called, options, value) of the select fields."""
        choice, portfolio = sheet.choice, sheet.portfolio
        language, clients = get_language(), portfolio.clients.values()
        titles = {code: row.short_title.in_language(language) for code, row in portfolio.questionnaires.items()}
        editions = [(code, titles[code]) for code in QUESTIONNAIRES if code in titles]
        there = {name: {getattr(client, name) for client in clients} for name in ("industry", "size", "region")}
        classes = {
            name: [row for row in kind.choices if row[0] in there[name]]
            for name, kind in (("industry", Industry), ("size", Size), ("region", Region))
        }
        tags = sorted({tag for client in clients for tag in client.tags})
        people = [(str(row.user_id), str(row.user)) for row in members_of(self.request.organization)]
        every = _("all")
        first = [
            ("edition", _("Questionnaire"), "", [*editions, (ALL, _("all of them"))], portfolio.code),
            ("layer", _("Judgement"), "", list(LAYERS.items()), choice.layer),
            ("state", _("State"), every, list(STATES.items()), choice.state),
            ("group", _("Group by"), _("nothing"), list(GROUPS.items()), choice.group),
        ]
        if sheet.is_heat and sheet.questionnaire and sheet.drills:
            domains = [(domain.code, domain.name.in_language(language)) for domain in sheet.questionnaire.domains]
            first.insert(2, ("domain", _("Columns"), _("domains"), domains, choice.domain))
        more = [
            ("industry", _("Industry"), every, classes["industry"], choice.industry),
            ("size", _("Headcount"), every, classes["size"], choice.size),
            ("region", _("Region"), every, classes["region"], choice.region),
            ("tag", _("Tag"), every, [(tag, tag) for tag in tags], choice.tag),
            ("member", _("Team"), every, people, choice.member),
            ("per", _("Rows"), "", [(str(n), str(n)) for n in SIZES], str(choice.per)),
        ]
        return {"first": first, "more": more, "more_used": any(row[4] for row in more[:-1])}


def heads(sheet):
    """What stands at the head of each column, what sorts by it, and in a heat map what leads into its items."""
    language = get_language()
    if sheet.is_heat:
        columns = [("client", _("Client"), False, ""), ("score", _("Score"), True, "")]
        columns += [(part.code, part.code, True, part.name.in_language(language)) for part in sheet.parts]
    else:
        columns = [("client", _("Client"), False, "")]
        columns += [(key, COLUMNS[key][0], COLUMNS[key][1], "") for key in sheet.choice.cols]
    best_first = {"level", "score", "progress", "change", "self", "actions"}
    for key, label, figure, name in columns:
        here = sheet.choice.by == key
        down = not sheet.choice.downwards if here else key in best_first
        sort = f"-{key}" if down else key
        now = ("descending" if sheet.choice.downwards else "ascending") if here else ""
        drills = sheet.is_heat and sheet.drills and not sheet.domain and name
        yield {
            "label": label,
            "figure": figure,
            "query": sheet.choice.query(sort=sort),
            "now": now,
            "name": name,
            "drill": sheet.choice.query(domain=key, sort="client") if drills else "",
        }


def pages(sheet) -> dict:
    query = sheet.choice.query
    return {
        "before": query(page=sheet.page - 1) if sheet.page > 1 else None,
        "after": query(page=sheet.page + 1) if sheet.page < sheet.pages else None,
    }


class ExportPortfolio(PortfolioView):
    """Everything that the filters leave, in the order and the columns of the page."""

    form = "csv"

    def get(self, request):
        form = self.form
        sheet = self.sheet(all_pages=True)
        table = table_of(sheet, today())
        clients = sorted({line.client.pk for line in sheet.lines})
        try:
            content = as_csv(table) if form == "csv" else as_xlsx(table)
        except ExportFailed:
            messages.error(request, _("The workbook could not be made. Please try again, or take the CSV."))
            return self.back(sheet.choice.query(page=sheet.choice.page))
        record_export(organization=request.organization, clients=clients, form=form, by=request.user, at=timezone.now())
        kinds = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
        name = get_valid_filename(f"{request.organization.name}-{_('Portfolio')}-{today()}.{form}")
        return HttpResponse(content, content_type=kinds[form], headers={"Content-Disposition": content_disposition(True, name)})


class SaveView(PortfolioView):
    def post(self, request):
        form = ViewForm(request.POST)
        if not form.is_valid():
            for error in form.errors.get("name", form.non_field_errors()):
                messages.error(request, _("The view was not saved: %(why)s") % {"why": error})
            return self.back()
        try:
            save_view(organization=request.organization, by=request.user, at=timezone.now(), **form.cleaned_data)
        except TooMany:
            messages.error(request, _("There are too many saved views; delete one first."))
        else:
            messages.success(request, _("The view “%(name)s” is saved.") % {"name": form.cleaned_data["name"]})
        return self.back(form.cleaned_data["query"] or "view=table")


class ChangeView(PortfolioView):
    """One of the reader's own saved views: make it the default, or no longer; delete it; bring it back."""

    def post(self, request, view_id):
        view = get_object_or_404(self.own_views(), pk=view_id)
        act = request.POST.get("act", "")
        about = {"view": view, "by": request.user, "at": timezone.now()}
        if act == "delete":
            delete_view(**about)
            path = reverse("change_portfolio_view", args=[request.organization.slug, view.pk])
            messages.success(request, self.deleted_line(view, path))
        elif act == "restore":
            restore_view(**about)
            messages.success(request, _("The view “%(name)s” is back.") % {"name": view.name})
        elif act in ("default", "not_default"):
            set_default_view(is_default=act == "default", **about)
        return self.back(view.query if act in ("restore", "default") and view.query else "view=table")

    def get(self, request, view_id):
        """Where an undo is offered without scripts."""
        view = get_object_or_404(self.own_views(), pk=view_id)
        return render(request, "reports/portfolio/view.html", {"view": view})

    @staticmethod
    def deleted_line(view, path):
        return format_html(
            '{} <a href="{}">{}</a>', _("The view “%(name)s” is deleted.") % {"name": view.name}, path, _("Undo")
        )


class TagClient(PortfolioView):
    """The words that this firm files one of its clients under."""

    def dispatch(self, request, *args, client_slug, **kwargs):
        self.client_slug = client_slug
        return super().dispatch(request, *args, **kwargs)

    def handle(self, request, *args, **kwargs):
        clients = clients_in_portfolio(request.user, request.organization)
        self.client = next((row for row in clients.values() if row.slug == self.client_slug), None)
        if self.client is None or not request.organization.has_clients:
            raise Http404
        return super().handle(request, *args, **kwargs)

    def get(self, request):
        return self.page(TagsForm(initial={"tags": "、".join(self.client.tags)}))

    def post(self, request):
        form = TagsForm(request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        set_tags(
            organization=request.organization,
            client_id=self.client.pk,
            names=form.cleaned_data["tags"],
            by=request.user,
            at=timezone.now(),
        )
        messages.success(request, _("The tags of %(client)s are saved.") % {"client": self.client.name})
        return self.back("view=table")

    def page(self, form, status=200):
        return render(self.request, "reports/portfolio/tags.html", {"form": form, "client": self.client}, status=status)
