"""How documents and clauses are spoken of: what a clause does, and whether its document holds on a day. Pure.

An encouragement is never worded as a duty, a clause for government never as one for enterprises, a plan whose period has ended
never as one in force.
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date

from questionnaires.schema import PolicyClause, PolicyDocument, PolicyLibrary, Text
from reports.content.findings.wording import Wording

OTHERS = frozenset({"government", "industry body"})
VERBS = {
    "requirement": Text(zh="要求", en="asks for"),
    "encouragement": Text(zh="鼓励", en="encourages"),
    "support": Text(zh="支持", en="offers support for"),
    "target": Text(zh="提出目标", en="sets as a goal"),
    "safeguard": Text(zh="保障", en="safeguards"),
    "unclassified": Text(zh="提及", en="mentions"),
    "others": Text(zh="部署（面向政府或行业组织）", en="directs government or industry bodies to"),
}
COUNTED = {
    "requirement": (Text(zh="{n}条要求性条款", en="{n} clause asks for it"), "{n} clauses ask for it"),
    "encouragement": (Text(zh="{n}条鼓励性条款", en="{n} clause encourages it"), "{n} clauses encourage it"),
    "support": (Text(zh="{n}条支持性条款", en="{n} clause offers support"), "{n} clauses offer support"),
    "target": (Text(zh="{n}条目标性条款", en="{n} clause sets a goal"), "{n} clauses set goals"),
    "safeguard": (Text(zh="{n}条保障性条款", en="{n} clause safeguards it"), "{n} clauses safeguard it"),
    "unclassified": (Text(zh="{n}条相关条款", en="{n} clause mentions it"), "{n} clauses mention it"),
    "others": (
        Text(
            zh="{n}条面向政府或行业组织的条款",
            en="{n} clause is addressed to government or industry bodies",
        ),
        "{n} clauses are addressed to government or industry bodies",
    ),
}
CITED = Text(zh="{title}中有{counts}", en="in the {title}, {counts}")
TITLE = Text(zh="《{title}》", en="{title}")
NUMBER = Text(zh="（{number}）", en=" ({number})")
ENDED = Text(
    zh="规划期{period}年，至{day}已结束，仅作政策方向参考",
    en="plan period {period}, ended by {day}: policy direction only",
)
OVER = Text(zh="规划期已结束", en="period ended")
RUNNING = Text(zh="规划期{period}年，至{day}尚未结束", en="plan period {period}, still running on {day}")
SUCCEEDED = Text(zh="后续文件为《{title}》。", en="It is followed by: {title}.")
NO_SUCCESSOR = Text(
    zh="本库尚未收录后续文件，引用前请核对最新规划。",
    en="No successor is known to this library; please check for newer plans before citing.",
)
EXPLAINS = Text(zh="解读性文件，不产生义务。", en="An interpretation; it creates no duty.")
NO_DIRECT = Text(zh="{names}没有直接对应的条款。", en="No clause asks directly for {names}.")


def way_of(clause: PolicyClause) -> str:
    """How a clause binds: its kind, or ``others`` where it speaks to government or industry bodies, not to enterprises."""
    return "others" if clause.addressee in OTHERS and clause.kind != "support" else clause.kind


def has_ended(document: PolicyDocument, on: date) -> bool:
    return bool(document.period_end) and document.period_end < on.isoformat()


def period_of(document: PolicyDocument) -> str:
    return f"{document.period_start[:4]}–{document.period_end[:4]}" if document.period_end else ""


def title_of(document: PolicyDocument, wording: Wording, *, briefly: bool = False) -> str:
    """Title and number, as they stand in a sentence; ``briefly`` the title alone."""
    number = "" if briefly else document.number or ""
    shown = number if wording.is_chinese else _latin(number)
    title = wording.say(TITLE, title=document.title.in_language(wording.language))
    return title + (wording.say(NUMBER, number=shown) if shown else "")


def on_the_day(document: PolicyDocument, library: PolicyLibrary, on: date, wording: Wording) -> str:
    """Whether a document holds on the day of the report, and whether a successor is known; empty where that is no question."""
    words = wording.say(EXPLAINS) if document.status == "interpretive" else ""
    if not document.period_end:
        return words
    ended = has_ended(document, on)
    values = {"period": _in_words(document, wording), "day": on.isoformat()}
    running = wording.capital(wording.say(ENDED if ended else RUNNING, **values)) + ("。" if wording.is_chinese else ".")
    return wording.join(words, running, _succession(document, library, wording) if ended else "")


def cited(
    clauses: Iterable[PolicyClause], library: PolicyLibrary, on: date, wording: Wording, *, briefly: bool = False
) -> list[str]:
    """Half-sentences, one per document: its title and number, how many clauses do what, and whether its period has ended;
    ``briefly`` without the number and with fewer words on the period."""
    by_document: dict[str, list[PolicyClause]] = {}
    for clause in clauses:
        by_document.setdefault(clause.document, []).append(clause)
    rows = []
    for code, mine in by_document.items():
        document = library.document_by_code[code]
        counts = Counter(way_of(clause) for clause in mine)
        counted = wording.listing([_count(counts[way], way, wording) for way in COUNTED if counts[way]])
        row = wording.say(CITED, title=title_of(document, wording, briefly=briefly), counts=counted)
        if has_ended(document, on):
            ended = wording.say(OVER if briefly else ENDED, period=_in_words(document, wording), day=on.isoformat())
            row += f"（{ended}）" if wording.is_chinese else f" ({ended})"
        rows.append(row)
    return rows


def _succession(document: PolicyDocument, library: PolicyLibrary, wording: Wording) -> str:
    successor = library.document_by_code.get(document.successor or "")
    if successor is None:
        return wording.say(NO_SUCCESSOR)
    return wording.say(SUCCEEDED, title=successor.title.in_language(wording.language))


def _count(n: int, way: str, wording: Wording) -> str:
    one, many = COUNTED[way]
    return many.format(n=n) if n != 1 and not wording.is_chinese else wording.say(one, n=n)


def _in_words(document: PolicyDocument, wording: Wording) -> str:
    return period_of(document).replace("–", "—") if wording.is_chinese else period_of(document)


def _latin(number: str) -> str:
    """A document's number in an English sentence, e.g. No. 179 [2021]; empty where it can't be told."""
    found = re.search(r"〔(\d{4})〕(\d+)号", number)
    return f"No. {found[2]} [{found[1]}]" if found else ""
