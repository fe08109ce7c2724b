"""Changing how much each reason to leave weighs."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from csplatform.exceptions import DomainError, InvalidInput
from csplatform.jobs import enqueue
from csplatform.models import Job, Organization, User
from health.enums import JobKind
from health.models import ChurnWeights
from health.models.churn_weights import NOTE_LENGTH
from health.scoring.churn_risk import FACTORS
from health.selectors.churn_weights import churn_weights

MOST = 100
LABELS = {factor.key: factor.label for factor in FACTORS}


class SameWeights(DomainError):
    code = "same_weights"
    message = "These are the weights that count already."


@transaction.atomic
def set_churn_weights(
    *, organization: Organization, weights: Mapping[str, float], by: User | None, note: str = ""
) -> tuple[ChurnWeights, Job]:
    """Weigh the factors anew; those left out keep their weight. Every account's risk is worked out with the job.

    Organisations are locked one change at a time: of two at once, the second is judged by what the first left.
    """
    Organization.objects.select_for_update(no_key=True).values_list("pk").get(pk=organization.pk)
    now = churn_weights(organization)
    _refuse_what_cannot_be(weights, now, note.strip())
    wanted = now | {key: float(weight) for key, weight in weights.items()}
    if wanted == now:
        raise SameWeights
    row = ChurnWeights.objects.create(organization=organization, weights=wanted, note=note.strip(), made_by=by)
    return row, enqueue(organization, JobKind.RECOMPUTE, by=by, lane=JobKind.RECOMPUTE)


def _refuse_what_cannot_be(weights: Mapping[str, float], now: Mapping[str, float], note: str) -> None:
    unknown = [key for key in weights if key not in now]
    wrong = [
        f"{LABELS[key]}: the weight is a number from 0 to {MOST}."
        for key, weight in weights.items()
        if key in now
        and (isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 <= weight <= MOST)
    ]
    errors: dict[str, list[str]] = {}
    if unknown:
        errors["weights"] = [f"“{unknown[0]}” is no factor; there are {', '.join(now)}."]
    elif wrong:
        errors["weights"] = wrong
    elif not any((dict(now) | dict(weights)).values()):
        errors["weights"] = ["At least one factor needs a weight above 0."]
    if len(note) > NOTE_LENGTH:
        errors["note"] = [f"takes at most {NOTE_LENGTH} characters."]
    if errors:
        raise InvalidInput("The churn risk can't be weighed so.", errors=errors)
