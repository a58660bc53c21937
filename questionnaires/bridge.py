"""The bridge between the editions: every criterion of 2018 has its fate, every one of 2025 its origin. Pure."""

from dataclasses import dataclass

from questionnaires.schema import CapabilityItem, Criterion, Questionnaire, Text

RELATIONS = ("same", "reworded", "widened", "narrowed", "split", "merged", "new", "dropped")


@dataclass(frozen=True)
class Link:
    """One pair of criteria: ``old`` is None for new ones, ``new`` is None for dropped ones."""

    relation: str
    old: Criterion | None
    new: Criterion | None
    reason: Text | None


@dataclass(frozen=True)
class Row:
    """One item of the newer edition with its predecessors, and the links between their criteria."""

    item: CapabilityItem
    predecessors: tuple[CapabilityItem, ...]
    links: tuple[Link, ...]


def bridge(old: Questionnaire, new: Questionnaire) -> tuple[tuple[Row, ...], tuple[Link, ...]]:
    """(rows by item of the newer edition, links of the dropped criteria of the older)."""
    by_uid = {item.uid: item for item in old.items}
    rows = tuple(
        Row(item, tuple(by_uid[uid] for uid in item.crosswalk.predecessors), tuple(_links(item, old))) for item in new.items
    )
    dropped = tuple(Link("dropped", c, None, c.dropped) for c in old.criterion_by_code.values() if c.dropped)
    return rows, dropped


def _links(item: CapabilityItem, old: Questionnaire):
    for criterion in item.criteria:
        origin = criterion.origin
        for code in origin.came_from or (None,):
            yield Link(origin.relation, old.criterion_by_code.get(code), criterion, origin.reason)


def as_json(old: Questionnaire, new: Questionnaire) -> dict:
    """The bridge for other programs: one entry per criterion of each edition, with the figures."""
    rows, dropped = bridge(old, new)
    fates: dict[str, list[dict]] = {code: [] for code in old.criterion_by_code}
    for link in (link for row in rows for link in row.links if link.old):
        fates[link.old.code].append({"relation": link.relation, "to": link.new.code})
    return {
        "from": {"code": old.code, "version": old.version},
        "to": {"code": new.code, "version": new.version},
        "items": [
            {"code": row.item.code, "relation": row.item.crosswalk.relation, "from": [item.code for item in row.predecessors]}
            for row in rows
        ],
        "criteria_from": [
            {
                "code": code,
                "fates": fate or [{"relation": "dropped", "to": None, **_reason(old.criterion_by_code[code].dropped)}],
            }
            for code, fate in fates.items()
        ],
        "criteria_to": [
            {
                "code": code,
                "relation": criterion.origin.relation,
                "from": list(criterion.origin.came_from),
                **_reason(criterion.origin.reason),
            }
            for code, criterion in new.criterion_by_code.items()
        ],
        "counts": counts(rows, dropped),
    }


def counts(rows, dropped) -> dict[str, int]:
    """How many criteria of the newer edition have each relation, and how many of the older were dropped."""
    found = dict.fromkeys(RELATIONS, 0)
    for row in rows:
        for relation in {link.new.code: link.relation for link in row.links}.values():
            found[relation] += 1
    found["dropped"] = len(dropped)
    return found


def _reason(text: Text | None) -> dict:
    return {"reason_zh": text.zh, "reason_en": text.en} if text else {}
