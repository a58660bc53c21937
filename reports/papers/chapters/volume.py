"""What chapters are told from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reports.content.parts import Snapshot


@dataclass(frozen=True)
class Drawing:
    """A chart as PNG; ``title`` says what it finds."""

    png: bytes
    title: str


@dataclass(frozen=True)
class Volume:
    """A snapshot as its variant may tell it. ``drawings``: by key (overview, heat, plan, annex), as far as there are;
    ``fingerprint``: SHA-256 of what was frozen."""

    snapshot: Snapshot
    variant: str
    fingerprint: str
    drawings: Mapping[str, tuple[Drawing, ...]] = field(default_factory=dict)
