"""Read settings from the environment; a wrong value fails loudly and says what is expected."""

import contextlib
import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value in ("", "1", "true", "yes", "0", "false", "no"):
        return value in ("1", "true", "yes") if value else default
    raise ImproperlyConfigured(f"{name} is {value!r}; set it to 1 or 0.")


def words(name: str) -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]


def required(name: str, why: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: {why}")
    return value


def local_secret(path: Path, strength: int = 48) -> str:
    """A secret of ``strength`` random bytes, made once for this machine, for where none is configured (never in production)."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(strength))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # the first process wins; the others read its secret
        draft.unlink()
    return path.read_text().strip()
