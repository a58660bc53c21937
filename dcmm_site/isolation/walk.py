"""Every route as everybody: requests that name another tenant's things, and a look into everything that comes back.

For each viewer and route: the other's things at the other's address; the other's things at one's own; one's own with one of the
other's put in; and one's own pages, where bodies and queries name the other's things. Each request is taken back at once.
"""

import re
from collections import Counter
from collections.abc import Container, Iterator
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from http.cookies import SimpleCookie
from pathlib import Path
from zlib import crc32

from django.conf import settings
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils.http import int_to_base36

from dcmm_site.isolation.bodies import BODIES, QUERIES
from dcmm_site.isolation.routes import METHODS, PLACE, Route, open_for, routes
from dcmm_site.isolation.search import cookie_readings, embedded, words_in
from dcmm_site.isolation.viewers import Home, Viewer, viewers_back, viewers_of
from dcmm_site.isolation.world import World
from organizations.models import QueuedMail
from questionnaires.library import current_policy_library

LINK = re.compile(r"""(?:href|src|action|hx-[a-z-]+|data-[a-z-]+)=["'](/o/[^"'?#]+)""")
EXCERPT = 80
AT_MOST = 500  # findings that are kept; beyond it something is thoroughly wrong
WORD = "plan"  # what both worlds say, to look for


@dataclass(frozen=True)
class Finding:
    kind: str  # word, id, answered, broken, unfilled, unmarked
    viewer: str
    route: str
    request: str
    status: int = 0
    what: str = ""


@dataclass
class Tally:
    """What was done, and what was found."""

    requests: Counter = field(default_factory=Counter)  # by viewer
    by_route: Counter = field(default_factory=Counter)
    statuses: Counter = field(default_factory=Counter)
    searched: int = 0  # bytes
    mails: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, finding: Finding):
        if finding not in self.findings and len(self.findings) < AT_MOST:
            self.findings.append(finding)


@dataclass(frozen=True)
class Ask:
    """One request. ``home``: whose address it is, if one's own. ``is_own``: it names one's own things; any answer is right."""

    method: str
    path: str
    body: dict | None = None
    home: Home | None = None
    is_own: bool = False
    by_script: bool = False

    def __str__(self):
        return f"{self.method.upper()} {self.path}{' (fragment)' if self.by_script else ''}"


def walk(
    worlds: tuple[World, World], tally: Tally, *, part: tuple[int, int] = (0, 1), names: Container[str] | None = None
) -> Tally:
    """Everybody from the one world, from nowhere and from around the other, in both directions, through all routes.

    ``part`` (i, n): every n-th viewer from the i-th on; ``names``: these routes only.
    """
    start, parts = part
    for viewers_in, (theirs, own) in ((viewers_of, worlds), (viewers_back, worlds[::-1])):
        viewers = viewers_in(theirs, own)
        for turn in range(start, len(viewers), parts):
            Walker(viewers[turn], theirs, own, tally, turn=turn, turns=len(viewers)).walk(names)
        start = (start - len(viewers)) % parts  # go on in the other direction where this one stopped
    return tally


class Walker:
    """One viewer on the way through all routes.

    ``turn`` of ``turns``: methods that no route takes are tried on each of them by one viewer, in turns.
    """

    def __init__(self, viewer: Viewer, theirs: World, own: World, tally: Tally, *, turn: int = 0, turns: int = 1):
        self.viewer, self.theirs, self.own, self.tally = viewer, theirs, own, tally
        self.turn, self.turns = turn, turns
        self.client = Client(raise_request_exception=False, SERVER_NAME="localhost", REMOTE_ADDR="127.0.0.1")
        if viewer.user is not None:
            self.client.force_login(viewer.user)
        self.cookies = {name: morsel.value for name, morsel in self.client.cookies.items()}
        self.files = set(stored_files())
        self.last_mail = QueuedMail.objects.order_by("pk").values_list("pk", flat=True).last() or 0

    def walk(self, names: Container[str] | None = None):
        for route in routes():
            if names is None or route.name in names:
                for ask in self.asks(route):
                    self.send(route, ask)

    def asks(self, route: Route) -> Iterator[Ask]:
        try:
            yield from self._asks_of_tenant(route) if route.is_of_tenant else self._asks_elsewhere(route)
        except (KeyError, NoReverseMatch) as error:
            what = f"nothing fills {error}" if isinstance(error, KeyError) else str(error)
            self.tally.add(Finding("unfilled", "", route.name, "/" + route.path, what=what))

    def _asks_of_tenant(self, route: Route) -> Iterator[Ask]:
        theirs = self.theirs.filled(route.name, route.parts)
        if not self.viewer.stays_home:
            yield from self._at_their_place(route, theirs)
        for home in self.viewer.homes:
            if home.is_tried and not self.viewer.stays_home:
                yield from self._smuggled(route, home, theirs)
            if home.closed and "assessment_id" in route.parts:
                yield from self._smuggled(route, home, {part: home.closed[part] for part in route.parts})
            yield from self._at_home(route, home)

    def _at_their_place(self, route: Route, theirs: dict) -> Iterator[Ask]:
        path = address(route, self.theirs.organization.slug, theirs)
        for method in METHODS:
            if method in self._tried(route) or self._in_turn(route, method):
                yield Ask(method, path, self._body(route, method))
        if self.viewer.thorough and self.viewer.user is not None:
            others = self.theirs.tenants[1:]  # one of them for each route
            organization = others[crc32(route.name.encode()) % len(others)]
            yield Ask("get", address(route, organization.slug, theirs))

    def _tried(self, route: Route) -> list[str]:
        """The thorough try every method that the route takes, the others one of them in turns."""
        methods = route.methods
        return methods if self.viewer.thorough else [methods[(self.turn + crc32(route.name.encode())) % len(methods)]]

    def _in_turn(self, route: Route, method: str) -> bool:
        return crc32(f"{method} {route.name}".encode()) % self.turns == self.turn

    def _smuggled(self, route: Route, home: Home, theirs: dict) -> Iterator[Ask]:
        """Ids at one's own address that are not one's own: all of them, and one at a time."""
        own = home.filled(route.name, route.parts)
        foreign = {part for part in route.parts if own is None or own[part] != theirs[part]}
        if not foreign:
            return
        mixed = [theirs]
        if own is not None and len(foreign) > 1 and self.viewer.thorough:
            mixed += [{**own, part: theirs[part]} for part in sorted(foreign)]
        for ids in mixed:
            for method in self._tried(route):
                yield Ask(method, address(route, home.slug, ids), self._body(route, method), home=home)

    def _at_home(self, route: Route, home: Home) -> Iterator[Ask]:
        own = home.filled(route.name, route.parts)
        if own is None:
            return
        path = address(route, home.slug, own)
        if "get" in route.methods:
            for query in self._queries(route):
                yield Ask("get", path + query, home=home, is_own=True)
            if self.viewer.thorough:
                yield Ask("get", path, home=home, is_own=True, by_script=True)
        for method in route.methods:
            if method != "get":
                yield Ask(method, path, self._body(route, method), home=home, is_own=True)

    def _queries(self, route: Route) -> list[str]:
        """None; and from the thorough each parameter of the page with a common word, and with the numbers of their things."""
        names = QUERIES.get(route.name, ()) if self.viewer.thorough else ()
        ids = {str(value) for part, value in self.theirs.ids.items() if part in QUERIED}
        return ["", *(f"?{name}={value}" for name in names for value in sorted({WORD, *ids}))]

    def _body(self, route: Route, method: str) -> dict | None:
        """What a right request would send, with their ids in it."""
        if method == "get":
            return None
        ids = self.theirs.ids | self.theirs.ids_of.get(route.name, {})
        return {name.format(**ids): value.format(**ids) for name, value in BODIES.get(route.name, {}).items()}

    def _asks_elsewhere(self, route: Route) -> Iterator[Ask]:
        """Routes outside of tenants: about oneself, the content, accounts, the staff's."""
        known = self.theirs.ids | _shared() | {"uidb36": int_to_base36(self.theirs.ids["user_id"])}
        known |= {"code": _shared()["document"]} if route.name == "document" else {}
        path = reverse(route.name, kwargs={part: known[part] for part in route.parts})
        if self.viewer.stays_home and route.parts:
            return
        if not self.viewer.thorough and (not route.is_ours or route.is_content):
            return  # the same for everybody
        for query in self._queries(route):
            yield Ask("get", path + query, is_own=True)
        if self.viewer.thorough:
            yield Ask("post", path, self._body(route, "post"), is_own=True)
        for method in METHODS[2:]:
            if self._in_turn(route, method):
                yield Ask(method, path, is_own=True)

    def send(self, route: Route, ask: Ask):
        if ask.is_own and ask.method == "post" and route.is_of_tenant:
            open_for(self.own, route)
        self.client.cookies = SimpleCookie(self.cookies)
        headers = {"HX-Request": "true"} if ask.by_script else {}
        with transaction.atomic():
            response = getattr(self.client, ask.method)(ask.path, ask.body, headers=headers)
            content = b"".join(response.streaming_content) if response.streaming else response.content
            self.look(route, ask, response, content)
            transaction.set_rollback(True)

    def look(self, route: Route, ask: Ask, response, content: bytes):
        tally, status = self.tally, response.status_code
        tally.requests[self.viewer.label] += 1
        tally.by_route[route.name] += 1
        tally.statuses[status] += 1
        for piece in self._pieces(ask, response, content):
            tally.searched += len(piece)
            for word in words_in(piece, self._forbidden(ask), self._echoes(ask)):
                self._found("word", route, ask, status, excerpt(piece, word))
                break
        for link in self._foreign_links(ask, response, content):
            self._found("id", route, ask, status, link)
        if status >= 500:
            self._found("broken", route, ask, status, _fault(response))
        elif not ask.is_own and status not in self._right(route, ask):
            self._found("answered", route, ask, status)

    def _right(self, route: Route, ask: Ask) -> set[int]:
        """What may be answered to who names things of others: not found.

        At one's own address also that one may not do this here, whatever it names, or another page before it was looked up.
        """
        if self.viewer.user is None:
            return {302}
        if ask.home is None:
            return {404}
        return {302, 403, 404} if ask.method == "get" else {403, 404, 409}

    def _forbidden(self, ask: Ask) -> tuple[str, ...]:
        return self.viewer.forbidden + (self.viewer.also_at_home if ask.home else ())

    def _found(self, kind: str, route: Route, ask: Ask, status: int, what: str = ""):
        self.tally.add(Finding(kind, self.viewer.label, route.name, str(ask), status, what))

    def _echoes(self, ask: Ask) -> tuple[str, ...]:
        """What the request said itself, and may be told again: its address."""
        return (ask.path, ask.path.split("?")[0])

    def _pieces(self, ask: Ask, response, content: bytes) -> Iterator[bytes]:
        """Everything that came of the request: body, headers, cookies, session, files and mail."""
        yield content
        yield from embedded(content)
        yield "\n".join(f"{name}: {value}" for name, value in response.headers.items()).encode()
        for morsel in response.cookies.values():
            yield from cookie_readings(morsel.value)
        session = getattr(getattr(response, "wsgi_request", None), "session", None)
        if session is not None and session.modified:
            yield str(dict(session.items())).encode()
        if ask.method != "get" and not connection.needs_rollback:
            yield from self._new_files()
            yield from self._new_mail()

    def _new_files(self) -> Iterator[bytes]:
        for path in set(stored_files()) - self.files:
            yield path.read_bytes()
            path.unlink()

    def _new_mail(self) -> Iterator[bytes]:
        """Mail that the request sent or queued, unless it goes to the people whom it is about."""
        letters = [(" ".join(sent.to), f"{sent.subject}\n{sent.body}\n{sent.extra_headers}") for sent in mail.outbox]
        mail.outbox.clear()
        queued = QueuedMail.objects.filter(pk__gt=self.last_mail)
        letters += [(row.to, f"{row.subject}\n{row.text}\n{row.payload}") for row in queued]
        self.tally.mails += len(letters)
        yield from (text.encode() for to, text in letters if self.theirs.marks.name not in to)

    def _foreign_links(self, ask: Ask, response, content: bytes) -> Iterator[str]:
        """Links of the page that name a thing of theirs, unless the request named it."""
        if not ask.is_own or "html" not in response.headers.get("Content-Type", ""):
            return
        for link in set(LINK.findall(content.decode(errors="replace"))):
            for part, value in parts_of(link).items():
                is_theirs = part in QUERIED and value == self.theirs.ids.get(part) != self.own.ids.get(part)
                if is_theirs and not self._is_known(ask, part, value) and str(value) not in f"{ask.path} {ask.body or ''}":
                    yield link

    @staticmethod
    def _is_known(ask: Ask, part: str, value) -> bool:
        return ask.home is not None and ask.home.ids.get(part) == value


QUERIED = {
    "assessment_id", "comment_id", "department_id", "engagement_id", "evidence_id", "invitation_id", "kit_id", "membership_id",
    "report_id", "return_id", "submission_id", "user_id", "view_id", "panel_id", "sheet_id", "batch_id",
}  # fmt: skip


def address(route: Route, slug: str, ids: dict) -> str:
    return reverse(route.name, kwargs={PLACE: slug, **{part: ids[part] for part in route.parts}})


@lru_cache(maxsize=10_000)
def parts_of(path: str) -> dict:
    try:
        return resolve(path).kwargs
    except Resolver404:
        return {}


@lru_cache(maxsize=1)
def _shared() -> dict:
    """Parts of addresses that name content, which belongs to nobody, or a key that opens nothing."""
    library = current_policy_library()
    return {
        "code": "gbt36073-2025",
        "document": library.documents[0].code,
        "clause_id": library.clauses[0].id,
        "key": "1-nothing",
        "stamp": "20260101-000000",
    }


def stored_files() -> Iterator[Path]:
    return (path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


def excerpt(content: bytes, word: str) -> str:
    """A little of what stands around the word, where it can be read as it is."""
    text = content.decode("utf-8", errors="replace")
    at = text.casefold().find(word)
    return " ".join(text[max(0, at - EXCERPT) : at + EXCERPT].split()) if at >= 0 else f"{word}, packed"


def _fault(response) -> str:
    kind, error, _traceback = getattr(response, "exc_info", None) or (None, None, None)
    return f"{kind.__name__}: {error}"[:300] if kind else ""


def as_json(tally: Tally) -> dict:
    return {
        "requests": dict(tally.requests),
        "by_route": dict(tally.by_route),
        "statuses": {str(status): count for status, count in sorted(tally.statuses.items())},
        "searched": tally.searched,
        "mails": tally.mails,
        "findings": [asdict(finding) for finding in tally.findings],
    }
