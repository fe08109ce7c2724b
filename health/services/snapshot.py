"""Snapshots: what is known of an account's health, kept whenever it changes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
from django.db.models import Case, F, OuterRef, QuerySet, Subquery, When
from django.utils import timezone

from accounts.bands import band
from accounts.models import Account
from csplatform import bulk
from csplatform.models import Organization
from csplatform.querysets import among
from health.enums import RiskFactor
from health.models import HealthSnapshot, Scorecard
from health.risk_factors import STALE_AFTER_DAYS, factor_texts, match_factors
from health.scoring import ScorecardRules
from health.scoring.churn_risk import FACTORS, RISK, Factor
from health.scoring.guards import NONE
from health.scoring.signals import WEIGHT
from health.services.churn_risk import risk_part_texts, shown_risk
from health.values import known_values, number_texts


def write_snapshots(
    frame: pd.DataFrame,
    *,
    organization: Organization,
    accounts: QuerySet[Account],
    scorecard: Scorecard,
    is_shown: bool = False,
    factors: Sequence[Factor] = FACTORS,
    today: date,
) -> int:
    """Write a snapshot of today for each account about which something differs from its latest one.

    `is_shown` where the scorecard gives these accounts their health.
    """
    flags = match_factors(frame)
    prints = _fingerprints(frame, flags, scorecard, is_shown=is_shown)
    stored = _stored_fingerprints(accounts, scorecard, is_shown=is_shown)
    changed = np.array(
        [stored.get(key) != now for key, now in zip(prints.index.tolist(), prints.tolist(), strict=True)]
    )

    rows = frame[changed]
    if is_shown:
        _step_down([key for key in rows.index.tolist() if stored.get(key) is None], scorecard, today=today)
    bands = {score: str(band(Decimal(str(score))) or "") for score in rows["score"].dropna().unique()}
    columns: dict[str, bulk.Column] = {
        "account_id": rows.index.tolist(),
        "score": known_values(rows["computed"]),
        "effective_score": known_values(rows["score"]),
        "coverage": rows["coverage"].tolist(),
        "band": [bands.get(score, "") for score in rows["score"].tolist()],
        "points": _points_json(rows, scorecard.rules),
        "guard": _guard_json(rows, scorecard.rules),
        "factors": bulk.JsonTexts(factor_texts(rows, flags[changed])),
        "churn_risk": known_values(rows[RISK]),
        "churn_parts": bulk.JsonTexts(risk_part_texts(rows, factors)),
        "fingerprint": prints[changed].tolist(),
    }
    bulk.upsert(
        HealthSnapshot,
        columns,
        unique=["account_id", "scorecard_id", "date"],
        update=[*(name for name in columns if name != "account_id"), "is_primary"],
        constants={
            "organization_id": organization.pk,
            "scorecard_id": scorecard.pk,
            "date": today,
            "is_primary": is_shown,
            "updated_at": timezone.now(),
        },
        stamps=["updated_at"],
    )
    return len(rows)


def _step_down(keys: list[int], scorecard: Scorecard, *, today: date) -> None:
    """On the day on which a scorecard begins to count for accounts, another one's of the same day is not shown."""
    if keys:
        others = HealthSnapshot.objects.filter(among("account", keys), date=today, is_primary=True)
        others.exclude(scorecard=scorecard).update(is_primary=False)


def _stored_fingerprints(
    accounts: QuerySet[Account], scorecard: Scorecard, *, is_shown: bool
) -> dict[int, int | None]:
    """What each account's latest snapshot said; what another scorecard said is no word of this one's.

    What this one said before another counted for a while is not the account's latest word either.
    """
    own = Case(When(scorecard=scorecard.pk, then=F("fingerprint")))
    latest = HealthSnapshot.objects.filter(account=OuterRef("pk")).order_by("-date").annotate(own=own)
    latest = latest.primary() if is_shown else latest.filter(scorecard=scorecard.pk)
    return dict(bulk.plain_rows(accounts.values_list("pk", Subquery(latest.values("own")[:1]))))


def _fingerprints(frame: pd.DataFrame, flags: pd.DataFrame, scorecard: Scorecard, *, is_shown: bool) -> pd.Series:
    """One number per row for everything a snapshot says; equal numbers mean that there is no news."""
    rules = scorecard.rules
    # What is gathered over a window drifts by the day: it is news when the score is another.
    said = frame[[] if rules.is_grouped else [signal.column for signal in rules.signals]].copy()
    said[["target", "score", "coverage"]] = frame[["target", "score", "coverage"]]
    said["primary"] = is_shown
    if scorecard.guards:
        said["guard"] = frame["guard"]
    # To the whole point that accounts show: a day nearer to the end of a term is no news by itself.
    said["churn_risk"] = shown_risk(frame)
    for factor in flags.columns:
        said[factor] = flags[factor]
    said["decline"] = frame["score_change"].where(flags[RiskFactor.DECLINING_TREND.value])
    said["silence"] = _ordinals(frame["silent_since"]).where(flags[RiskFactor.NO_RECENT_ENGAGEMENT.value])
    said["overdue"] = _ordinals(frame["overdue_since"]).where(flags[RiskFactor.OVERDUE_INVOICES.value])
    said["escalations"] = frame["escalations"].where(flags[RiskFactor.ESCALATION_OPEN.value])
    said["renewal"] = _ordinals(frame["contract_end"]).where(flags[RiskFactor.RENEWAL_AT_RISK.value])
    said["stale"] = _ordinals(frame["metrics_date"]).where(frame["metrics_age_days"] > STALE_AFTER_DAYS)
    return pd.util.hash_pandas_object(said, index=False).astype("int64").set_axis(frame.index)


def _points_json(frame: pd.DataFrame, rules: ScorecardRules) -> bulk.JsonTexts:
    """Per account the list of its signals, each with its value and points; null where it is missing.

    Of one that fades, `weight` is how much of its weight it has left.
    """
    parts, columns = [], []
    for signal in rules.signals:
        left = ', "weight": %s' if signal.fades else ""
        target = "%s" if signal.has_own_target else json.dumps(signal.curve.best)
        parts.append(
            f'{{"signal": {json.dumps(signal.key)}, "value": %s, "points": %s, '
            f'"max_points": {json.dumps(signal.max_points)}, "target": {target}{left}}}'
        )
        columns += [frame[signal.column], frame[f"points_{signal.key}"].round(4)]
        columns += [frame["target"]] if signal.has_own_target else []
        columns += [frame[f"{WEIGHT}{signal.key}"].round(4)] if signal.fades else []
    pattern = f"[{', '.join(parts)}]"
    return bulk.JsonTexts(pattern % row for row in zip(*map(number_texts, columns), strict=True))


def _guard_json(frame: pd.DataFrame, rules: ScorecardRules) -> bulk.JsonTexts:
    """Per account the guard that changed its score, with the mean it changed; nothing where none did."""
    known = {
        at: json.dumps({"effect": guard.effect, "score": guard.score, "text": guard.text})[:-1]
        for at, guard in enumerate(rules.guards)
    }
    places = zip(frame["guard"].tolist(), number_texts(frame["mean"]), strict=True)
    return bulk.JsonTexts("{}" if at == NONE else f'{known[at]}, "mean": {mean}}}' for at, mean in places)


def _ordinals(days: pd.Series) -> pd.Series:
    """Days as numbers, so that they can be compared and hashed in columns."""
    return pd.to_datetime(days).astype("int64").where(days.notna()).astype("float64")
