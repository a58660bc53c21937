"""The same world gives the same bytes on SQLite and on PostgreSQL, each in a process of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.live import ROOT, manage, own_postgres, postgres_of_suite, site_environment

OTHER_KEYS = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 7000 + row_number() OVER (ORDER BY sequencename))
FROM pg_sequences WHERE schemaname = 'public'
"""


@pytest.fixture
def postgres(tmp_path):
    """The environment of a prepared site on PostgreSQL, where no row has the primary key that it has on SQLite."""
    url = postgres_of_suite()
    if not url:
        pytest.skip("the suite has no PostgreSQL")
    with own_postgres(url, f"dcmm_bytes_{os.getpid()}") as own:
        environment = site_environment(tmp_path / "postgres", own, DCMM_AS_OWNER="1")
        manage(environment, "migrate")
        with psycopg.connect(own) as connection:
            connection.execute(OTHER_KEYS)
        manage(environment, "prepare")
        yield environment


@pytest.fixture
def sqlite(tmp_path, prepared):
    shutil.copytree(prepared, tmp_path / "sqlite")
    return site_environment(tmp_path / "sqlite")


def begin(environment, folder: Path) -> subprocess.Popen:
    folder.mkdir()
    return subprocess.Popen([sys.executable, "-m", "tests.reports.freeze_demo", str(folder)], env=environment, cwd=ROOT)


def test_snapshots_and_files_do_not_depend_on_the_database(tmp_path, postgres, sqlite):
    folders = [tmp_path / "from-postgres", tmp_path / "from-sqlite"]

    children = [begin(environment, folder) for environment, folder in zip((postgres, sqlite), folders, strict=True)]

    assert [child.wait() for child in children] == [0, 0]
    here, there = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)
    assert {"report.pdf", "report.docx", "report.xlsx"} < here.keys()
    assert len(here) > 15
    assert here.keys() == there.keys()
    assert [name for name in sorted(here) if here[name] != there[name]] == []
