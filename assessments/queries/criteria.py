"""The rows that answers refer to. They depend on the version alone, which never changes: read once per process."""

from functools import lru_cache

from questionnaires.models import Criterion, Version


def criteria_by_code(version: Version) -> dict[str, Criterion]:
    return _criteria(version.pk, version.sha256)


def code_by_id(version: Version) -> dict[int, str]:
    """Primary key of a criterion -> its code, so that no query needs to join them."""
    return _codes(version.pk, version.sha256)


@lru_cache(maxsize=16)
def _criteria(version_id: int, sha256: str) -> dict[str, Criterion]:
    return {row.code: row for row in Criterion.objects.filter(version_id=version_id)}


@lru_cache(maxsize=16)
def _codes(version_id: int, sha256: str) -> dict[int, str]:
    return {row.pk: code for code, row in _criteria(version_id, sha256).items()}
