"""python -m bench.office: seconds that Word and Excel take for the full volume of a furnished enterprise. Prints JSON.

594 answers of the 2025 edition with notes, both languages and each alone, in one process and in turn; the first of each, which
pays for the imports, counts apart. Needs no database.
"""

import json
import os
import random
import time
from datetime import date

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dcmm_site.settings")
django.setup()

from assessments.answer_files import AnswerSet  # noqa: E402 - the set-up comes first
from assessments.results import PolicyBasis, assess  # noqa: E402
from questionnaires.linter import read_all  # noqa: E402
from reports.content.snapshot import take_snapshot  # noqa: E402

RATINGS = ("full", "largely", "partly", "none")


def main(runs: int = 5):
    began = time.perf_counter()
    from reports.papers.word import render_word  # noqa: PLC0415 - measured
    from reports.papers.workbook import render_workbook  # noqa: PLC0415

    imports = time.perf_counter() - began
    chinese, english = (furnished(language) for language in ("zh-hans", "en"))
    works = {
        "Word, Chinese": lambda: render_word([chinese]),
        "Word, side by side": lambda: render_word([chinese, english]),
        "Excel, Chinese": lambda: render_workbook(chinese),
        "Excel, both languages": lambda: render_workbook([chinese, english]),
    }
    seconds, sizes = {name: [] for name in works}, {}
    for _ in range(runs):
        for name, work in works.items():
            start = time.perf_counter()
            sizes[name] = len(work())
            seconds[name].append(time.perf_counter() - start)
    print(json.dumps({"imports": imports, "seconds": seconds, "bytes": sizes}))


def furnished(language: str):
    questionnaires, library = read_all()
    by_code = {questionnaire.code: questionnaire for questionnaire in questionnaires}
    bank, chance, answers = by_code["gbt36073-2025"], random.Random(1), AnswerSet()
    for code in bank.item_of:
        answers.ratings[code], answers.notes[code] = chance.choice(RATINGS), "制度已印发，覆盖核心业务。"
    basis = PolicyBasis(library, by_code["policy-actions"])
    outcome = assess(bank, basis, answers.ratings, target=3)
    return take_snapshot(
        outcome, basis, answers, organization="临江银行", assessment="2026", on=date(2026, 11, 20), language=language
    )


if __name__ == "__main__":
    main()
