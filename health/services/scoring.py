"""Scoring: the newest metrics of each open account become its score, its snapshot and its risk factors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
from django.db import connection
from django.utils import timezone

from accounts.models import Account
from accounts.querysets import AccountQuerySet
from csplatform import bulk
from csplatform.models import Organization
from csplatform.querysets import among
from health.models import DailyMetrics, Scorecard
from health.scoring import SIGNALS_SCORECARD, ScorecardRules, rules_from_rows, score_frame
from health.scoring.churn_risk import FACTORS, Factor
from health.selectors.churn_weights import churn_factors
from health.selectors.scorecard import HealthScorecards
from health.selectors.scored_accounts import scored_accounts, scored_beside
from health.services.churn_risk import shown_risk, with_churn_risk
from health.services.scorecard import scorecards_to_score_by
from health.services.snapshot import write_snapshots
from health.values import known_values

CHUNK = {"sqlite": 2_500, "postgresql": 10_000}
"""Accounts scored together, by database: each group costs some thirty milliseconds however few they are, and on
SQLite a page's write waits for as long as a group's transaction takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """What a recompute did: accounts that had something to score, those it changed, snapshots written."""

    scored: int = 0
    changed: int = 0
    snapshots_created: int = 0

    def __add__(self, other: Recomputed) -> Recomputed:
        return Recomputed(
            scored=self.scored + other.scored,
            changed=self.changed + other.changed,
            snapshots_created=self.snapshots_created + other.snapshots_created,
        )


def score_rows(frame: pd.DataFrame, rules: ScorecardRules | None = None) -> pd.Series:
    """The health score of each row of daily metrics (one decimal, NaN = unknown).

    The frame has the columns of DailyMetrics that the scorecard asks for and `target`: the account's seats,
    or the organisation's `active_users_target`.
    """
    return score_frame(frame, rules or rules_from_rows(SIGNALS_SCORECARD))["score"]


def recompute_health(
    *, organization: Organization, today: date, account_ids: Iterable[int] | None = None
) -> Recomputed:
    """Score all open accounts, or the named ones among them, inside the caller's scope."""
    scorecards = scorecards_to_score_by(organization, now=timezone.now())
    factors = churn_factors(organization)
    total = Recomputed()
    for accounts in account_chunks(organization, account_ids):
        total += recompute_accounts(
            accounts, organization=organization, scorecards=scorecards, factors=factors, today=today
        )
    return total


def account_chunks(organization: Organization, account_ids: Iterable[int] | None = None) -> Iterator[AccountQuerySet]:
    """Open accounts in groups small enough for one transaction each."""
    if account_ids is not None:
        wanted, size = sorted(set(account_ids)), CHUNK[connection.vendor]
        for start in range(0, len(wanted), size):
            yield organization.accounts.open().filter(among("pk", wanted[start : start + size]))
        return
    after = 0
    while keys := next_keys(organization, after=after):
        yield accounts_between(organization, keys)
        after = keys[-1]


def next_keys(organization: Organization, *, after: int) -> list[int]:
    """The keys of the next group of open accounts, in their order."""
    accounts = organization.accounts.open().filter(pk__gt=after).order_by("pk")
    return list(accounts.values_list("pk", flat=True)[: CHUNK[connection.vendor]])


def accounts_between(organization: Organization, keys: list[int]) -> AccountQuerySet:
    """The group as a range, which costs nothing to say, however many they are."""
    return organization.accounts.open().filter(pk__range=(keys[0], keys[-1]))


def recompute_accounts(
    accounts: AccountQuerySet,
    *,
    organization: Organization,
    scorecards: HealthScorecards,
    factors: Sequence[Factor] = FACTORS,
    today: date,
) -> Recomputed:
    """Score one group of open accounts, each by its segment's scorecard. Only what differs is written.

    Scorecards beside leave snapshots of their own, and nothing else.

    Accounts are written without history: their scores' history is the snapshots.
    """
    total = Recomputed()
    for scorecard, share in scorecards.shares(accounts):
        total += _recompute_share(share, organization, scorecards, scorecard, factors=factors, today=today)
    return total


def _recompute_share(
    accounts: AccountQuerySet,
    organization: Organization,
    scorecards: HealthScorecards,
    scorecard: Scorecard,
    *,
    factors: Sequence[Factor],
    today: date,
) -> Recomputed:
    """Of a group, those accounts whose health comes from one scorecard."""
    others = [(card, card.rules) for card in scorecards.beside if card != scorecard]
    frame = scored_accounts(
        organization,
        accounts,
        scorecard,
        today=today,
        beside=[rules for _, rules in others],
        may_differ=scorecards.may_differ_since,
    )
    if frame.empty:
        return Recomputed()
    frame = with_churn_risk(frame, organization=organization, accounts=accounts, factors=factors, today=today)

    _write_metrics_scores(frame)
    for card, rules in others:
        write_snapshots(
            scored_beside(frame, rules),
            organization=organization,
            accounts=accounts,
            scorecard=card,
            factors=factors,
            today=today,
        )
    return Recomputed(
        scored=int(frame["metrics"].notna().sum()),
        changed=_write_accounts(frame),
        snapshots_created=write_snapshots(
            frame,
            organization=organization,
            accounts=accounts,
            scorecard=scorecard,
            is_shown=True,
            factors=factors,
            today=today,
        ),
    )


def _write_metrics_scores(frame: pd.DataFrame) -> None:
    """The newest metrics row carries the score that the scorecard gave it."""
    rows = frame[frame["metrics"].notna() & _differs(frame["computed"], frame["row_score"])]
    bulk.update_from(
        DailyMetrics, rows["metrics"].astype("int64").tolist(), {"health_score": known_values(rows["computed"])}
    )


def _write_accounts(frame: pd.DataFrame) -> int:
    known = frame["computed"].fillna(frame["stored_known_score"])
    risk = shown_risk(frame).fillna(frame["stored_churn_risk"])
    changed = (
        _differs(frame["score"], frame["stored_score"])
        | _differs(known, frame["stored_known_score"])
        | _differs(frame["coverage"], frame["stored_coverage"])
        | _differs(risk, frame["stored_churn_risk"])
    )
    rows = frame[changed]
    bulk.update_from(
        Account,
        rows.index.tolist(),
        {
            "health_score": known_values(rows["score"]),
            "last_known_health_score": known_values(known[changed]),
            "health_coverage": known_values(rows["coverage"]),
            "churn_risk_score": risk[changed].astype("int64").tolist(),
        },
    )
    return len(rows)


def _differs(new: pd.Series, old: pd.Series) -> npt.NDArray[np.bool_]:
    """Unequal, where unknown equals unknown."""
    return ~np.isclose(new, old, rtol=0, atol=1e-9, equal_nan=True)
