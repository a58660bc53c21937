"""The evidence of one assessment set against its questionnaire: the matrix, and what is weak in it."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from assessments.models import Assessment, EvidenceLink
from assessments.proving import Flaw, Piece, Proof, Proving, claims_much, prove, proven_level
from assessments.queries.answers import ratings_of
from assessments.queries.evidence import OVER_USED, links_of
from assessments.scoring import find_method, score_item
from organizations.guests import Guest
from organizations.models import Membership
from questionnaires.schema import Criterion, Domain, PolicyAction


@dataclass(frozen=True)
class Proven:
    """One criterion (or policy action), what was said of it, and how well its evidence proves that."""

    criterion: Criterion | PolicyAction
    item_code: str
    rating: str
    links: tuple[EvidenceLink, ...]
    proving: Proving

    @property
    def code(self) -> str:
        return self.criterion.code

    @property
    def level(self) -> int | None:
        return getattr(self.criterion, "level", None)

    @cached_property
    def kinds(self) -> Counter:
        """Kind of evidence -> number of pieces linked."""
        return Counter(link.evidence.kind for link in self.links)

    @property
    def lacks_proof(self) -> bool:
        return self.proving.proof == Proof.NONE and claims_much(self.rating, self.level)

    @property
    def judged_links(self) -> tuple[tuple[EvidenceLink, Flaw | None], ...]:
        return tuple(zip(self.links, self.proving.flaws, strict=True))


@dataclass(frozen=True)
class ItemProof:
    """``claimed`` and ``proven`` are levels, 0 for none; None for policy actions."""

    item: object
    rows: tuple[Proven, ...]
    claimed: int | None
    proven: int | None

    @property
    def falls_short(self) -> bool:
        return self.claimed is not None and self.proven < self.claimed

    @property
    def proven_count(self) -> int:
        return sum(row.proving.proof != Proof.NONE for row in self.rows)


@dataclass(frozen=True)
class DomainProof:
    domain: Domain
    items: tuple[ItemProof, ...]

    @property
    def total(self) -> int:
        return sum(len(item.rows) for item in self.items)

    @property
    def proven_count(self) -> int:
        return sum(item.proven_count for item in self.items)


@dataclass(frozen=True)
class ProofMatrix:
    domains: tuple[DomainProof, ...]

    @property
    def items(self) -> list[ItemProof]:
        return [item for domain in self.domains for item in domain.items]

    @property
    def rows(self) -> list[Proven]:
        return [row for item in self.items for row in item.rows]

    @cached_property
    def short_items(self) -> list[ItemProof]:
        """Where a level is claimed that the proof does not reach; the widest gap first."""
        short = [item for item in self.items if item.falls_short]
        return sorted(short, key=lambda item: item.proven - item.claimed)

    @cached_property
    def lacking(self) -> list[Proven]:
        return [row for row in self.rows if row.lacks_proof]

    @cached_property
    def flawed(self) -> list[tuple[object, list[tuple[str, Flaw]]]]:
        """Pieces that are used and prove nothing somewhere: (piece, [(criterion code, flaw)])."""
        pieces, places = {}, defaultdict(list)
        for row in self.rows:
            for link, flaw in row.judged_links:
                if flaw:
                    pieces[link.evidence_id] = link.evidence
                    places[link.evidence_id].append((row.code, flaw))
        return [(pieces[pk], found) for pk, found in places.items()]

    @cached_property
    def over_used(self) -> list[tuple[object, int]]:
        """(piece, number of criteria) beyond what one piece can reasonably prove; the most used first."""
        pieces = {link.evidence_id: link.evidence for row in self.rows for link in row.links}
        counts = Counter(link.evidence_id for row in self.rows for link in row.links)
        return [(pieces[pk], n) for pk, n in counts.most_common() if n > OVER_USED]


def proof_matrix(assessment: Assessment, on: date, reader: Membership | Guest | None = None) -> ProofMatrix:
    """Two queries: links and ratings. For a guest, out of what they may see."""
    questionnaire = assessment.questionnaire
    links = defaultdict(list)
    for link in links_of(assessment, reader=reader):
        links[link.criterion.code].append(link)
    ratings = ratings_of(assessment)
    method = None if questionnaire.kind == "anchors" else find_method(questionnaire, assessment.method)
    return ProofMatrix(
        tuple(
            DomainProof(domain, tuple(_item_proof(item, ratings, links, method, on) for item in domain.items))
            for domain in questionnaire.domains
        )
    )


def proof_of(assessment: Assessment, criterion_code: str, on: date, reader: Membership | Guest | None = None) -> Proven:
    """The proof of one criterion; one query. Its rating is left out. For a guest, out of what they may see."""
    questionnaire = assessment.questionnaire
    criterion = questionnaire.criterion_by_code.get(criterion_code) or questionnaire.item_by_code[criterion_code]
    links = links_of(assessment, criterion_code, reader)
    return _proven(criterion, questionnaire.item_of[criterion_code], "", links, on)


def _item_proof(item, ratings, links, method, on) -> ItemProof:
    criteria = (item,) if isinstance(item, PolicyAction) else item.criteria
    rows = tuple(_proven(c, item.code, ratings.get(c.code, ""), links.get(c.code, ()), on) for c in criteria)
    if method is None:
        return ItemProof(item, rows, None, None)
    proven = {row.code for row in rows if row.proving.proof != Proof.NONE}
    scored = score_item(item, ratings, method)
    claimed = _levels_passed(scored.levels) if scored else 0
    return ItemProof(item, rows, claimed, proven_level(item, ratings, proven, claimed))


def _levels_passed(levels) -> int:
    stop = next((level.level for level in levels if not level.reached), len(levels) + 1)
    return stop - 1


def _proven(criterion, item_code, rating, links, on) -> Proven:
    pieces = [
        Piece(link.evidence.kind, link.evidence.has_content, link.evidence.issued_on, link.evidence.valid_until)
        for link in links
    ]
    return Proven(criterion, item_code, rating, tuple(links), prove(criterion.evidence, pieces, on))
