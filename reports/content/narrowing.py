"""A department's part of a snapshot: only its items, and of all else what belongs to them."""

from dataclasses import replace

from reports.content.parts import DomainPart, PathPart, PlanPart, Snapshot


def narrowed(snapshot: Snapshot, items: tuple[str, ...]) -> Snapshot:
    """The snapshot with the items ``items`` alone.

    Totals, other layers, the earlier cycle, the changes since another report, the findings over all items and the annex tell
    about items of others: they go.
    """
    mine = frozenset(items)
    domains = tuple(_domain(domain, mine) for domain in snapshot.domains if any(item.code in mine for item in domain.items))
    criteria = {criterion.code for item in snapshot.answered_items if item.code in mine for criterion in item.criteria} | mine
    cited = {
        ref.id for domain in domains for item in domain.items if item.gap for ref in (*item.gap.direct, *item.gap.supporting)
    }
    cited |= {clause for domain in domains for item in domain.items for clause in item.clauses}
    documents = (
        replace(document, clauses=tuple(clause for clause in document.clauses if clause.id in cited))
        for document in snapshot.documents
    )
    return replace(
        snapshot,
        domains=domains,
        score="",
        share=0.0,
        level=None,
        level_name="",
        lowest_item=None,
        lowest_domain=None,
        methods=tuple(replace(method, score="", level=None, level_name="") for method in snapshot.methods if method.chosen),
        excluded=tuple(part for part in snapshot.excluded if part.code in mine),
        path=_path(snapshot.path, mine),
        documents=tuple(document for document in documents if document.clauses),
        answers=tuple(answer for answer in snapshot.answers if answer["criterion"] in criteria),
        answered=sum(bool(answer["rating"]) for answer in snapshot.answers if answer["criterion"] in criteria),
        total=len([answer for answer in snapshot.answers if answer["criterion"] in criteria]),
        unanswered=sum(not answer["rating"] for answer in snapshot.answers if answer["criterion"] in criteria),
        result={},
        targets={code: target for code, target in snapshot.targets.items() if code in mine},
        layers=(),
        pieces=tuple(
            replace(piece, criteria=tuple(code for code in piece.criteria if code in criteria))
            for piece in snapshot.pieces
            if criteria & set(piece.criteria)
        ),
        plan=_plan(snapshot.plan, mine),
        findings=None,
        annex=None,
        earlier=None,
        changes=None,
    )


def _domain(domain: DomainPart, mine: frozenset[str]) -> DomainPart:
    items = tuple(item for item in domain.items if item.code in mine)
    return replace(domain, items=items, score="", share=0.0, level=None, level_name="")


def _path(path: PathPart | None, mine: frozenset[str]) -> PathPart | None:
    if path is None:
        return None
    raises = tuple(step for step in path.raises if step.item in mine)
    levers = tuple(lever for lever in path.levers if lever.item in mine)
    return replace(path, raises=raises, levers=levers, count=len(raises))


def _plan(plan: PlanPart | None, mine: frozenset[str]) -> PlanPart | None:
    """Its actions; sums and scores are those of the whole plan and go."""
    if plan is None:
        return None
    actions = tuple(action for action in plan.actions if mine & set(action.items))
    numbers = {action.number for action in actions}
    actions = tuple(
        replace(action, needs=tuple(n for n in action.needs if n in numbers), after="", level_after=None) for action in actions
    )
    return replace(
        plan, actions=actions, quarters=(), days="", cost="", score_now="", level_now=None, score_after="", level_after=None
    )
