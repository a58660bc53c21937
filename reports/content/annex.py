"""The policy annex: clause by clause, how far this enterprise does what it asks, from its items and its policy actions.

Unofficial, and this project's own formula (docs/findings.md):

* an item's share = the mean credit of its applicable criteria at all levels, unanswered ones counting 0;
* from items = the mean share of the scored items that the clause is a direct basis of (supporting links are never one);
* from actions = the coverage of the clause by the policy actions: the mean of the actions derived from it, divided by 4;
* share = the mean of the two, or the one that is known; None where neither is.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import override

from assessments.results import Outcome, PolicyBasis
from assessments.scoring import HIGHEST_ANCHOR, ItemScore, Result, mean, score, show
from questionnaires.schema import ClauseLink, PolicyClause, Text
from reports import charts
from reports.content.dossier import Dossier
from reports.content.findings.basis import OTHERS, VERBS, on_the_day, way_of
from reports.content.findings.wording import Wording
from reports.content.parts import AnnexPart, AnnexRow, ClausePart, ClauseRef, DocumentPart, ItemPart, Snapshot

NAMED = 3
DIRECT = "direct"
FROM_ITEMS = Text(zh="{names}的条目平均做到{share}", en="the criteria of {names} are met to {share} on average")
FROM_ACTIONS = Text(zh="对应的{actions}平均做到{share}", en="{actions} stand at {share} on average")
FROM_ONE_ACTION = Text(zh="对应的{actions}做到{share}", en="{actions} stands at {share}")
NONE_BEGUN = Text(zh="对应的{actions}均处于0档或尚未填报", en="{actions} are all at step 0 or unanswered")
NOT_BEGUN = Text(zh="对应的{actions}处于0档或尚未填报", en="{actions} is at step 0 or unanswered")
NAMED_ACTION = Text(zh="政策行动“{name}”", en="the policy action {name}")
TOGETHER = Text(zh="两者平均为{share}", en="{share} as the mean of both")
WEAKEST = Text(zh="其中“{name}”最低，为{share}。", en="The lowest of them is {name} with {share}.")
REASON = Text(zh="对应理由：{reason}。", en="Why it is linked: {reason}.")
NOTHING_TELLS = (
    Text(
        zh="没有能力项以本条为直接依据，也没有政策行动的填报结果，无从判断。",
        en="No item rests directly on this clause and no policy action has been answered, so nothing tells.",
    ),
    Text(
        zh="本条所涉的能力项或政策行动均不适用，无从判断。",
        en="None of the items or policy actions behind this clause applies, so nothing tells.",
    ),
)
NOT_A_DUTY = Text(
    zh="本条面向政府或行业组织，不是对企业的要求，企业可预作准备。",
    en="It addresses government or industry bodies and asks nothing of enterprises; they may prepare for it.",
)
ALL_AND_MORE = Text(zh="{names}等{n}项", en="{names} and {rest} more")


@dataclass(frozen=True)
class Shares:
    """What tells how far a clause is done. ``by_item`` and the two means are exact, 0-1."""

    by_item: Mapping[str, Fraction]
    from_items: Fraction | None
    from_actions: Fraction | None
    actions: tuple[str, ...]
    answered: int  # how many of the actions apply and count

    @property
    def total(self) -> Fraction | None:
        return mean(share for share in (self.from_items, self.from_actions) if share is not None)


def annex_of(outcome: Outcome, basis: PolicyBasis, dossier: Dossier, *, on: date, language: str) -> AnnexPart:
    """Every clause that enterprises can act on, prepare for or draw on; support apart, for it is an offer and no duty."""
    return _Annex(outcome, basis, dossier, on, Wording(language)).part()


def clauses_in_annex(outcome: Outcome, basis: PolicyBasis) -> list[PolicyClause]:
    """Those that address enterprises or all and are not mere background, and those that an item or action rests on."""
    used = {link.id for item in basis.library.items for link in item.direct}
    used |= {clause for action in basis.actions.items for clause in action.clauses}
    return [
        clause
        for clause in basis.library.clauses
        if not clause.is_background and (clause.reading != "context" and clause.addressee not in OTHERS or clause.id in used)
    ]


def item_share(scored: ItemScore) -> Fraction | None:
    """The mean credit of an item's applicable criteria at all levels."""
    return mean(c.credit for level in scored.levels for c in level.criteria if c.credit is not None)


def shares_of(clause: PolicyClause, outcome: Outcome, basis: PolicyBasis, acted: Result | None) -> Shares:
    """``acted``: the scored policy actions, or None where nobody answered them."""
    questionnaire = outcome.questionnaire
    by_item: dict[str, Fraction] = {}
    if questionnaire.kind == "levels":
        for scored in outcome.result.items:
            direct = basis.direct_clauses(questionnaire.item_by_code[scored.code].uid)
            if any(link.id == clause.id for link in direct):
                by_item[scored.code] = item_share(scored)
    actions = tuple(action.code for action in basis.actions.items if clause.id in action.clauses)
    done = {action.code: action.score / HIGHEST_ANCHOR for action in acted.items if action.code in actions} if acted else {}
    return Shares(by_item, mean(by_item.values()), mean(done.values()), actions, len(done))


@dataclass(frozen=True)
class CitedClause:
    """``reason``: why the item is linked to it; empty behind policy actions."""

    clause: ClausePart
    document: DocumentPart
    reason: str


@dataclass(frozen=True)
class Behind:
    """``direct``: what asks for the item; ``related``: no basis; ``offers``: support, direct or related, never a duty."""

    direct: tuple[CitedClause, ...] = ()
    related: tuple[CitedClause, ...] = ()
    offers: tuple[CitedClause, ...] = ()


def whole_percent(share: Fraction | None) -> str:
    """Whole per cents, half up."""
    return "–" if share is None else f"{show(share * 100, 0)}%"


def asked(snapshot: Snapshot) -> list[tuple[DocumentPart, list[tuple[ClausePart, AnnexRow | None]]]]:
    """What the documents ask: each document with its clauses, and how far each is met where the annex says it."""
    rows, offers = _rows(snapshot)
    found = [
        (document, [(clause, rows.get(clause.id)) for clause in document.clauses if not _is_offer(clause, offers)])
        for document in snapshot.documents
    ]
    return [(document, clauses) for document, clauses in found if clauses]


def offered(snapshot: Snapshot) -> list[tuple[ClausePart, AnnexRow | None, DocumentPart]]:
    """What the documents offer, which is never a duty, in the library's order."""
    _asked, offers = _rows(snapshot)
    clauses = [(clause, document) for document in snapshot.documents for clause in document.clauses]
    return [(clause, offers.get(clause.id), document) for clause, document in clauses if _is_offer(clause, offers)]


def _is_offer(clause: ClausePart, offers: Mapping[str, AnnexRow]) -> bool:
    """A snapshot of an earlier version names its offers in the annex only."""
    return clause.is_offer or clause.id in offers


def behind(snapshot: Snapshot, item: ItemPart) -> Behind:
    """The clauses behind an item with a gap, or behind a policy action."""
    clauses, documents = snapshot.clause_by_id, snapshot.document_by_code
    links = (*item.gap.direct, *item.gap.supporting) if item.gap else (ClauseRef(id, DIRECT, "") for id in item.clauses)
    found = defaultdict(list)
    for link in links:
        clause = clauses[link.id]
        place = "offers" if clause.is_offer else "direct" if link.strength == DIRECT else "related"
        found[place].append(CitedClause(clause, documents[clause.document], link.reason))
    return Behind(**{place: tuple(cited) for place, cited in found.items()})


def _rows(snapshot: Snapshot) -> tuple[dict[str, AnnexRow], dict[str, AnnexRow]]:
    told = snapshot.annex
    return ({row.id: row for row in told.rows}, {row.id: row for row in told.incentives}) if told else ({}, {})


def strip_title(snapshot: Snapshot) -> str:
    """What the picture of the annex finds, in the language in force."""
    told = [row for row in snapshot.annex.rows if row.share is not None]
    values = {"told": len(told), "total": len(snapshot.annex.rows), "firm": sum(row.share >= 4 / 5 for row in told)}
    return _("Of %(total)d clauses %(told)d can be judged; %(firm)d of them are done to 80%% or more.") % values


def strip(snapshot: Snapshot) -> SafeString:
    """The annex as a picture: one small cell per clause, by document."""
    with override(snapshot.language):
        title = strip_title(snapshot)
        rows = [
            (document.title, [(row.id, row.share, row.shown) for row in snapshot.annex.rows if row.document == document.code])
            for document in snapshot.documents
        ]
        return charts.heat_strip([row for row in rows if row[1]], title=title, unknown=_("nothing tells"))


class _Annex:
    def __init__(self, outcome: Outcome, basis: PolicyBasis, dossier: Dossier, on: date, wording: Wording):
        self.outcome, self.basis, self.dossier, self.on, self.wording = outcome, basis, dossier, on, wording
        self.questionnaire = outcome.questionnaire

    def part(self) -> AnnexPart:
        acted = self._acted()
        rows = [(clause, self._row(clause, acted)) for clause in clauses_in_annex(self.outcome, self.basis)]
        return AnnexPart(
            rows=tuple(row for clause, row in rows if clause.kind != "support"),
            incentives=tuple(row for clause, row in rows if clause.kind == "support"),
            source=self.dossier.policy_source,
        )

    def _acted(self) -> Result | None:
        """The policy actions of this assessment itself, or of the latest one of this enterprise."""
        if self.questionnaire.kind == "anchors":
            return self.outcome.result
        return score(self.basis.actions, self.dossier.policy_ratings) if self.dossier.policy_ratings else None

    def _row(self, clause: PolicyClause, acted: Result | None) -> AnnexRow:
        shares = shares_of(clause, self.outcome, self.basis, acted)
        document = self.basis.library.document_by_code[clause.document]
        return AnnexRow(
            id=clause.id,
            document=clause.document,
            share=None if shares.total is None else round(float(shares.total), 6),
            shown=whole_percent(shares.total),
            verb=self.wording.say(VERBS[way_of(clause)]),
            items=tuple(shares.by_item),
            actions=shares.actions,
            sentence=self._sentence(clause, shares),
            from_items="" if shares.from_items is None else whole_percent(shares.from_items),
            from_actions="" if shares.from_actions is None else whole_percent(shares.from_actions),
            validity=on_the_day(document, self.basis.library, self.on, self.wording),
        )

    def _sentence(self, clause: PolicyClause, shares: Shares) -> str:
        wording = self.wording
        duty = wording.say(NOT_A_DUTY) if way_of(clause) == "others" else ""
        told = self._told(shares)
        if not told:
            linked = shares.actions and (self.questionnaire.kind == "anchors" or self.dossier.policy_ratings)
            return wording.join(wording.say(NOTHING_TELLS[bool(linked)]), duty)
        said = wording.capital(wording.parts(told)) + ("。" if wording.is_chinese else ".")
        return wording.join(said, self._weakest(shares), self._reason(clause, shares), duty)

    def _told(self, shares: Shares) -> list[str]:
        wording, told = self.wording, []
        if shares.from_items is not None:
            names = self._names(list(shares.by_item))
            told.append(wording.say(FROM_ITEMS, names=names, share=whole_percent(shares.from_items)))
        if shares.from_actions is not None:
            told.append(self._of_actions(shares))
        if len(told) == 2:
            told.append(wording.say(TOGETHER, share=whole_percent(shares.total)))
        return told

    def _of_actions(self, shares: Shares) -> str:
        """One action by its name, several by their number."""
        wording, actions = self.wording, self.wording.count(shares.answered, "actions")
        if len(shares.actions) == 1:
            name = self.basis.actions.item_by_code[shares.actions[0]].name.in_language(wording.language)
            actions = wording.say(NAMED_ACTION, name=name)
        begun, not_begun = (FROM_ACTIONS, NONE_BEGUN) if shares.answered > 1 else (FROM_ONE_ACTION, NOT_BEGUN)
        return wording.say(
            begun if shares.from_actions else not_begun, actions=actions, share=whole_percent(shares.from_actions)
        )

    def _weakest(self, shares: Shares) -> str:
        if len(shares.by_item) < 2:
            return ""
        code = min(shares.by_item, key=lambda item: shares.by_item[item])
        return self.wording.say(WEAKEST, name=self._name(code), share=whole_percent(shares.by_item[code]))

    def _reason(self, clause: PolicyClause, shares: Shares) -> str:
        """Why the first of the items rests on the clause."""
        link = next((link for code in shares.by_item for link in self._direct(code) if link.id == clause.id), None)
        if link is None:
            return ""
        return self.wording.say(REASON, reason=link.reason.in_language(self.wording.language).rstrip("。."))

    def _direct(self, code: str) -> tuple[ClauseLink, ...]:
        return self.basis.direct_clauses(self.questionnaire.item_by_code[code].uid)

    def _name(self, code: str) -> str:
        return self.questionnaire.item_by_code[code].name.in_language(self.wording.language)

    def _names(self, codes: list[str]) -> str:
        names = [f"“{self._name(code)}”" if self.wording.is_chinese else self._name(code) for code in codes]
        if len(names) <= NAMED:
            return self.wording.listing(names)
        return self.wording.say(ALL_AND_MORE, names=self.wording.row(names[:NAMED]), n=len(names), rest=len(names) - NAMED)
