"""Pulses as scores count them: the newest one up to a day, and how much of its weight it has left by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from accounts.models import Account
from accounts.querysets import AccountQuerySet
from health.enums import PulseRating
from health.models import Pulse
from health.scoring.measures import MEASURES
from health.scoring.signals import WEIGHT

PULSE = "pulse"
WEIGHT_OF_PULSE = f"{WEIGHT}{PULSE}"
HALF_LIFE_DAYS = MEASURES[PULSE].half_life_days
SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPulse:
    """One as a page shows it; `weight` is how much of it is left, from 0 to 1."""

    pulse: Pulse
    label: str
    weight: float

    @property
    def weight_pct(self) -> float:
        return 100 * self.weight


def weight_after(days: float) -> float:
    """Half of it after thirty days, a quarter after sixty."""
    return float(0.5 ** (days / HALF_LIFE_DAYS))


def recent_pulses(account: Account, *, today: date) -> list[ShownPulse]:
    """The last few, newest first; only the first one counts."""
    rows = account.pulses.up_to(today).select_related("set_by").order_by("-date")[:SHOWN]
    return [
        ShownPulse(pulse=row, label=str(PulseRating(row.rating).label), weight=weight_after((today - row.date).days))
        for row in rows
    ]


def pulse_frame(accounts: AccountQuerySet, *, today: date) -> pd.DataFrame:
    """`pulse` and `weight_pulse` of the accounts that have one, by key, in one query."""
    rows = list(Pulse.objects.up_to(today).newest_of(accounts).values_list("account", "rating", "date"))
    return pd.DataFrame(
        {
            PULSE: [float(rating) for _, rating, _ in rows],
            WEIGHT_OF_PULSE: [weight_after((today - day).days) for _, _, day in rows],
        },
        index=pd.Index([key for key, _, _ in rows], name="account", dtype="int64"),
    )


def pulses_on(accounts: Sequence[int], days: Sequence[date]) -> pd.DataFrame:
    """`pulse` and `weight_pulse` for pairs of an account and a day, in their order, in one query.

    The accounts, which the caller found among the organisation's own, bring the organisation."""
    rows = Pulse.objects.filter(account__in=sorted(set(accounts))).order_by("account", "date")
    by_account: dict[int, list[tuple[date, int]]] = {}
    for key, day, rating in rows.values_list("account", "date", "rating"):
        by_account.setdefault(key, []).append((day, rating))
    ratings, weights = np.full(len(days), np.nan), np.full(len(days), np.nan)
    for at, (key, day) in enumerate(zip(accounts, days, strict=True)):
        known = [each for each in by_account.get(key, []) if each[0] <= day]
        if known:
            ratings[at], weights[at] = known[-1][1], weight_after((day - known[-1][0]).days)
    return pd.DataFrame({PULSE: ratings, WEIGHT_OF_PULSE: weights})
