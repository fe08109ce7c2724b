"""The weights of the churn risk's factors, as an organisation has them."""

from __future__ import annotations

from csplatform.models import Organization
from health.models import ChurnWeights
from health.scoring.churn_risk import FACTORS, Factor, weighed

BUILT_IN = {factor.key: factor.weight for factor in FACTORS}


def churn_weights(organization: Organization) -> dict[str, float]:
    """Factor key to weight, those that count now, in the factors' order."""
    own = organization.churn_weights.values_list("weights", flat=True).first() or {}
    return {key: own.get(key, usual) for key, usual in BUILT_IN.items()}


def churn_factors(organization: Organization) -> tuple[Factor, ...]:
    """The factors that count, by the organisation's own weights."""
    return weighed(churn_weights(organization))


def churn_weight_history(organization: Organization) -> list[ChurnWeights]:
    """Every change, the newest first, with who made it."""
    return list(organization.churn_weights.select_related("made_by"))
