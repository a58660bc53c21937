"""From where, and for which firm, the request at hand acts: what the trail notes beside the person."""

from collections.abc import Callable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass
class Circumstances:
    address: str = ""
    firm: int | None = None  # the consultancy or sponsor on whose behalf the person is here
    entries: int = 0  # written so far in this request
    afterwards: list[Callable[[], None]] = field(default_factory=list)  # to be done when the response has left


_current: ContextVar[Circumstances | None] = ContextVar("circumstances", default=None)


def circumstances() -> Circumstances | None:
    """Those of the request; None in commands and in the worker."""
    return _current.get()


@contextmanager
def acting(address: str):
    token = _current.set(Circumstances(address))
    try:
        yield _current.get()
    finally:
        _current.reset(token)
