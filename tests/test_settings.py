import os
import subprocess
import sys

import pytest
from django.db import connection

from tests.live import DATABASES


def run(*arguments, **environment):
    kept = {key: value for key, value in os.environ.items() if key not in ("SECRET_KEY", "ALLOWED_HOSTS", *DATABASES)}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], env={**kept, **environment}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "x" * 60}, "ALLOWED_HOSTS is not set"),
        ({"SECRET_KEY": "x" * 60, "ALLOWED_HOSTS": "a.example", "DCMM_DEBUG": "perhaps"}, "DCMM_DEBUG is 'perhaps'"),
        ({"SECRET_KEY": "x" * 60, "ALLOWED_HOSTS": "a.example", "DCMM_RENDER_NICE": "20"}, "DCMM_RENDER_NICE is '20'"),
    ],
)
def test_production_refuses_to_start_without_key_and_hosts(environment, named):
    done = run("check", DCMM_PRODUCTION="1", **environment)

    assert done.returncode != 0
    assert named in done.stderr


def test_development_starts_without_any_variable_and_makes_its_own_key(tmp_path):
    done = run("check", DCMM_DATA_DIR=str(tmp_path))

    assert done.returncode == 0
    key = tmp_path / "secret_key"
    assert len(key.read_text()) > 40
    assert key.stat().st_mode & 0o077 == 0


def test_sqlite_is_set_to_keep_what_it_confirmed(db):
    if connection.vendor != "sqlite":
        pytest.skip("not on SQLite")
    with connection.cursor() as cursor:
        settings = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "foreign_keys")]
    assert settings == [2, 1]  # FULL, on
    assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
