"""Scoring a whole organisation in committed steps, for jobs and commands."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils import timezone

from csplatform.jobs import enqueue, run_now
from csplatform.models import Job, Organization, User
from csplatform.tenancy import organization_scope
from health.enums import JobKind
from health.selectors.churn_weights import churn_factors
from health.services.scorecard import scorecards_to_score_by
from health.services.scoring import Recomputed, accounts_between, next_keys, recompute_accounts

PAUSE = 0.005
"""Between two transactions, so that pages can write on SQLite while a long recompute runs."""
PATIENCE = 10.0
"""Seconds that a request waits for a recompute that another worker has taken."""


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
        scorecards = scorecards_to_score_by(organization, now=timezone.now())
        factors = churn_factors(organization)
    while keys := _next_keys(organization, after=after):
        with enter(keys):
            recomputed = recompute_accounts(
                accounts_between(organization, keys),
                organization=organization,
                scorecards=scorecards,
                factors=factors,
                today=today,
            )
        after = keys[-1]
        yield Step(last=after, accounts=len(keys), recomputed=recomputed)
        time.sleep(PAUSE)


def count_open_accounts(organization: Organization) -> int:
    with organization_scope(organization, write=False):
        return organization.accounts.open().count()


def recompute_organization(*, organization: Organization, by: User, in_background: bool = False) -> Job:
    """Score a whole organisation, at once where it is small; the answer is the job, ended or under way.

    The caller is in no scope: each step commits by itself. One recompute runs at a time; a second one waits
    for its turn for as long as a person would.
    """
    with organization_scope(organization, write=True, touch=False):
        job = enqueue(organization, JobKind.RECOMPUTE, by=by, lane=JobKind.RECOMPUTE)
    if in_background or count_open_accounts(organization) > settings.JOB_INLINE_LIMIT:
        return job
    job, patience = run_now(job), time.monotonic() + PATIENCE
    while not job.is_finished and time.monotonic() < patience:
        time.sleep(0.05)
        job = run_now(job)
    return job


def _next_keys(organization: Organization, *, after: int) -> list[int]:
    with organization_scope(organization, write=False):
        return next_keys(organization, after=after)
