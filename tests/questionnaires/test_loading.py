from dataclasses import replace

import pytest

from questionnaires.library import current_version, questionnaire_of
from questionnaires.loading import PublishedVersionChanged, load_packages
from questionnaires.models import Criterion, Version
from tests.conftest import NOON
from tests.samples import questionnaire

SAMPLE = questionnaire({"AA": {"AA1": (1, 2, 1, 1, 1)}})


@pytest.mark.django_db
def test_loading_twice_changes_nothing(packages):
    everything = [*packages[0], packages[1]]
    before = (Version.objects.count(), Criterion.objects.count())

    loaded = load_packages(everything, at=NOON)

    assert [row.is_new for row in loaded] == [False] * 4
    assert (Version.objects.count(), Criterion.objects.count()) == before


@pytest.mark.django_db
def test_what_comes_out_is_what_went_in(questionnaires):
    for code, package in questionnaires.items():
        assert questionnaire_of(current_version(code)) == package


@pytest.mark.django_db
def test_a_changed_version_of_the_same_number_is_refused():
    load_packages([SAMPLE], at=NOON)

    with pytest.raises(PublishedVersionChanged, match="sample 1.0"):
        load_packages([replace(SAMPLE, standard="OTHER")], at=NOON)


@pytest.mark.django_db
def test_a_new_version_stands_beside_the_old_one():
    load_packages([SAMPLE], at=NOON)
    old = current_version("sample")

    load_packages([replace(SAMPLE, version="1.1", standard="OTHER")], at=NOON)

    assert current_version("sample").number == "1.1"
    assert questionnaire_of(old).standard == "SAMPLE"
    assert old.criteria.count() == 6
