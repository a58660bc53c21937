"""What enterprises give to benchmarks, and what a member of a group reads there."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from dateutil.relativedelta import relativedelta
from django_scopes import scope

from assessments.models import Assessment, Layer, Standing
from assessments.queries.answers import ratings_of
from assessments.scoring import score
from organizations.guests import day_of, running
from organizations.models import Engagement, Membership, Organization, Role
from reports.comparisons.benchmark import DIMENSIONS, WHOLE, Entry, Frozen, keys_of, may_be_shown, others
from reports.models import BenchmarkGroup

MONTHS = 24
AT_ONCE = 500


@dataclass(frozen=True)
class Group:
    """A group that may be shown to a reader: the reader's own entry, and the others in it."""

    dimensions: tuple[str, ...]
    quarter: str
    others: list[Entry]
    own: Entry

    @property
    def name(self) -> str:
        """For the address."""
        return "-".join(self.dimensions) or "all"


def contributions(code: str, at: datetime) -> list[Entry]:
    """The latest final result of each enterprise that takes part, on one questionnaire, by its default method.

    Crosses tenants: into the organizations that opted in, and of these it reads the results of finals about the whole
    organization, who owns them, and which consultancies and sponsors see them.
    """
    rows = Organization.objects.filter(benchmark_since__lte=at).order_by("pk")
    known = {row.pk: row for row in rows.exclude(kind__in=[Organization.Kind.CONSULTANCY, Organization.Kind.SPONSOR])}
    ids, found = sorted(known), []
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        with scope(organization=some):
            found += _entries({pk: known[pk] for pk in some}, code, at)
    return found


def _entries(organizations: dict[int, Organization], code: str, at: datetime) -> Iterator[Entry]:
    finals = _latest_finals(organizations, code, at)
    scores = _scores(finals.values())
    owners, seen_by = defaultdict(set), defaultdict(set)
    members = Membership.objects.filter(organization__in=finals, role=Role.OWNER)
    for pk, user in members.values_list("organization_id", "user_id"):
        owners[pk].add(user)
    engagements = Engagement.objects.filter(running(on=day_of(at)), organization__in=finals)
    for pk, firm in engagements.values_list("organization_id", "consultancy_id"):
        seen_by[pk].add(firm)
    for pk, final in finals.items():
        if WHOLE in scores[final.pk]:
            yield Entry(
                organization=pk,
                assessment=final.pk,
                revision=final.revision,
                owners=frozenset(owners[pk]),
                seen_by=frozenset(seen_by[pk]),
                place={name: getattr(organizations[pk], name) for name in DIMENSIONS},
                scores=scores[final.pk],
            )


def _latest_finals(organizations: Iterable[int], code: str, at: datetime) -> dict[int, Assessment]:
    """Organization -> its newest final of the last two years, of the whole organization."""
    rows = Assessment.objects.filter(
        organization__in=list(organizations),
        state=Assessment.State.FINAL,
        department=None,
        version__code=code,
        started_at__gte=at - relativedelta(months=MONTHS),
        started_at__lte=at,
    )
    rows = rows.select_related("version").defer("version__content").order_by("organization_id", "started_at", "pk")
    return {row.organization_id: row for row in rows}


def _scores(finals: Iterable[Assessment]) -> dict[int, dict[str, Fraction]]:
    """Assessment -> part -> exact score by the default method: kept ones where that is the assessment's own, else computed."""
    finals = {row.pk: row for row in finals}
    kept = [pk for pk, row in finals.items() if _is_default(row)]
    rows = Standing.objects.filter(assessment__in=kept, layer=Layer.SELF).exclude(kind=Standing.Kind.ITEM).exclude(exact="")
    found: dict[int, dict[str, Fraction]] = {}
    for pk, part, exact in rows.values_list("assessment_id", "part", "exact"):
        found.setdefault(pk, {})[part] = Fraction(exact)
    return {pk: found.get(pk) or own_scores(row) for pk, row in finals.items()}


def _is_default(assessment: Assessment) -> bool:
    return assessment.method in ("", assessment.questionnaire.default_method)


def own_scores(assessment: Assessment) -> dict[str, Fraction]:
    """Part -> exact score of the self-assessment, by the default method of its questionnaire."""
    result = score(assessment.questionnaire, ratings_of(assessment))
    if result.score is None:
        return {}
    return {WHOLE: result.score, **{domain.code: domain.score for domain in result.domains}}


def groups_for(organization: Organization, code: str) -> list[Group]:
    """The groups that this enterprise may be shown, the widest first: those that hold its own figures and pass the guards.

    So nobody sees another group by describing themselves differently. Two queries. Nothing for who does not take part.
    """
    if organization.benchmark_since is None:
        return []
    place = {name: getattr(organization, name) for name in DIMENSIONS}
    keys = keys_of(place)
    rows = {row.key: row for row in BenchmarkGroup.objects.filter(questionnaire=code, key__in=keys.values())}
    owners = Membership.objects.filter(organization=organization, role=Role.OWNER)
    mine, found = frozenset(owners.values_list("user_id", flat=True)), []
    for dimensions, key in keys.items():
        members = thawed(rows[key]).members if key in rows else ()
        own = next((entry for entry in members if entry.organization == organization.pk), None)
        rest = others(members, organization.pk, mine)
        if own and may_be_shown(rest):
            found.append(Group(dimensions, rows[key].quarter, rest, own))
    return found


def frozen_as_json(group: Frozen) -> dict:
    members = [
        {
            "organization": entry.organization,
            "assessment": entry.assessment,
            "revision": entry.revision,
            "owners": sorted(entry.owners),
            "seen_by": sorted(entry.seen_by),
            "scores": {part: str(value) for part, value in entry.scores.items()},
        }
        for entry in group.members
    ]
    return {"members": members, "marks": sorted(group.marks)}


def thawed(row: BenchmarkGroup) -> Frozen:
    place = dict(part.split(":") for part in row.key.split("|") if part)
    members = tuple(
        Entry(
            organization=entry["organization"],
            assessment=entry["assessment"],
            revision=entry["revision"],
            owners=frozenset(entry["owners"]),
            seen_by=frozenset(entry["seen_by"]),
            place=place,
            scores={part: Fraction(value) for part, value in entry["scores"].items()},
        )
        for entry in row.members
    )
    return Frozen(members, frozenset(row.marks))
