from django import template

from reports import charts, findings

register = template.Library()


@register.filter
def why_this_level(item):
    """The sentence that says what keeps an item from the next level."""
    return findings.item_sentence(item)


@register.filter
def level_bar(item):
    """Five small steps: how far an item has climbed."""
    return charts.level_bar(item.level_reached, [level.share for level in item.levels], title=f"{item.code} {item.score}")


@register.filter
def lookup(mapping, key):
    return mapping.get(key)


@register.filter
def target_of(snapshot, item):
    """The target of an item: its own, else the overall one."""
    return snapshot.target_of(item.code)


@register.filter
def open_criteria(item):
    """The criteria of a gap, in order: applicable and not yet fully met up to the target."""
    return [criterion for level in item.levels for criterion in level.criteria if criterion.is_gap]
