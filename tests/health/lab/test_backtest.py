"""The arithmetic of a backtest, worked out by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from health.lab.backtest import lead_days, quality, separation
from health.lab.fitting import fit_weights

KEYS = ("users", "adoption", "tickets", "nps", "logins")


def arr(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def flags(*values: int) -> np.ndarray:
    return np.array(values, dtype=bool)


@pytest.mark.parametrize(
    ("risk", "positive", "auc"),
    [
        (arr(9, 8, 1, 2), flags(1, 1, 0, 0), 1.0),
        (arr(1, 2, 9, 8), flags(1, 1, 0, 0), 0.0),
        (arr(5, 5, 5, 5), flags(1, 1, 0, 0), 0.5),
        # Pairs: 7 beats 3 and 6, 5 beats 3 and loses to 6: three of four.
        (arr(7, 5, 3, 6), flags(1, 1, 0, 0), 0.75),
        # 7 beats 3 and ties with 7: one and a half of two.
        (arr(7, 3, 7), flags(1, 0, 0), 0.75),
    ],
)
def test_separation_is_the_share_of_pairs_in_the_right_order(
    risk: np.ndarray, positive: np.ndarray, auc: float
) -> None:
    found = separation(risk, positive)

    assert found is not None
    assert found.auc == pytest.approx(auc)


def test_separation_needs_both_kinds() -> None:
    assert separation(arr(1, 2), flags(1, 1)) is None
    assert separation(arr(1, 2), flags(0, 0)) is None


def test_the_interval_is_hanleys_and_mcneils() -> None:
    """AUC 0.75 of 2 × 2: Q1 = 0.75 / 1.25 = 0.6, Q2 = 2 · 0.5625 / 1.75 = 0.642857; the variance is
    (0.1875 + 0.0375 + 0.080357) / 4 = 0.076339, the error 0.276295, the margin 0.541528."""
    found = separation(arr(7, 5, 3, 6), flags(1, 1, 0, 0))

    assert found is not None
    assert (found.low, found.high) == (pytest.approx(0.208472, abs=1e-5), 1.0)
    assert not found.tells_apart


def test_precision_recall_and_the_top_tenth() -> None:
    """Ten known observations, four flagged, of them two right; three positives in all; the riskiest one was right.
    The eleventh has no score and is not counted."""
    risk = arr(95, 80, 70, 61, 50, 40, 30, 20, 10, 5, np.nan)
    flagged = flags(1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0)
    positive = flags(1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1)

    found = quality(risk, flagged, positive)

    assert (found.observations, found.positives, found.flagged, found.hits) == (10, 3, 4, 2)
    assert (found.precision, found.recall, found.base_rate) == (0.5, pytest.approx(2 / 3), 0.3)
    assert found.top_precision == 1.0


def test_nothing_to_count_is_not_zero() -> None:
    found = quality(arr(), flags(), flags())

    assert (found.precision, found.recall, found.base_rate, found.top_precision) == (None,) * 4
    assert found.separation is None


def test_lead_is_counted_from_the_first_flag_of_the_last_unbroken_run() -> None:
    """1 left on 10 Jun, flagged in February, not in March, again in April and May: since 1 April, 70 days. 2 left on
    11 Jun, flagged since 1 May: 41 days. 3 was green to the end. The median of 70 and 41 is 55.5."""
    months = [date(2026, month, 1).toordinal() for month in (2, 3, 4, 5)]
    accounts = np.repeat([1, 2, 3], 4)
    flagged = flags(1, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1, 0)
    left = {1: date(2026, 6, 10).toordinal(), 2: date(2026, 6, 11).toordinal(), 3: date(2026, 6, 12).toordinal()}

    median, leads = lead_days(accounts, np.array(months * 3), flagged, left)

    assert leads == {1: 70, 2: 41}
    assert median == 55.5


def history(cause: int | None, accounts: int = 400, months: int = 6) -> tuple[np.ndarray, ...]:
    """Shares of five signals over months; who leaves follows from one of them, or from nothing."""
    rng = np.random.default_rng(11)
    level = rng.random((accounts, len(KEYS)))
    shares = np.clip(np.repeat(level, months, axis=0) + rng.normal(0, 0.05, (accounts * months, len(KEYS))), 0, 1)
    keys = np.repeat(np.arange(accounts), months)
    leaves = level[:, cause] < 0.15 if cause is not None else rng.random(accounts) < 0.15
    return shares, keys, leaves[keys]


def test_a_planted_cause_is_found_and_proposed() -> None:
    shares, accounts, positive = history(cause=4)
    live_risk = 100 - 100 * shares.mean(axis=1)

    found = fit_weights(shares, KEYS, accounts, positive, live_risk)

    assert found is not None
    assert found.fresh.auc >= 0.9
    assert found.is_better
    assert max(found.weights, key=lambda key: found.weights[key]) == "logins"
    assert sum(found.weights.values()) == 100


def test_noise_is_called_noise_and_nothing_is_proposed() -> None:
    shares, accounts, positive = history(cause=None)

    found = fit_weights(shares, KEYS, accounts, positive, 100 - 100 * shares.mean(axis=1))

    assert found is None or (not found.is_better and found.fresh.auc == pytest.approx(0.5, abs=0.12))


def test_under_twenty_churns_nothing_is_fitted() -> None:
    shares, accounts, positive = history(cause=4, accounts=60)
    assert 0 < len(np.unique(accounts[positive])) < 20

    assert fit_weights(shares, KEYS, accounts, positive, 100 - 100 * shares.mean(axis=1)) is None


def test_missing_signals_and_whole_rows_without_any_do_no_harm() -> None:
    shares, accounts, positive = history(cause=4)
    shares[::7, 0], shares[::50] = np.nan, np.nan

    found = fit_weights(shares, KEYS, accounts, positive, 100 - 100 * np.nan_to_num(shares.mean(axis=1)))

    assert found is not None
    assert found.fresh.auc >= 0.85


def test_a_signal_never_counts_against_its_sense() -> None:
    """Here those with the best logins leave: the weight of logins is none at all, never less."""
    shares, accounts, positive = history(cause=4)
    shares[:, 4] = 1 - shares[:, 4]
    shares[:, 3] = np.where(positive, shares[:, 3] * 0.2, shares[:, 3])

    found = fit_weights(shares, KEYS, accounts, positive, 100 - 100 * shares.mean(axis=1))

    assert found is not None
    assert found.weights["logins"] == 0
    assert min(found.weights.values()) >= 0
