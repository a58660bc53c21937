"""Gaps with one cause over several items: no owner, no rule, no practice or record, no measurement, no tool. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from questionnaires.schema import Text
from reports.content.findings.cases import METRIC_LEVEL, Case, name_of
from reports.content.findings.items import days_of
from reports.content.findings.wording import Wording
from reports.content.parts import CausePart, CriterionPart

LEAST_ITEMS = 2
NAMED = 3
CAUSE_OF_ASPECT = {"organization": "owner", "rules": "rule", "process": "practice", "technology": "tool"}
TITLES = {
    "owner": Text(zh="责任尚未落实到岗", en="Ownership not settled"),
    "rule": Text(zh="制度尚不完备", en="Rules not complete"),
    "practice": Text(zh="做法尚未成为常态或留痕不全", en="Not practised steadily, or not on record"),
    "measurement": Text(zh="度量不足", en="Not enough measurement"),
    "tool": Text(zh="工具支撑不足", en="Too little tool support"),
}
WHERE = Text(
    zh="以{names}最为集中。",
    en="This shows most of all in {names}.",
)
ONE_MEASURE = {
    "owner": Text(
        zh="由最高管理层发一份任职与职责文件，逐项写明负责部门、负责人和考核办法，可作为这些条目的共同依据。",
        en="One appointment paper by top management that names department, person and appraisal item by item gives "
        "all of them a common basis.",
    ),
    "rule": Text(
        zh="编制一套统一体例的数据管理制度并一次发布，按能力项分章，通常比逐项起草省力，也便于前后一致。",
        en="One set of data rules in a common form, issued together with a chapter for each item, usually costs less "
        "than drafting them one by one and keeps them consistent.",
    ),
    "practice": Text(
        zh="把这些做法列入一份年度工作日历，统一记录表单和归档位置，按月检查，便于集中解决留痕问题。",
        en="One calendar of recurring work with common record forms, one filing place and a monthly check helps to "
        "settle the question of records for all of them.",
    ),
    "measurement": Text(
        zh="建立一张统一的指标表，写明口径、目标值、数据来源和通报周期，由一个部门按季汇总，可同时供这些能力项使用。",
        en="One table of indicators with definition, target, source and reporting period, collected quarterly by "
        "one department, serves all these items.",
    ),
    "tool": Text(
        zh="可在一个数据管理平台上分期建设相关功能，避免各能力项分头采购。",
        en="One data management platform built in stages can serve them all instead of a purchase for each item.",
    ),
}
EFFORT = Text(zh="如逐条处理，按题库估计合计{days}。", en="Taken one by one, they come to {days} by the bank's estimate.")
COMMON = Text(
    zh="最普遍的原因是{title}（涉及{items}、{criteria}）。",
    en="The most common cause: {title} ({criteria} in {items}).",
)
TITLE = Text(zh="{title}：{items}、{criteria}", en="{title}: {criteria} in {items}")


@dataclass(frozen=True)
class _Row:
    case: Case
    criterion: CriterionPart


def causes_of(cases: Iterable[Case], wording: Wording) -> tuple[CausePart, ...]:
    """The causes that show in at least two items, those with most criteria first."""
    found: dict[str, list[_Row]] = {key: [] for key in TITLES}
    for case in cases:
        for criterion in case.open:
            if criterion.rating:
                found[cause_of(case, criterion)].append(_Row(case, criterion))
    parts = [_cause(key, rows, wording) for key, rows in found.items() if len(_by_item(rows)) >= LEAST_ITEMS]
    return tuple(sorted(parts, key=lambda part: -len(part.criteria)))


def cause_of(case: Case, criterion: CriterionPart) -> str:
    """No measurement where level 4 or the bank's evidence asks for figures; else by the criterion's aspect."""
    asked = case.asked[criterion.code]
    if criterion.level == METRIC_LEVEL or any(evidence.kind == "metric" for evidence in asked.evidence):
        return "measurement"
    return CAUSE_OF_ASPECT[criterion.aspect]


def most_common(causes: Sequence[CausePart], wording: Wording) -> str:
    """The first cause in a sentence."""
    if not causes:
        return ""
    cause, title = causes[0], wording.say(TITLES[causes[0].key])
    values = {"items": wording.count(len(cause.items), "items"), "criteria": wording.count(len(cause.criteria), "criteria")}
    return wording.say(COMMON, title=title if wording.is_chinese else title[:1].lower() + title[1:], **values)


def _cause(key: str, rows: list[_Row], wording: Wording) -> CausePart:
    by_item = _by_item(rows)
    busiest = sorted(by_item.values(), key=lambda mine: -len(mine))[:NAMED]
    values = {"items": wording.count(len(by_item), "items"), "criteria": wording.count(len(rows), "criteria")}
    names = wording.listing([name_of(mine[0].case.part, wording) for mine in busiest])
    effort = wording.say(EFFORT, days=days_of((row.criterion.action for row in rows), wording))
    return CausePart(
        key=key,
        title=wording.say(TITLE, title=wording.say(TITLES[key]), **values),
        text=wording.join(wording.say(WHERE, names=names, **values), wording.say(ONE_MEASURE[key]), effort),
        items=tuple(by_item),
        criteria=tuple(row.criterion.code for row in rows),
    )


def _by_item(rows: list[_Row]) -> dict[str, list[_Row]]:
    found: dict[str, list[_Row]] = {}
    for row in rows:
        found.setdefault(row.case.part.code, []).append(row)
    return found
