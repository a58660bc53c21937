"""Every route of the URLconf that takes input, with input that nobody types: no answer is a 500.

A body is a valid one with one field at a time made hostile, so that each value gets as far as the form lets it. A route that
takes a POST and has no row in ``BODIES`` fails here.
"""

import re
from itertools import product
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from assessments.views.reviewing import ReviewerView
from dcmm_site.isolation.bodies import BODIES, DAY, QUERIES
from dcmm_site.isolation.routes import open_for
from organizations.models import Role, TeamRole
from organizations.permissions import ROLES, allows
from tests.conftest import PASSWORD
from tests.isolation.test_routes import ROUTES, STAFF, TENANT, signed_in

STARTS_A_PROCESS = "start_proof"  # and reads no field
HTMX = {"HX-Request": "true"}
FORM = "application/x-www-form-urlencoded"
MARKUP = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(1)> {{ 7|add:7 }}{% debug %}%(who)s %s %d {0.__class__} ${x} "
    "' OR 1=1; --\\ %_ .*(a+)+$ [ ../../../etc/passwd =1+1 \ue000token\ue001 \ue000"
)
TEXTS = {
    "nothing": "",
    "blanks": "%20%09%0D%0A%E3%80%80",
    "NUL": "a%00b",
    "control": "%1B%5B31m%07",
    "half a character": "%ED%A0%80",
    "no UTF-8": "%FF%FE%C3",
    "turned text": quote("\u202egnp.exe\u2066"),
    "no character": quote("\uffff\ufdd0"),
    "markup": quote(MARKUP, safe=""),
    "long": quote("字") * 10_000,
}
NUMBERS = {
    "minus": "-1",
    "beyond 64 bits": str(2**63),
    "5,000 digits": "9" * 5_000,
    "infinite": "1e999",
    "other digits": quote("٣²"),
}
DAYS = {"first day": "0001-01-01", "last day": "9999-12-31", "no day": "2026-02-30"}
HOSTILE = TEXTS | NUMBERS
ACCOUNT = {
    "account_login": {"login": "alice@acme.example", "password": PASSWORD, "next": "/"},
    "account_signup": {"email": "new@acme.example", "password1": PASSWORD, "password2": PASSWORD, "next": "/"},
    "account_reset_password": {"email": "alice@acme.example"},
}


BIG_NUMBERS = [str(2**31), str(2**63 - 1), str(2**63), "9" * 30, "9" * 5_000]
WORDS = [quote(MARKUP, safe=""), "%00", "%FF", quote("字") * 2_000]
FILE_NAMES = ["a.pdf", "a.xlsx", "a.csv", "a.txt", "../../a.docx", "a\ue000\u202e.png", "字" * 300 + ".xlsx", "noending"]
FILE_CONTENTS = [
    b"",
    b"\0" * 100,
    b"%PDF-1.7",
    b"PK\x03\x04",
    b"PK\x05\x06" + b"\xff" * 18,
    b'a\0b,"c',
    b"\xff\xfe\xd8" * 50,
]
COOKIES = ['""', '"aaaaaaaa\\000"', "\\377" * 40, "9" * 3_000, "a:b:c", '"\\355\\240\\200aaaaaaaa"']


def taking_posts():
    """The names of the product's own routes that take a POST."""
    return {name for name, route in ROUTES.items() if "post" in route.methods}


def address(world, name) -> str:
    place = {"organization_slug": world.organization.slug} if name in TENANT else {}
    ids = dict.fromkeys(ROUTES[name].parts, "nothing") | world.ids | world.ids_of.get(name, {})
    return reverse(name, kwargs=place | {part: ids[part] for part in ROUTES[name].parts})


def writer(world, name):
    """Somebody whose role lets them use the route: the owner, or a guest where only guests may; staff for the staff's."""
    route = ROUTES[name]
    if name in STAFF:
        return world.cast.outsiders["platform staff"]
    if name not in TENANT:
        return world.people[Role.OWNER]
    if issubclass(route.view, ReviewerView):
        return world.people[TeamRole.REVIEWER]  # members are led to the page where they answer
    return world.people[next(role for role in ROLES if all(allows(role, need) for need in route.needed("post")))]


def hostile_bodies(world, fields: dict):
    """(what is wrong, body): one field at a time, and every field twice."""
    fields = {name.format(**world.ids): quote(value.format(**world.ids)) for name, value in fields.items()}
    for name, right in fields.items():
        for word, value in like(right).items():
            yield f"{name}: {word}", encoded({**fields, name: value})
    yield "each field twice", f"{encoded(fields)}&{encoded(fields)}"
    yield "nothing at all", ""


def like(right: str) -> dict:
    """What to put where a right value is of this kind."""
    return TEXTS | (NUMBERS if right.isdecimal() else {}) | (DAYS if right == DAY else {})


def encoded(fields: dict) -> str:
    return "&".join(f"{quote(name)}={value}" for name, value in fields.items())


def address_with(slug, name, parts: dict) -> str:
    """The address with parts as they are, whatever the route takes."""
    route = "/" + ROUTES[name].path.replace("<slug:organization_slug>", slug)
    for part, value in parts.items():
        route = re.sub(f"<\\w+:{part}>", lambda _found, value=value: value, route)
    return route


def upload(name: str, content: bytes) -> dict:
    """The same file under the names of every file field."""
    return {field: SimpleUploadedFile(name, content) for field in ("file", "files")}


def is_about_a_criterion(name) -> bool:
    """What these routes answer to a script are fragments made another way than the page."""
    return "criterion_code" in ROUTES[name].parts


def answer(client, method, *args, **kwargs) -> int:
    """The status; what was written is taken back."""
    with transaction.atomic():
        response = getattr(client, method)(*args, **kwargs)
        if response.streaming:
            list(response)
        transaction.set_rollback(True)
    return response.status_code


def test_every_route_that_takes_input_is_tried():
    assert set(BODIES) == taking_posts()


@pytest.mark.parametrize("name", sorted(set(BODIES) - {STARTS_A_PROCESS}))
def test_no_body_breaks_a_route(world, name):
    client, path = signed_in(writer(world, name)), address(world, name)
    open_for(world, ROUTES[name])
    as_script = HTMX if is_about_a_criterion(name) else {}

    statuses = {
        wrong: answer(client, "post", path, body, content_type=FORM, headers=as_script)
        for wrong, body in hostile_bodies(world, BODIES[name])
    }

    assert {wrong: status for wrong, status in statuses.items() if status >= 500} == {}


@pytest.mark.parametrize("name", ["add_evidence", "add_evidence_version", "criterion_evidence", "invite_members", "upload_kit"])
def test_no_upload_breaks_a_route(world, name):
    client, path = signed_in(world.people[Role.OWNER]), address(world, name)
    fields = {
        name: value.format(**world.ids) for name, value in BODIES[name].items() if name in ("role", "department", "language")
    }

    statuses = {
        (file, content[:12]): answer(client, "post", path, {**fields, **upload(file, content)})
        for file, content in product(FILE_NAMES, FILE_CONTENTS)
    }

    assert {case: status for case, status in statuses.items() if status >= 500} == {}


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_no_query_breaks_a_page(world, name):
    signed_out = name.startswith("account_")
    client = Client(raise_request_exception=False) if signed_out else signed_in(world.people[Role.OWNER])
    path = reverse(name) if signed_out else address(world, name)

    statuses = {
        (part, word): answer(client, "get", f"{path}?{part}={value}")
        for part, (word, value) in product(QUERIES[name], HOSTILE.items())
    }

    assert {case: status for case, status in statuses.items() if status >= 500} == {}


@pytest.mark.parametrize("name", sorted(ACCOUNT))
def test_no_body_breaks_signing_in(world, name):
    client = Client(raise_request_exception=False)

    statuses = {
        wrong: answer(client, "post", reverse(name), body, content_type=FORM)
        for wrong, body in hostile_bodies(world, ACCOUNT[name])
    }

    assert {wrong: status for wrong, status in statuses.items() if status >= 500} == {}


@pytest.mark.parametrize("name", [name for name in TENANT if ROUTES[name].parts])
def test_no_address_breaks_a_route(world, name):
    client, method = signed_in(writer(world, name)), ROUTES[name].methods[0]
    right = {part: str(value) for part, value in world.filled(name, ROUTES[name].parts).items()}
    slug = world.organization.slug

    statuses = {
        (part, wrong[:30]): answer(client, method, address_with(slug, name, {**right, part: wrong}))
        for part in right
        for wrong in (BIG_NUMBERS if part not in ("item_code", "criterion_code") else WORDS)
    }

    assert {case: status for case, status in statuses.items() if status != 404} == {}


@pytest.mark.parametrize("cookie", ["sessionid", "csrftoken", "django_language", "messages", "known_browser"])
def test_no_cookie_breaks_the_site(world, cookie):
    client = Client(raise_request_exception=False)
    client.cookies[cookie] = "placeholder"

    statuses = {value: client.get(reverse("home"), headers={"Cookie": f"{cookie}={value}"}).status_code for value in COOKIES}

    assert {value: status for value, status in statuses.items() if status not in (302, 400)} == {}


@pytest.mark.parametrize("name", ["save_answer", "discussion", "edit_evidence", "found_organization", "profile"])
def test_ten_megabytes_in_a_field_are_refused_unread(world, name):
    client, path = signed_in(world.people[Role.OWNER]), address(world, name)

    assert client.post(path, "note=" + "a" * 10_000_000, content_type=FORM).status_code == 400
