"""Actions as the bank advises them, one per criterion or one per item and level."""

from collections import Counter, defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import Literal

from assessments.planning.values import MOST_TEXT, MOST_TITLE, Suggestion
from assessments.results import Outcome
from questionnaires.schema import Questionnaire, Text

DONE_WHEN = Text(zh="完成标志：", en="Done when: ")


def suggest(
    questionnaire: Questionnaire, outcome: Outcome, *, scope: Literal["path", "gaps"], language: str
) -> list[Suggestion]:
    """One action per criterion, as the bank advises, in the questionnaire's order: of the criteria on the shortest path, or of
    all that keep an item below its target. Person-days are the middle of the bank's range."""
    if scope == "path":
        wanted = {step.criterion for step in outcome.path.raises} if outcome.path else set()
    else:
        wanted = {code for gap in outcome.gaps for code in gap.criteria}
    return [_suggestion(questionnaire, code, wanted, language) for code in questionnaire.criterion_by_code if code in wanted]


def _suggestion(questionnaire: Questionnaire, code: str, wanted: set[str], language: str) -> Suggestion:
    advice = questionnaire.criterion_by_code[code].action
    done = DONE_WHEN.in_language(language) + advice.closed_when.in_language(language)
    return Suggestion(
        title=advice.title.in_language(language)[:MOST_TITLE],
        text=_fitting([*(f"- {step.in_language(language)}" for step in advice.steps), done]),
        criteria=(code,),
        lead=advice.lead,
        days=Decimal(sum(advice.days)) / 2,
        weeks=advice.weeks,
        needs=_wanted_before(questionnaire, code, wanted),
    )


def _wanted_before(questionnaire: Questionnaire, code: str, wanted: set[str]) -> tuple[str, ...]:
    """The nearest criteria before this one, by the bank's order of actions, that are wanted too."""
    found, seen, look = {}, {code}, list(questionnaire.criterion_by_code[code].action.after)
    while look:
        before = look.pop(0)
        if before in seen or before not in questionnaire.criterion_by_code:
            continue
        seen.add(before)
        if before in wanted:
            found[before] = None
        else:
            look += questionnaire.criterion_by_code[before].action.after
    return tuple(found)


def merged_by_item(suggestions: list[Suggestion], questionnaire: Questionnaire, language: str) -> list[Suggestion]:
    """One action per item and level instead of one per criterion: days added up, the longest weeks, the lead of most.

    Where joining makes two wait for each other, the later one in the questionnaire waits. Needs that none of the suggestions
    meets stay.
    """
    groups = defaultdict(list)
    for suggestion in suggestions:
        criterion = questionnaire.criterion_by_code[suggestion.criteria[0]]
        groups[questionnaire.item_of[criterion.code], criterion.level].append(suggestion)
    place_of = {code: place for place, rows in enumerate(groups.values()) for row in rows for code in row.criteria}
    asked = [tuple(dict.fromkeys(code for row in rows for code in row.needs)) for rows in groups.values()]
    needs = _without_rings([{place_of[code] for code in codes if code in place_of} for codes in asked])
    first = [rows[0].criteria[0] for rows in groups.values()]
    merged = []
    for at, ((item, level), rows) in enumerate(groups.items()):
        elsewhere = (code for code in asked[at] if code not in place_of)
        before = (*(first[place] for place in sorted(needs[at])), *elsewhere)
        merged.append(_merged(questionnaire, item, level, rows, before, language))
    return merged


def _without_rings(needs: list[set[int]]) -> list[set[int]]:
    """The same needs without itself and without those that would close a ring; needs of earlier places are kept first."""
    kept: list[set[int]] = [set() for _ in needs]
    pairs = sorted((need > place, place, need) for place, needed in enumerate(needs) for need in needed if need != place)
    for _, place, need in pairs:
        if not _leads_to(kept, need, place):
            kept[place].add(need)
    return kept


def _leads_to(needs: list[set[int]], start: int, goal: int) -> bool:
    seen, look = set(), [start]
    while look:
        place = look.pop()
        if place == goal:
            return True
        if place not in seen:
            seen.add(place)
            look += needs[place]
    return False


def _merged(questionnaire, item: str, level: int, rows: list[Suggestion], needs: tuple[str, ...], language: str) -> Suggestion:
    if len(rows) == 1:
        return replace(rows[0], needs=needs)
    name = questionnaire.item_by_code[item].name.in_language(language)
    reached = questionnaire.level_by_number[level].name.in_language(language)
    leads = Counter(row.lead for row in rows)
    return Suggestion(
        title=f"{name} · {reached}"[:MOST_TITLE],
        text=_fitting([*(f"- {row.title}" for row in rows), *(f"\n{row.title}\n{row.text}" for row in rows)]),
        criteria=tuple(code for row in rows for code in row.criteria),
        lead=max(leads, key=leads.__getitem__),
        days=sum((row.days for row in rows), Decimal(0)),
        weeks=max(row.weeks for row in rows),
        needs=needs,
    )


def _fitting(parts: list[str]) -> str:
    """The parts as lines, as many as fit."""
    while len("\n".join(parts)) > MOST_TEXT:
        parts = parts[:-1]
    return "\n".join(parts).strip()
