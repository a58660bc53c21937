"""Who walks against a world, where they are at home, and which words they must never meet."""

from dataclasses import dataclass, field, replace

from django.utils.translation import gettext_noop as _

from dcmm_site.isolation.world import World
from organizations.models import Role, TeamRole, User

NOBODY = _("nobody signed in")
MEMBERS = {
    Role.OWNER: _("owner of another enterprise"),
    Role.COORDINATOR: _("coordinator of another enterprise"),
    Role.RESPONDENT: _("respondent of another enterprise"),
    Role.VIEWER: _("viewer of another enterprise"),
}
GUESTS = {
    TeamRole.LEAD: _("lead consultant at another enterprise"),
    TeamRole.REVIEWER: _("reviewer at another enterprise"),
    TeamRole.OBSERVER: _("observer at another enterprise"),
}
ONE_ASSESSMENT = _("consultant for one assessment of another enterprise")
SPONSOR, FORMER = _("sponsor of another enterprise"), _("former consultant of another enterprise")
OUTSIDERS = {
    "stranger": _("signed in, of no organization"),
    "platform staff": _("platform staff"),
    "left the firm": _("consultant who left the consultancy"),
    "ended": _("consultant whose engagement was ended"),
    "over": _("consultant whose engagement is over"),
    "not begun": _("consultant whose engagement has not begun"),
    "not accepted": _("consultant whose offer is not accepted"),
    "declined": _("consultant whose offer was declined"),
    "sponsor": _("sponsor of the enterprise"),
    "not on the team": _("colleague of the consultants, not on the team"),
}
OF_ALL = {"form": "csv", "phase": "training"}  # parts that name nobody's thing


@dataclass(frozen=True)
class Home:
    """A place where somebody may be: an organization's address, and what of it can be named there.

    ``closed`` names what stands at the same place and is not for them. With ``is_tried`` they name others' things here too.
    """

    slug: str
    ids: dict = field(default_factory=dict)
    ids_of: dict = field(default_factory=dict)
    closed: dict = field(default_factory=dict)
    is_tried: bool = True

    def filled(self, name: str, parts) -> dict | None:
        """The parts of an address from what is at home here; None where it has no such thing."""
        ids = OF_ALL | self.ids | self.ids_of.get(name, {})
        return {part: ids[part] for part in parts} if set(parts) <= ids.keys() else None


@dataclass(frozen=True)
class Viewer:
    """Somebody for whom every page of the other world does not exist.

    ``forbidden`` are the other world's words, ``also_at_home`` those that stand at their own place and are not for them.
    Whoever is ``thorough`` tries every way to put in what is not theirs; the others try the plain ones, or ``stays_home`` and
    looks whether the other world shows up there.
    """

    label: str
    user: User | None
    forbidden: tuple[str, ...]
    homes: tuple[Home, ...] = ()
    also_at_home: tuple[str, ...] = ()
    thorough: bool = False
    stays_home: bool = False


def viewers_of(theirs: World, own: World) -> list[Viewer]:
    """Everybody from ``own``, from nowhere, and from around ``theirs``."""
    nobody = Viewer(NOBODY, None, (theirs.marks.name,), thorough=True)
    return [nobody, *_neighbours(theirs, own), *_around(theirs)]


def viewers_back(theirs: World, own: World) -> list[Viewer]:
    """The other direction: what rests on who somebody is was tried in the first, what is left is whose rows these are.

    The thorough try everything again; everybody else with a home looks round there.
    """
    viewers = viewers_of(theirs, own)
    return [
        viewer if viewer.thorough else replace(viewer, stays_home=True) for viewer in viewers if viewer.thorough or viewer.homes
    ]


def _neighbours(theirs: World, own: World) -> list[Viewer]:
    """Members and guests of another enterprise, and those around it. At home they must not meet what is not for them there.

    Members do not see the consultancy's working papers, a consultancy nothing of another one, and the guest for one assessment
    nothing of the others.
    """
    everything, marks, cast = (theirs.marks.name,), own.marks, own.cast
    enterprise = Home(own.organization.slug, own.ids, own.ids_of)
    firms = {tried: Home(cast.firm.slug, is_tried=tried) for tried in (True, False)}
    half = own.ids | {"assessment_id": own.other.pk, "engagement_id": cast.half.pk}
    part = Home(own.organization.slug, half, closed=own.ids)
    hidden = (marks.title, marks.content, marks.firm, marks.judged, marks.papers)
    former = tuple(Home(cast.outsider_slugs[label]) for label in ("sponsor", "ended"))
    most = (Role.OWNER, TeamRole.LEAD)
    return [
        *(
            Viewer(label, own.people[role], everything, (enterprise,), (marks.papers,), role in most)
            for role, label in MEMBERS.items()
        ),
        *(
            Viewer(label, own.people[role], everything, (enterprise, firms[role in most]), (marks.other_firm,), role in most)
            for role, label in GUESTS.items()
        ),
        Viewer(ONE_ASSESSMENT, cast.partial, everything, (part,), hidden),
        Viewer(SPONSOR, cast.outsiders["sponsor"], everything, former[:1]),
        Viewer(FORMER, cast.outsiders["ended"], everything, former[1:]),
    ]


def _around(world: World) -> list[Viewer]:
    """Those who had, will have or could have to do with the enterprise. Offers and terms tell its name to the other side."""
    marks, cast = world.marks, world.cast
    substance, firms = (marks.content, marks.judged, marks.papers), (marks.firm, marks.other_firm)
    may_know_the_name = {
        "not begun": (marks.title, *substance, *firms),
        "not accepted": (marks.title, *substance, *firms),
        "sponsor": (*substance, *firms),  # results, by the name of the assessment
        "platform staff": (marks.title, *substance),
        "not on the team": (marks.title, *substance, marks.other_firm),
    }
    homes = {label: Home(slug, is_tried=label == "ended") for label, slug in cast.outsider_slugs.items()}
    homes["not on the team"] = Home(cast.firm.slug, {"engagement_id": cast.engagement.pk})  # what the whole firm may know
    return [
        Viewer(
            OUTSIDERS[label],
            user,
            may_know_the_name.get(label, (marks.name,)),
            (homes[label],) if label in homes else (),
            thorough=label in ("stranger", "platform staff"),
        )
        for label, user in cast.outsiders.items()
    ]
