"""The churn risk as a recompute writes it: onto the account as a whole number, onto the snapshot with its parts."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from accounts.querysets import AccountQuerySet
from csplatform.models import Organization
from health.scoring.churn_risk import BY_HEALTH, FACTORS, MEASURES, RISK, SCORE, risk_frame
from health.selectors.churn_inputs import churn_inputs
from health.values import known_values

PartRow = dict[str, object]


def with_churn_risk(
    frame: pd.DataFrame, *, organization: Organization, accounts: AccountQuerySet, today: date
) -> pd.DataFrame:
    """The scored accounts with what is known of their leaving, and the risk that comes of it."""
    frame = frame.join(churn_inputs(organization, accounts, frame, today=today))
    return frame.join(risk_frame(frame))


def shown_risk(frame: pd.DataFrame) -> pd.Series:
    """The whole number that the product shows: the floor, as of every score."""
    return np.floor(frame[RISK])


def risk_parts(frame: pd.DataFrame) -> list[list[PartRow]]:
    """For each row its parts as snapshots keep them: unscaled points of each known factor, and what gave them."""
    parts: list[list[PartRow]] = [[] for _ in range(len(frame))]
    values = {key: known_values(frame[key].replace(np.inf, np.nan).round(2)) for key in MEASURES}
    troubled = {
        measure.key: measure.trouble(frame[measure.key].to_numpy(dtype="float64", na_value=np.nan)) > 0
        for factor in FACTORS
        for measure in factor.measures
    }
    for factor in FACTORS:
        troubles = known_values((frame[f"risk_{factor.key}"] * factor.weight).round(4))
        for at, points in enumerate(troubles):
            if points is None:
                continue
            reasons: dict[str, float | None] = {}
            # A revenue of nothing makes endless months of what is owed, which JSON cannot say: kept as null.
            if points:
                reasons = {m.key: values[m.key][at] for m in factor.measures if troubled[m.key][at]}
            parts[at].append({"factor": factor.key, "points": points, "max_points": factor.weight, "values": reasons})
    scores = known_values(frame[SCORE])
    for at, found in enumerate(parts):
        score = scores[at]
        if not found and score is not None:
            found.append({"factor": BY_HEALTH, "points": 100 - score, "max_points": 100, "values": {SCORE: score}})
    return parts
