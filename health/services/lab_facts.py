"""The lab's look without days: what is stored of customers, held against who has left. It informs, and changes
nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.db import transaction

from csplatform.formatting import counted
from csplatform.jobs import JobRun, enqueue
from csplatform.models import Organization, User
from csplatform.tenancy import organization_scope
from health.enums import JobKind, LabKind
from health.lab.backtest import FEWEST_CHURNS, Flags, across_folds
from health.lab.facts import (
    Fact,
    Told,
    flagged_at,
    folds_of,
    fresh_risk,
    matrix_of,
    says_the_outcome,
)
from health.lab.fitting import FOLDS
from health.models import LabRun
from health.selectors.customer_facts import CustomerFacts, customer_facts
from health.services.lab import separation_row

STEPS = FOLDS + 2
"""Reading, each column alone, and a fit a fold."""


@transaction.atomic
def start_facts_run(*, organization: Organization, by: User) -> LabRun:
    """Ask the lab which customer facts go with leaving. It waits for the lab's other runs."""
    job = enqueue(organization, JobKind.CUSTOMER_FACTS, by=by, lane=JobKind.HEALTH_LAB)
    return LabRun.objects.create(organization=organization, job=job, kind=LabKind.FACTS, by=by)


def run_facts_lab(job_run: JobRun) -> None:
    """The job: writes its result at the end. A killed run begins anew."""
    organization = job_run.organization
    job_run.progress(done=0, total=STEPS, message="Reading what is stored of customers")
    with organization_scope(organization, write=False):
        lab_run = LabRun.objects.get(job=job_run.job)
        found = customer_facts(organization)
    result = _result(job_run, found)
    with job_run.chunk(touch=False):
        lab_run.result = result
        lab_run.save(update_fields=["result"])
    job_run.finish({"run": str(lab_run.uuid), "customers": len(found.churned)})


def _result(job_run: JobRun, found: CustomerFacts) -> dict[str, Any]:
    churned = found.churned
    result: dict[str, Any] = {
        "accounts": len(churned),
        "churned": int(churned.sum()),
        "refusal": _refusal(found),
        "left_out": [{"label": label, "why": why} for label, why in found.left_out],
        "suspicious": [],
        "columns": [],
        "separation": None,
        "flagged": [],
    }
    if result["refusal"]:
        return result
    folds = folds_of(churned)
    tried: list[tuple[Fact, Told]] = []
    for fact in found.facts:
        told = fact.told(churned, folds, tries=len(found.facts))
        why = says_the_outcome(fact, churned, told)
        if why:
            result["suspicious"].append({"label": fact.label, "why": why})
        elif told is not None:
            tried.append((fact, told))
    tried.sort(key=lambda pair: -pair[1].separation.auc)
    result["columns"] = [_column(fact, told) for fact, told in tried]
    if tried:
        risk = _fresh(job_run, [fact for fact, _ in tried], churned)
        result["separation"] = separation_row(across_folds(risk, churned))
        result["flagged"] = [
            {
                "share": each.share,
                "flagged": each.flagged,
                "hits": each.hits,
                "precision": each.hits / each.flagged,
                "recall": each.hits / result["churned"],
            }
            for each in flagged_at(risk, churned)
        ]
    return result


def _refusal(found: CustomerFacts) -> str:
    churned = int(found.churned.sum())
    if churned < FEWEST_CHURNS:
        some = f"Only {counted(churned, 'account')} churned" if churned else "No account has churned"
        return f"{some}; {FEWEST_CHURNS} are needed before they can be compared with the others."
    if len(found.churned) - churned < FEWEST_CHURNS:
        return "Nearly all accounts have churned; without some that stayed there is nothing to compare them with."
    if not found.facts:
        return "Nothing is stored of the accounts that could be compared: no field differs between them."
    return ""


def _fresh(job_run: JobRun, facts: list[Fact], churned: Flags) -> np.ndarray:
    """Each customer's risk by a fit on the customers of other folds."""
    matrix, folds = matrix_of(facts), folds_of(churned)
    risk = np.empty(len(churned))
    for fold in range(FOLDS):
        job_run.progress(done=fold + 2, total=STEPS, message="Comparing customers who left with those who stayed")
        job_run.check()
        risk[folds == fold] = fresh_risk(matrix, churned, folds, fold)
    return risk


def _column(fact: Fact, told: Told) -> dict[str, Any]:
    """A column alone: how well it tells, which way, and of how many it is missing."""
    return {
        "label": fact.label,
        "missing": int(fact.missing.sum()),
        "separation": separation_row(told.separation),
        "medians": list(told.medians) if told.medians else None,
        "levels": [{"text": each.text, "customers": each.customers, "churned": each.churned} for each in told.levels]
        if told.levels
        else None,
    }
