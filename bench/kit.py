"""Run inside a furnished site's environment: a full kit in which every answer was changed, uploaded, previewed and applied.

In process, through the views. Prints JSON: {"rows": N, "seconds": {step: [...]}}. It works on last year's assessment.
"""

import io
import json
import os
import re
import sys
import time

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dcmm_site.settings")
settings.ALLOWED_HOSTS.append("testserver")
django.setup()

import openpyxl  # noqa: E402 - the set-up comes first
from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: E402
from django.test import Client  # noqa: E402

from assessments.kit import layout  # noqa: E402
from organizations.models import User  # noqa: E402

RUNS = 5
RATING, REASON, NOTE = (list(layout.COLUMNS).index(name) + 1 for name in ("rating", "na_reason", "note"))


def main(made: dict):
    client = Client()
    client.force_login(User.objects.get(email=made["owner"]))
    base = f"/o/{made['slug']}/assessments/{made['last']}/kit/"
    seconds = {"hand out and download": [], "upload": [], "preview": [], "apply": [], "upload and apply": []}
    for turn in range(RUNS):
        for step, taken in one_round(client, base, turn).items():
            seconds[step].append(taken)
    print(json.dumps({"rows": len(made["codes"]), "seconds": seconds}))


def one_round(client: Client, base: str, turn: int) -> dict[str, float]:
    """Seconds by step."""
    start = time.perf_counter()
    client.post(base, {"whom": "all", "language": "zh-hans"})
    newest = found(r'href="([^"]*/file/)"', client.get(base))
    file = client.get(newest).content
    handed_out = time.perf_counter()
    filled = SimpleUploadedFile("kit.xlsx", fill(file, turn))
    start_upload = time.perf_counter()
    address = client.post(f"{base}upload/", {"file": filled}).url
    uploaded = time.perf_counter()
    seen = found(r'name="seen" value="(\w+)"', client.get(address))
    previewed = time.perf_counter()
    client.post(address, {"seen": seen, "rule": ""})
    applied = time.perf_counter()
    found(r'action="([^"]*/undo/)"', client.get(address))  # it is applied: it can be undone
    upload, apply = uploaded - start_upload, applied - previewed
    return {
        "hand out and download": handed_out - start,
        "upload": upload,
        "preview": previewed - uploaded,
        "apply": apply,
        "upload and apply": upload + apply,
    }


def found(pattern: str, response) -> str:
    """The first match in the page."""
    return re.search(pattern, response.content.decode())[1]


def fill(file: bytes, turn: int) -> bytes:
    """Every rating and note changed, as the turn has it."""
    book = openpyxl.load_workbook(io.BytesIO(file))
    word = list(layout.RATING_NAMES.values())[turn % 4].zh
    for sheet in book.worksheets[1:-1]:
        for row in range(2, sheet.max_row + 1):
            sheet.cell(row, RATING).value, sheet.cell(row, REASON).value = word, None
            sheet.cell(row, NOTE).value = f"第{turn}次填写：制度已印发，覆盖核心业务。"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


main(json.load(sys.stdin))
