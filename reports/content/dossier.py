"""What people entered beside their ratings, as plain values: what ``take_snapshot`` tells besides scores and content.

Keys, not words: a dossier has no language. Without one (the headless command) a snapshot tells ratings and notes alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from assessments.planning import Plan


@dataclass(frozen=True)
class Piece:
    """A piece of evidence. A confidential one comes without its title, keeper, file name, link and hash. ``flaw``:
    missing or expired."""

    title: str
    kind: str
    confidentiality: str
    issued_on: date | None = None
    valid_until: date | None = None
    keeper: str = ""
    file_name: str = ""
    url: str = ""
    sha256: str = ""
    version: int = 1
    flaw: str = ""


@dataclass(frozen=True)
class Link:
    """``piece``: its place in ``Dossier.pieces``, from 0."""

    piece: int
    place: str = ""


@dataclass(frozen=True)
class Judgement:
    """A verdict on one criterion."""

    layer: str
    firm: str
    kind: str
    rating: str = ""
    reason: str = ""
    note: str = ""


@dataclass(frozen=True)
class JudgedLayer:
    """All ratings as they are by one layer, and how many criteria it said something on."""

    layer: str
    firm: str
    ratings: Mapping[str, str]
    judged: int


@dataclass(frozen=True)
class Brand:
    """``logo``: PNG in base64."""

    name: str
    logo: str = ""
    accent: str = ""
    cover_text: str = ""
    disclaimer: str = ""


@dataclass(frozen=True)
class Earlier:
    """The cycle before, on the same questionnaire and method: its ratings are scored like these."""

    name: str
    on: date
    ratings: Mapping[str, str]


@dataclass(frozen=True)
class Dossier:
    scope: str = ""
    period_from: date | None = None
    period_until: date | None = None
    state: str = ""
    revision: int = 1
    pieces: tuple[Piece, ...] = ()
    links: Mapping[str, tuple[Link, ...]] = field(default_factory=dict)  # by criterion code
    layers: tuple[JudgedLayer, ...] = ()
    judgements: Mapping[str, tuple[Judgement, ...]] = field(default_factory=dict)  # by criterion code
    plan: Plan | None = None
    policy_ratings: Mapping[str, str] = field(default_factory=dict)  # of the latest policy-actions assessment
    policy_source: str = ""  # its name and date
    brand: Brand | None = None
    earlier: Earlier | None = None
