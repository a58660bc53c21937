"""Entry conditions (申报条件) for a formal assessment, as dated data: who may apply for which level. Pure."""

from dataclasses import dataclass
from functools import cache
from typing import Annotated

from pydantic import Field, TypeAdapter

from questionnaires.packages import CONTENT
from questionnaires.schema import Key, LevelNumber, Source, Text, Word, frozen
from questionnaires.strict_yaml import read_yaml


@frozen
class Condition:
    """At least ``least`` ``unit``; a figure as text, as the sources print it."""

    key: Key
    name: Text
    least: Annotated[str, Field(pattern=r"^[0-9]+$")]
    unit: Text

    @property
    def figure(self) -> int:
        return int(self.least)


@frozen
class CommonCondition:
    """A condition without a figure, from a level upwards."""

    key: Key
    name: Text
    from_level: LevelNumber = 2


@frozen
class LevelConditions:
    level: LevelNumber
    conditions: tuple[Condition, ...]


@frozen
class Variant:
    key: Key
    name: Text
    sources: tuple[Key, ...]
    levels: tuple[LevelConditions, ...]


@frozen
class Applicant:
    key: Key
    name: Text
    scope: Text
    variants: tuple[Variant, ...]
    common: tuple[CommonCondition, ...] = ()


@frozen
class EntryConditions:
    version: Word
    as_of: Word
    remark: Text
    sources: tuple[Source, ...]
    applicants: tuple[Applicant, ...]


@dataclass(frozen=True)
class Check:
    """One condition held against what the organization has; ``has`` is None where nothing was said."""

    condition: Condition
    has: int | None

    @property
    def met(self) -> bool:
        return self.has is not None and self.has >= self.condition.figure


@dataclass(frozen=True)
class VariantCheck:
    variant: Variant
    checks: tuple[Check, ...]

    @property
    def missing(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.met)


@cache
def entry_conditions() -> EntryConditions:
    """The conditions as they stand in ``content/conditions.yaml``; raises pydantic's ValidationError when broken."""
    return TypeAdapter(EntryConditions).validate_python(read_yaml(CONTENT / "conditions.yaml"))


def check_entry(applicant: Applicant, level: int, figures: dict[str, int]) -> list[VariantCheck]:
    """Each variant that speaks of ``level``, with what is met and what is missing. ``figures``: key -> what there is."""
    result = []
    for variant in applicant.variants:
        for row in variant.levels:
            if row.level == level:
                checks = tuple(Check(condition, figures.get(condition.key)) for condition in row.conditions)
                result.append(VariantCheck(variant, checks))
    return result
