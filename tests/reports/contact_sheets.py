"""python -m tests.reports.contact_sheets FOLDER: every page of every kind of report as small pictures, twelve on a sheet.

FOLDER is not committed. Kinds: full, draft, chief, department, external, both languages, longest texts, all n/a, unanswered,
policy actions; Chinese and English.
"""

import io
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dcmm_site.settings")
django.setup()

from PIL import Image, ImageDraw  # noqa: E402 - the set-up comes first

from assessments.answer_files import AnswerSet  # noqa: E402
from assessments.results import PolicyBasis  # noqa: E402
from questionnaires.packages import read_policy_library, read_questionnaire  # noqa: E402
from reports.papers.pdf import render  # noqa: E402
from tests.reports.conftest import random_answers, snapshot_of  # noqa: E402
from tests.reports.furnished import furnished  # noqa: E402

ACROSS, DOWN, DPI = 4, 3, 50
LONG_WORD = "W" * 200


def kinds():
    """(name, snapshots, options of ``render``) of every report to look at."""
    actions = read_questionnaire("policy-actions")
    basis = PolicyBasis(read_policy_library(), actions)
    bank = read_questionnaire("gbt36073-2025")
    answers = random_answers(bank)
    not_applicable = AnswerSet(
        dict.fromkeys(bank.item_of, "na"), dict.fromkeys(bank.item_of, "not_in_scope"), dict.fromkeys(bank.item_of, "不适用")
    )
    zh, en = (furnished(snapshot_of(bank, basis, answers, language=language)) for language in ("zh-hans", "en"))
    yield "full-zh", [zh], {}
    yield "full-en", [en], {}
    yield "both", [zh, en], {}
    yield "draft", [zh], {"final": False}
    yield "chief-zh", [zh], {"variant": "chief"}
    yield "chief-en", [en], {"variant": "chief"}
    yield "department", [zh], {"variant": "department", "items": ("DS1", "DQ1", "DQ2")}
    yield "external", [zh], {"variant": "external"}
    for name, notes in (("longest", "字" * 2000), ("longest-word", LONG_WORD)):
        filled = replace(answers, notes=dict.fromkeys(list(bank.item_of)[::9], notes))
        organization = ("某" * 200) if name == "longest" else LONG_WORD
        snapshot = snapshot_of(bank, basis, filled, organization=organization)
        yield name, [furnished(snapshot, length=12)], {}
    yield "all-na", [snapshot_of(bank, basis, not_applicable)], {}
    yield "unanswered", [snapshot_of(bank, basis, AnswerSet())], {}
    yield "policy-zh", [snapshot_of(actions, basis, random_answers(actions))], {}
    yield "policy-en", [snapshot_of(actions, basis, random_answers(actions), language="en")], {}


def sheets(pdf: bytes, folder: Path, name: str) -> int:
    """Writes the sheets; how many pages there are."""
    (folder / f"{name}.pdf").write_bytes(pdf)
    shown = subprocess.run(["pdftoppm", "-r", str(DPI), "-", str(folder / f"page-{name}")], input=pdf, check=True)
    assert shown.returncode == 0
    paths = sorted(folder.glob(f"page-{name}-*.ppm"))
    for start in range(0, len(paths), ACROSS * DOWN):
        pages = [Image.open(io.BytesIO(path.read_bytes())) for path in paths[start : start + ACROSS * DOWN]]
        width, height = pages[0].width + 8, pages[0].height + 8
        sheet = Image.new("RGB", (ACROSS * width, DOWN * height), "#888888")
        for place, page in enumerate(pages):
            at = (place % ACROSS * width + 4, place // ACROSS * height + 4)
            sheet.paste(page, at)
            ImageDraw.Draw(sheet).text((at[0] + 4, at[1] + 4), str(start + place + 1), fill="#b83a26")
        sheet.save(folder / f"{name}-{start // (ACROSS * DOWN) + 1:02}.png")
    for path in paths:
        path.unlink()
    return len(paths)


def main(folder: Path, wanted: list[str]):
    folder.mkdir(parents=True, exist_ok=True)
    for name, snapshots, options in kinds():
        if not wanted or name in wanted:
            print(f"{name}: {sheets(render(snapshots, **options).content, folder, name)} pages", flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), sys.argv[2:])
