from django.http import Http404
from django.shortcuts import render

from questionnaires import labels
from questionnaires.bridge import RELATIONS, bridge, counts
from questionnaires.conditions import check_entry, entry_conditions
from questionnaires.library import current_policy_library, current_versions, questionnaire_of
from questionnaires.schema import LEVELS, PolicyAction
from questionnaires.views.access import ContentView, current, questionnaire_or_404


class Editions(ContentView):
    def get(self, request):
        rows = [(version, questionnaire_of(version)) for version in current_versions()]
        return render(request, "questionnaires/editions.html", {"rows": rows})


class EditionPage(ContentView):
    def get(self, request, code):
        questionnaire = questionnaire_or_404(code)
        return render(request, "questionnaires/edition.html", {"questionnaire": questionnaire})


class ItemPage(ContentView):
    """One item with its criteria, and the clauses that speak of it."""

    def get(self, request, code, item_code):
        questionnaire = questionnaire_or_404(code)
        try:
            item = questionnaire.item_by_code[item_code]
        except KeyError as error:
            raise Http404 from error
        library = current_policy_library()
        codes = [row.code for row in questionnaire.items]
        place = codes.index(item_code)
        context = {
            "questionnaire": questionnaire,
            "item": item,
            "domain": questionnaire.domain_of[item_code],
            "previous": codes[place - 1] if place else None,
            "next": codes[place + 1] if place + 1 < len(codes) else None,
            "library": library,
        }
        if isinstance(item, PolicyAction):
            context["clauses"] = [library.clause_by_id[clause] for clause in item.clauses]
            return render(request, "questionnaires/action.html", context)
        context["levels"] = [(questionnaire.level_by_number[level], item.at_level(level)) for level in LEVELS]
        context["basis"] = library.basis_by_uid.get(item.uid)
        actions = current("policy-actions").items
        context["actions"] = [a for a in actions if item.uid in a.supports.get(questionnaire.edition, ())]
        return render(request, "questionnaires/item.html", context)


class CompareEditions(ContentView):
    """The two editions side by side, criterion by criterion."""

    def get(self, request):
        rows, dropped = bridge(current("gbt36073-2018"), current("gbt36073-2025"))
        figures = counts(rows, dropped)
        context = {
            "rows": rows,
            "dropped": dropped,
            "figures": [(labels.RELATION_LABELS[relation], figures[relation]) for relation in RELATIONS],
        }
        return render(request, "questionnaires/compare.html", context)


class Conditions(ContentView):
    """Entry conditions and a self-check; nothing that is typed here is kept."""

    def get(self, request):
        conditions = entry_conditions()
        applicants = {applicant.key: applicant for applicant in conditions.applicants}
        applicant = applicants.get(request.GET.get("applicant"), conditions.applicants[0])
        level = _whole(request.GET.get("level")) or 3
        asked = {c.key: c for v in applicant.variants for row in v.levels if row.level == level for c in row.conditions}
        figures = {key: _whole(request.GET.get(key)) for key in asked}
        said = {key: value for key, value in figures.items() if value is not None}
        context = {
            "conditions": conditions,
            "applicant": applicant,
            "level": level,
            "levels": sorted({row.level for variant in applicant.variants for row in variant.levels}),
            "asked": [(condition, figures[key]) for key, condition in asked.items()],
            "checks": check_entry(applicant, level, said),
            "checked": bool(said),
            "common": [condition for condition in applicant.common if condition.from_level <= level],
        }
        return render(request, "questionnaires/conditions.html", context)


def _whole(text: str | None) -> int | None:
    """A whole number that a person typed, or None."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
