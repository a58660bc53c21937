"""The dated page of a proof, as a file to print and as JSON; and the pages that were kept."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dcmm_site.isolation.running import folder_of

KINDS = {
    "word": gettext_lazy("holds a word of the other tenant"),
    "id": gettext_lazy("links to a thing of the other tenant"),
    "answered": gettext_lazy("answered as if the thing existed"),
    "broken": gettext_lazy("broke"),
    "unfilled": gettext_lazy("could not be tried"),
    "unmarked": gettext_lazy("holds no word, so a leak would not be seen"),
}
STAMP = "%Y%m%d-%H%M%S"


@dataclass(frozen=True)
class Kept:
    """A page that was kept: ``stamp`` names it."""

    stamp: str
    outcome: dict

    @property
    def begun_at(self) -> datetime:
        return datetime.fromisoformat(self.outcome["begun_at"])

    @property
    def is_clean(self) -> bool:
        return not self.outcome["findings"]

    @property
    def request_count(self) -> int:
        return sum(self.outcome["requests"].values())


def keep(outcome: dict, out: Path | None = None, language: str = "") -> Path:
    """Write the page and, beside it, the JSON; returns where the page is."""
    page = out or folder_of(settings.DATA_DIR) / f"{timezone.now().strftime(STAMP)}.html"
    with translation.override(language or settings.LANGUAGE_CODE):
        text = render_to_string("isolation/file.html", context_of(outcome) | {"styles": _styles()})
    page.write_text(text, encoding="utf-8")
    page.with_suffix(".json").write_text(json.dumps(outcome, ensure_ascii=False, indent=1), encoding="utf-8")
    return page


def kept_pages() -> list[Kept]:
    """The newest first."""
    files = sorted(folder_of(settings.DATA_DIR).glob("[0-9]*.json"), reverse=True)
    return [Kept(file.stem, json.loads(file.read_text(encoding="utf-8"))) for file in files[:50]]


def kept_page(stamp: str) -> Kept | None:
    return next((page for page in kept_pages() if page.stamp == stamp), None)


def context_of(outcome: dict) -> dict:
    kept = Kept("", outcome)
    findings = [finding | {"words": KINDS[finding["kind"]]} for finding in outcome["findings"]]
    return {
        "outcome": outcome,
        "proof": kept,
        "findings": [finding | {"viewer": _(finding["viewer"]) if finding["viewer"] else ""} for finding in findings],
        "viewers": [(_(label), count) for label, count in outcome["requests"].items()],
        "statuses": sorted(outcome["statuses"].items()),
        "megabytes": outcome["searched"] / 1_000_000,
        "walked": sum(1 for route in outcome["routes"] if route["requests"]),
    }


def figures(outcome: dict) -> str:
    """The last line of the command."""
    walked = sum(1 for route in outcome["routes"] if route["requests"])
    return (
        f"{len(outcome['findings'])} findings: {sum(outcome['requests'].values())} requests, {walked} of "
        f"{len(outcome['routes'])} routes, {len(outcome['requests'])} viewers, {len(outcome['models'])} models, "
        f"{outcome['searched'] // 1_000_000} MB searched, {outcome['seconds']} s, {outcome['database']}"
    )


def _styles() -> list[str]:
    return [Path(finders.find(name)).read_text(encoding="utf-8") for name in ("site/tokens.css", "site/isolation.css")]
