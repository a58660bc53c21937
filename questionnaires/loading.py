"""Put packages into the database: once, completely, and never changed afterwards."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from questionnaires.models import Criterion, Version
from questionnaires.schema import Package, PolicyLibrary, Questionnaire, fingerprint, to_canonical_json


class PublishedVersionChanged(Exception):
    """The files differ from the version of the same number that is loaded already."""


@dataclass(frozen=True)
class Loaded:
    version: Version
    is_new: bool


@transaction.atomic
def load_packages(packages: Iterable[Package], *, at: datetime) -> list[Loaded]:
    """Load every package that is not there yet. Raises PublishedVersionChanged and loads nothing when one was altered."""
    return [_load(package, at) for package in packages]


def _load(package: Package, at: datetime) -> Loaded:
    sha256 = fingerprint(package)
    existing = Version.objects.filter(code=package.code, number=package.version).defer("content").first()
    if existing is not None:
        if existing.sha256 != sha256:
            raise PublishedVersionChanged(
                f"{package.code} {package.version} was published with other content; give the changed package a new version"
            )
        return Loaded(existing, is_new=False)
    version = Version.objects.create(
        code=package.code,
        number=package.version,
        kind=Version.Kind.POLICIES if isinstance(package, PolicyLibrary) else package.kind,
        content=to_canonical_json(package),
        sha256=sha256,
        loaded_at=at,
    )
    if isinstance(package, Questionnaire):
        _add_criteria(version, package)
    return Loaded(version, is_new=True)


def _add_criteria(version: Version, questionnaire: Questionnaire):
    Criterion.objects.bulk_create(
        Criterion(version=version, code=code, item=item, position=position)
        for position, (code, item) in enumerate(questionnaire.item_of.items())
    )
