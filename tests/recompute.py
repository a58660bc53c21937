"""A second computation of the scores, deliberately independent of the engine.

Written from the design's words alone ("From answers to levels", "Contracts"), by another mind, without reading
`assessments`, and it must never import from there: when both agree, two computed it. Where the engine climbs, this
looks up: every level becomes a letter, and the levels an item reached are the length of a pattern at the start of
its word. Input is taken as valid; faults in answers are tested elsewhere.
"""

import re
from bisect import bisect_left, bisect_right
from fractions import Fraction
from itertools import accumulate
from operator import and_

LEVELS = (1, 2, 3, 4, 5)
METHODS = ("staircase_080", "nplf", "strict_floor")
TENTHS = {"full": 10, "largely": 8, "partly": 5, "none": 0}  # unanswered is looked up as "none", na never
PASS = Fraction(8, 10)
NPLF_UPPER = [Fraction(15, 100), Fraction(50, 100), Fraction(85, 100)]  # N, P, L reach up to and including these
BAND_LOWER = [Fraction(18, 10), Fraction(28, 10), Fraction(38, 10), Fraction(48, 10)]  # levels 2 to 5 begin at these


def recompute(questionnaire: dict, ratings: dict[str, str], method: str, target: int | None) -> dict:
    """The result JSON of a maturity questionnaire, as far as questionnaire and ratings determine it."""
    items = [item for domain in questionnaire["domains"] for item in domain["items"]]
    tables = {item["code"]: _fulfilment(item, ratings) for item in items}
    scored = {code: table for code, table in tables.items() if any(f is not None for f in table)}
    totals = {key: _totals(questionnaire, scored, key) for key in METHODS}
    item_results, domain_results, overall = totals[method]
    return {
        "unanswered": sum(not ratings.get(c["code"]) for item in items for c in item["criteria"]),
        "excluded_items": [code for code in tables if code not in scored],
        "items": [
            {
                "code": code,
                "fulfilment": {str(level): _places(f) for level, f in zip(LEVELS, scored[code], strict=True)},
                "score": _places(score),
                "level": level,
            }
            for code, (score, level) in item_results.items()
        ],
        "domains": [{"code": code, "score": _places(score), "level": level} for code, (score, level) in domain_results.items()],
        "overall": _pair(overall),
        "lowest": {"item": _lowest(item_results), "domain": _lowest(domain_results)},
        "methods": {key: _pair(total) for key, (_, _, total) in totals.items()},
        "gaps": [
            {
                "item": item["code"],
                "level": item_results[item["code"]][1],
                "target": target,
                "criteria": [
                    c["code"] for c in item["criteria"] if c["level"] <= target and ratings.get(c["code"]) not in ("full", "na")
                ],
            }
            for item in items
            if target is not None and item["code"] in item_results and item_results[item["code"]][1] < target
        ],
    }


def recompute_actions(questionnaire: dict, ratings: dict[str, str]) -> dict:
    """The result JSON of the policy actions: plain means on the anchors 0 to 4, and what they cover of each clause."""
    actions = [action for group in questionnaire["domains"] for action in group["items"]]
    points = {a["code"]: (Fraction(ratings.get(a["code"]) or "0"), None) for a in actions if ratings.get(a["code"]) != "na"}
    groups = {
        group["code"]: (_mean(members), None)
        for group in questionnaire["domains"]
        if (members := [points[a["code"]][0] for a in group["items"] if a["code"] in points])
    }
    by_clause: dict[str, list[Fraction]] = {}
    for action in actions:
        for clause in action["clauses"] if action["code"] in points else ():
            by_clause.setdefault(clause, []).append(points[action["code"]][0])
    return {
        "unanswered": sum(not ratings.get(a["code"]) for a in actions),
        "excluded_items": [a["code"] for a in actions if a["code"] not in points],
        "items": [
            {"code": code, "fulfilment": None, "score": _places(score), "level": None} for code, (score, _) in points.items()
        ],
        "domains": [{"code": code, "score": _places(score), "level": None} for code, (score, _) in groups.items()],
        "overall": {"score": _places(_mean([s for s, _ in groups.values()]) if groups else None), "level": None},
        "lowest": {"item": _lowest(points), "domain": _lowest(groups)},
        "coverage": {clause: _places(_mean(scores) / 4) for clause, scores in by_clause.items()},
    }


def _fulfilment(item, ratings):
    """f(1) … f(5); None where nothing at that level applies."""
    credits = [
        (c["level"], TENTHS[ratings.get(c["code"]) or "none"]) for c in item["criteria"] if ratings.get(c["code"]) != "na"
    ]
    columns = [[tenths for at, tenths in credits if at == level] for level in LEVELS]
    return [Fraction(sum(column), 10 * len(column)) if column else None for column in columns]


def _staircase(table):
    """Each step counts 1 if passed, else f, but only while every step below it is passed."""
    passed = [f is None or f >= PASS for f in table]
    open_below = list(accumulate([True, *passed], and_))
    steps = [1 if p else f for p, f in zip(passed, table, strict=True)]
    return sum((Fraction(s) for s, o in zip(steps, open_below, strict=False) if o), Fraction(0)), max(1, sum(open_below[1:]))


def _nplf(table):
    """A word such as FFLPN; the level is the length of its F…F or F…FL beginning."""
    word = "".join("F" if f is None else "NPLF"[bisect_left(NPLF_UPPER, f)] for f in table)
    level = max(1, len(re.match("F*L?", word)[0]))
    return Fraction(level), level


def _banded(results):
    score = _mean([score for score, _ in results])
    return score, 1 + bisect_right(BAND_LOWER, score)


def _floor(results):
    level = min(level for _, level in results)
    return Fraction(level), level


RULES = {"staircase_080": (_staircase, _banded), "nplf": (_nplf, _banded), "strict_floor": (_staircase, _floor)}


def _totals(questionnaire, scored, method):
    """(score, level) per item and per domain, by code, and overall; overall (None, None) if nothing is left."""
    rate, gather = RULES[method]
    items = {code: rate(table) for code, table in scored.items()}
    domains = {
        domain["code"]: gather(members)
        for domain in questionnaire["domains"]
        if (members := [items[item["code"]] for item in domain["items"] if item["code"] in items])
    }
    return items, domains, gather(domains.values()) if domains else (None, None)


def _mean(values):
    return sum(values, Fraction(0)) / len(values)


def _lowest(results):
    return min(results, key=lambda code: results[code][0], default=None)  # min keeps the first among equals


def _pair(result):
    return {"score": _places(result[0]), "level": result[1]}


def _places(value):
    """Four places, half up, of an exact value that is never negative."""
    if value is None:
        return None
    units, rest = divmod(int(value * 10000 + Fraction(1, 2)), 10000)
    return f"{units}.{rest:04d}"
