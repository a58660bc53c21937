"""Whether an uploaded PDF is one of ours, and unchanged. A foreign file is looked into by a child process with limits.

Runs as ``python -m reports.papers.verifying``: PDF on standard input, JSON list of hashes that it claims to be made from
on standard output. Knows no Django, no network and no files.
"""

import hashlib
import io
import json
import re
import resource
import subprocess
import sys
from itertools import islice, permutations
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECONDS, MEGABYTES = 4, 700  # a volume of a hundred pages takes one second
HASH = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
MOST_HASHES, MOST_FILES, MOST_BYTES = 50, 8, 40_000_000


def claims_of(pdf: bytes, seconds: int = SECONDS) -> list[str]:
    """The snapshot hashes that the PDF claims to be made from; empty if it can't be read within the limits: so many seconds of
    the processor, twice as many by the clock. A file without a table of its objects takes long, for they are sought then."""
    command = [sys.executable, "-m", "reports.papers.verifying", str(seconds)]
    try:
        done = subprocess.run(command, input=pdf, capture_output=True, timeout=seconds * 2, cwd=ROOT, check=False)
        return json.loads(done.stdout) if done.returncode == 0 else []
    except (subprocess.TimeoutExpired, ValueError):
        return []


def _main(seconds: int):
    limit = MEGABYTES * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    print(json.dumps(_read(sys.stdin.buffer.read())))


def _read(pdf: bytes) -> list[str]:
    from pypdf import PdfReader  # noqa: PLC0415 - only the child process pays for this import

    reader = PdfReader(io.BytesIO(pdf))
    hashes = [found.decode() for found in HASH.findall(_metadata(reader))]
    snapshots, room = [], MOST_BYTES
    for name, contents in islice(reader.attachments.items(), MOST_FILES):
        if name.endswith(".json") and sum(map(len, contents)) <= room:
            room -= sum(map(len, contents))
            snapshots += contents
    hashes += [hashlib.sha256(text).hexdigest() for text in snapshots]
    pairs = permutations(snapshots, 2) if len(snapshots) <= MOST_FILES else ()
    hashes += [hashlib.sha256(b"[" + b",".join(pair) + b"]").hexdigest() for pair in pairs]
    return list(dict.fromkeys(hashes))[:MOST_HASHES]


def _metadata(reader) -> bytes:
    entry = reader.root_object.get("/Metadata")
    return entry.get_object().get_data()[:1_000_000] if entry is not None else b""


if __name__ == "__main__":
    _main(int(sys.argv[1]))
