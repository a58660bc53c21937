from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _

from questionnaires import labels
from questionnaires.library import current_policy_library
from questionnaires.models import ImportedPolicy
from questionnaires.schema import PolicyLibrary
from questionnaires.searching import Filters, search
from questionnaires.views.access import ContentView, clause_or_404, current, graded_questionnaires

MOST_HITS = 300


class Library(ContentView):
    """Search and filters over all clauses."""

    def get(self, request):
        library = current_policy_library()
        filters = Filters(**{name: request.GET.get(name, "") for name in Filters.__dataclass_fields__})
        query = request.GET.get("q", "").replace("\x00", "")
        hits = search(library, query, filters, clauses_by_item(library))
        context = {
            "library": library,
            "query": query,
            "filters": filters,
            "choices": _filter_choices(library),
            "total": len(hits),
            "hits": [(hit, library.document_by_code[hit.clause.document]) for hit in hits[:MOST_HITS]],
            "searching": bool(query or any(vars(filters).values())),
        }
        return render(request, "questionnaires/library.html", context)


class DocumentPage(ContentView):
    def get(self, request, code):
        library = current_policy_library()
        try:
            document = library.document_by_code[code]
        except KeyError as error:
            raise Http404 from error
        clauses = [clause for clause in library.clauses if clause.document == code]
        context = {"document": document, "clauses": clauses, "successor": library.document_by_code.get(document.successor)}
        return render(request, "questionnaires/document.html", context)


class ClausePage(ContentView):
    """One clause: summary, original wording where imported, and the items and actions it supports."""

    def get(self, request, clause_id):
        library = current_policy_library()
        clause = clause_or_404(library, clause_id)
        imported = ImportedPolicy.objects.filter(code=clause.document).first() if request.user.is_staff else None
        uses = [(basis.uid, link) for basis in library.items for link in basis.clauses if link.id == clause_id]
        items = {item.uid: (q, item) for q in graded_questionnaires() for item in q.items}
        context = {
            "clause": clause,
            "document": library.document_by_code[clause.document],
            "uses": [(*items[uid], link) for uid, link in uses],
            "actions": [action for action in current("policy-actions").items if clause_id in action.clauses],
            "suggestions": [(s, items[s.uid][1]) for s in imported.value.suggestions.get(clause_id, ())] if imported else [],
            "may_link": bool(imported and clause.locator is None),
            "all_items": [(q, item) for q, item in items.values()],
        }
        return render(request, "questionnaires/clause.html", context)


def clauses_by_item(library: PolicyLibrary) -> dict[str, set[str]]:
    return {basis.uid: {link.id for link in basis.clauses} for basis in library.items}


def _filter_choices(library: PolicyLibrary) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """(name, label, options) of every filter; only values that occur are offered."""
    documents = [(d.code, d.title) for d in library.documents if any(c.document == d.code for c in library.clauses)]
    statuses = dict.fromkeys(library.document_by_code[code].status for code, _title in documents)
    items = [(item.uid, item.name) for q in graded_questionnaires() for item in q.items]
    return [
        ("document", _("Document"), documents),
        ("status", _("Status"), [(key, labels.VALIDITY_LABELS[key]) for key in statuses]),
        ("kind", _("Kind"), _occurring(labels.KIND_LABELS, {c.kind for c in library.clauses})),
        ("addressee", _("Addressee"), _occurring(labels.ADDRESSEE_LABELS, {c.addressee for c in library.clauses})),
        ("item", _("Item"), items),
    ]


def _occurring(names: dict, keys: set[str]) -> list[tuple[str, str]]:
    return [(key, name) for key, name in names.items() if key in keys]
