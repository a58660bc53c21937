import random
from datetime import date

import pytest

from assessments.answer_files import AnswerSet
from assessments.results import assess
from reports.content.snapshot import take_snapshot

DAY = date(2026, 11, 20)


def random_answers(questionnaire, seed=1) -> AnswerSet:
    chance = random.Random(seed)
    answers = AnswerSet()
    for code in questionnaire.item_of:
        if questionnaire.kind == "anchors":
            answers.ratings[code] = str(chance.randint(0, 4))
            continue
        level = int(code.split(".")[1])
        answers.ratings[code] = chance.choices(["full", "largely", "partly", "none", "na"], [6 - level, 3, 2, level - 1, 0.1])[
            0
        ]
        if answers.ratings[code] == "na":
            answers.na_reasons[code], answers.notes[code] = "not_in_scope", f"说明 {code}"
    return answers


def snapshot_of(questionnaire, basis, answers, *, language="zh-hans", target=3, organization="临江银行股份有限公司"):
    target = None if questionnaire.kind == "anchors" else target
    outcome = assess(questionnaire, basis, answers.ratings, target=target)
    return take_snapshot(
        outcome, basis, answers, organization=organization, assessment="2026年度自评", on=DAY, language=language
    )


@pytest.fixture(scope="session")
def snapshots(questionnaires, basis):
    """(questionnaire code, language) -> a snapshot of random answers."""
    return {
        (code, language): snapshot_of(package, basis, random_answers(package), language=language)
        for code, package in questionnaires.items()
        for language in ("zh-hans", "en")
    }
