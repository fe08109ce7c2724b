"""Watching an import from the process that runs it; everybody else reads the job's row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Watcher = Callable[[str, int, int], None]
"""Is told what is being done, how much of it is, and of how much (0: not known yet)."""

_watcher: ContextVar[Watcher | None] = ContextVar("import_watcher", default=None)


@contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    """Tell the watcher about imports that run inside the block."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


def tell(message: str, done: int, total: int) -> None:
    watcher = _watcher.get()
    if watcher is not None:
        watcher(message, done, total)
