"""What somebody wants to see of a portfolio, out of the query string; whatever makes no sense there is left out."""

from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from assessments.models import Assessment, Layer
from organizations.classes import Industry, Region, Size
from questionnaires.packages import QUESTIONNAIRES

ALL = "all"
TABLE, HEAT = "table", "heat"
HIGHEST = "highest"
LAYERS = {
    HIGHEST: _("Highest judgement there is"),
    Layer.SELF.value: _("Self-assessment"),
    Layer.CONSULTANT.value: _("Consultant"),
    Layer.PANEL.value: _("Expert panel"),
}
COLUMNS = {  # key -> (head, whether it is a figure)
    "assessment": (_("Assessment"), False),
    "level": (_("Level"), True),
    "score": (_("Score"), True),
    "target": (_("Target"), True),
    "change": (_("Since last"), True),
    "self": (_("Self"), True),
    "actions": (_("Policy actions"), True),
    "progress": (_("Progress"), True),
    "state": (_("State"), False),
    "due": (_("Due"), False),
    "lowest": (_("Lowest item"), False),
    "phase": (_("Phase"), False),
    "team": (_("Team"), False),
    "tags": (_("Tags"), False),
    "industry": (_("Industry"), False),
    "size": (_("Headcount"), False),
    "region": (_("Region"), False),
}
USUAL = tuple(key for key in COLUMNS if key not in ("self", "industry", "size", "region"))
GROUPS = {"industry": _("Industry"), "region": _("Region"), "state": _("State"), "lead": _("Lead")}
SIZES = (50, 100)


@dataclass(frozen=True)
class Choice:
    """The defaults are what an address without a query string shows."""

    view: str = TABLE
    edition: str = ""  # the one that most clients answer
    domain: str = ""  # heat map: its items instead of the domains
    layer: str = HIGHEST
    q: str = ""
    industry: str = ""
    size: str = ""
    region: str = ""
    state: str = ""
    tag: str = ""
    member: str = ""
    group: str = ""
    sort: str = "client"
    cols: tuple[str, ...] = USUAL
    per: int = SIZES[0]
    page: int = 1

    @property
    def by(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def downwards(self) -> bool:
        return self.sort.startswith("-")

    @property
    def filters(self) -> dict[str, str]:
        return {name: value for name in FILTERS if (value := getattr(self, name))}

    def query(self, **changes) -> str:
        """The query string of this choice with changes; without them the first page is meant."""
        chosen = replace(self, page=changes.pop("page", 1), **changes)
        pairs = []
        for field in fields(chosen):
            value = getattr(chosen, field.name)
            if value != field.default:
                pairs.append((field.name, " ".join(value) if field.name == "cols" else value))
        return urlencode(pairs)


FILTERS = ("q", "industry", "size", "region", "state", "tag", "member")
KNOWN = {
    "view": {TABLE, HEAT},
    "edition": {ALL, *QUESTIONNAIRES},
    "layer": set(LAYERS),
    "industry": set(Industry.values),
    "size": set(Size.values),
    "region": set(Region.values),
    "state": set(Assessment.State.values),
    "group": set(GROUPS),
}


def choice_of(data: QueryDict) -> Choice:
    chosen = {name: data[name] for name, known in KNOWN.items() if data.get(name) in known}
    for name, longest in (("q", 60), ("tag", 40), ("domain", 20), ("sort", 21)):
        if text := data.get(name, "").replace("\0", "").strip()[:longest]:
            chosen[name] = text
    if (member := data.get("member", "")).isascii() and member.isdecimal() and len(member) < 18:
        chosen["member"] = member
    if data.get("per") in map(str, SIZES):
        chosen["per"] = int(data["per"])
    page = data.get("page", "")
    if page.isascii() and page.isdecimal() and len(page) < 6:
        chosen["page"] = max(1, int(page))
    if "cols" in data:
        wanted = " ".join(data.getlist("cols")).split()
        chosen["cols"] = tuple(key for key in COLUMNS if key in wanted)
    return Choice(**chosen)
