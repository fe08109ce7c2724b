"""Scoring a whole organisation in committed steps, for jobs and commands."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from csplatform.jobs import enqueue
from csplatform.models import Job, Organization, User
from csplatform.tenancy import organization_scope
from health.services.scorecard import primary_scorecard
from health.services.scoring import Recomputed, account_chunks, recompute_chunk

KIND = "recompute_health"
PAUSE = 0.005
"""Between two transactions, so that pages can write on SQLite while a long recompute runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One group of accounts, scored and committed: `last` is its highest key."""

    last: int
    accounts: int
    recomputed: Recomputed


EnterScope = Callable[[list[int]], AbstractContextManager[object]]
"""Opens the write transaction for one group of account keys."""


def recompute_steps(organization: Organization, *, today: date, enter: EnterScope, after: int = 0) -> Iterator[Step]:
    """Score open accounts group by group, each in the transaction that `enter` opens."""
    with organization_scope(organization, write=True, touch=False):
        scorecard = primary_scorecard(organization, now=timezone.now())
    while ids := _next_ids(organization, after):
        with enter(ids):
            recomputed = recompute_chunk(organization=organization, scorecard=scorecard, today=today, account_ids=ids)
        after = ids[-1]
        yield Step(last=after, accounts=len(ids), recomputed=recomputed)
        time.sleep(PAUSE)


def count_open_accounts(organization: Organization) -> int:
    with organization_scope(organization, write=False):
        return organization.accounts.open().count()


def enqueue_recompute(*, organization: Organization, by: User | None) -> Job:
    """Write the job that scores the organisation; one runs at a time."""
    return enqueue(organization, KIND, by=by, lane=KIND)


def _next_ids(organization: Organization, after: int) -> list[int]:
    with organization_scope(organization, write=False):
        return next(account_chunks(organization, after=after), [])
