"""Which function does which kind of job, and what is done every night."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.module_loading import autodiscover_modules

if TYPE_CHECKING:
    from csplatform.jobs.run import JobRun
    from csplatform.models import Job

Handler = Callable[["JobRun"], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Periodic:
    """A job written once a day for each organisation, at an hour of its own clock."""

    kind: str
    hour: int


HANDLERS: dict[str, Handler] = {}
ENDINGS: list[Callable[[Job], None]] = []
"""Called when a job that nobody waits for has ended for good."""
PERIODIC: list[Periodic] = []


def job_handler(kind: str) -> Callable[[Handler], Handler]:
    """Register a function of a room's `tasks.py` for a kind of job. It must be safe to run twice."""

    def register(handler: Handler) -> Handler:
        if HANDLERS.setdefault(kind, handler) is not handler:
            raise ValueError(f"Two handlers for the job kind {kind!r}.")
        return handler

    return register


def periodic(kind: str, *, hour: int) -> None:
    """Have a job of this kind written for every organisation each day, once its local time has reached `hour`."""
    PERIODIC.append(Periodic(kind=kind, hour=hour))


def discover_handlers() -> None:
    """Import each room's `tasks.py`."""
    autodiscover_modules("tasks")
