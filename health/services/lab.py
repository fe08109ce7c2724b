"""The health lab: a scorecard held against what happened, a draft beside it, and weights that would do better."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from django.db import transaction

from accounts.bands import band
from accounts.enums import Band
from billing.selectors.mrr import mrr_by_account
from csplatform.exceptions import DomainError
from csplatform.formatting import counted
from csplatform.jobs import JobRun, enqueue
from csplatform.models import Organization, User
from csplatform.periods import today as civil_today
from csplatform.tenancy import organization_scope
from health.enums import JobKind
from health.lab.backtest import FEWEST_CHURNS, FLAGGED_BELOW, Quality, Separation, lead_days, quality
from health.lab.fitting import Fitted, fit_weights
from health.models import LabRun, Scorecard
from health.scoring import ScorecardRules
from health.selectors.lab_subjects import lab_subjects
from health.selectors.scored_accounts import scored_accounts, scored_beside
from health.services.lab_history import Lives, joined, judged_months, lives, observed, shares_of
from health.services.scorecard_versions import draft_version, edit_draft

MOST_GREEN, MOST_MOVERS = 25, 15
RISKY_FROM = 60.0
"""Where a churn risk counts as a flag, as it stands against the score's bands."""
UNKNOWN = "Unknown"


class NoScorecard(DomainError):
    code = "no_scorecard"
    message = "There is no live scorecard of daily signals to look at."


class NothingProposed(DomainError):
    code = "nothing_proposed"
    message = "This run proposes no weights."


@transaction.atomic
def start_lab_run(*, organization: Organization, by: User, scorecard: str = "") -> LabRun:
    """Ask the lab about a live scorecard of daily signals, and its draft where there is one: that of a key, else the
    primary one. One run at a time.

    Where it is for some segments, their accounts are looked at; for a draft's segments, where there is a draft.
    """
    subjects = lab_subjects(organization)
    subject = next((each for each in subjects if scorecard in ("", each.key)), None)
    if subject is None:
        raise NoScorecard
    job = enqueue(organization, JobKind.HEALTH_LAB, by=by, lane=JobKind.HEALTH_LAB)
    return LabRun.objects.create(
        organization=organization, job=job, scorecard=subject.live, draft=subject.draft, by=by
    )


def run_lab(job_run: JobRun) -> None:
    """The job: reads month by month, writes its result at the end. A killed run begins anew."""
    organization = job_run.organization
    with organization_scope(organization, write=False):
        lab_run = LabRun.objects.select_related("scorecard", "draft").get(job=job_run.job)
        today = civil_today(organization)
        scorecard, draft = lab_run.scorecard, lab_run.draft
        if scorecard is None:
            raise NoScorecard
        segments = (draft or scorecard).segments
        known, months = lives(organization, segments), judged_months(organization, today=today)
    frames: list[pd.DataFrame] = []
    for done, day in enumerate(months, start=1):
        with organization_scope(organization, write=False):
            frames += observed(organization, known, day, scorecard, draft)
        job_run.progress(done=done, total=len(months) + 1, message="Looking back month by month")
        job_run.check()
    rules = scorecard.rules
    frame = joined(frames, rules)
    with organization_scope(organization, write=False):
        result = _result(organization, frame, known, rules, has_draft=draft is not None)
        if segments != scorecard.segments:
            # Weights for these accounts would be none for all whom the live one scores.
            result["fit"] = None
        result["months"], result["segments"] = [day.isoformat() for day in months], segments
        result["replay"] = _replay(organization, scorecard, draft, today=today) if draft else None
    with job_run.chunk(touch=False):
        lab_run.result = result
        lab_run.save(update_fields=["result"])
    job_run.finish({"run": str(lab_run.uuid), "observations": len(frame)})


@transaction.atomic
def draft_proposed_weights(*, lab_run: LabRun, by: User) -> Scorecard:
    """A draft with the proposed weights; nothing is scored by it until somebody publishes it."""
    result = lab_run.result or {}
    fit, live = result.get("fit"), lab_run.scorecard
    if live is None or not fit or not fit["is_better"]:
        raise NothingProposed
    draft = draft_version(scorecard=live, by=by)
    signals = [{**row, "max_points": fit["weights"].get(row["key"], 0)} for row in live.signals]
    note = f"Weights that the past {counted(len(result['months']), 'month')} would have chosen."
    return edit_draft(draft=draft, by=by, signals=signals, note=note)


# -- what came of it --------------------------------------------------------------------------------


def _result(
    organization: Organization, frame: pd.DataFrame, known: Lives, rules: ScorecardRules, *, has_draft: bool
) -> dict[str, Any]:
    accounts, days = frame.index.to_numpy(dtype=np.int64), frame["day"].to_numpy(dtype=np.int64)
    positive = frame["positive"].to_numpy(dtype=bool)
    live, risk = _floats(frame["live"]), _floats(frame["risk"])
    left = {key: day.toordinal() for key, day in known.left.items() if key in set(accounts.tolist())}
    flagged = live < FLAGGED_BELOW
    lead, leads = lead_days(accounts, days, flagged, left)
    ranks = len(left) >= FEWEST_CHURNS
    fit = fit_weights(shares_of(frame, rules), [each.key for each in rules.signals], accounts, positive, 100 - live)
    return {
        "accounts": len(set(accounts.tolist())),
        "churned": len(left),
        "unscored": int(np.isnan(live).sum()),
        "refusal": "" if ranks else _refusal(len(left)),
        "score": _quality_row(quality(100 - live, flagged, positive), ranks=ranks),
        "risk": _quality_row(quality(risk, risk >= RISKY_FROM, positive), ranks=ranks),
        "draft": _draft_row(_floats(frame["draft"]), positive, ranks=ranks) if has_draft else None,
        "lead_days": lead,
        "told_before": len(leads),
        "green": _green(organization, accounts, days, live, left, leads),
        "fit": _fit_row(fit) if ranks and fit else None,
    }


def _refusal(churned: int) -> str:
    found = "No account has churned" if not churned else f"Only {counted(churned, 'account')} churned"
    return f"{found} among those that could be watched; {FEWEST_CHURNS} are needed before scores can be ranked by it."


def _quality_row(found: Quality, *, ranks: bool) -> dict[str, Any]:
    return {
        "observations": found.observations,
        "positives": found.positives,
        "flagged": found.flagged,
        "hits": found.hits,
        "precision": found.precision,
        "recall": found.recall,
        "base_rate": found.base_rate,
        "separation": separation_row(found.separation) if ranks else None,
        "top_precision": found.top_precision if ranks else None,
    }


def _draft_row(draft: np.ndarray, positive: np.ndarray, *, ranks: bool) -> dict[str, Any]:
    return _quality_row(quality(100 - draft, draft < FLAGGED_BELOW, positive), ranks=ranks)


def separation_row(found: Separation | None) -> dict[str, Any] | None:
    """As every result of the lab keeps it."""
    if found is None:
        return None
    return {"auc": found.auc, "low": found.low, "high": found.high, "tells_apart": found.tells_apart}


def _fit_row(fit: Fitted) -> dict[str, Any]:
    return {
        "weights": fit.weights,
        "fresh": separation_row(fit.fresh),
        "live": separation_row(fit.live),
        "is_better": fit.is_better,
    }


def _green(
    organization: Organization,
    accounts: np.ndarray,
    days: np.ndarray,
    live: np.ndarray,
    left: dict[int, int],
    leads: dict[int, int],
) -> list[dict[str, Any]]:
    """Who left without a flag at the last look, by name, the highest last score first."""
    missed = [key for key in left if key not in leads]
    last: list[tuple[float, int]] = []
    for key in missed:
        mine = np.flatnonzero(accounts == key)
        score = float(live[mine[np.argmax(days[mine])]])
        if score == score:
            last.append((score, key))
    last.sort(reverse=True)
    rows = organization.accounts.in_bulk([key for _, key in last[:MOST_GREEN]])
    return [
        {
            "number": rows[key].number,
            "name": rows[key].name,
            "score": score,
            "churned_on": date.fromordinal(left[key]).isoformat(),
        }
        for score, key in last[:MOST_GREEN]
    ]


def _replay(organization: Organization, scorecard: Scorecard, draft: Scorecard, *, today: date) -> dict[str, Any]:
    """Today's open accounts by both: who would change band, in accounts and MRR, and who would move most."""
    accounts = organization.accounts.open()
    if draft.segments:
        accounts = accounts.filter(segment__in=draft.segments)
    frame = scored_accounts(organization, accounts, scorecard, today=today, beside=[draft.rules])
    old, new = _floats(frame["computed"]), _floats(scored_beside(frame, draft.rules)["computed"])
    mrr = mrr_by_account(organization, today)
    keys = frame.index.tolist()
    cells: dict[tuple[str, str], list[Any]] = {}
    for key, before, after in zip(keys, old.tolist(), new.tolist(), strict=True):
        cell = cells.setdefault((_band(before), _band(after)), [0, Decimal(0)])
        cell[0] += 1
        cell[1] += mrr.get(key, Decimal(0))
    moved = np.abs(new - old)
    order = [at for at in np.argsort(-np.nan_to_num(moved), kind="stable")[:MOST_MOVERS].tolist() if moved[at] > 0]
    rows = organization.accounts.in_bulk([keys[at] for at in order])
    return {
        "bands": [*(each.label for each in Band), UNKNOWN],
        "cells": [
            {"from": before, "to": after, "accounts": count, "mrr": str(amount)}
            for (before, after), (count, amount) in sorted(cells.items())
        ],
        "moved": sum(cell[0] for (before, after), cell in cells.items() if before != after),
        "movers": [
            {
                "number": rows[keys[at]].number,
                "name": rows[keys[at]].name,
                "before": float(old[at]),
                "after": float(new[at]),
            }
            for at in order
        ],
    }


def _band(score: float) -> str:
    found = band(Decimal(str(score))) if score == score else None
    return str(found.label) if found else UNKNOWN


def _floats(column: pd.Series) -> np.ndarray:
    values: np.ndarray = column.to_numpy(dtype="float64", na_value=np.nan)
    return values
