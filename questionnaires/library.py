"""Loaded versions as frozen values, each parsed once per process (a version never changes)."""

from functools import lru_cache

from questionnaires import schema
from questionnaires.models import ImportedPolicy, Version
from questionnaires.packages import POLICIES, QUESTIONNAIRES


class NotLoaded(Exception):
    """No version of that package is in the database; ``load_content`` puts it there."""


def current_version(code: str) -> Version:
    """The newest loaded version of a package, without its content; raises NotLoaded."""
    version = Version.objects.filter(code=code).defer("content").order_by("-pk").first()
    if version is None:
        raise NotLoaded(code)
    return version


def current_versions() -> list[Version]:
    """The newest version of each questionnaire, in the order in which they are offered."""
    newest = {}
    for version in Version.objects.filter(code__in=QUESTIONNAIRES).defer("content").order_by("pk"):
        newest[version.code] = version
    return [newest[code] for code in QUESTIONNAIRES if code in newest]


def questionnaire_of(version: Version) -> schema.Questionnaire:
    return _questionnaire(version.pk, version.sha256)


def current_policy_library() -> schema.PolicyLibrary:
    """The newest policy package with everything that was imported; two small queries."""
    version = current_version(POLICIES)
    imports = tuple(ImportedPolicy.objects.order_by("pk").values_list("pk", "sha256"))
    return _policy_library(version.pk, version.sha256, imports)


@lru_cache(maxsize=16)
def _questionnaire(pk: int, sha256: str) -> schema.Questionnaire:
    return schema.questionnaire_from_json(Version.objects.get(pk=pk).content)


@lru_cache(maxsize=4)
def _policy_library(pk: int, sha256: str, imports: tuple[tuple[int, str], ...]) -> schema.PolicyLibrary:
    package = schema.policy_library_from_json(Version.objects.get(pk=pk).content)
    rows = ImportedPolicy.objects.filter(pk__in=[row for row, _sha256 in imports]).order_by("pk") if imports else []
    return schema.with_imports(package, [row.value for row in rows])
