"""Say what a snapshot means, in sentences with numbers. Rules over the snapshot; nothing is computed anew here."""

from fractions import Fraction

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from assessments.scoring import percent
from reports.content.findings.wording import in_brackets
from reports.content.parts import ItemPart, LevelPart, Snapshot

NAMED_CRITERIA = 2


def headline(snapshot: Snapshot) -> str:
    """The sentence for the chief: where the organization stands."""
    if not snapshot.score:
        return _("Nothing is applicable, so there is no score.")
    if snapshot.kind == "anchors":
        return _("On average the actions of the plans stand at %(score)s out of 4.") % {"score": snapshot.score}
    values = {"level": snapshot.level, "name": in_brackets(snapshot.level_name), "score": snapshot.score}
    return _("Self-assessed level %(level)s (%(name)s), with a score of %(score)s out of 5.") % values


def why_not_higher(snapshot: Snapshot) -> str:
    """What keeps the total down: the weakest domain and item, and how far the target is."""
    if not snapshot.lowest_domain:
        return ""
    domain = _part(snapshot.domains, snapshot.lowest_domain.code)
    item = _part(snapshot.items, snapshot.lowest_item.code)
    names = {"domain": domain.name, "domain_score": domain.score, "item": item.name, "item_score": item.score}
    lowest = _("The weakest domain is %(domain)s (%(domain_score)s), the weakest item %(item)s (%(item_score)s).") % names
    return join_sentences(lowest, path_sentence(snapshot))


def verdict(snapshot: Snapshot) -> str:
    """The whole paragraph for the chief, as it was frozen; of a snapshot of an earlier format the two sentences it knew."""
    if snapshot.findings:
        return snapshot.findings.chief
    return join_sentences(headline(snapshot), why_not_higher(snapshot))


def join_sentences(*sentences: str) -> str:
    """Sentences one after the other: with a space in English, without one in Chinese."""
    between = "" if get_language().startswith("zh") else " "
    return between.join(filter(None, sentences))


def path_sentence(snapshot: Snapshot) -> str:
    path = snapshot.path
    if path is None:
        return ""
    if not path.count:
        return _("The target, level %(target)s, is reached.") % {"target": path.target}
    values = {"count": path.count, "target": path.target, "items": len(path.levers)}
    sentence = ngettext(
        "The shortest path to level %(target)s raises %(count)s criterion in %(items)s item to fully met.",
        "The shortest path to level %(target)s raises %(count)s criteria in %(items)s items to fully met.",
        path.count,
    )
    return sentence % values


def drag(snapshot: Snapshot) -> str:
    """The title of the radar: the domain that pulls the total down, and by how much it lies below."""
    if not snapshot.lowest_domain or len(snapshot.domains) < 2:
        return _("Scores by domain")
    domain = _part(snapshot.domains, snapshot.lowest_domain.code)
    values = {"domain": domain.name, "score": domain.score, "total": snapshot.score}
    return _("%(domain)s is the weakest domain: %(score)s against a total of %(total)s") % values


def item_sentence(item: ItemPart) -> str:
    """Why an item is not a level higher: the level that stops it, its fulfilment, and the criteria that hold it back."""
    if item.finding:
        return item.finding.why_not
    stop = stopping_level(item)
    if stop is None:
        return _("All five levels are passed.")
    values = {"level": stop.level, "name": stop.name, "fulfilment": stop.fulfilment}
    first = _("Level %(level)s (%(name)s) is not reached: its criteria are fulfilled to %(fulfilment)s on average.") % values
    holding = [criterion.text.rstrip("。.") for criterion in weakest(stop)]
    if not holding:
        return first
    joined = _('"; "').join(holding)
    return first + _(' What holds it back most: "%(criteria)s".') % {"criteria": joined}


def item_line(item: ItemPart) -> str:
    """The same in one line, for a list of items: the level that stops it, how far it is met, and how much of it is open."""
    stop = stopping_level(item)
    if stop is None:
        return _("All five levels are passed.")
    n = sum(criterion.rating not in ("full", "na") for criterion in stop.criteria)
    values = {"level": stop.level, "f": percent(Fraction(str(stop.share))), "n": n}
    sentence = ngettext(
        "Level %(level)s stands at %(f)s; %(n)s criterion there is not yet fully met.",
        "Level %(level)s stands at %(f)s; %(n)s criteria there are not yet fully met.",
        n,
    )
    return sentence % values


def stopping_level(item: ItemPart) -> LevelPart | None:
    """The first level that is not reached, or None."""
    return next((level for level in item.levels if not level.reached), None)


def weakest(level: LevelPart):
    """The criteria of a level with the least credit, worst first, in the questionnaire's order among equals."""
    open_ones = [criterion for criterion in level.criteria if criterion.credit and criterion.credit != "1.0"]
    return sorted(open_ones, key=lambda criterion: criterion.credit)[:NAMED_CRITERIA]


def lowest_items(snapshot: Snapshot, count: int = 5) -> list[ItemPart]:
    """The items with the least score, lowest first, in the questionnaire's order among equals."""
    return sorted(snapshot.items, key=lambda item: item.share)[:count]


def flagged_levels(snapshot: Snapshot) -> list[tuple[ItemPart, LevelPart]]:
    """Levels that count as passed only because none of their criteria applies."""
    return [(item, level) for item in snapshot.items for level in item.levels if level.share is None]


def _part(parts, code: str):
    return next(part for part in parts if part.code == code)
