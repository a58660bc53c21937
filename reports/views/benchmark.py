from django.http import Http404
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from assessments.scoring import show
from assessments.views.access import AssessmentView
from organizations.permissions import Permission
from reports import charts
from reports.comparisons.benchmark import WHOLE, Figures, figures, percentile, step_of
from reports.comparisons.contributions import Group, groups_for, own_scores
from reports.views.comparing import highest_of


class ShowBenchmark(AssessmentView):
    """Where an enterprise stands among those of its kind that take part. A group that may not be shown does not exist."""

    permission = Permission.ASSESSMENT_VIEW

    def get(self, request):
        whole = self.assessment.department_id is None
        groups = groups_for(request.organization, self.assessment.version.code) if whole else []
        asked = request.GET.get("group", "")
        group = next((row for row in groups if row.name == asked), None) if asked else next(iter(groups), None)
        if asked and group is None:
            raise Http404
        context = {
            "assessment": self.assessment,
            "takes_part": request.organization.benchmark_since is not None,
            "may_decide": self.may(Permission.ORGANIZATION_EDIT),
            "groups": [(row, self.words(row)) for row in groups],
            "group": group,
        }
        if group:
            context |= self.told(group)
        return render(request, "reports/benchmark.html", context)

    def words(self, group: Group) -> str:
        """The definition of a group, e.g. "Finance · 1,000 to 9,999 people"."""
        organization = self.request.organization
        labels = [str(getattr(organization, f"get_{name}_display")()) for name in group.dimensions]
        return " · ".join(labels) or _("All enterprises that take part")

    def told(self, group: Group) -> dict:
        questionnaire, language = self.questionnaire, get_language()
        own, highest = own_scores(self.assessment), highest_of(self.questionnaire)
        names = {WHOLE: _("Total")} | {domain.code: domain.name.in_language(language) for domain in questionnaire.domains}
        rows = []
        for part, name in names.items():
            values = [entry.scores[part] for entry in group.others if part in entry.scores]
            if len(values) == len(group.others):  # where a domain does not apply to somebody, who it is must not be told
                rows.append({"name": name, "own": own.get(part), "figures": figures(values)})
        frozen_own = group.own if group.own.assessment == self.assessment.pk else None
        totals = [entry.scores[WHOLE] for entry in group.others]
        return {
            "definition": self.words(group),
            "step": step_of(len(group.others)),
            "rows": rows,
            "percentile": percentile(totals, frozen_own.scores[WHOLE]) if frozen_own else None,
            "standing": standing(rows[0]["figures"], rows[0]["own"]),
            "strips": strips_of(rows, highest),
            "highest": highest,
            "method": questionnaire.method_by_key.get(questionnaire.default_method),
        }


def standing(found: Figures, own) -> str:
    """Where the own total lies among the quartiles that are shown; told from these alone."""
    if own is None:
        return ""
    if own < found.low:
        return _("Your total lies below the lower quartile.")
    if own < found.middle:
        return _("Your total lies between the lower quartile and the median.")
    if own < found.high:
        return _("Your total lies between the median and the upper quartile.")
    return _("Your total lies in the upper quarter.")


def strips_of(rows: list[dict], highest: int):
    drawn = [
        (
            row["name"],
            tuple(float(value / highest) for value in (row["figures"].low, row["figures"].middle, row["figures"].high)),
            show(row["own"]) or "–",
            None if row["own"] is None else float(row["own"] / highest),
        )
        for row in rows
    ]
    return charts.strips(drawn, highest=highest, title=standing(rows[0]["figures"], rows[0]["own"]) or _("Distribution"))
