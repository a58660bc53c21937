"""Cells, facts and rules that several chapters say."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from reports.content.parts import Snapshot
from reports.papers.manuscript import Cell, Table

NONE = "–"
WIDE = 160  # millimetres: as wide as the text


def version_of(snapshot: Snapshot) -> str:
    policies, report = f"{_('policies')} {snapshot.policies_version}", f"{_('report')} {snapshot.report_version}"
    parts = [f"{snapshot.questionnaire} {snapshot.version}", policies, report if snapshot.report_version else ""]
    return " · ".join(filter(None, parts))


def facts(rows: Iterable[tuple[str, str]]) -> Table:
    return Table((), tuple(row for row in rows if row[1]), (26, 74))


def level_cell(level: int | None, name: str) -> Cell | str:
    return Cell(f"{level} {name}", level=level) if level else ""


def bold(*texts: str) -> tuple[Cell, ...]:
    return tuple(Cell(text, is_bold=True) for text in texts)


def credit_rule() -> str:
    return _(
        "Credits: fully met 1, largely met 0.8, partly met 0.5, not met 0; not applicable is left out; unanswered counts as "
        "0. All values are computed exactly and rounded only for display, half up."
    )


def band_rule() -> str:
    return _("Bands for means: 4.8 level 5, 3.8 level 4, 2.8 level 3, 1.8 level 2, else level 1.")


def anchor_rule() -> str:
    return _(
        "Each action is answered on its own anchors 0–4. A group is the mean of its actions, the total the mean of the "
        "groups; there are no levels. The coverage of a clause is the mean of the actions derived from it, divided by 4."
    )
