"""Freeze everything a result page or report says into plain values, in one language.

``take_snapshot`` is the only place where scores, content, clauses and answers meet. Pages, PDF and workbook read the
``Snapshot`` and nothing else, so screen and paper can't disagree. ``as_canonical_json`` gives equal bytes for equal
snapshots; numbers are already text as they are shown, except ``share`` (0-1), which only places marks in charts.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date
from fractions import Fraction
from functools import cache

from django.utils.translation import gettext as _
from django.utils.translation import override
from pydantic import TypeAdapter

from assessments.answer_files import AnswerSet
from assessments.models import Assessment, Evidence, Layer, Verdict
from assessments.results import Gap, Outcome, PolicyBasis, outcome_as_json
from assessments.scoring import CriterionScore, DomainScore, ItemScore, LevelScore, score, score_item, show
from questionnaires import labels as content_labels
from questionnaires.schema import ClauseLink, Criterion, Text, fingerprint
from reports.content import findings, labels
from reports.content.annex import annex_of
from reports.content.dossier import Dossier
from reports.content.findings.basis import VERBS, on_the_day, way_of
from reports.content.findings.wording import Wording
from reports.content.parts import (
    ActionPart,
    AnchorPart,
    AnnexPart,
    BrandPart,
    ClausePart,
    ClauseRef,
    CriterionPart,
    DocumentPart,
    DomainPart,
    EarlierPart,
    EvidencePart,
    GapPart,
    HeldPart,
    ItemPart,
    LayerPart,
    LeftOutPart,
    LevelNamePart,
    LevelPart,
    LeverPart,
    MeasurePart,
    MethodPart,
    NamedPart,
    PathPart,
    PiecePart,
    PlanPart,
    PolicyActionPart,
    RaisePart,
    Snapshot,
    VerdictPart,
)
from reports.content.plan_telling import told_plan

FORMAT = 3
REPORT_VERSION = "6"  # of the rules and templates: same snapshot and version, same bytes
FINAL = "final"
HIGHEST = {"levels": 5, "anchors": 4}


def take_snapshot(
    outcome: Outcome,
    basis: PolicyBasis,
    answers: AnswerSet,
    *,
    organization: str,
    assessment: str,
    on: date,
    language: str,
    dossier: Dossier | None = None,
) -> Snapshot:
    """Everything the result says, in ``language`` (``zh-hans`` or ``en``). ``dossier``: what was entered beside the ratings."""
    with override(language):
        snapshot = _Teller(outcome, basis, answers, language, dossier or Dossier()).snapshot(organization, assessment, on)
        return _without_idle_advice(findings.tell(snapshot, outcome, basis, on=on, dossier=dossier))


def _without_idle_advice(snapshot: Snapshot) -> Snapshot:
    """Without the advice on criteria that are no gap: the rules asked for it, no output tells it."""
    domains = tuple(
        replace(domain, items=tuple(replace(item, levels=tuple(map(_advised, item.levels))) for item in domain.items))
        for domain in snapshot.domains
    )
    return replace(snapshot, domains=domains)


def _advised(level: LevelPart) -> LevelPart:
    criteria = tuple(row if row.is_gap else replace(row, evidence=(), action=None) for row in level.criteria)
    return replace(level, criteria=criteria)


def as_canonical_json(snapshot: Snapshot) -> str:
    values = asdict(snapshot)
    if not snapshot.targets:
        del values["targets"]
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_snapshot(frozen: str) -> Snapshot:
    """The snapshot that was frozen as canonical JSON, also one of an earlier format."""
    return _adapter().validate_json(frozen)


@cache
def _adapter() -> TypeAdapter:
    return TypeAdapter(Snapshot)


def sha256_of(snapshot_json: str) -> str:
    return hashlib.sha256(snapshot_json.encode()).hexdigest()


class _Teller:
    """Puts one outcome into words and shown numbers."""

    def __init__(self, outcome: Outcome, basis: PolicyBasis, answers: AnswerSet, language: str, dossier: Dossier):
        self.outcome, self.basis, self.answers, self.language = outcome, basis, answers, language
        self.dossier = dossier
        self.questionnaire, self.result = outcome.questionnaire, outcome.result
        self.highest = HIGHEST[self.questionnaire.kind]
        self.gaps: Mapping[str, Gap] = {gap.item: gap for gap in outcome.gaps}

    def say(self, text: Text | None) -> str:
        return text.in_language(self.language) if text else ""

    def says(self, texts) -> tuple[str, ...]:
        return tuple(self.say(text) for text in texts)

    def share(self, value: Fraction | None) -> float:
        return round(float(value or 0) / self.highest, 6)

    def level_name(self, level: int | None) -> str:
        return self.say(self.questionnaire.level_by_number[level].name) if level else ""

    def snapshot(self, organization: str, assessment: str, on: date) -> Snapshot:
        q, result = self.questionnaire, self.result
        domains = tuple(self._domain(domain) for domain in result.domains)
        plan = self._plan()
        annex = annex_of(self.outcome, self.basis, self.dossier, on=on, language=self.language)
        return Snapshot(
            format=FORMAT,
            language=self.language,
            organization=organization,
            assessment=assessment,
            date=on.isoformat(),
            questionnaire=q.code,
            version=q.version,
            content_sha256=fingerprint(q),
            policies_version=self.basis.library.version,
            kind=q.kind,
            title=self.say(q.title),
            short_title=self.say(q.short_title),
            standard=q.standard,
            status_note=self.say(q.status_note),
            notice=self.say(q.notice),
            policy_disclaimer=self.say(self.basis.library.disclaimer),
            highest=self.highest,
            target=self.outcome.target,
            target_name=self.level_name(self.outcome.target),
            levels=tuple(LevelNamePart(row.level, self.say(row.name), self.say(row.essence)) for row in q.levels),
            answered=len(q.item_of) - len(result.unanswered),
            total=len(q.item_of),
            unanswered=len(result.unanswered),
            score=show(result.score) or "",
            share=self.share(result.score),
            level=result.level,
            level_name=self.level_name(result.level),
            lowest_item=self._named(result.lowest_item, q.item_by_code),
            lowest_domain=self._named(result.lowest_domain, {domain.code: domain for domain in q.domains}),
            methods=self._methods(),
            domains=domains,
            excluded=tuple(map(self._left_out, result.excluded_items)),
            path=self._path(),
            documents=self._documents(domains, plan, annex, on),
            answers=tuple(self._answer(code) for code in q.item_of),
            result=outcome_as_json(self.outcome),
            targets=dict(self.outcome.targets),
            report_version=REPORT_VERSION,
            scope=self.dossier.scope,
            period=self._period(),
            state=str(Assessment.State(self.dossier.state).label) if self.dossier.state else "",
            revision=self.dossier.revision,
            is_draft=self.dossier.state not in ("", FINAL),
            layers=self._layers(),
            pieces=self._pieces(),
            plan=plan,
            annex=annex,
            brand=self._brand(),
            earlier=self._earlier(),
        )

    def _plan(self) -> PlanPart | None:
        return told_plan(self.dossier.plan, self.outcome, self.basis, self.answers.ratings) if self.dossier.plan else None

    def _period(self) -> str:
        days = (self.dossier.period_from, self.dossier.period_until)
        return " – ".join(day.isoformat() if day else "…" for day in days) if any(days) else ""

    def _layers(self) -> tuple[LayerPart, ...]:
        method = self.result.method.key if self.result.method else None
        parts = []
        for layer in self.dossier.layers:
            result = score(self.questionnaire, layer.ratings, method)
            parts.append(
                LayerPart(
                    layer=layer.layer,
                    label=str(Layer(layer.layer).label),
                    firm=layer.firm,
                    score=show(result.score) or "",
                    share=self.share(result.score),
                    level=result.level,
                    level_name=self.level_name(result.level),
                    judged=layer.judged,
                    domains={domain.code: show(domain.score) for domain in result.domains},
                )
            )
        return tuple(parts)

    def _pieces(self) -> tuple[PiecePart, ...]:
        codes = {place: [] for place in range(len(self.dossier.pieces))}
        for code in self.questionnaire.item_of:
            for link in self.dossier.links.get(code, ()):
                codes[link.piece].append(code)
        return tuple(
            PiecePart(
                number=place + 1,
                title=piece.title or _("Confidential document"),
                kind=str(Evidence.Kind(piece.kind).label),
                confidentiality=str(labels.CONFIDENTIALITY_LABELS[piece.confidentiality]),
                issued_on=piece.issued_on.isoformat() if piece.issued_on else "",
                valid_until=piece.valid_until.isoformat() if piece.valid_until else "",
                keeper=piece.keeper,
                file_name=piece.file_name,
                url=piece.url,
                sha256=piece.sha256,
                version=piece.version,
                status=str(labels.FLAW_LABELS[piece.flaw]) if piece.flaw else "",
                criteria=tuple(codes[place]),
            )
            for place, piece in enumerate(self.dossier.pieces)
        )

    def _held(self, code: str) -> tuple[HeldPart, ...]:
        return tuple(HeldPart(link.piece + 1, link.place) for link in self.dossier.links.get(code, ()))

    def _verdicts(self, code: str) -> tuple[VerdictPart, ...]:
        return tuple(
            VerdictPart(
                layer=row.layer,
                layer_label=str(Layer(row.layer).label),
                firm=row.firm,
                kind=row.kind,
                kind_label=str(Verdict.Kind(row.kind).label),
                rating=row.rating,
                rating_label=str(labels.RATING_LABELS.get(row.rating, row.rating)) if row.rating else "",
                reason=str(Verdict.Reason(row.reason).label) if row.reason else "",
                note=row.note,
            )
            for row in self.dossier.judgements.get(code, ())
        )

    def _brand(self) -> BrandPart | None:
        return BrandPart(**vars(self.dossier.brand)) if self.dossier.brand else None

    def _earlier(self) -> EarlierPart | None:
        earlier = self.dossier.earlier
        if earlier is None:
            return None
        result = score(self.questionnaire, earlier.ratings, self.result.method.key if self.result.method else None)
        domains = {domain.code: show(domain.score) for domain in result.domains}
        return EarlierPart(earlier.name, earlier.on.isoformat(), show(result.score) or "", result.level, domains)

    def _left_out(self, code: str) -> LeftOutPart:
        item, answers = self.questionnaire.item_by_code[code], self.answers
        if self.questionnaire.kind == "anchors":
            rating, reason = answers.ratings.get(code, ""), answers.na_reasons.get(code, "")
            return LeftOutPart(
                code=code,
                name=self.say(item.name),
                question=self.say(item.question),
                rating_label=str(labels.RATING_LABELS[rating]),
                na_reason=str(labels.NA_LABELS[reason]) if reason else "",
                note=answers.notes.get(code, ""),
                held=self._held(code),
                verdicts=self._verdicts(code),
            )
        criteria = (
            self._criterion(row, CriterionScore(row.code, answers.ratings.get(row.code), None), is_gap=False)
            for row in item.criteria
        )
        return LeftOutPart(code, self.say(item.name), tuple(replace(row, evidence=(), action=None) for row in criteria))

    def _named(self, scored, by_code) -> NamedPart | None:
        return NamedPart(scored.code, self.say(by_code[scored.code].name)) if scored else None

    def _methods(self) -> tuple[MethodPart, ...]:
        chosen = self.result.method.key if self.result.method else None
        return tuple(
            MethodPart(
                key=key,
                name=self.say(other.method.name),
                rule=self.say(other.method.rule),
                source=self.say(other.method.source),
                confidence=str(content_labels.CONFIDENCE_LABELS[other.method.confidence]),
                score=show(other.score) or "",
                level=other.level,
                level_name=self.level_name(other.level),
                chosen=key == chosen,
            )
            for key, other in self.outcome.methods.items()
        )

    def _domain(self, scored: DomainScore) -> DomainPart:
        domain = next(domain for domain in self.questionnaire.domains if domain.code == scored.code)
        return DomainPart(
            code=domain.code,
            name=self.say(domain.name),
            clause=domain.clause or "",
            score=show(scored.score),
            share=self.share(scored.score),
            level=scored.level,
            level_name=self.level_name(scored.level),
            items=tuple(self._item(item) for item in scored.items),
        )

    def _item(self, scored: ItemScore) -> ItemPart:
        item = self.questionnaire.item_by_code[scored.code]
        if self.questionnaire.kind == "anchors":
            return self._action_item(item, scored)
        gap = self.gaps.get(item.code)
        return ItemPart(
            code=item.code,
            name=self.say(item.name),
            clause=item.clause,
            purpose=self.say(item.purpose),
            confidence=item.levels_confidence,
            score=show(scored.score),
            share=self.share(scored.score),
            level=scored.level,
            level_name=self.level_name(scored.level),
            levels=tuple(self._level(level, gap) for level in scored.levels),
            gap=self._gap(item, gap) if gap else None,
            weaknesses=self.says(item.weaknesses),
            measures=tuple(MeasurePart(self.say(row.name), self.say(row.formula), row.unit) for row in item.measures),
        )

    def _action_item(self, item, scored: ItemScore) -> ItemPart:
        return ItemPart(
            code=item.code,
            name=self.say(item.name),
            clause="",
            purpose="",
            confidence="",
            score=show(scored.score),
            share=self.share(scored.score),
            level=None,
            level_name="",
            levels=(),
            gap=None,
            question=self.say(item.question),
            anchors=tuple(AnchorPart(a.score, self.say(a.text), scored.rating == str(a.score)) for a in item.anchors),
            rating=scored.rating or "",
            note=self.answers.notes.get(item.code, ""),
            evidence=self.says(item.evidence),
            clauses=tuple(clause for clause in item.clauses if self._may_show(clause)),
            held=self._held(item.code),
            verdicts=self._verdicts(item.code),
        )

    def _level(self, scored: LevelScore, gap: Gap | None) -> LevelPart:
        gap_codes = set(gap.criteria) if gap else set()
        return LevelPart(
            level=scored.level,
            name=self.level_name(scored.level),
            fulfilment=show(scored.fulfilment) or "",
            share=None if scored.fulfilment is None else round(float(scored.fulfilment), 6),
            reached=scored.reached,
            criteria=tuple(
                self._criterion(self.questionnaire.criterion_by_code[c.code], c, c.code in gap_codes) for c in scored.criteria
            ),
        )

    def _criterion(self, criterion: Criterion, scored, is_gap: bool) -> CriterionPart:
        reason = self.answers.na_reasons.get(criterion.code, "")
        return CriterionPart(
            code=criterion.code,
            level=criterion.level,
            text=self.say(criterion.text),
            rating=scored.rating or "",
            rating_label=str(labels.RATING_LABELS[scored.rating or ""]),
            credit=show(scored.credit, 1) or "",
            na_reason=str(labels.NA_LABELS[reason]) if reason else "",
            note=self.answers.notes.get(criterion.code, ""),
            is_gap=is_gap,
            evidence=tuple(
                EvidencePart(str(content_labels.EVIDENCE_LABELS[e.kind]), self.say(e), e.months) for e in criterion.evidence
            ),
            action=self._action(criterion),
            aspect=criterion.aspect,
            held=self._held(criterion.code),
            verdicts=self._verdicts(criterion.code),
        )

    def _action(self, criterion: Criterion) -> ActionPart:
        advice = criterion.action
        return ActionPart(
            code=advice.code,
            title=self.say(advice.title),
            steps=self.says(advice.steps),
            lead=str(content_labels.LEAD_LABELS[advice.lead]),
            days=advice.days,
            weeks=advice.weeks,
            closed_when=self.say(advice.closed_when),
        )

    def _gap(self, item, gap: Gap) -> GapPart:
        basis = self.basis.library.basis_by_uid.get(item.uid)
        links = basis.clauses if basis else ()
        supporting = tuple(link for link in links if link.strength == "supporting" and self._may_show(link.id))
        return GapPart(
            criteria=gap.criteria,
            policy_actions=tuple(
                PolicyActionPart(action.code, self.say(action.name), self.say(action.question))
                for action in self.basis.supporting_actions(self.questionnaire.edition, item.uid)
            ),
            direct=tuple(self._clause_ref(link) for link in (basis.direct if basis else ())),
            supporting=tuple(self._clause_ref(link) for link in supporting),
            no_direct_note=self.say(basis.no_direct_note) if basis else "",
        )

    def _may_show(self, clause_id: str) -> bool:
        """Clauses that address only government are never shown to an enterprise as its own."""
        return not self.basis.library.clause_by_id[clause_id].is_background

    def _clause_ref(self, link: ClauseLink) -> ClauseRef:
        return ClauseRef(id=link.id, strength=link.strength, reason=self.say(link.reason))

    def _path(self) -> PathPart | None:
        path = self.outcome.path
        if path is None:
            return None
        raises = tuple(self._raise(step) for step in path.raises)
        return PathPart(
            target=path.target,
            target_name=self.level_name(path.target),
            count=len(raises),
            raises=raises,
            levers=self._levers(path),
        )

    def _raise(self, step) -> RaisePart:
        q = self.questionnaire
        criterion, item = q.criterion_by_code[step.criterion], q.item_by_code[q.item_of[step.criterion]]
        return RaisePart(
            criterion=criterion.code,
            item=item.code,
            item_name=self.say(item.name),
            level=criterion.level,
            text=self.say(criterion.text),
            before=str(labels.RATING_LABELS[step.before or ""]),
            action=self._action(criterion),
        )

    def _levers(self, path) -> tuple[LeverPart, ...]:
        """The path by item, the steps that lift the total most per criterion first."""
        raised: dict[str, list[str]] = {}
        for step in path.raises:
            raised.setdefault(self.questionnaire.item_of[step.criterion], []).append(step.criterion)
        rows = []
        for domain in self.result.domains:
            weight = Fraction(1, len(self.result.domains) * len(domain.items))
            for scored in domain.items:
                if scored.code in raised:
                    rows.append(self._lever(scored, raised[scored.code], weight))
        return tuple(part for _, part in sorted(rows, key=lambda row: -row[0]))

    def _lever(self, scored: ItemScore, codes: list[str], weight: Fraction) -> tuple[Fraction, LeverPart]:
        item = self.questionnaire.item_by_code[scored.code]
        ratings = {c.code: c.rating for level in scored.levels for c in level.criteria if c.rating}
        after = score_item(item, {**ratings, **dict.fromkeys(codes, "full")}, self.result.method)
        gain = (after.score - scored.score) * weight
        shown = show(gain) if self.result.method.aggregate == "mean" else ""
        part = LeverPart(item.code, self.say(item.name), len(codes), show(scored.score), show(after.score), shown)
        return gain / len(codes), part

    def _documents(
        self, domains: tuple[DomainPart, ...], plan: PlanPart | None, annex: AnnexPart, on: date
    ) -> tuple[DocumentPart, ...]:
        """The documents and clauses that this result cites and its annex lists, in the library's order."""
        library = self.basis.library
        cited = {ref.id for d in domains for item in d.items if item.gap for ref in (*item.gap.direct, *item.gap.supporting)}
        cited |= {clause for domain in domains for item in domain.items for clause in item.clauses}
        cited |= {clause for action in (plan.actions if plan else ()) for clause in action.clauses}
        cited |= {row.id for row in (*annex.rows, *annex.incentives)}
        cited |= {link.id for link in library.overall if self._may_show(link.id)}
        parts = []
        for document in library.documents:
            clauses = tuple(self._clause(c) for c in library.clauses if c.document == document.code and c.id in cited)
            if clauses:
                parts.append(self._document(document, clauses, on))
        return tuple(parts)

    def _document(self, document, clauses, on: date) -> DocumentPart:
        period = f"{document.period_start[:4]}–{document.period_end[:4]}" if document.period_end else ""
        return DocumentPart(
            code=document.code,
            title=self.say(document.title),
            issuer=self.say(document.issuer),
            number=document.number or _("no number"),
            signed_on=document.signed_on or "",
            period=period,
            status=document.status,
            status_label=str(content_labels.VALIDITY_LABELS[document.status]),
            validity=self.say(document.validity),
            clauses=clauses,
            on_the_day=on_the_day(document, self.basis.library, on, Wording(self.language)),
        )

    def _clause(self, clause) -> ClausePart:
        return ClausePart(
            id=clause.id,
            document=clause.document,
            section=clause.section,
            box=clause.box or "",
            kind=str(content_labels.KIND_LABELS[clause.kind]),
            addressee=str(content_labels.ADDRESSEE_LABELS[clause.addressee]),
            reading=str(content_labels.READING_LABELS[clause.reading]),
            summary=self.say(clause.summary),
            quote=clause.original.quote if clause.original else "",
            note=self.say(clause.note),
            coverage=show(self.outcome.coverage.get(clause.id)) or "",
            verb=VERBS[way_of(clause)].in_language(self.language),
            is_offer=clause.kind == "support",
        )

    def _answer(self, code: str) -> dict:
        answers = self.answers
        return {
            "criterion": code,
            "rating": answers.ratings.get(code, ""),
            "na_reason": answers.na_reasons.get(code, ""),
            "note": answers.notes.get(code, ""),
        }
