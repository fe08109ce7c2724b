"""Timing, memory, and one line a figure."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median

from django.test import Client

from csplatform.enums import KeyScope
from csplatform.models import Organization
from csplatform.services.api_key import create_api_key
from csplatform.services.organization import create_organization
from csplatform.tenancy import organization_scope

CLEAR_REFS, STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")


def seconds(work: Callable[[], object]) -> float:
    forget_peak()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def middle_ms(work: Callable[[], object], *, times: int = 40, warm_up: int = 5) -> float:
    """The median of repeated runs, in milliseconds; the first few are not counted."""
    for _ in range(warm_up):
        work()
    return 1000 * median(seconds(work) for _ in range(times))


def forget_peak() -> None:
    """Count the most memory anew, where the system can: making a member's password takes a hundred megabytes."""
    with suppress(OSError):
        CLEAR_REFS.write_text("5")


def peak_mb() -> float:
    """The most memory that this process held since what was measured last began, or at all."""
    with suppress(OSError):
        peak = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) / 1024
    peak_ever = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak_ever / (1024 * 1024 if sys.platform == "darwin" else 1024)


def line(what: str, baseline: str, ours: str, ratio: str) -> None:
    print(f"{what:<42} {baseline:>9} {ours:>9} {ratio:>7}   {peak_mb():6.0f} MB", flush=True)


def rate(what: str, count: int, *, baseline: float, ours: float) -> None:
    """So many a second, both ways; the ratio is ours of the baseline."""
    line(what, f"{count / baseline:,.0f}/s", f"{count / ours:,.0f}/s", f"{baseline / ours:.0%}")


def organization(name: str) -> tuple[Organization, Client]:
    """A new organisation, and a client that calls its API with an administrator's key."""
    made = create_organization(name=name, email=f"{name}@benchmark.example", password="never-used-password")  # noqa: S106
    member = made.memberships.get()
    with organization_scope(made, write=True):
        _, secret = create_api_key(membership=member, name=name, scope=KeyScope.READ_WRITE, by=member.user)
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    client.get("/accounts?page_size=1")  # a server has loaded its pages long before the request that is measured
    return made, client
