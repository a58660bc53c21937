"""Say what a snapshot means, in prose with numbers.

``tell`` adds the findings to a snapshot that was just taken; they are frozen with it, so that page, PDF, Word and Excel say
the same. The sentences of ``headlines`` are read from any snapshot, also from one of an earlier format. The rules stand in
docs/findings.md.
"""

from dataclasses import replace
from datetime import date

from assessments.results import Outcome, PolicyBasis
from reports.content.dossier import Dossier
from reports.content.findings.actions import action_finding, action_flags
from reports.content.findings.cases import Case, closed_in_plan
from reports.content.findings.causes import causes_of
from reports.content.findings.chief import chief_paragraph, first_steps, strengths
from reports.content.findings.flags import item_flags, told_together
from reports.content.findings.headlines import (
    drag,
    flagged_levels,
    headline,
    item_line,
    item_sentence,
    lowest_items,
    path_sentence,
    stopping_level,
    verdict,
    weakest,
    why_not_higher,
)
from reports.content.findings.items import item_finding
from reports.content.findings.wording import Wording
from reports.content.parts import FindingsPart, ItemFinding, ItemPart, Snapshot

__all__ = [
    "drag", "flagged_levels", "headline", "item_line", "item_sentence", "lowest_items", "path_sentence", "stopping_level",
    "tell", "verdict", "weakest", "why_not_higher",
]  # fmt: skip


def tell(snapshot: Snapshot, outcome: Outcome, basis: PolicyBasis, *, on: date, dossier: Dossier | None) -> Snapshot:
    """The snapshot with the findings of every item and of the whole. ``dossier`` is None where only ratings are known; then
    nothing is said about proof. The snapshot's language must be active."""
    return _Findings(snapshot, outcome, basis, on, dossier).told()


class _Findings:
    def __init__(self, snapshot: Snapshot, outcome: Outcome, basis: PolicyBasis, on: date, dossier: Dossier | None):
        self.snapshot, self.outcome, self.basis, self.on, self.dossier = snapshot, outcome, basis, on, dossier
        self.wording = Wording(snapshot.language)
        self.turns = {part.code: turn for turn, part in enumerate(snapshot.items)}
        self.cases = {} if snapshot.kind == "anchors" else self._cases()

    def told(self) -> Snapshot:
        domains = tuple(
            replace(domain, items=tuple(replace(part, finding=self._finding(part)) for part in domain.items))
            for domain in self.snapshot.domains
        )
        return replace(self.snapshot, domains=domains, findings=self._whole())

    def _cases(self) -> dict[str, Case]:
        content, rule = self.outcome.questionnaire.item_by_code, self.outcome.result.method.item
        scored = {item.code: item for item in self.outcome.result.items}
        raises = self.snapshot.path.raises if self.snapshot.path else ()
        closed = closed_in_plan(self.snapshot)
        return {
            part.code: Case(part, content[part.code], scored[part.code], self.turns[part.code], rule,
                            self.snapshot.target_of(part.code), self.dossier,
                            tuple(step.criterion for step in raises if step.item == part.code), closed)
            for part in self.snapshot.items
        }  # fmt: skip

    def _finding(self, part: ItemPart) -> ItemFinding:
        if self.cases:
            return item_finding(self.cases[part.code], self.wording)
        return action_finding(part, self.turns[part.code], self.basis, self.on, self.dossier, self.wording)

    def _flags(self, part: ItemPart):
        return item_flags(self.cases[part.code], self.wording) if self.cases else action_flags(part, self.dossier, self.wording)

    def _whole(self) -> FindingsPart:
        causes = causes_of(self.cases.values(), self.wording)
        steps = first_steps(self.snapshot, self.cases, self.wording)
        flagged = [(part, list(self._flags(part))) for part in self.snapshot.items]
        return FindingsPart(
            chief=chief_paragraph(self.snapshot, self.outcome, self.basis, self.on, causes, steps),
            first=tuple(step.shown for step in steps),
            causes=causes,
            strengths=strengths(self.snapshot, self.wording),
            flags=told_together(flagged, "items" if self.cases else "actions", self.wording),
        )
