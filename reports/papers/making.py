"""The files of an order: every format of one report, from its frozen snapshots alone. Runs in the child process."""

import html
import io
import zipfile
from collections.abc import Callable, Sequence

from reports.content.external import Leak, refuse_telling
from reports.content.parts import Snapshot
from reports.freezing import thaw
from reports.papers.pdf import EXTERNAL, CannotSetChinese, render, told_by
from reports.papers.typesetting import TypesettingFailed
from reports.papers.word import render_word
from reports.papers.workbook import render_workbook


class Failed(Exception):
    """``key``: of the sentences in reports/jobs.py. The message is for the log."""

    def __init__(self, key: str, message: str):
        self.key = key
        super().__init__(message)


def files_of(order: dict, *, said: Callable[[str], None]) -> tuple[dict[str, bytes], int | None]:
    """Format -> file, and the pages of the PDF. ``said`` hears each step as it begins. Raises Failed."""
    snapshots, files, pages = thaw(order["snapshot"]), {}, None
    for kind in order["formats"]:
        said(kind)
        try:
            files[kind], counted = MAKERS[kind](snapshots, order)
        except CannotSetChinese as error:
            raise Failed("no_font", str(error)) from error
        except Leak as error:
            raise Failed("leaks", str(error)) from error
        except TypesettingFailed as error:
            raise Failed(_reason(str(error)), str(error)) from error
        pages = pages or counted
    return files, pages


def _pdf(snapshots: Sequence[Snapshot], order: dict) -> tuple[bytes, int]:
    pdf = render(snapshots, variant=order["variant"], items=tuple(order["items"]), together=order["together"])
    return pdf.content, pdf.pages


def _word(snapshots: Sequence[Snapshot], order: dict) -> tuple[bytes, None]:
    return render_word(snapshots, variant=order["variant"], items=tuple(order["items"])), None


def _workbook(snapshots: Sequence[Snapshot], order: dict) -> tuple[bytes, None]:
    variant, items = order["variant"], tuple(order["items"])
    content = render_workbook([told_by(snapshot, variant, items) for snapshot in snapshots])
    if variant == EXTERNAL:
        refuse_telling(_all_in(content), snapshots)
    return content, None


def _all_in(workbook: bytes) -> str:
    """Everything that its parts say: cells, headers, properties."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return "".join(html.unescape(archive.read(name).decode(errors="replace")) for name in archive.namelist())


def _reason(message: str) -> str:
    """Which limit of the typesetting process was met."""
    if "took longer" in message or "exit -24" in message:  # SIGXCPU
        return "too_long"
    return "too_big" if "MemoryError" in message or "exit -9" in message else "broken"


MAKERS = {"pdf": _pdf, "docx": _word, "xlsx": _workbook}
