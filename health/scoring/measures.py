"""What signals and guards may ask about: each measure with the values it can take and the way it gets better."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Source(Enum):
    """Where a measure is read: in the row of a day, or in the account's records as they stand."""

    METRICS = "metrics"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A named number. `better` is 1 where more is better, -1 where less is, 0 where it is no judgement of use."""

    key: str
    label: str
    unit: str
    better: int
    lowest: float = 0
    highest: float = 1_000_000
    source: Source = Source.METRICS
    half_life_days: int = 0
    """After so many days it weighs half of what it did; 0 where it does not fade."""


def _account(key: str, label: str, unit: str, *, lowest: float = 0, highest: float = 10_000) -> Measure:
    return Measure(key=key, label=label, unit=unit, better=0, lowest=lowest, highest=highest, source=Source.ACCOUNT)


MEASURES: dict[str, Measure] = {
    measure.key: measure
    for measure in (
        Measure(key="daily_active_users", label="Daily active users", unit="user", better=1),
        Measure(key="adoption_pct", label="Feature adoption", unit="percent", better=1, highest=100),
        Measure(key="tickets_open", label="Open support tickets", unit="ticket", better=-1),
        Measure(key="nps", label="NPS", unit="", better=1, lowest=-100, highest=100),
        Measure(key="login_rate", label="Login frequency", unit="rate", better=1, highest=1),
        Measure(key="session_minutes", label="Session length", unit="minute", better=1),
        Measure(key="training_completion_pct", label="Training completed", unit="percent", better=1, highest=100),
        Measure(
            key="pulse",
            label="Pulse",
            unit="of 5",
            better=1,
            lowest=1,
            highest=5,
            source=Source.ACCOUNT,
            half_life_days=30,
        ),
        _account("days_to_renewal", "Days to the renewal", "day", lowest=-10_000),
        _account("days_overdue", "Days that the oldest invoice is overdue", "day"),
        _account("days_without_engagement", "Days since the last engagement", "day"),
        _account("escalations", "Escalated tickets", "ticket"),
        _account("metrics_age_days", "Days since metrics were reported", "day"),
        _account("coverage", "Share of the scorecard that is known", "rate", highest=1),
    )
}
"""By key; the daily ones are columns of the daily metrics, the others columns that scoring gathers anyway."""

SIGNAL_KEYS = tuple(key for key, measure in MEASURES.items() if measure.source is Source.METRICS)
"""What a scorecard over daily metrics may use as a signal."""
