"""The shortest path to a target level: the fewest criteria to raise to ``full``.

Pure and exact. Among paths of equal length the one with the least effort Σ(1 − credit) wins, then the one that comes
first in the questionnaire's order. Each item offers a few *options* (raise this set, gain that much); the total is a
multiple-choice knapsack, solved exactly from the last item to the first with bounds from its linear relaxation.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import lcm

from assessments.scoring import CREDITS, climb, meets, score
from questionnaires.schema import LEVELS, CapabilityItem, Climb, Method, Questionnaire

EFFORT_UNITS = 10  # credits are tenths, so efforts in tenths are whole numbers


@dataclass(frozen=True)
class Raise:
    """One criterion to bring to ``full``; ``before`` is its rating now, None when unanswered."""

    criterion: str
    before: str | None


@dataclass(frozen=True)
class Path:
    target: int
    raises: tuple[Raise, ...]


@dataclass(frozen=True)
class Option:
    """Raise ``positions`` (places in the questionnaire) at ``cost`` (count first, then effort) to gain ``gain``."""

    cost: int
    gain: int
    positions: tuple[int, ...]


NOTHING = Option(0, 0, ())


def shortest_path(questionnaire: Questionnaire, ratings: Mapping[str, str], method: Method, target: int) -> Path | None:
    """The path by which the overall level, by ``method``, reaches ``target`` (1-5); None if nothing is applicable."""
    result = score(questionnaire, ratings, method.key)
    if result.score is None:
        return None
    codes = list(questionnaire.item_of)
    position = {code: place for place, code in enumerate(codes)}
    unit = EFFORT_UNITS * len(codes) + 1  # one criterion costs more than all effort together
    if method.aggregate == "lowest":
        chosen = _each_item_to_level(questionnaire, result, method, target, position, unit)
    elif result.level >= target:
        chosen = []
    else:
        chosen = _total_to_band(questionnaire, result, method, target, position, unit)
    places = sorted(place for option in chosen for place in option.positions)
    return Path(target=target, raises=tuple(Raise(codes[place], ratings.get(codes[place]) or None) for place in places))


def _each_item_to_level(questionnaire, result, method, target, position, unit) -> list[Option]:
    """With the lowest level as total, every item has to reach the target by itself."""
    chosen = []
    for scored in result.items:
        if scored.level < target:
            raised = _raised_sets(questionnaire.item_by_code[scored.code], scored, method.item, position, unit)
            fitting = [option for option, total, level in raised if level >= target]
            chosen.append(min(fitting, key=lambda option: (option.cost, _first_in_order(option.positions))))
    return chosen


def _total_to_band(questionnaire, result, method, target, position, unit) -> list[Option]:
    """With means, gains of all items add up, each weighted by its domain; reach the target's band at least cost."""
    weighted = []
    for domain in result.domains:
        weight = Fraction(1, len(result.domains) * len(domain.items))
        for scored in domain.items:
            item = questionnaire.item_by_code[scored.code]
            raised = _raised_sets(item, scored, method.item, position, unit)
            weighted.append([(option, (total - scored.score) * weight) for option, total, _ in raised])
    need = Fraction(method.bands[target]) - result.score
    scale = lcm(need.denominator, *(gain.denominator for options in weighted for _, gain in options))
    choices = [
        [NOTHING] + [Option(option.cost, int(gain * scale), option.positions) for option, gain in options if gain > 0]
        for options in weighted
    ]
    return cheapest_choice(choices, int(need * scale))


def cheapest_choice(choices: list[list[Option]], need: int) -> list[Option]:
    """One option of each list so that the gains reach ``need`` at the least total cost, then first in order.

    Dynamic programming over suffixes: ``fronts[i]`` holds the (cost, gain) pairs of the lists from i on that no other
    pair beats, less those that cannot be part of a cheapest choice by the linear bound of the lists before i.
    """
    bounds = _prefix_bounds(choices)
    ceiling = bounds[-1].whole_cost(need)
    fronts: list[list[tuple[int, int]]] = [[] for _ in choices] + [[(0, 0)]]
    for place in range(len(choices) - 1, -1, -1):
        pairs = {
            (cost + option.cost, min(need, gain + option.gain)) for cost, gain in fronts[place + 1] for option in choices[place]
        }
        fronts[place] = [pair for pair in _undominated(pairs) if pair[0] + bounds[place].least_cost(need - pair[1]) <= ceiling]
    budget = min(cost for cost, gain in fronts[0] if gain >= need)
    return _first_within(choices, fronts, need, budget)


def _first_within(choices, fronts, need, budget) -> list[Option]:
    """Walk forward and take, of every list, the first option in order that still leaves a way to ``need``."""
    chosen = []
    for place, options in enumerate(choices):
        front = fronts[place + 1]
        costs = [cost for cost, _ in front]
        for option in sorted(options, key=lambda option: _first_in_order(option.positions)):
            left = budget - option.cost
            reachable = bisect_left(costs, left + 1) - 1  # the dearest pair within what is left gains most
            if left >= 0 and reachable >= 0 and option.gain + front[reachable][1] >= need:
                chosen.append(option)
                budget, need = left, need - option.gain
                break
    return chosen


def _first_in_order(positions: tuple[int, ...]) -> tuple[float, ...]:
    """Sorting key: earlier places first; a longer set beats its own beginning, whose next place comes later."""
    return (*positions, float("inf"))


def _undominated(pairs) -> list[tuple[int, int]]:
    """The pairs that cost less or gain more than every other, by rising cost."""
    kept, best = [], -1
    for cost, gain in sorted(pairs, key=lambda pair: (pair[0], -pair[1])):
        if gain > best:
            kept.append((cost, gain))
            best = gain
    return kept


class _Bound:
    """The linear relaxation over some lists: steps of best gain per cost, added up."""

    def __init__(self, steps):
        steps = sorted(steps, key=lambda step: Fraction(step[1], step[0]), reverse=True)
        self.costs, self.gains = [0], [0]
        for cost, gain in steps:
            self.costs.append(self.costs[-1] + cost)
            self.gains.append(self.gains[-1] + gain)

    def least_cost(self, need: int) -> float:
        """No real choice gains ``need`` for less than this."""
        if need <= 0:
            return 0
        place = bisect_left(self.gains, need)
        if place == len(self.gains):
            return float("inf")
        cost, gain = self.costs[place] - self.costs[place - 1], self.gains[place] - self.gains[place - 1]
        return self.costs[place - 1] + -(-(need - self.gains[place - 1]) * cost // gain)

    def whole_cost(self, need: int) -> int:
        """The cost of a real choice that gains ``need``: the steps in order, the last one whole."""
        return self.costs[bisect_left(self.gains, need)]


def _prefix_bounds(choices) -> list[_Bound]:
    """``bounds[i]`` bounds the lists before i."""
    bounds, steps = [_Bound([])], []
    for options in choices:
        steps = steps + list(_hull_steps(options))
        bounds.append(_Bound(steps))
    return bounds


def _hull_steps(options) -> Iterator[tuple[int, int]]:
    """(cost, gain) of the steps along the upper hull of a list's options, gain per cost falling."""
    hull = []
    for cost, gain in _undominated({(option.cost, option.gain) for option in options}):
        while len(hull) > 1 and _bends_up(hull[-2], hull[-1], (cost, gain)):
            hull.pop()
        hull.append((cost, gain))
    for (cost, gain), (next_cost, next_gain) in zip(hull, hull[1:], strict=False):
        yield next_cost - cost, next_gain - gain


def _bends_up(first, middle, last) -> bool:
    return (middle[1] - first[1]) * (last[0] - first[0]) <= (last[1] - first[1]) * (middle[0] - first[0])


def _raised_sets(item: CapabilityItem, scored, rule: Climb, position, unit) -> list[tuple[Option, Fraction, int]]:
    """Every useful set of criteria to raise in one item, with the item's score and level afterwards.

    Useful: no criterion of the set can be left out without lowering the score. Criteria of one level and one rating are
    alike, so the first ones in order stand for all.
    """
    found: dict[tuple, tuple[Option, Fraction, int]] = {}
    for counts, fulfilments in _climbs(item, scored, rule):
        total, level = climb(fulfilments, rule)
        positions, cost = [], 0
        for group, count in counts.items():
            places = _group_places(scored, group, position)[:count]
            positions += places
            cost += count * (unit + int((1 - CREDITS[group[1]]) * EFFORT_UNITS))
        found[tuple(sorted(counts.items()))] = (Option(cost, 0, tuple(sorted(positions))), total, max(1, level))
    totals = {key: total for key, (_, total, _) in found.items()}
    return [row for key, row in found.items() if key and _is_needed(key, totals)]


def _is_needed(key, totals) -> bool:
    for place, (group, count) in enumerate(key):
        fewer = key[:place] + (((group, count - 1),) if count > 1 else ()) + key[place + 1 :]
        if totals.get(fewer, Fraction(-1)) >= totals[key]:
            return False
    return True


def _climbs(item, scored, rule: Climb) -> Iterator[tuple[dict, list[Fraction | None]]]:
    """Ways up: levels below are secured in every way that suffices, the level where it ends in any way at all."""
    base = [level.fulfilment for level in scored.levels]

    def walk(place: int, counts: dict, fulfilments: list):
        if place == len(LEVELS):
            yield counts, fulfilments
            return
        ending, passing = _level_choices(scored.levels[place], rule)
        for taken, fulfilment in ending:
            yield {**counts, **taken}, [*fulfilments, fulfilment, *base[place + 1 :]]
        for taken, fulfilment in passing:
            yield from walk(place + 1, {**counts, **taken}, [*fulfilments, fulfilment])

    return walk(0, {}, [])


def _level_choices(level, rule: Climb) -> tuple[list, list]:
    """How many criteria of each rating to raise at one level, with the fulfilment afterwards.

    Two lists of ({(level, rating): count}, fulfilment): the choices with which the climb ends here, and those that just
    secure the level (one raise fewer would not).
    """
    if level.fulfilment is None:
        return [], [({}, None)]
    sizes = Counter(c.rating or "none" for c in level.criteria if c.credit is not None and c.credit < 1)
    applicable = sum(c.credit is not None for c in level.criteria)
    choices = {}
    for numbers in product(*(range(size + 1) for size in sizes.values())):
        added = sum((count * (1 - CREDITS[rating]) for rating, count in zip(sizes, numbers, strict=True)), Fraction(0))
        choices[numbers] = level.fulfilment + added / applicable
    secured = {numbers for numbers, fulfilment in choices.items() if _secures(fulfilment, rule)}
    ending, passing = [], []
    for numbers, fulfilment in choices.items():
        taken = {(level.level, rating): count for rating, count in zip(sizes, numbers, strict=True) if count}
        if numbers not in secured:
            ending.append((taken, fulfilment))
        elif not any(fewer in secured for fewer in _one_fewer(numbers)):
            passing.append((taken, fulfilment))
    return ending, passing


def _secures(fulfilment: Fraction, rule: Climb) -> bool:
    return meets(fulfilment, rule.reach, rule.exclusive) and meets(fulfilment, rule.secure, rule.exclusive)


def _one_fewer(numbers: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    for place, count in enumerate(numbers):
        if count:
            yield numbers[:place] + (count - 1,) + numbers[place + 1 :]


def _group_places(scored, group, position) -> list[int]:
    level, rating = group
    criteria = scored.levels[level - 1].criteria
    return [position[c.code] for c in criteria if c.credit is not None and (c.rating or "none") == rating]
