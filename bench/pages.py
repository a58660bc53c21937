"""Run inside a furnished site's environment: times of pages in process, each beside an empty view of the same length.

The test client calls the whole stack of middleware, without a network. Pages and empty views take turns, so that a busy
machine slows both. Prints JSON: {page: {"queries", "bytes", "page_ms": [...], "empty_ms": [...]}}.
"""

import json
import os
import sys
import time

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dcmm_site.settings")
settings.ROOT_URLCONF = "bench.urls"
settings.ALLOWED_HOSTS.append("testserver")
django.setup()

from django.db import connection  # noqa: E402 - the set-up comes first
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from organizations.models import User  # noqa: E402

RUNS = 200


def main(made: dict):
    owner, lead = signed_in(made["owner"]), signed_in(made["lead"])
    base = f"/o/{made['slug']}/assessments"
    pages = {
        "answer page of the largest item": (owner, f"{base}/{made['assessment']}/items/{made['largest']}/"),
        "board": (owner, f"{base}/{made['assessment']}/board/"),
        "review page of the largest item": (lead, f"{base}/{made['last']}/review/items/{made['largest']}/"),
    }
    print(json.dumps({name: measure(client, address) for name, (client, address) in pages.items()}))


def signed_in(email: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(email=email))
    return client


def measure(client: Client, address: str) -> dict:
    for _ in range(5):
        response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)
    length = len(response.content)
    empty = f"/bench/empty/{length}/"
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    count = len(queries)
    times = {"page_ms": [], "empty_ms": []}
    for _ in range(RUNS):
        times["page_ms"].append(timed(client, address))
        times["empty_ms"].append(timed(client, empty))
    return {"queries": count, "bytes": length, **times}


def timed(client: Client, address: str) -> float:
    start = time.perf_counter()
    client.get(address)
    return (time.perf_counter() - start) * 1000


main(json.load(sys.stdin))
