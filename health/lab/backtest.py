"""A backtest: one observation an account and month, and what became of it within ninety days.

Positive is an observation whose account churned, or paid more than a fifth less, in the ninety days after it. It was
flagged if its band was At Risk or Critical. All of it is arithmetic over arrays, the same for any score of 0-100.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Keys = npt.NDArray[np.int64]

HORIZON_DAYS = 90
FLAGGED_BELOW = 60.0
CONTRACTED_BELOW = 0.8
"""Of what was paid before: less is a contraction that counts."""
YOUNG_DAYS = 60
FEWEST_CHURNS = 20
TOP_SHARE = 0.1
SHARED_CHANCE = 1.5
"""How much wider than of one fit the interval of five has to be, which share most of their customers: on tables of
noise a plain one misses one half in every fifth table, this one in every twentieth."""
_OUTSIDE = 0.05
"""The share of samples whose interval misses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """The probability that a positive one was ranked as riskier than a negative one, ties half, with the interval in
    which it lies in 95 of 100 such samples (Hanley and McNeil). 0.5 is a coin."""

    auc: float
    low: float
    high: float

    @property
    def tells_apart(self) -> bool:
        """Better than a coin, beyond chance."""
        return self.low > 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How a score did. What cannot be said, because there were none to say it of, is None."""

    observations: int
    positives: int
    flagged: int
    hits: int
    separation: Separation | None
    top_precision: float | None
    """Positive among the tenth that was ranked as the riskiest."""

    @property
    def precision(self) -> float | None:
        return self.hits / self.flagged if self.flagged else None

    @property
    def recall(self) -> float | None:
        return self.hits / self.positives if self.positives else None

    @property
    def base_rate(self) -> float | None:
        """What a coin's flags would hit."""
        return self.positives / self.observations if self.observations else None


def quality(risk: Floats, flagged: Flags, positive: Flags) -> Quality:
    """Of observations by how risky they were called (higher is worse; NaN is not ranked and not counted)."""
    known = ~np.isnan(risk)
    risk, flagged, positive = risk[known], flagged[known], positive[known]
    return Quality(
        observations=len(risk),
        positives=int(positive.sum()),
        flagged=int(flagged.sum()),
        hits=int((flagged & positive).sum()),
        separation=separation(risk, positive),
        top_precision=_top_precision(risk, positive),
    )


def separation(risk: Floats, positive: Flags, *, tries: int = 1) -> Separation | None:
    """By ranks; nothing where all are alike. One of several `tries` gets an interval so wide that all of theirs hold
    together in 95 of 100 samples: whoever looks at twenty columns finds one by chance otherwise."""
    bad, good = int(positive.sum()), int((~positive).sum())
    if not bad or not good:
        return None
    auc = (float(_ranks(risk)[positive].sum()) - bad * (bad + 1) / 2) / (bad * good)
    margin = NormalDist().inv_cdf(1 - _OUTSIDE / (2 * tries)) * _standard_error(auc, bad, good)
    return Separation(auc=auc, low=max(0.0, auc - margin), high=min(1.0, auc + margin))


def across_folds(risk: Floats, positive: Flags) -> Separation | None:
    """How well risks tell that were worked out fold by fold."""
    found = separation(risk, positive)
    if found is None:
        return None
    low, high = (found.auc + SHARED_CHANCE * (end - found.auc) for end in (found.low, found.high))
    return Separation(auc=found.auc, low=max(0.0, low), high=min(1.0, high))


def lead_days(
    accounts: Keys, days: Keys, flagged: Flags, churned_on: dict[int, int]
) -> tuple[float | None, dict[int, int]]:
    """The median days from the first sustained flag to the churn, and each churned account's own.

    Sustained is the unbroken run of flags up to the account's last observation before it left; who was not flagged
    then has no lead. Days are ordinals, observations in any order."""
    leads: dict[int, int] = {}
    for account, left in churned_on.items():
        mine = np.flatnonzero((accounts == account) & (days < left))
        mine = mine[np.argsort(days[mine], kind="stable")]
        run = 0
        for at in mine[::-1]:
            if not flagged[at]:
                break
            run += 1
        if run:
            leads[account] = left - int(days[mine[-run]])
    return (float(np.median(list(leads.values()))) if leads else None), leads


def _ranks(values: Floats) -> Floats:
    """From 1 up; what is equal shares the mean of its ranks."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    means = ends - (counts - 1) / 2
    ranks: Floats = means[inverse].astype(np.float64)
    return ranks


def _standard_error(auc: float, bad: int, good: int) -> float:
    first, second = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (bad - 1) * (first - auc**2) + (good - 1) * (second - auc**2)
    return float(np.sqrt(max(variance, 0.0) / (bad * good)))


def _top_precision(risk: Floats, positive: Flags) -> float | None:
    if not len(risk):
        return None
    most = max(1, round(TOP_SHARE * len(risk)))
    order = np.argsort(-risk, kind="stable")[:most]
    return float(positive[order].mean())
