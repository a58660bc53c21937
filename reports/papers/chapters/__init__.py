"""The chapters of a Word volume out of one snapshot, in its language: what the PDF volume says, in the same order.

Call ``chapters_of`` within ``override(snapshot.language)``. Nothing is computed here; sentences come from the snapshot and
``reports.content.findings``.
"""

from django.utils.translation import gettext as _

from reports.papers.chapters.closing import answers, derivation, evidence_list, layers, sign_off
from reports.papers.chapters.items import domain_chapter
from reports.papers.chapters.opening import contents, cover, how_to_read, summary
from reports.papers.chapters.planning import changes, path, quarters, roadmap
from reports.papers.chapters.policies import annex
from reports.papers.chapters.result import overall, overview
from reports.papers.chapters.volume import Drawing, Volume
from reports.papers.manuscript import Chapter, Heading
from reports.variants import CHIEF, DEPARTMENT

__all__ = ["Drawing", "Volume", "chapters_of"]
SMALL = 110  # millimetres


def chapters_of(volume: Volume) -> list[Chapter]:
    """What the variant tells, chapter by chapter; those with nothing to say are left out."""
    chapters = _chiefs_pages(volume) if volume.variant == CHIEF else _full(volume)
    return [chapter for chapter in chapters if chapter]


def _full(volume: Volume) -> list[Chapter]:
    snapshot = volume.snapshot
    whole = [] if volume.variant == DEPARTMENT else [summary(snapshot)]
    return [
        cover(volume),
        *whole,
        contents(),
        how_to_read(snapshot),
        *([overall(volume)] if whole else []),
        *(domain_chapter(snapshot, domain) for domain in snapshot.domains),
        path(snapshot),
        roadmap(volume),
        changes(snapshot),
        annex(volume),
        derivation(snapshot),
        layers(snapshot),
        answers(snapshot),
        evidence_list(snapshot),
        sign_off(volume),
    ]


def _chiefs_pages(volume: Volume) -> list[Chapter]:
    """The summary, and the picture with the plan by quarters."""
    plan = volume.snapshot.plan
    second = [Heading(1, _("Overall result")), *overview(volume, SMALL), *(quarters(plan) if plan else [])]
    return [summary(volume.snapshot), second]
