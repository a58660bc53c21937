from django import template

from reports import charts
from reports.content import annex, findings

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
def heat_strip(snapshot):
    """The clauses of the annex as small cells, by document."""
    return annex.strip(snapshot)


@register.filter
def of_document(rows, code):
    """Those rows of the annex that belong to a document."""
    return [row for row in rows if row.document == code]


@register.filter
def behind(snapshot, item):
    """The clauses behind an item, what they offer apart from what they ask."""
    return annex.behind(snapshot, item)


@register.filter
def item_named(snapshot, code):
    """The name of an item."""
    return next(item.name for item in snapshot.items if item.code == code)


@register.filter
def cited_documents(snapshot):
    """(document, its clauses) for the clauses that the gaps name, in the library's order."""
    cited = {ref.id for item in snapshot.gaps for ref in (*item.gap.direct, *item.gap.supporting)}
    rows = [(document, [clause for clause in document.clauses if clause.id in cited]) for document in snapshot.documents]
    return [(document, clauses) for document, clauses in rows if clauses]


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
    return item.open_criteria
