"""Set a PDF from HTML, in a child process with limits. The one place in the code base that renders PDFs.

Runs as ``python -m reports.typesetting``: HTML on standard input, PDF on standard output. Knows no Django, no network and
no files: the only addresses it resolves are the stylesheets handed over with the HTML.
"""

import gc
import json
import resource
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class TypesettingFailed(Exception):
    """The child process gave no PDF; the message is for the log, not for the page."""


def typeset(html: str, stylesheets: list[str], *, seconds: int, megabytes: int) -> bytes:
    """The PDF of ``html`` with CSS texts ``stylesheets``; raises TypesettingFailed on error, time or memory."""
    job = json.dumps({"html": html, "stylesheets": stylesheets, "seconds": seconds, "megabytes": megabytes})
    command = [sys.executable, "-m", "reports.typesetting"]
    try:
        done = subprocess.run(command, input=job.encode(), capture_output=True, timeout=seconds, cwd=ROOT, check=False)
    except subprocess.TimeoutExpired as error:
        raise TypesettingFailed(f"took longer than {seconds} s") from error
    if done.returncode or not done.stdout.startswith(b"%PDF"):
        raise TypesettingFailed(f"exit {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


def _main():
    job = json.load(sys.stdin)
    limit = job["megabytes"] * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CPU, (job["seconds"], job["seconds"]))
    sys.stdout.buffer.write(_render(job["html"], job["stylesheets"]))


def _render(html: str, stylesheets: list[str]) -> bytes:
    from weasyprint import CSS, HTML  # noqa: PLC0415 - only the child process pays for this import
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    fetcher = URLFetcher(allowed_protocols=(), allow_redirects=False)
    gc.disable()
    document = HTML(string=html, url_fetcher=fetcher)
    return document.write_pdf(
        stylesheets=[CSS(string=text, url_fetcher=fetcher) for text in stylesheets], pdf_tags=True, pdf_identifier=b"dcmm"
    )


if __name__ == "__main__":
    _main()
