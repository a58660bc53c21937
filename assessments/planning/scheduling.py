"""When each action runs: needs first, then points, so many side by side (docs/planning.md)."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import timedelta
from heapq import heappop, heappush

from assessments.planning.values import CircularNeeds, Plan, PlanAction, Priority, Slot, first_day_of, quarter_of

WEEK = timedelta(days=7)
DAY = timedelta(days=1)


def schedule(plan: Plan, ranks: Mapping[int, Priority]) -> dict[int, Slot]:
    """Number -> when the action runs; closed and dropped ones are left out.

    Own dates stand as they are. The others begin as early as the actions they need are over, their pinned quarter has begun
    and fewer than ``plan.parallel`` run; by points, then number, those that are switched off after the others. One whose
    pinned quarter has no free week begins with the quarter all the same. Raises CircularNeeds.
    """
    left = {action.number: action for action in plan.actions if not action.is_settled}
    needs = {number: {need for need in action.needs if need in left} for number, action in left.items()}
    if ring := in_a_ring(needs):
        raise CircularNeeds(ring)
    slots = {number: _own_slot(plan, action) for number, action in left.items() if action.starts_on or action.due_on}
    load = Counter(week for slot in slots.values() for week in range(slot.start_week, slot.end_week))
    before = {number: set(needs[number]) - set(slots) for number in left if number not in slots}
    followers = defaultdict(list)
    for number, needed in before.items():
        for need in needed:
            followers[need].append(number)
    ready = []
    for number in (number for number, needed in before.items() if not needed):
        heappush(ready, _turn(left[number], ranks))
    while ready:
        number = heappop(ready)[-1]
        after = max((slots[need].end_week for need in needs[number]), default=0)
        slots[number] = _first_slot(plan, left[number], after, load)
        load.update(range(slots[number].start_week, slots[number].end_week))
        for follower in followers[number]:
            before[follower].discard(number)
            if not before[follower]:
                heappush(ready, _turn(left[follower], ranks))
    return slots


def _turn(action: PlanAction, ranks: Mapping[int, Priority]) -> tuple[bool, int, int]:
    return not action.is_on, -ranks[action.number].points, action.number


def in_a_ring(needs: Mapping[int, Collection[int]]) -> set[int]:
    """The numbers that wait for each other, directly or through others; empty when every order works out.

    ``needs``: number -> those that come first. What only waits for a ring is not in it.
    """
    left = {number: {need for need in needed if need in needs} for number, needed in needs.items()}
    while free := {number for number, needed in left.items() if not needed}:
        left = {number: needed - free for number, needed in left.items() if number not in free}
    while idle := set(left) - {need for needed in left.values() for need in needed}:
        left = {number: needed for number, needed in left.items() if number not in idle}
    return set(left)


def _own_slot(plan: Plan, action: PlanAction) -> Slot:
    length = max(1, action.weeks) * WEEK
    starts_on = action.starts_on or min(action.due_on, max(plan.starts_on, action.due_on - length + DAY))
    ends_on = action.due_on or starts_on + length - DAY
    start = max(0, (starts_on - plan.starts_on).days // 7)
    end = max(start + 1, -(-(ends_on + DAY - plan.starts_on).days // 7))
    return Slot(start, end, starts_on, ends_on)


def _first_slot(plan: Plan, action: PlanAction, after: int, load: Counter) -> Slot:
    weeks = max(1, action.weeks)
    if action.quarter:
        first = first_day_of(action.quarter)
        after = max(after, -(-(first - plan.starts_on).days // 7))
    start = after
    while busy := [week for week in range(start, start + weeks) if load[week] >= max(1, plan.parallel)]:
        start = busy[-1] + 1
    if action.quarter and quarter_of(plan.starts_on + start * WEEK) != action.quarter:
        start = after
    starts_on = plan.starts_on + start * WEEK
    return Slot(start, start + weeks, starts_on, starts_on + weeks * WEEK - DAY)
