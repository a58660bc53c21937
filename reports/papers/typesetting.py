"""Set a PDF from HTML, in a child process with limits. The one place in the code base that renders PDFs.

Runs as ``python -m reports.papers.typesetting``: a job as JSON on standard input, PDF on standard output. Knows no Django,
no network and no files: the only addresses it resolves are those that hold their own content (the logo as data:);
stylesheets and attachments are handed over with the HTML. What it sets is tagged PDF/A-3u and PDF/UA-1;
``reports.papers.tagging`` finishes what WeasyPrint leaves open.
"""

import base64
import gc
import io
import json
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BY_THE_CLOCK = 5  # times as many seconds may pass as on the processor: it stands back behind the site


class TypesettingFailed(Exception):
    """The child process gave no PDF; the message is for the log, not for the page."""


@dataclass(frozen=True)
class Attached:
    """A file inside the PDF. ``relationship`` as in PDF/A-3: Source, Data, Alternative. Give them sorted by name.

    ``day``: ISO date that stands as its time of change, so that the same file gives the same bytes.
    """

    name: str
    content: bytes
    mime: str
    relationship: str
    description: str
    day: str


def typeset(
    html: str,
    stylesheets: list[str],
    *,
    seconds: int,
    megabytes: int,
    attached: Sequence[Attached] = (),
    document_id: str = "",
    together: bool = True,
) -> bytes:
    """The PDF of ``html`` with CSS texts ``stylesheets``; raises TypesettingFailed on error, time or memory.

    ``seconds``: of each processor. ``document_id`` stands in the PDF's metadata: what it was made from. ``together``: a long
    document may take two processors.
    """
    files = [{**asdict(file), "content": base64.b64encode(file.content).decode()} for file in attached]
    job = {"html": html, "stylesheets": stylesheets, "seconds": seconds, "megabytes": megabytes}
    job |= {"attached": files, "document_id": document_id, "together": together}
    command = [sys.executable, "-m", "reports.papers.typesetting"]
    try:
        text = json.dumps(job).encode()
        done = subprocess.run(command, input=text, capture_output=True, timeout=BY_THE_CLOCK * seconds, cwd=ROOT, check=False)
    except subprocess.TimeoutExpired as error:
        raise TypesettingFailed(f"took longer than {BY_THE_CLOCK * seconds} s") from error
    if done.returncode or not done.stdout.startswith(b"%PDF"):
        raise TypesettingFailed(f"exit {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


def _main():
    job = json.load(sys.stdin)
    limit = job["megabytes"] * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CPU, (job["seconds"], job["seconds"] + 5))  # the second one kills without a word
    sys.stdout.buffer.write(_render(job))
    sys.stdout.flush()
    os._exit(0)  # Python would first take apart all that was laid out


def _render(job: dict) -> bytes:
    from weasyprint import CSS, Attachment  # noqa: PLC0415 - only the child process pays for these imports
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    from reports.papers.lines import quicken_lines  # noqa: PLC0415
    from reports.papers.quickening import Page, quicken  # noqa: PLC0415
    from reports.papers.sharing import Sharing  # noqa: PLC0415
    from reports.papers.tagging import finish, tidy  # noqa: PLC0415

    gc.disable()
    quicken()
    quicken_lines()
    sharing = Sharing(together=job["together"])
    sharing.install()
    fetcher = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    files = [Attached(**{**file, "content": base64.b64decode(file["content"])}) for file in job["attached"]]
    attachments = [
        Attachment(
            file_obj=io.BytesIO(file.content),
            name=file.name,
            description=file.description,
            relationship=file.relationship,
            created=_midnight(file.day),
            modified=_midnight(file.day),
        )
        for file in files
    ]
    finished = partial(finish, mimes={file.name: file.mime for file in files}, document_id=job["document_id"])
    return Page(string=job["html"], url_fetcher=fetcher).write_pdf(
        stylesheets=[CSS(string=text, url_fetcher=fetcher) for text in job["stylesheets"]],
        pdf_variant="pdf/a-3u",
        pdf_tags=True,
        pdf_identifier=b"dcmm",
        attachments=attachments,
        finisher=partial(sharing.finish, tidy=tidy, then=finished),
    )


def _midnight(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


if __name__ == "__main__":
    _main()
