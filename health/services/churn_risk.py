"""The churn risk as a recompute writes it: onto the account as a whole number, onto the snapshot with its parts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from accounts.querysets import AccountQuerySet
from csplatform.models import Organization
from health.scoring.churn_risk import BY_HEALTH, FACTORS, RISK, SCORE, Factor, risk_frame
from health.selectors.churn_inputs import churn_inputs
from health.values import number_texts


def with_churn_risk(
    frame: pd.DataFrame,
    *,
    organization: Organization,
    accounts: AccountQuerySet,
    factors: Sequence[Factor] = FACTORS,
    today: date,
) -> pd.DataFrame:
    """The scored accounts with what is known of their leaving, and the risk that comes of it."""
    frame = frame.join(churn_inputs(organization, accounts, frame, today=today))
    return frame.join(risk_frame(frame, factors))


def shown_risk(frame: pd.DataFrame) -> pd.Series:
    """The whole number that the product shows: the floor, as of every score."""
    return np.floor(frame[RISK])


def risk_part_texts(frame: pd.DataFrame, factors: Sequence[Factor] = FACTORS) -> list[str]:
    """For each row the JSON of its parts as snapshots keep them: unscaled points of each known factor, and what gave
    them.

    PERFORMANCE: one pattern a factor and one text a row; lists of objects took a tenth of a recompute.
    """
    found = [""] * len(frame)
    for factor in factors:
        points = (frame[f"risk_{factor.key}"] * factor.weight).round(4)
        reasons = _reason_texts(frame, factor, points)
        for at, text in enumerate(number_texts(points)):
            if text != "null":
                found[at] += _part(factor.key, text, factor.weight, reasons[at])
    for at, score in enumerate(frame[SCORE].tolist()):
        if not found[at] and score == score:
            found[at] = _part(BY_HEALTH, repr(100 - score), 100, f', "{SCORE}": {score!r}')
    return [f"[{text[2:]}]" for text in found]


def _part(factor: str, points: str, max_points: float, reasons: str) -> str:
    return f', {{"factor": "{factor}", "points": {points}, "max_points": {max_points}, "values": {{{reasons[2:]}}}}}'


def _reason_texts(frame: pd.DataFrame, factor: Factor, points: pd.Series) -> list[str]:
    """For each row the measures of the factor that are trouble, each with its value."""
    reasons = [""] * len(frame)
    for measure in factor.measures:
        values = frame[measure.key]
        troubled = measure.trouble(values.to_numpy(dtype="float64", na_value=np.nan)) > 0
        at = np.flatnonzero(troubled & (points > 0).to_numpy())
        # A revenue of nothing makes endless months of what is owed, which JSON cannot say: kept as null.
        texts = number_texts(values.iloc[at].replace(np.inf, np.nan).round(2))
        for position, text in zip(at.tolist(), texts, strict=True):
            reasons[position] += f', "{measure.key}": {text}'
    return reasons
