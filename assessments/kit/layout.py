"""Columns and words of the offline kit, in both languages: the format that a returned workbook is recognised by.

These words are part of the file format: a kit handed out months ago comes back with them. Add to them, don't reword them.
"""

import re
import unicodedata

from assessments.scoring import ANCHORS, NOT_APPLICABLE
from questionnaires.schema import Questionnaire, Text

MAX_NOTE = 2_000
COLUMNS = {  # in the order in which they are written: heading, width
    "code": (Text(zh="编号", en="Code"), 11),
    "item": (Text(zh="能力项", en="Item"), 16),
    "level": (Text(zh="等级", en="Level"), 6),
    "statement": (Text(zh="评价内容", en="Statement"), 56),
    "rating": (Text(zh="评分", en="Rating"), 15),
    "na_reason": (Text(zh="不适用原因", en="Why not applicable"), 18),
    "note": (Text(zh="备注", en="Note"), 42),
    "evidence": (Text(zh="证据名称（每行一个）", en="Evidence titles (one per line)"), 34),
    "last": (Text(zh="上次评分", en="Last time"), 13),
    "help": (Text(zh="评分说明", en="Help"), 72),
}
INPUTS = ("rating", "na_reason", "note", "evidence")
RATING_NAMES = {
    "full": Text(zh="满足", en="Fully met"),
    "largely": Text(zh="大部分满足", en="Largely met"),
    "partly": Text(zh="部分满足", en="Partly met"),
    "none": Text(zh="不满足", en="Not met"),
    "na": Text(zh="不适用", en="Not applicable"),
}
REASON_NAMES = {
    "not_in_scope": Text(zh="不在评估范围", en="Not in scope"),
    "done_elsewhere": Text(zh="由其他单位承担", en="Done elsewhere"),
    "other": Text(zh="其他", en="Other"),
}
SYMBOLS = {"√": "full", "✓": "full", "✔": "full", "×": "none", "✗": "none", "✘": "none", "n/a": "na"}
ANCHOR = re.compile(r"([0-4])(?:[^\d.,].*)?")


def squeezed(text: str) -> str:
    """For comparing words: one width, one case, no white space."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def tidy(text: str) -> str:
    """A note as it is kept: composed characters, plain line ends, nothing around it."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _by_word(names: dict[str, Text]) -> dict[str, str]:
    return {squeezed(word): key for key, text in names.items() for word in (key, text.zh, text.en)}


HEAD_WORDS = _by_word({name: heading for name, (heading, _width) in COLUMNS.items()})
RATING_WORDS = {**_by_word(RATING_NAMES), **{squeezed(sign): key for sign, key in SYMBOLS.items()}}
REASON_WORDS = _by_word(REASON_NAMES)


def choices(questionnaire: Questionnaire, code: str, language: str) -> list[str]:
    """The words of the rating drop-down of one criterion (or policy action)."""
    names = {key: text.in_language(language) for key, text in RATING_NAMES.items()}
    if questionnaire.kind == "levels":
        return list(names.values())
    anchors = [rating_word(questionnaire, anchor, language) for anchor in ANCHORS]
    return [*anchors, names[NOT_APPLICABLE]] if questionnaire.item_by_code[code].allow_na else anchors


def rating_word(questionnaire: Questionnaire, rating: str, language: str) -> str:
    """How a rating reads in a cell; nothing for none."""
    if rating in ANCHORS:
        word = next((anchor.text.in_language(language) for anchor in questionnaire.scale if str(anchor.score) == rating), "")
        return f"{rating} {word}".strip()
    return RATING_NAMES[rating].in_language(language) if rating else ""


def reason_word(reason: str, language: str) -> str:
    return REASON_NAMES[reason].in_language(language) if reason else ""


def rating_from(questionnaire: Questionnaire, code: str, word: str) -> str | None:
    """The rating that a cell says ("" for an empty one), or None when it says none of this criterion's."""
    word = squeezed(word)
    if not word:
        return ""
    known = RATING_WORDS.get(word)
    if questionnaire.kind == "levels":
        return known
    if known == NOT_APPLICABLE:
        return known if questionnaire.item_by_code[code].allow_na else None
    anchor = ANCHOR.fullmatch(word)
    return anchor[1] if anchor else None


def statement(questionnaire: Questionnaire, code: str, language: str) -> str:
    criterion = questionnaire.criterion_by_code.get(code)
    if criterion:
        return criterion.text.in_language(language)
    action = questionnaire.item_by_code[code]
    anchors = (f"{anchor.score} {anchor.text.in_language(language)}" for anchor in action.anchors)
    return "\n".join([action.question.in_language(language), *anchors])
