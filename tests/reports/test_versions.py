"""An assessment stays on the version it began with: it opens, scores and prints unchanged when a newer bank arrives."""

from dataclasses import replace
from datetime import date

from django.urls import reverse
from django_scopes import scope

from assessments.models import Answer
from organizations.models import Membership
from questionnaires.library import current_version
from questionnaires.loading import load_packages
from questionnaires.models import Criterion
from questionnaires.schema import Text
from reports.content.snapshot import as_canonical_json
from reports.queries import snapshot_of
from tests.conftest import NOON, begin
from tests.reports.conftest import random_answers

CODE = "gbt36073-2025"


def rewritten(bank):
    """The next version of the bank: every item loses its last criterion, and every text reads differently."""

    def item(old):
        criteria = tuple(replace(c, text=Text(zh=f"新{c.text.zh}", en=f"New {c.text.en}")) for c in old.criteria[:-1])
        return replace(old, criteria=criteria)

    domains = tuple(replace(domain, items=tuple(item(old) for old in domain.items)) for domain in bank.domains)
    return replace(bank, version="2.0", domains=domains)


def test_an_old_assessment_opens_scores_and_prints_unchanged(as_alice, acme, alice, questionnaires):
    bank = questionnaires[CODE]
    assessment = begin(acme, alice)
    answers = random_answers(bank)
    with scope(organization=acme):
        Answer.objects.bulk_create(
            Answer(
                organization=acme,
                assessment=assessment,
                criterion=criterion,
                rating=answers.ratings[criterion.code],
                na_reason=answers.na_reasons.get(criterion.code, ""),
                note=answers.notes.get(criterion.code, ""),
                answered_by=alice,
                answered_at=NOON,
            )
            for criterion in Criterion.objects.filter(version=assessment.version)
        )
        place = Membership.objects.get(user=alice)
        before = as_canonical_json(snapshot_of(assessment, on=date(2026, 11, 20), language="zh-hans", place=place))

    load_packages([rewritten(bank)], at=NOON)

    with scope(organization=acme):
        assessment.refresh_from_db()
        assert as_canonical_json(snapshot_of(assessment, on=date(2026, 11, 20), language="zh-hans", place=place)) == before
    page = as_alice.get(reverse("answer_item", args=["acme", assessment.pk, "DS1"])).content.decode()
    assert bank.criterion_by_code["DS1.1.1"].text.zh in page
    assert "新" + bank.criterion_by_code["DS1.1.1"].text.zh not in page
    assert current_version(CODE).number == "2.0"
    assert begin(acme, alice, name="next").questionnaire.version == "2.0"
