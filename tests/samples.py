"""Small questionnaires made for tests: as many domains, items and criteria as a test needs."""

from questionnaires import packages, schema
from questionnaires.schema import Text

METHODS = tuple(
    packages.Reader().read(f"methods/{key}.yaml", schema.Method) for key in ("staircase_080", "nplf", "strict_floor")
)


def text(word: str) -> Text:
    return Text(zh=f"{word}（中）", en=f"{word} (en)")


def criterion(item: str, level: int, number: int) -> schema.Criterion:
    code = f"{item}.{level}.{number}"
    return schema.Criterion(
        code=code,
        level=level,
        aspect="rules",
        text=text(code),
        evidence=(schema.Evidence(kind="rule", zh="制度", en="Rule"),),
        guidance=text("guidance"),
        action=schema.AdvisedAction(
            code=packages.action_code(item, f"{level}.{number}"),
            title=text(f"close {code}"),
            steps=(text("step"),),
            lead="data_office",
            days=(1, 2),
            weeks=3,
            after=(),
            closed_when=text("closed"),
        ),
    )


def item(code: str, sizes: tuple[int, int, int, int, int]) -> schema.CapabilityItem:
    """An item with ``sizes[level - 1]`` criteria at each level."""
    asked = text("asked")
    return schema.CapabilityItem(
        code=code,
        uid=f"2025-{code}",
        name=text(code),
        clause="6.1",
        confidence="attested",
        levels_confidence="inferred",
        crosswalk=schema.Crosswalk(),
        purpose=text("purpose"),
        scope=text("scope"),
        boundary=text("boundary"),
        weaknesses=(text("weakness"),),
        interview=schema.Interview(management=(asked,), business=(asked,), it=(asked,)),
        measures=(),
        criteria=tuple(
            criterion(code, level, number) for level, size in enumerate(sizes, start=1) for number in range(1, size + 1)
        ),
    )


def questionnaire(shape: dict[str, dict[str, tuple[int, int, int, int, int]]]) -> schema.Questionnaire:
    """``{"AA": {"AA1": (2, 2, 2, 2, 2)}}`` gives one domain with one item of two criteria at every level."""
    return schema.Questionnaire(
        code="sample",
        version="1.0",
        kind="levels",
        edition="2025",
        title=text("Sample"),
        short_title=text("Sample"),
        standard="SAMPLE",
        status="in_force",
        status_note=text("in force"),
        notice=text("notice"),
        levels=tuple(schema.LevelName(level=n, name=text(f"level {n}"), essence=text("essence")) for n in schema.LEVELS),
        methods=METHODS,
        default_method="staircase_080",
        domains=tuple(
            schema.Domain(code=code, name=text(code), clause="6", items=tuple(item(key, sizes) for key, sizes in items.items()))
            for code, items in shape.items()
        ),
    )
