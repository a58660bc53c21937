"""Pages that put assessments side by side."""

from dataclasses import dataclass, replace

from django.http import Http404
from django.shortcuts import render
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessments.carrying import Words, cross, trend
from assessments.models import Assessment, Layer
from assessments.queries.comparing import LayerOf, client_answers, client_assessments, others, said_in
from assessments.queries.layers import layer_ratings
from assessments.scoring import HIGHEST_ANCHOR, show
from assessments.views.access import AssessmentView
from organizations.access import TenantView
from organizations.permissions import Permission
from questionnaires.schema import Questionnaire
from reports import charts
from reports.comparisons.comparing import Comparison, compare, side_by_side
from reports.comparisons.words import slope_title

MOST_SIDES = 5
PLACES = "abcde"


@dataclass(frozen=True)
class Side:
    """One side as the page shows it: its name, on which questionnaire, and what was said."""

    name: str
    questionnaire: Questionnaire
    said: dict[str, Words]
    assessment: Assessment

    @property
    def ratings(self) -> dict[str, str]:
        return {code: words.rating for code, words in self.said.items()}


class CompareAssessment(AssessmentView):
    """An assessment beside another cycle, another unit, another edition, or another judgement of the same."""

    permission = Permission.ASSESSMENT_VIEW

    def get(self, request):
        method = self.method(request)
        sides = self.sides(request)
        context = {
            "assessment": self.assessment,
            "options": self.others,
            "chosen": self.key(request),
            "methods": self.questionnaire.methods,
            "method_key": method,
        }
        if sides:
            context |= comparison_context(*sides, method)
        return render(request, "reports/compare.html", context)

    @cached_property
    def others(self):
        return others(self.assessment, self.request.membership)

    def key(self, request) -> str:
        default = self.others.default(self.assessment)
        return request.GET.get("with") or (str(default.pk) if default else "")

    def method(self, request) -> str | None:
        """The one asked for, else the assessment's own; for both sides alike."""
        if self.questionnaire.kind == "anchors":
            return None
        asked = request.GET.get("method", "")
        if asked and asked not in self.questionnaire.method_by_key:
            raise Http404
        return asked or self.assessment.method or self.questionnaire.default_method

    def sides(self, request) -> tuple[Side, Side] | None:
        """The earlier or lower one first. None when there is nothing to compare with; what is not offered is not found."""
        key, this = self.key(request), self.assessment
        if not key:
            return None
        if layer := next((row for row in self.others.layers if row.key == key), None):
            return self.layer_sides(layer)
        other = next((row for row in self.others.assessments if str(row.pk) == key), None)
        if other is None:
            raise Http404
        other.organization = self.request.organization
        if other.version.code != this.version.code:
            first, second = (other, this) if other.questionnaire.status == "superseded" else (this, other)
        else:
            first, second = sorted((other, this), key=lambda row: (row.started_at, row.pk))
        return self.side(first), self.side(second)

    def side(self, assessment: Assessment) -> Side:
        name = assessment.name if assessment.department is None else f"{assessment.name} · {assessment.department}"
        return Side(name, assessment.questionnaire, said_in(assessment), assessment)

    def layer_sides(self, layer: LayerOf) -> tuple[Side, Side]:
        own = said_in(self.assessment)
        judged = layer_ratings(self.assessment, layer.engagement)[layer.layer]
        above = {
            code: own[code] if code in own and own[code].rating == rating else Words(rating) for code, rating in judged.items()
        }
        name = f"{Layer(layer.layer).label} · {layer.engagement.consultancy.name}"
        return (
            Side(str(Layer.SELF.label), self.questionnaire, own, self.assessment),
            Side(name, self.questionnaire, above, self.assessment),
        )


def comparison_context(first: Side, second: Side, method: str | None) -> dict:
    """What the page shows of two sides. Over the bridge the first is expressed in the edition of the second."""
    old, new = first.questionnaire, second.questionnaire
    context = {"first": first, "second": second, "base": first, "crosses": old.code != new.code}
    if context["crosses"]:
        crossed = {crossing.code: crossing.words for crossing in cross(new, first.said) if crossing.words.rating}
        name = _("%(name)s, expressed in the newer edition") % {"name": first.name}
        context["base"] = Side(name, new, crossed, first.assessment)
        context["trend"] = trend(old, new, first.ratings, second.ratings, method)
    base = context["base"]
    found = compare(base.questionnaire, base.ratings, new, second.ratings, method)
    in_time = first.assessment != second.assessment and first.assessment.department_id == second.assessment.department_id
    heads = (_("earlier"), _("later")) if in_time else (_("first"), _("second"))
    return context | {
        "comparison": found,
        "names": (base.name, second.name),
        "heads": heads,
        "highest": highest_of(new),
        "slope": slope_of(found, heads),
        "slope_title": slope_title(found),
    }


def slope_of(found: Comparison, heads: tuple[str, str]):
    highest = highest_of(found.questionnaire)
    rows = [
        (
            move.part.name.in_language(get_language()),
            show(move.before),
            show(move.after),
            None if move.before is None else float(move.before / highest),
            None if move.after is None else float(move.after / highest),
        )
        for move in found.domains
    ]
    return charts.slope(rows, sides=heads, highest=highest, title=slope_title(found))


def highest_of(questionnaire: Questionnaire) -> int:
    return HIGHEST_ANCHOR if questionnaire.kind == "anchors" else 5


class ComparePortfolio(TenantView):
    """Up to five assessments of clients side by side, all on one questionnaire and by one method."""

    permission = Permission.PORTFOLIO_VIEW

    def get(self, request):
        if not request.organization.has_clients:
            raise Http404
        known = client_assessments(request.user, request.organization)
        chosen = self.chosen(request, known)
        context = {"places": self.places(request, known), "options": by_client(known), "most": MOST_SIDES}
        problem = self.problem(chosen)
        if len(chosen) > 1 and not problem:
            context |= self.table(chosen)
        return render(request, "reports/compare_portfolio.html", context | {"problem": problem})

    @staticmethod
    def chosen(request, known: dict[int, Assessment]) -> list[Assessment]:
        """Those asked for, in their places, each once; somebody else's is not found."""
        keys = [request.GET.get(place, "") for place in PLACES]
        wanted = {str(pk): row for pk, row in known.items()}
        if any(key and key not in wanted for key in keys):
            raise Http404
        return [wanted[key] for key in dict.fromkeys(keys) if key]

    @staticmethod
    def places(request, known) -> list[tuple[str, str]]:
        return [(place, request.GET.get(place, "")) for place in PLACES]

    @staticmethod
    def problem(chosen: list[Assessment]) -> str:
        if len({row.version.code for row in chosen}) > 1:
            return _("Please choose assessments of one questionnaire: scores of different editions can't stand side by side.")
        return ""

    @staticmethod
    def table(chosen: list[Assessment]) -> dict:
        clients = client_answers(chosen)
        newest = max(chosen, key=lambda row: row.version_id).questionnaire
        found = side_by_side(newest, [(client.assessment.questionnaire, client.ratings) for client in clients])
        if newest.kind == "anchors" and any(row.results_only for row in chosen):  # an item's score is the answer itself
            found = replace(found, domains=tuple((group, ()) for group, _items in found.domains))
        return {"sides": [client.assessment for client in clients], "table": found, "highest": highest_of(newest)}


def by_client(known: dict[int, Assessment]) -> list[tuple[str, list[Assessment]]]:
    """Client -> its assessments, for the choice."""
    found: dict[int, tuple[str, list[Assessment]]] = {}
    for row in known.values():
        found.setdefault(row.organization_id, (row.organization.name, []))[1].append(row)
    return list(found.values())
