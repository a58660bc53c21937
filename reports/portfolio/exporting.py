"""A portfolio to take along: CSV, or a workbook that a child process makes (pandas stays out of the web process)."""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from organizations.classes import Industry, Region, Size
from organizations.table_writing import write_csv
from reports.portfolio.choosing import COLUMNS, LAYERS
from reports.portfolio.queries import PHASES, Line
from reports.portfolio.sheets import STATES, Sheet, phase_now

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS = 60


class ExportFailed(Exception):
    """The child process made no workbook; the message is for the log."""


@dataclass(frozen=True)
class Table:
    """``figures``: the places of the columns that hold numbers."""

    title: str
    heads: list[str]
    figures: list[int]
    rows: list[list]


def table_of(sheet: Sheet, today: date) -> Table:
    language = get_language() or "zh-hans"
    titles = {code: row.short_title.in_language(language) for code, row in sheet.portfolio.questionnaires.items()}
    heads, figures, cells = [_("Client")], [], []
    columns = ("score",) if sheet.is_heat else sheet.choice.cols
    for key in columns:
        for head, figure, cell in _columns(key, titles):
            if figure:
                figures.append(len(heads))
            heads.append(head)
            cells.append(cell)
    if sheet.is_heat:
        for part in sheet.parts:
            figures.append(len(heads))
            heads.append(f"{part.code} {part.name.in_language(language)}")
            cells.append(lambda line, code=part.code: _number(line.parts.get(code, (None,))[0]))
    if sheet.choice.group:
        heads.append(_("Group"))
    rows = [
        [line.client.name, *(cell(line) for cell in cells), *([group.label] if sheet.choice.group else [])]
        for group in sheet.groups
        for line in group.shown
    ]
    return Table(f"{_('Portfolio')} {today}", heads, figures, rows)


def as_csv(table: Table) -> bytes:
    """With a mark at its beginning that tells Excel the encoding; text that looks like a formula is made harmless."""
    return write_csv(table.heads, table.rows)


def as_xlsx(table: Table) -> bytes:
    """Raises ExportFailed."""
    command = [sys.executable, "-m", "reports.portfolio.workbook"]
    try:
        done = subprocess.run(
            command, input=json.dumps(asdict(table)).encode(), capture_output=True, timeout=SECONDS, cwd=ROOT, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ExportFailed(f"took longer than {SECONDS} s") from error
    if done.returncode or not done.stdout.startswith(b"PK"):
        raise ExportFailed(f"exit {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


def _number(score: int | None):
    return "" if score is None else score / 100


def _columns(key: str, titles: dict[str, str]):
    """(head, whether it is a figure, what stands in it) of the columns that one column of the page becomes."""
    if key == "score":
        yield _("Judgement"), False, lambda line: str(LAYERS[line.which[0]]) if line.which else ""
    if key == "assessment":
        yield _("Questionnaire"), False, lambda line: titles[line.code] if line.cycle else ""
    if key == "progress":
        yield _("Answered"), True, lambda line: line.own.answered if line.own else ""
        yield _("Of"), True, lambda line: line.own.total if line.own else ""
        return
    if key == "lowest":
        yield _("Lowest item"), False, lambda line: line.lowest[0] if line.lowest else ""
        yield _("Its score"), True, lambda line: _number(line.lowest[1] if line.lowest else None)
        return
    head, figure = COLUMNS[key]
    yield (f"{head} (0–4)" if key == "actions" else str(head)), figure, CELLS[key]


def _phase(line: Line) -> str:
    now, done = phase_now(line)
    name = str(PHASES[now].label) if now is not None and now < len(PHASES) else ""
    return f"{done}/{len(PHASES)} {name}".strip() if line.phases else ""


def _label(kind, value: str) -> str:
    return str(kind(value).label) if value in kind.values else ""


CELLS = {
    "assessment": lambda line: line.cycle.name if line.cycle else "",
    "level": lambda line: (line.whole and line.whole.level) or "",
    "score": lambda line: _number(line.whole and line.whole.score),
    "target": lambda line: (line.cycle and line.cycle.target) or "",
    "change": lambda line: _number(line.change),
    "self": lambda line: _number(line.own and line.own.score),
    "actions": lambda line: _number(line.actions and line.actions.score),
    "state": lambda line: str(STATES[line.cycle.state]) if line.cycle else "",
    "due": lambda line: str(line.due or ""),
    "phase": _phase,
    "team": lambda line: "、".join(name for _role, _pk, name in line.team),
    "tags": lambda line: "、".join(line.client.tags),
    "industry": lambda line: _label(Industry, line.client.industry),
    "size": lambda line: _label(Size, line.client.size),
    "region": lambda line: _label(Region, line.client.region),
}
