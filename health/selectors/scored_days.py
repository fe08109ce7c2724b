"""Every day of an account that has a score, with the points behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pandas as pd

from accounts.bands import band
from accounts.enums import Band
from accounts.models import Account
from health.models import Scorecard
from health.scoring import ScorecardRules, score_frame
from health.scoring.guards import NONE, guard_kept
from health.selectors.overrides import OverrideCalendar
from health.selectors.pulse import PULSE, pulses_on
from health.values import known_values

Number = float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalPoints:
    """One signal of a day; value and points are None when it was not reported. Points are unscaled."""

    signal: str
    value: Number
    points: Number
    max_points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredDay:
    """A day's score is the sum of its points over the coverage, or what a guard made of that."""

    date: date
    score: Decimal
    coverage: float
    guard: str
    """What the guard did, in words; empty where none changed the score."""
    override: Decimal | None
    """What somebody had set by hand for the day; it was shown instead of the score."""
    signals: list[SignalPoints]

    @property
    def band(self) -> Band | None:
        """Of the score that was shown."""
        return band(self.score if self.override is None else self.override)


def scored_days(account: Account, scorecard: Scorecard, *, since: date, until: date) -> list[ScoredDay]:
    """The days of the window that have a score, oldest first, all by the same scorecard, in two queries.

    Guards that ask about an account's records hold on the days on which its snapshots say so: a third query, where
    the scorecard has such guards. By a customer-360 scorecard the days are those of its snapshots.
    """
    rules = scorecard.rules
    if rules.is_grouped:
        return _days_kept(account, scorecard, since=since, until=until)
    keys = rules.columns
    rows = account.daily_metrics.filter(date__range=(since, until)).order_by("date").values_list("date", *keys)
    frame = pd.DataFrame(list(rows), columns=["date", *keys], dtype="object")
    frame[keys] = frame[keys].astype("float64")
    frame["target"] = float(account.seats or account.organization.active_users_target)
    if rules.asks_for(PULSE):
        frame = frame.join(pulses_on([account.pk] * len(frame), frame["date"].tolist()))
    frame = frame.join(score_frame(frame, rules)).dropna(subset="score")
    if rules.asks_accounts:
        _guard_by_records(frame, account, rules, until=until)

    by_signal = [
        [
            SignalPoints(signal=signal.key, value=value, points=points, max_points=signal.max_points)
            for value, points in zip(
                known_values(frame[signal.key]),
                known_values(frame[f"points_{signal.key}"].round(4)),
                strict=True,
            )
        ]
        for signal in rules.signals
    ]
    overrides = OverrideCalendar.of(account.organization, [account.pk], since=since, until=until)
    days = zip(
        frame["date"],
        frame["score"].tolist(),
        frame["coverage"].tolist(),
        ["" if at == NONE else rules.guards[at].words for at in frame["guard"].tolist()],
        zip(*by_signal, strict=True),
        strict=True,
    )
    return [
        ScoredDay(
            date=day,
            score=Decimal(str(score)),
            coverage=coverage,
            guard=guard,
            override=overrides.score(account.pk, day),
            signals=list(signals),
        )
        for day, score, coverage, guard, signals in days
    ]


def _guard_by_records(frame: pd.DataFrame, account: Account, rules: ScorecardRules, *, until: date) -> None:
    """Guard each day as the newest snapshot up to it says."""
    kept = account.health_snapshots.primary().up_to(until).order_by("date").values_list("date", "guard")
    snapshots = list(kept)
    for at, day in frame["date"].items():
        known = [row for since, row in snapshots if since <= day]
        guard = guard_kept(known[-1], rules.guards) if known else None
        if guard is not None:
            frame.loc[at, "guard"] = rules.guards.index(guard)
            frame.loc[at, "score"] = guard.applied(frame.loc[[at], "mean"].to_numpy())[0]


def _days_kept(account: Account, scorecard: Scorecard, *, since: date, until: date) -> list[ScoredDay]:
    """What is gathered of a past day is not known any more: the days on which a snapshot was written."""
    kept = account.health_snapshots.filter(scorecard__key=scorecard.key, date__range=(since, until))
    overrides = OverrideCalendar.of(account.organization, [account.pk], since=since, until=until)
    return [
        ScoredDay(
            date=snapshot.date,
            score=snapshot.score,
            coverage=snapshot.coverage,
            guard=snapshot.guarded.words if snapshot.guarded else "",
            override=overrides.score(account.pk, snapshot.date),
            signals=[
                SignalPoints(
                    signal=part["signal"],
                    value=part["value"],
                    points=part["points"],
                    max_points=part["max_points"],
                )
                for part in snapshot.points
            ],
        )
        for snapshot in kept.order_by("date", "pk")
        if snapshot.score is not None
    ]
