"""Why an account has the churn risk it has: its factors, adding up exactly, and what gave them, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from accounts.models import Account
from csplatform.formatting import counted, date_text, percent, trimmed
from health.models import HealthSnapshot
from health.scoring import share_out
from health.scoring.churn_risk import BY_HEALTH, FACTORS, SCORE

FULL = Decimal("100.0")
LABELS = {factor.key: factor.label for factor in FACTORS} | {BY_HEALTH: "100 less the health score"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskPart:
    """One factor: what it adds to the risk, at most how much it could, and why. None where nothing is known of it."""

    key: str
    label: str
    adds: Decimal | None
    most: Decimal | None
    reasons: tuple[str, ...]

    @property
    def is_missing(self) -> bool:
        return self.adds is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChurnExplanation:
    """The risk of a day taken apart; `adds` of the parts come to `risk`, `most` to 100."""

    risk: Decimal
    since: date
    """The day from which on the account has shown it."""
    parts: tuple[RiskPart, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """Of the weightiest factors first, as a line of text wants them."""
        weighty = sorted(self.parts, key=lambda part: part.adds or 0, reverse=True)
        return tuple(reason for part in weighty for reason in part.reasons)


def churn_explanation(account: Account, *, today: date) -> ChurnExplanation | None:
    """Of the risk that the account shows today; None while there is none."""
    snapshot = account.health_snapshots.primary().up_to(today).order_by("-date").first()
    return None if snapshot is None else explained_risk(snapshot)


def explained_risk(snapshot: HealthSnapshot) -> ChurnExplanation | None:
    """What a snapshot keeps, in words."""
    if snapshot.churn_risk is None:
        return None
    stored = {part["factor"]: part for part in snapshot.churn_parts}
    most = share_out(FULL, {key: float(part["max_points"]) for key, part in stored.items()})
    adds = share_out(snapshot.churn_risk, {key: float(part["points"]) for key, part in stored.items()}, at_most=most)
    keys = [BY_HEALTH] if BY_HEALTH in stored else [factor.key for factor in FACTORS]
    parts = tuple(
        RiskPart(
            key=key,
            label=LABELS[key],
            adds=adds.get(key),
            most=most.get(key),
            reasons=_reasons(stored.get(key, {}).get("values", {}), snapshot.date),
        )
        for key in keys
    )
    return ChurnExplanation(risk=snapshot.churn_risk, since=snapshot.date, parts=parts)


def _reasons(values: Mapping[str, float | None], day: date) -> tuple[str, ...]:
    return tuple(
        _ENDLESS[key] if value is None else _WORDS[key](Decimal(str(value)), day) for key, value in values.items()
    )


def _term(days: Decimal, day: date) -> str:
    return f"the term {'ends' if days >= 0 else 'ended'} on {date_text(day + timedelta(days=int(days)))}"


_ENDLESS = {"overdue_months": "invoices are overdue although nothing is paid a month"}
_WORDS: dict[str, Callable[[Decimal, date], str]] = {
    "score_change": lambda change, _: f"the score fell by {trimmed(-change)} points in 30 days",
    SCORE: lambda score, _: f"the score is {trimmed(score)}",
    "cadences_silent": lambda times, _: f"nobody in touch for {trimmed(times)} times as long as agreed",
    "engagement_drop": lambda share, _: f"{percent(share * 100)} fewer engagements than in the 90 days before",
    "negative_outcomes": lambda count, _: f"{counted(int(count), 'engagement')} in 90 days went badly",
    "grave_tickets": lambda count, _: f"{counted(int(count), 'open ticket')} critical, escalated or late",
    "days_to_term_end": _term,
    "notice_given": lambda _, __: "notice was given",
    "overdue_months": lambda months, _: f"overdue invoices come to {trimmed(months)} months of revenue",
    "average_delay": lambda days, _: f"pays {counted(int(days), 'day')} late on average",
    "days_since_competitor": lambda days, day: (
        f"a competitor was mentioned on {date_text(day - timedelta(days=int(days)))}"
    ),
}
