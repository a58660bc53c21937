"""Put prose together in both languages: fill in phrases, count, list, quote and shorten. Pure.

A phrase is a ``Text`` with named places. Both wordings stand side by side where the rule stands, because each language orders
and counts in its own way: findings are content of the report, not labels of the interface.
"""

import re
from collections.abc import Sequence

from questionnaires.schema import Text

CHINESE_ROOM, ENGLISH_ROOM = 34, 115
CHINESE_CLAUSE = re.compile(r"(?<![时后前若内中])[，；：](?=.)")
ENGLISH_CLAUSE = re.compile(r"; |, (?=(?:and|so|which|but|with) [^,]{25,}$)|: ")
NOUNS = {
    "criteria": (Text(zh="{n}个条目", en="{n} criterion"), "{n} criteria"),
    "items": (Text(zh="{n}个能力项", en="{n} item"), "{n} items"),
    "pieces": (Text(zh="{n}份证据", en="{n} piece of evidence"), "{n} pieces of evidence"),
    "actions": (Text(zh="{n}项政策行动", en="{n} policy action"), "{n} policy actions"),
    "clauses": (Text(zh="{n}条条款", en="{n} clause"), "{n} clauses"),
}


class Wording:
    """How things are said in one language (``zh-hans`` or ``en``)."""

    def __init__(self, language: str):
        self.language = language
        self.is_chinese = not language.startswith("en")

    def say(self, phrase: Text, **values) -> str:
        return phrase.in_language(self.language).format(**values)

    def pick(self, phrases: Sequence[Text], turn: int, **values) -> str:
        """One of several phrasings: ``turn`` is the place in the report, so that neighbours do not begin alike."""
        return self.say(phrases[turn % len(phrases)], **values)

    def count(self, n: int, noun: str) -> str:
        one, many = NOUNS[noun]
        return many.format(n=n) if n != 1 and not self.is_chinese else self.say(one, n=n)

    def join(self, *sentences: str) -> str:
        """Sentences one after the other, without those that are empty."""
        return ("" if self.is_chinese else " ").join(filter(None, sentences))

    def listing(self, words: Sequence[str]) -> str:
        if len(words) < 2:
            return "".join(words)
        last = "和" if self.is_chinese else " and "
        return self.row(words[:-1]) + last + words[-1]

    def row(self, words: Sequence[str]) -> str:
        """Words with commas between; Chinese has none between words that stand in quotation marks."""
        quoted = all(word.startswith("“") for word in words)
        return ("" if quoted else "、").join(words) if self.is_chinese else ", ".join(words)

    def parts(self, words: Sequence[str]) -> str:
        """Half-sentences in a row."""
        return ("；" if self.is_chinese else "; ").join(words)

    def quote(self, words: str) -> str:
        """A statement in quotation marks, shortened; marks inside it become single ones. English has straight ones, for curly
        ones are set as wide as a Chinese character."""
        words = self.short(words).replace("“", "‘").replace("”", "’").replace('"', "'")
        return f"“{words}”" if self.is_chinese else f'"{words}"'

    def short(self, words: str) -> str:
        """A statement without its full stop, cut at the end of a clause where it is long, with a mark that it goes on."""
        words = words.strip().rstrip("。.")
        room, clause, least = (CHINESE_ROOM, CHINESE_CLAUSE, 10) if self.is_chinese else (ENGLISH_ROOM, ENGLISH_CLAUSE, 30)
        if len(words) <= room:
            return words
        ends = [found.start() for found in clause.finditer(words) if least <= found.start() <= room]
        return words[: ends[-1]] + ("……" if self.is_chinese else " …") if ends else words

    def capital(self, words: str) -> str:
        return words[:1].upper() + words[1:]


def in_brackets(name: str) -> str:
    """A name that has brackets of its own, as it stands within others."""
    return name.replace(" (", ", ").replace(")", "")
