"""The backtest without days: what one column tells, what all tell together, and which ones tell too much."""

from __future__ import annotations

import numpy as np
import pytest

from health.lab.backtest import across_folds, separation
from health.lab.facts import (
    Figures,
    Level,
    flagged_at,
    folds_of,
    fresh_risk,
    matrix_of,
    says_the_outcome,
    texts_of,
    useless,
)
from health.lab.fitting import fit_risk


def drawn(customers: int = 4_000, seed: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tenure and plan that drive customers away, by log odds of -1 - 0.8 z + 1 for one plan; and who has left."""
    rng = np.random.default_rng(seed)
    tenure, plan = rng.normal(size=customers), rng.random(customers) < 0.5
    left = rng.random(customers) < 1 / (1 + np.exp(1 + 0.8 * tenure - 1.0 * plan))
    return tenure, plan, left


def test_a_fit_finds_what_was_planted() -> None:
    tenure, plan, left = drawn(20_000)

    start, slope, step = fit_risk(np.column_stack([tenure, plan.astype(float)]), left)

    assert (start, slope, step) == (
        pytest.approx(-1, abs=0.1),
        pytest.approx(-0.8, abs=0.1),
        pytest.approx(1, abs=0.1),
    )


def test_a_column_that_parts_everybody_has_an_end() -> None:
    left = np.array([True] * 50 + [False] * 50)

    found = fit_risk(left[:, None].astype(float), left)

    assert np.isfinite(found).all()


def test_all_columns_tell_customers_apart_that_they_were_not_fitted_on() -> None:
    """As well as the log odds that were planted, within a hundredth; missing figures cost a little."""
    tenure, plan, left = drawn()
    best = separation(-0.8 * tenure + plan, left)
    facts = [Figures(label="Tenure", values=tenure), texts_of("Plan", ["Month" if each else "Year" for each in plan])]
    folds = folds_of(left)
    risk = np.empty(len(left))
    for fold in range(5):
        risk[folds == fold] = fresh_risk(matrix_of(facts), left, folds, fold)

    found = across_folds(risk, left)

    assert found is not None
    assert best is not None
    assert found.auc == pytest.approx(best.auc, abs=0.01)
    tenth = flagged_at(risk, left)[0]
    assert (tenth.share, tenth.flagged) == (0.1, 400)
    assert tenth.hits / tenth.flagged > 1.7 * left.mean()


def test_direction_of_figures_is_in_their_middles() -> None:
    """3 of 4 pairs are in order: 1 and 2 left, 2.5 and 1.5 stayed; lower is worse."""
    told = Figures(label="T", values=np.array([1, 2, 2.5, 1.5, np.nan])).told(
        np.array([True, True, False, False, True]), np.zeros(5, dtype=np.int64), tries=1
    )

    assert told is not None
    assert (told.separation.auc, told.medians) == (0.75, (1.5, 2.0))


def test_direction_of_texts_is_in_the_ends() -> None:
    texts = ["A"] * 100 + ["B"] * 100 + [None] * 100 + ["rare"] * 3
    left = np.array(
        [at % 2 == 0 for at in range(100)] + [at % 10 == 0 for at in range(100)] + [False] * 100 + [True] * 3
    )

    told = texts_of("Plan", texts).told(left, folds_of(left), tries=1)

    assert told is not None
    assert told.levels == (Level(text="A", customers=100, churned=50), Level(text="B", customers=100, churned=10))
    assert told.separation.low > 0.75


def test_that_nothing_is_known_is_an_end_where_there_is_one_text() -> None:
    left = np.array([at % 2 == 0 for at in range(100)] + [False] * 100)

    told = texts_of("Add-on", ["Yes"] * 100 + [None] * 100).told(left, folds_of(left), tries=1)

    assert told is not None
    assert told.levels == (
        Level(text="Yes", customers=100, churned=50),
        Level(text="Not known", customers=100, churned=0),
    )


def test_noise_tells_nothing() -> None:
    """Sixty tables with twenty columns of chance: in one of twenty tables some column may seem to tell, so in three;
    more than eight would come by chance in one of a hundred such tests, if the intervals are what they say."""
    rng = np.random.default_rng(11)
    fooled = 0
    for _ in range(60):
        left = rng.random(2_000) < 0.2
        figures = [Figures(label="F", values=rng.normal(size=2_000)) for _ in range(10)]
        texts = [texts_of("T", [f"t{each}" for each in rng.integers(0, 15, 2_000)]) for _ in range(10)]
        folds = folds_of(left)

        told = [fact.told(left, folds, tries=20) for fact in (*figures, *texts)]

        fooled += any(each is not None and each.separation.tells_apart for each in told)
    assert fooled <= 8


def test_a_fit_on_noise_lies_around_a_coin() -> None:
    """Forty tables of twenty columns: an interval of 95 in 100 misses a half in two of them; six or more would come
    by chance in one of fifty such tests."""
    rng = np.random.default_rng(3)
    missed = 0
    for _ in range(40):
        left, values = rng.random(800) < 0.15, rng.normal(size=(800, 20))
        folds, risk = folds_of(left), np.empty(800)
        for fold in range(5):
            risk[folds == fold] = fresh_risk(values, left, folds, fold)

        found = across_folds(risk, left)

        assert found is not None
        missed += not found.low <= 0.5 <= found.high
    assert missed <= 5


def test_what_says_the_outcome_is_named() -> None:
    left = np.arange(200) < 60
    noise = np.where(np.arange(200) % 7 == 0, 1.0, 0.0)
    cases = {
        "score": Figures(label="Score", values=left * 2.0 + noise * 0.1),
        "reason": texts_of("Reason", ["Price" if each else None for each in left]),
        "refund": Figures(label="Refund", values=np.where(left & (noise == 0), noise, np.nan)),
        "fine": Figures(label="Fine", values=noise),
    }
    folds = folds_of(left)

    said = {name: says_the_outcome(fact, left, fact.told(left, folds, tries=1)) for name, fact in cases.items()}

    assert said == {
        "score": "by itself it separates with 1.000",
        "reason": "whether it is filled tells who has left",
        "refund": "it is filled only for customers who have left",
        "fine": "",
    }


def test_what_can_tell_nothing_is_left_out() -> None:
    same = np.full(100, 3.0)
    scarce = np.where(np.arange(100) < 19, 1.0, np.nan)

    assert useless(Figures(label="Same", values=same)) == "the same for every customer"
    assert useless(Figures(label="Scarce", values=scarce)) == "known of too few customers"
    assert useless(texts_of("Plan", ["A", "B"] * 50)) == ""


def test_rare_texts_are_one_together() -> None:
    many = texts_of("Town", [f"t{at // 2:02d}" for at in range(60)])

    assert (len(many.levels), many.levels[-1], int((many.codes == 20).sum())) == (21, "Any other", 20)
