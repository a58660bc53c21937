"""Search in the policy library, in Chinese and English.

Indifferent to spaces, line breaks, full and half width, case, and traditional or simplified forms. A Latin word matches whole
words (``CDO`` is not found inside another word); Chinese matches anywhere. The whole query as one phrase comes first; where it
stands nowhere, all of its words must be there.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from django.utils.html import escape, mark_safe
from django.utils.safestring import SafeString
from opencc import OpenCC

from questionnaires.schema import PolicyClause, PolicyLibrary

MAX_QUERY = 100
SYNONYMS = (("首席数据官", "CDO", "chief data officer"), ("数据管理能力成熟度", "DCMM"))
LATIN = re.compile(r"[a-z0-9]")


@dataclass(frozen=True)
class Folded:
    """A text without spaces, width, case and script; ``places[i]`` is where its i-th character stood."""

    text: str
    places: tuple[int, ...]
    starts: frozenset[int]


@dataclass(frozen=True)
class Filters:
    """What to narrow by; empty means all."""

    document: str = ""
    status: str = ""
    kind: str = ""
    addressee: str = ""
    item: str = ""


@dataclass(frozen=True)
class Hit:
    clause: PolicyClause
    terms: tuple[str, ...]


def search(library: PolicyLibrary, query: str, filters: Filters, linked: dict[str, set[str]]) -> list[Hit]:
    """Clauses that match, in the library's order. ``linked``: item uid -> ids of the clauses behind it."""
    clauses = [clause for clause in library.clauses if _passes(library, clause, filters, linked)]
    query = query[:MAX_QUERY].strip()
    if not query:
        return [Hit(clause, ()) for clause in clauses]
    for terms, found in ((t, _matching(library, clauses, t)) for t in _readings(query)):
        if found:
            return [Hit(clause, tuple(word for group in terms for word in group)) for clause in found]
    return []


def highlight(text: str, terms: Iterable[str]) -> SafeString:
    """``text`` escaped, with the places where a term stands in <mark>, whatever stands between its characters."""
    folded = fold(text)
    marked = sorted({span for term in terms for span in _spans(folded, fold(term).text)})
    parts, done = [], 0
    for start, end in marked:
        if start >= done:
            parts += [escape(text[done:start]), "<mark>", escape(text[start:end]), "</mark>"]
            done = end
    return mark_safe("".join([*parts, escape(text[done:])]))


def fold(text: str) -> Folded:
    letters, places, starts, word_before = [], [], set(), False
    for place, letter in enumerate(text):
        for part in unicodedata.normalize("NFKC", letter).casefold():
            if part.isspace() or part in "\u200b\ufeff":
                word_before = False
                continue
            latin = bool(LATIN.match(part))
            if latin and not word_before:
                starts.add(len(letters))
            word_before = latin
            letters.append(_simplified(part))
            places.append(place)
    return Folded("".join(letters), tuple(places), frozenset(starts))


def _passes(library, clause, filters: Filters, linked) -> bool:
    return (
        (not filters.document or clause.document == filters.document)
        and (not filters.status or library.document_by_code[clause.document].status == filters.status)
        and (not filters.kind or clause.kind == filters.kind)
        and (not filters.addressee or clause.addressee == filters.addressee)
        and (not filters.item or clause.id in linked.get(filters.item, ()))
    )


def _readings(query: str) -> Iterator[list[list[str]]]:
    """The ways to read a query: as one phrase, then as words that must all be there. A word is a list of synonyms."""
    yield [_synonyms(query)]
    words = re.findall(r"[A-Za-z0-9]+|[^\sA-Za-z0-9]+", query)
    if len(words) > 1:
        yield [_synonyms(word) for word in words]


def _synonyms(word: str) -> list[str]:
    """The word itself, its mainland wording (資料 is 数据 there), and other names of the same thing."""
    found = [word, _mainland(word)]
    for group in SYNONYMS:
        if any(fold(name).text == fold(word).text for name in group):
            found += group
    return list(dict.fromkeys(found))


def _matching(library, clauses, terms) -> list[PolicyClause]:
    wanted = [[fold(word).text for word in group] for group in terms]
    return [
        clause
        for clause in clauses
        if all(any(_spans(text, word) for word in group for text in _folded(library, clause)) for group in wanted)
    ]


def _folded(library: PolicyLibrary, clause: PolicyClause) -> tuple[Folded, ...]:
    return _fold_all(tuple(searchable(library, clause)))


def searchable(library: PolicyLibrary, clause: PolicyClause) -> Iterator[str]:
    """The texts of a clause that a search looks into."""
    document = library.document_by_code[clause.document]
    if clause.summary:
        yield clause.summary.zh
        yield clause.summary.en
    yield from clause.keywords
    yield clause.section
    yield clause.box or ""
    yield clause.original.paragraph if clause.original else ""
    yield document.title.zh
    yield document.title.en
    yield clause.id


@lru_cache(maxsize=5000)
def _fold_all(texts: tuple[str, ...]) -> tuple[Folded, ...]:
    return tuple(fold(text) for text in texts)


def _spans(folded: Folded, word: str) -> list[tuple[int, int]]:
    """Where ``word`` stands, as places in the original text; Latin only as whole words."""
    spans, start = [], folded.text.find(word) if word else -1
    while start >= 0:
        end = start + len(word)
        if _whole(folded, word, start, end):
            spans.append((folded.places[start], folded.places[end - 1] + 1))
        start = folded.text.find(word, start + 1)
    return spans


def _whole(folded: Folded, word: str, start: int, end: int) -> bool:
    begins = not LATIN.match(word[0]) or start in folded.starts
    goes_on = end < len(folded.text) and LATIN.match(folded.text[end]) and end not in folded.starts
    return begins and not (LATIN.match(word[-1]) and goes_on)


@cache
def _simplified(letter: str) -> str:
    return _converter("t2s").convert(letter) if ord(letter) > 0x2E80 else letter


def _mainland(word: str) -> str:
    return _converter("tw2sp").convert(word)


@cache
def _converter(name: str) -> OpenCC:
    return OpenCC(name)
