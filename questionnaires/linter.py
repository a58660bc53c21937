"""Check what the shape alone can't: references, completeness and consistency, over all packages together."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from difflib import SequenceMatcher
from pathlib import Path

from questionnaires.packages import CONTENT, QUESTIONNAIRES, BrokenPackage, Fault, read_policy_library, read_questionnaire
from questionnaires.schema import LEVELS, CapabilityItem, PolicyAction, PolicyLibrary, Questionnaire, Text, fingerprint

SIZES = {1: (2, 2), 2: (3, 4), 3: (4, 6), 4: (3, 4), 5: (2, 3)}  # least and most criteria of an item at each level
ITEM_SIZE = (14, 18)
STATEMENT_LENGTH = (15, 80)  # Chinese characters
MOST_ALIKE = 0.8
LONGEST_RUN = 11  # characters in common with a source text, titles and locators excepted
ASPECTS = {"organization", "rules", "process", "technology"}
ORGANIZATION_WIDE = re.compile("组织级|全组织|全公司|全员|统一平台")
CHINESE = re.compile("[\u4e00-\u9fff]")
PUNCTUATION = re.compile(r"[\s，。、；：“”‘’（）()《》—\-*|]")
PUBLISHED = "published.json"


def read_all(root: Path = CONTENT) -> tuple[list[Questionnaire], PolicyLibrary]:
    """All packages; raises BrokenPackage with the faults of all of them."""
    faults, questionnaires, library = [], [], None
    for code in QUESTIONNAIRES:
        try:
            questionnaires.append(read_questionnaire(code, root))
        except BrokenPackage as broken:
            faults += broken.faults
    try:
        library = read_policy_library(root)
    except BrokenPackage as broken:
        faults += broken.faults
    if faults:
        raise BrokenPackage(dict.fromkeys(faults))
    return questionnaires, library


def lint(questionnaires: list[Questionnaire], library: PolicyLibrary, root: Path = CONTENT) -> list[Fault]:
    """Every fault in packages whose shape is right."""
    faults = []
    for questionnaire in questionnaires:
        faults += _lint_questionnaire(questionnaire, library)
    faults += _lint_library(library)
    faults += _lint_item_map(library, questionnaires)
    faults += _lint_bridge(questionnaires)
    faults += _lint_published([*questionnaires, library], root)
    return faults


def published(root: Path = CONTENT) -> dict[str, dict]:
    """``code version`` -> fingerprint and codes of every version that was ever published, oldest first."""
    file = root / PUBLISHED
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def publish(packages: list, root: Path = CONTENT) -> list[str]:
    """Write down the fingerprints of versions not yet published; published ones stay as they are."""
    known = published(root)
    new = {
        _name(package): {"sha256": fingerprint(package), "codes": _codes(package)}
        for package in packages
        if _name(package) not in known
    }
    lines = json.dumps({**known, **new}, separators=(",", ":")).replace("},", "},\n")
    (root / PUBLISHED).write_text(lines + "\n", encoding="utf-8")
    return list(new)


def counts(package: Questionnaire | PolicyLibrary) -> str:
    """One line with the figures of a package."""
    if isinstance(package, PolicyLibrary):
        return f"{package.code} {package.version}: {len(package.documents)} documents / {len(package.clauses)} clauses"
    if package.kind == "anchors":
        return f"{package.code} {package.version}: {len(package.domains)} groups / {len(package.items)} actions"
    criteria = Counter(criterion.level for criterion in package.criterion_by_code.values())
    levels = ", ".join(f"level {level}: {criteria[level]}" for level in LEVELS)
    return (
        f"{package.code} {package.version}: {len(package.domains)} domains / {len(package.items)} items / "
        f"{criteria.total()} criteria of our own bank ({levels})"
    )


def table(questionnaire: Questionnaire) -> str:
    """Criteria by level and aspect, one line per item."""
    lines = [f"{'item':<6}" + "".join(f"{f'L{level}':>5}" for level in LEVELS) + f"{'all':>5}   org/rules/process/technology"]
    for item in questionnaire.items:
        sizes = [len(item.at_level(level)) for level in LEVELS]
        aspects = Counter(criterion.aspect for criterion in item.criteria)
        by_aspect = "/".join(str(aspects[aspect]) for aspect in ("organization", "rules", "process", "technology"))
        lines.append(f"{item.code:<6}" + "".join(f"{size:>5}" for size in sizes) + f"{sum(sizes):>5}   {by_aspect}")
    return "\n".join(lines)


def copied_runs(packages: Iterable[Questionnaire | PolicyLibrary], sources: Iterable[str]) -> Iterator[Fault]:
    """Runs of 12 or more characters that our wording has in common with a source text, punctuation aside."""
    packages = list(packages)
    corpus = "\n".join(PUNCTUATION.sub("", text) for text in sources)
    titles = [PUNCTUATION.sub("", d.title.zh) for p in packages if isinstance(p, PolicyLibrary) for d in p.documents]
    for package in packages:
        for place, words in own_words(package):
            words = PUNCTUATION.sub("", words)
            for title in titles:
                words = words.replace(title, "")
            for start in range(len(words) - LONGEST_RUN):
                run = words[start : start + LONGEST_RUN + 1]
                if CHINESE.search(run) and run in corpus:
                    yield Fault(package.code, place, f"has words in common with a source text: {run}")
                    break


def own_words(value, place: str = "") -> Iterator[tuple[str, str]]:
    """(place, text) of everything that is written by us: both languages, without titles, sections and locators."""
    if isinstance(value, Text):
        yield place, value.zh
        yield place, value.en
    if is_dataclass(value):
        place = getattr(value, "code", None) or getattr(value, "id", None) or getattr(value, "uid", None) or place
        for field in fields(value):
            if field.name not in ("title", "short_title", "section", "box", "locator", "name", "keywords"):
                yield from own_words(getattr(value, field.name), place)
    elif isinstance(value, tuple):
        for part in value:
            yield from own_words(part, place)


def _codes(package) -> list[str]:
    return list(package.item_of) if isinstance(package, Questionnaire) else [clause.id for clause in package.clauses]


def _name(package) -> str:
    return f"{package.code} {package.version}"


def _lint_questionnaire(questionnaire: Questionnaire, library: PolicyLibrary) -> Iterator[Fault]:
    file = f"{questionnaire.code}/edition.yaml"
    for what, codes in (
        ("domain", [domain.code for domain in questionnaire.domains]),
        ("item", [item.code for item in questionnaire.items]),
        ("criterion", [c.code for item in questionnaire.items for c in getattr(item, "criteria", ())]),
    ):
        for code, times in Counter(codes).items():
            if times > 1:
                yield Fault(file, code, f"the {what} stands {times} times")
    if questionnaire.kind == "levels" and questionnaire.default_method not in questionnaire.method_by_key:
        yield Fault(file, "default_method", f"{questionnaire.default_method!r} is none of the methods")
    for item in questionnaire.items:
        if isinstance(item, PolicyAction):
            yield from _lint_action(questionnaire, item, library)
        else:
            yield from _lint_item(questionnaire, item)


def _lint_item(questionnaire: Questionnaire, item: CapabilityItem) -> Iterator[Fault]:
    file = f"{questionnaire.code}/{item.code}"
    for level, (least, most) in SIZES.items():
        if not least <= len(item.at_level(level)) <= most:
            yield Fault(file, f"level {level}", f"has {len(item.at_level(level))} criteria, wants {least} to {most}")
    if not ITEM_SIZE[0] <= len(item.criteria) <= ITEM_SIZE[1]:
        yield Fault(file, "criteria", f"are {len(item.criteria)}, wants {ITEM_SIZE[0]} to {ITEM_SIZE[1]}")
    lacking = ASPECTS - {criterion.aspect for criterion in item.criteria if criterion.level <= 3}
    if lacking:
        yield Fault(file, "aspect", f"levels 1 to 3 do not cover {', '.join(sorted(lacking))}")
    for name, size, (least, most) in (
        ("weaknesses", len(item.weaknesses), (3, 6)),
        ("measures", len(item.measures), (2, 4)),
        *((f"interview.{role}", len(getattr(item.interview, role)), (3, 3)) for role in ("management", "business", "it")),
    ):
        if not least <= size <= most:
            yield Fault(file, name, f"are {size}, wants {least} to {most}")
    yield from _lint_statements(file, item)
    yield from _lint_advice(file, item)


def _lint_statements(file: str, item: CapabilityItem) -> Iterator[Fault]:
    for criterion in item.criteria:
        length = len(criterion.text.zh)
        if not STATEMENT_LENGTH[0] <= length <= STATEMENT_LENGTH[1]:
            yield Fault(file, criterion.code, "has {} Chinese characters, wants {} to {}".format(length, *STATEMENT_LENGTH))
        if criterion.level < 3 and ORGANIZATION_WIDE.search(criterion.text.zh):
            yield Fault(file, criterion.code, f"speaks of the whole organization at level {criterion.level}")
        for other in item.at_level(criterion.level):
            if other.code < criterion.code and _alike(other.text.zh, criterion.text.zh):
                yield Fault(file, criterion.code, f"is too like {other.code}")
    for text in _texts(item):
        if CHINESE.search(text.en) or not CHINESE.search(text.zh):
            yield Fault(file, "language", f"not in the right language: {text.zh[:20]} / {text.en[:20]}")


def _lint_advice(file: str, item: CapabilityItem) -> Iterator[Fault]:
    after = {criterion.code: criterion.action.after for criterion in item.criteria}
    levels = {criterion.code: criterion.level for criterion in item.criteria}
    for criterion in item.criteria:
        for code in criterion.action.after:
            if code not in after:
                yield Fault(file, criterion.action.code, f"comes after {code}, which does not exist")
            elif levels[code] > criterion.level:
                yield Fault(file, criterion.action.code, f"comes after {code} of a higher level")
        if _reaches(criterion.code, criterion.code, after):
            yield Fault(file, criterion.action.code, "comes after itself")
        if criterion.action.days[0] > criterion.action.days[1]:
            yield Fault(file, criterion.action.code, "least person-days are more than most")


def _alike(first: str, second: str) -> bool:
    matcher = SequenceMatcher(None, first, second)
    return matcher.real_quick_ratio() > MOST_ALIKE and matcher.ratio() > MOST_ALIKE


def _reaches(start: str, goal: str, after: dict[str, tuple[str, ...]], seen: frozenset[str] = frozenset()) -> bool:
    following = [code for code in after.get(start, ()) if code not in seen]
    return goal in following or any(_reaches(code, goal, after, seen | {code}) for code in following)


def _texts(value) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    if is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))
    elif isinstance(value, tuple):
        for part in value:
            yield from _texts(part)


def _lint_action(questionnaire: Questionnaire, action: PolicyAction, library: PolicyLibrary) -> Iterator[Fault]:
    file = f"{questionnaire.code}/{action.code}"
    if [anchor.score for anchor in action.anchors] != [0, 1, 2, 3, 4]:
        yield Fault(file, "anchors", "must be 0 to 4 in order")
    for clause in action.clauses:
        yield from _lint_clause_use(file, "clauses", clause, library)


def _lint_clause_use(file: str, key: str, clause: str, library: PolicyLibrary) -> Iterator[Fault]:
    if clause not in library.clause_by_id:
        yield Fault(file, key, f"the clause {clause} does not exist")
    elif library.clause_by_id[clause].is_background:
        yield Fault(file, key, f"{clause} addresses government only and can't be a basis")


def _lint_library(library: PolicyLibrary) -> Iterator[Fault]:
    file = f"{library.code}/library.yaml"
    for clause, times in Counter(clause.id for clause in library.clauses).items():
        if times > 1:
            yield Fault(file, clause, f"the clause stands {times} times")
    for link in library.overall:
        yield from _lint_clause_use(f"{library.code}/items/overall.yaml", link.id, link.id, library)
    for basis in library.items:
        for link in basis.clauses:
            yield from _lint_clause_use(f"{library.code}/items", basis.uid, link.id, library)
        if bool(basis.direct) == bool(basis.no_direct_note):
            yield Fault(f"{library.code}/items", basis.uid, "needs a direct clause or a note why there is none, not both")


def _lint_item_map(library: PolicyLibrary, questionnaires: list[Questionnaire]) -> Iterator[Fault]:
    wanted = {item.uid for q in questionnaires if q.kind == "levels" for item in q.items}
    for uid in sorted(wanted ^ {basis.uid for basis in library.items}):
        yield Fault(f"{library.code}/items", uid, "stands in the editions or in the map, but not in both")
    for action in (item for q in questionnaires if q.kind == "anchors" for item in q.items):
        for uid in (uid for uids in action.supports.values() for uid in uids):
            if uid not in wanted:
                yield Fault("policy-actions", action.code, f"supports the item {uid}, which does not exist")


def _lint_bridge(questionnaires: list[Questionnaire]) -> Iterator[Fault]:
    """Every criterion of 2018 has a fate and every one of 2025 an origin."""
    editions = {questionnaire.edition: questionnaire for questionnaire in questionnaires}
    if not {"2018", "2025"} <= editions.keys():
        return
    old, taken_up = editions["2018"].criterion_by_code, set()
    for code, criterion in editions["2025"].criterion_by_code.items():
        for source in criterion.origin.came_from:
            taken_up.add(source)
            if source not in old:
                yield Fault("gbt36073-2025", code, f"comes from {source}, which the 2018 edition does not have")
    for code, criterion in old.items():
        if (code in taken_up) == (criterion.dropped is not None):
            yield Fault("gbt36073-2018", code, "must be taken up by a 2025 criterion or be marked dropped, not both")


def _lint_published(packages, root: Path) -> Iterator[Fault]:
    known = published(root)
    for package in packages:
        before = known.get(_name(package))
        if before and before["sha256"] != fingerprint(package):
            yield Fault(PUBLISHED, _name(package), "was published with other content; give the changed package a new version")
        earlier = [set(row["codes"]) for name, row in known.items() if name.startswith(f"{package.code} ")]
        for code in _codes(package) if len(earlier) > 1 and not before else ():
            if code not in earlier[-1] and any(code in codes for codes in earlier):
                yield Fault(PUBLISHED, code, "was retired in an earlier version and must not be used again")
