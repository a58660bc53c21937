"""The rows of a portfolio as HTML. Written out instead of a template: a hundred rows of a dozen cells are thousands of template
nodes. Every text that people wrote goes through ``esc``; the rest is figures, codes of content and translated words.
"""

from datetime import date

from django.urls import reverse
from django.utils.html import conditional_escape as esc
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from assessments.models import EngagementPhase, Layer
from organizations.classes import Industry, Region, Size
from reports.portfolio.choosing import ALL, COLUMNS, LAYERS
from reports.portfolio.queries import ACTIONS, OWN, Line, Whole
from reports.portfolio.sheets import STATES, Group, Sheet, phase_now

NONE = '<span class="nil">–</span>'
SIGN = {Layer.SELF.value: "", Layer.CONSULTANT.value: "C", Layer.PANEL.value: "P"}


def shown(score: int | None) -> str:
    return "" if score is None else f"{score // 100}.{score % 100:02}"


def signed(change: int | None) -> str:
    return "" if change is None else f"{'+' if change > 0 else '−' if change < 0 else '±'}{shown(abs(change))}"


class Rows:
    """The words and addresses that all rows share, made once."""

    def __init__(self, sheet: Sheet, today: date):
        self.sheet, self.today, self.language = sheet, today, get_language() or "zh-hans"
        self.cols = sheet.choice.cols
        self.states = {key: str(label) for key, label in STATES.items()}
        self.words = {"late": _("overdue"), "results": _("results only"), "tags": _("Edit tags")}
        self.layers = {key: str(label) for key, label in LAYERS.items()}
        self.phases = [(phase.value, str(phase.label)) for phase in EngagementPhase.Phase]
        self.labels = [{key: str(label) for key, label in kind.choices} for kind in (Industry, Size, Region)]
        self.assessment_path = reverse("assessment", args=["SLUG", 0]).replace("SLUG", "{0}").replace("/0/", "/{1}/")
        self.home_path = reverse("organization", args=["SLUG"]).replace("SLUG", "{0}")
        self.cockpit_path = reverse("cockpit", args=["SLUG", 0]).replace("SLUG", "{0}").replace("/0/", "/{1}/")
        self.tag_path = reverse("tag_client", args=[sheet.slug, "SLUG"]).replace("SLUG", "{0}")
        self.cells = {name: getattr(self, f"_{name}") for name in COLUMNS}

    def body(self) -> SafeString:
        make = self._heat if self.sheet.is_heat else self._row
        width = 1 + (1 + len(self.sheet.parts) if self.sheet.is_heat else len(self.cols))
        pieces = []
        for group in self.sheet.groups:
            if group.label and group.shown:
                pieces.append(self._group_head(group, width))
            pieces.extend(map(make, group.shown))
        return mark_safe("".join(pieces))

    def means(self, group: Group) -> SafeString:
        """The cells of a heat map's line of means."""
        cells = [f'<td class="fig">{shown(group.mean) or NONE}</td>']
        cells += [f'<td class="fig">{shown(group.mean_of_part(part.code)) or NONE}</td>' for part in self.sheet.parts]
        return mark_safe("".join(cells))

    def _group_head(self, group: Group, width: int) -> str:
        count = ngettext("%(n)d row", "%(n)d rows", len(group.lines)) % {"n": len(group.lines)}
        head = f'<th scope="rowgroup">{esc(group.label)} <span class="hint">{count}</span></th>'
        if self.sheet.is_heat:
            return f'<tr class="group">{head}{self.means(group)}</tr>'
        mean = _("mean %(score)s (n = %(n)d)") % {"score": shown(group.mean) or "–", "n": group.n}
        return f'<tr class="group">{head}<td colspan="{width - 1}">{mean}</td></tr>'

    def _row(self, line: Line) -> str:
        return f"<tr>{self._client(line)}{''.join([self.cells[key](line) for key in self.cols])}</tr>"

    def _heat(self, line: Line) -> str:
        whole, cells = line.whole, []
        kind = "a" if self.sheet.questionnaire.kind == "anchors" else "l"
        for part in self.sheet.parts:
            score, level = line.parts.get(part.code, (None, None))
            if score is None:
                cells.append('<td class="heat"><span class="nil">–</span></td>')
            else:
                step = level if level is not None else min(4, score // 100)
                cells.append(f'<td class="heat {kind}{step}">{shown(score)}</td>')
        total = f'<td class="fig">{self._mark(line)}{shown(whole.score) if whole else NONE}</td>'
        return f"<tr>{self._client(line)}{total}{''.join(cells)}</tr>"

    def _client(self, line: Line) -> str:
        client, name = line.client, esc(line.client.name)
        if client.results_only:
            return f'<th scope="row">{name}</th>'
        return f'<th scope="row"><a href="{self.home_path.format(client.slug)}">{name}</a></th>'

    def _assessment(self, line: Line) -> str:
        if line.cycle is None:
            return f'<td class="words">{NONE}</td>'
        name, edition = esc(line.cycle.name), f' <span class="hint">{self._title(line.code)}</span>'
        if not line.client.results_only:
            name = f'<a href="{self.assessment_path.format(line.client.slug, line.cycle.pk)}">{name}</a>'
        return f'<td class="words">{name}{edition if self.sheet.portfolio.code == ALL else ""}</td>'

    def _title(self, code: str) -> str:
        return esc(self.sheet.portfolio.questionnaires[code].short_title.in_language(self.language))

    def _mark(self, line: Line) -> str:
        """Whose judgement the figure is, when it is not the enterprise's own."""
        layer = line.which[0] if line.which else OWN[0]
        return f'<abbr class="layer" title="{esc(self.layers[layer])}">{SIGN[layer]}</abbr>' if SIGN[layer] else ""

    def _level(self, line: Line) -> str:
        level = line.whole.level if line.whole else None
        return f'<td class="fig"><span class="lvl l{level}">{level}</span></td>' if level else f'<td class="fig">{NONE}</td>'

    def _score(self, line: Line) -> str:
        return f'<td class="fig strong">{self._mark(line)}{self._out_of(line.whole, line.code)}</td>'

    def _out_of(self, whole: Whole | None, code: str) -> str:
        if whole is None or whole.score is None:
            return NONE
        return shown(whole.score) + ('<span class="hint">/4</span>' if code == ACTIONS else "")

    def _target(self, line: Line) -> str:
        target = line.cycle.target if line.cycle else None
        if not target:
            return f'<td class="fig">{NONE}</td>'
        level = line.whole.level if line.whole else None
        return f'<td class="fig{" under" if level and level < target else ""}">{target}</td>'

    def _change(self, line: Line) -> str:
        if line.change is None:
            return f'<td class="fig">{NONE}</td>'
        kind = "up" if line.change > 0 else "down" if line.change < 0 else ""
        return f'<td class="fig {kind}" title="{esc(self.layers[line.change_of])}">{signed(line.change)}</td>'

    def _self(self, line: Line) -> str:
        return f'<td class="fig">{self._out_of(line.own, line.code)}</td>'

    def _actions(self, line: Line) -> str:
        return f'<td class="fig">{self._out_of(line.actions, ACTIONS)}</td>'

    def _progress(self, line: Line) -> str:
        own = line.own
        if own is None or not own.total:
            return f'<td class="fig">{NONE}</td>'
        share = f"{100 * own.answered // own.total}%"
        return f'<td class="fig" title="{own.answered}/{own.total}">{share}</td>'

    def _state(self, line: Line) -> str:
        return f"<td>{self.states[line.cycle.state]}</td>" if line.cycle else f"<td>{NONE}</td>"

    def _due(self, line: Line) -> str:
        if line.due is None:
            return f"<td>{NONE}</td>"
        if line.due < self.today:
            return f'<td class="late">{line.due} <span class="visually-hidden">{self.words["late"]}</span></td>'
        return f"<td>{line.due}</td>"

    def _lowest(self, line: Line) -> str:
        if line.lowest is None or not line.lowest[0]:
            return f"<td>{NONE}</td>"
        code, score = line.lowest
        if not line.client.results_only:
            path = self.assessment_path.format(line.client.slug, line.cycle.pk)
            code = f'<a href="{path}items/{code}/">{code}</a>'
        return f'<td>{code} <span class="tabular">{shown(score)}</span></td>'

    def _phase(self, line: Line) -> str:
        if not line.phases:
            return f"<td>{NONE}</td>"
        now, done = phase_now(line)
        steps = []
        for value, label in self.phases:
            planned, done_on = line.phases.get(value, (None, None))
            late = planned and not done_on and planned < self.today
            kind = "done" if done_on else "late" if late else "planned" if planned else "open"
            steps.append(f'<i class="{kind}" title="{esc(label)}"></i>')
        name = self.phases[now][1] if now is not None and now < len(self.phases) else ""
        text = f"{done}/{len(self.phases)} {esc(name)}"
        engagement = line.client.engagements[-1]
        if not line.client.results_only:
            text = f'<a href="{self.cockpit_path.format(line.client.slug, engagement)}">{text}</a>'
        return f'<td><span class="stages" aria-hidden="true">{"".join(steps)}</span> {text}</td>'

    def _team(self, line: Line) -> str:
        names = [f"<b>{esc(name)}</b>" if role == "lead" else esc(name) for role, _pk, name in line.team]
        return f'<td class="words">{"、".join(names) if self.language.startswith("zh") else ", ".join(names)}</td>'

    def _tags(self, line: Line) -> str:
        tags = " ".join([f'<span class="tag">{esc(tag)}</span>' for tag in line.client.tags])
        label = f"{self.words['tags']}: {esc(line.client.name)}"
        edit = f'<a class="edit" href="{self.tag_path.format(line.client.slug)}" aria-label="{label}">✎</a>'
        return f'<td class="words">{tags} {edit}</td>'

    def _industry(self, line: Line) -> str:
        return f"<td>{esc(self.labels[0].get(line.client.industry, '')) or NONE}</td>"

    def _size(self, line: Line) -> str:
        return f"<td>{esc(self.labels[1].get(line.client.size, '')) or NONE}</td>"

    def _region(self, line: Line) -> str:
        return f"<td>{esc(self.labels[2].get(line.client.region, '')) or NONE}</td>"
