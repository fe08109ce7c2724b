"""Weights that the past itself would have chosen: a logistic loss, no signal against its sense."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from health.lab.backtest import FEWEST_CHURNS, Flags, Floats, Keys, Separation, across_folds, separation

FOLDS = 5
STEPS = 400
NEWTON_STEPS, ENOUGH = 25, 1e-6
SMALLEST_BEND = 1e-6
"""So that a customer of whom the fit is sure does not make a step endless."""
RIDGE = 1e-3
"""Keeps weights small where the past says little."""
WORTH_PROPOSING = 0.02
"""So much more separation than the live weights have; less is not worth a new version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """Whole weights that add up to 100; how well they and the live ones separate accounts that they were not fitted
    on."""

    weights: dict[str, int]
    fresh: Separation
    live: Separation

    @property
    def is_better(self) -> bool:
        return self.fresh.tells_apart and self.fresh.auc >= self.live.auc + WORTH_PROPOSING


def fit_weights(
    shares: Floats, keys: Sequence[str], accounts: Keys, positive: Flags, live_risk: Floats
) -> Fitted | None:
    """From each observation's share of each signal's points (0-1, NaN where missing). Nothing where fewer than twenty
    accounts were positive, or nothing can be told.

    Cross-validated by account: all months of one are in the same fold, or it would be known already."""
    usable = ~np.isnan(live_risk) & ~np.isnan(shares).all(axis=1)
    shares, accounts, positive, live_risk = shares[usable], accounts[usable], positive[usable], live_risk[usable]
    if len(np.unique(accounts[positive])) < FEWEST_CHURNS:
        return None
    filled = _filled(shares)
    folds = np.searchsorted(np.unique(accounts), accounts) % FOLDS
    fresh = np.zeros(len(filled))
    for fold in range(FOLDS):
        out = folds == fold
        fresh[out] = -filled[out] @ _fit(filled[~out], positive[~out])
    found, live = across_folds(fresh, positive), separation(live_risk, positive)
    weights = _whole(_fit(filled, positive))
    if found is None or live is None or weights is None:
        return None
    return Fitted(weights=dict(zip(keys, weights, strict=True)), fresh=found, live=live)


def fit_risk(values: Floats, positive: Flags) -> Floats:
    """What each column adds to the log odds, for the better or the worse, with what all start from in front.

    By Newton's steps, since nothing bounds the weights: columns that say the same thing twice would keep small steps
    busy for long. The same ridge as of weights keeps them apart; what all start from is free."""
    target = positive.astype(np.float64)
    design = np.column_stack([np.ones(len(values)), values])
    ridge = np.full(design.shape[1], RIDGE)
    ridge[0] = 0.0
    found = np.zeros(design.shape[1])
    found[0] = _log_odds(target)
    for _ in range(NEWTON_STEPS):
        chance = _chance(design @ found)
        slope = design.T @ (chance - target) / len(values) + ridge * found
        bend = (design * (chance * (1 - chance) + SMALLEST_BEND)[:, None]).T @ design / len(values) + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        found -= step
        if float(np.abs(step).max()) < ENOUGH:
            break
    return found


def risk_by(found: Floats, values: Floats) -> Floats:
    """The log odds that a fit gives to others."""
    odds: Floats = found[0] + values @ found[1:]
    return odds


def _log_odds(target: Floats) -> float:
    return float(np.log((target.mean() + 1e-6) / (1 - target.mean() + 1e-6)))


def _chance(odds: Floats) -> Floats:
    chance: Floats = 1.0 / (1.0 + np.exp(-np.clip(odds, -30, 30)))
    return chance


def _filled(shares: Floats) -> Floats:
    """What is missing stands where the observation's other signals do: it speaks neither for nor against."""
    own = np.nanmean(shares, axis=1, keepdims=True)
    return np.where(np.isnan(shares), own, shares)


def _fit(shares: Floats, positive: Flags) -> Floats:
    """Weights of at least nothing, by gradient steps that are put back behind zero."""
    target = positive.astype(np.float64)
    weights, bias = np.zeros(shares.shape[1]), _log_odds(target)
    # The largest step under which the loss cannot rise.
    step = 4.0 / (float(np.linalg.norm(shares, 2)) ** 2 / len(shares) + 1.0)
    for _ in range(STEPS):
        chance = _chance(bias - shares @ weights)
        error = chance - target
        weights = np.maximum(0.0, weights - step * (-(shares.T @ error) / len(shares) + RIDGE * weights))
        bias -= step * float(error.mean())
    return weights


def _whole(weights: Floats) -> list[int] | None:
    """As whole points that add up to 100, by largest remainders; nothing where no signal counts."""
    total = float(weights.sum())
    if total <= 0:
        return None
    exact = 100.0 * weights / total
    whole = np.floor(exact).astype(int)
    for at in np.argsort(-(exact - whole), kind="stable")[: 100 - int(whole.sum())]:
        whole[at] += 1
    return [int(each) for each in whole]
