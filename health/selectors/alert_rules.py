"""The rules of alerts as an organisation has them, and what became of what they raised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q

from csplatform.formatting import share_pct
from csplatform.models import Organization
from health.alert_kinds import RULES, AlertKind, AlertOutcome, Rule
from health.models import AlertRule

JUDGED_DAYS = 90
ENOUGH_CLOSED = 10
NOISY_UNDER_PCT = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRecord:
    """A rule and its last 90 days: alerts raised, and how those that people closed ended."""

    rule: Rule
    threshold: Decimal
    is_muted: bool
    fired: int
    acted: int
    confirmed: int
    dismissed: int
    cleared: int

    @property
    def closed(self) -> int:
        """By people; what cleared by itself was judged by nobody."""
        return self.acted + self.confirmed + self.dismissed

    @property
    def precision_pct(self) -> Decimal | None:
        """Of those that people closed, the share that was worth their time; None before the first."""
        return share_pct(self.acted + self.confirmed, self.closed) if self.closed else None

    @property
    def is_noisy(self) -> bool:
        """Ten or more were closed, and fewer than 30 % of them were worth it: it is proposed to be muted."""
        precision = self.precision_pct
        return (
            not self.is_muted
            and self.closed >= ENOUGH_CLOSED
            and precision is not None
            and precision < NOISY_UNDER_PCT
        )


def thresholds(organization: Organization) -> dict[AlertKind, Decimal]:
    """Of every kind, the organisation's own or the usual one."""
    own = dict(organization.alert_rules.values_list("kind", "threshold"))
    return {kind: own.get(kind.value, rule.usual) for kind, rule in RULES.items()}


def muted_kinds(organization: Organization) -> set[AlertKind]:
    return {AlertKind(kind) for kind in organization.alert_rules.filter(is_muted=True).values_list("kind", flat=True)}


def rule_records(organization: Organization, *, now: datetime) -> list[RuleRecord]:
    """Every rule with its record, in two queries."""
    own: dict[str, AlertRule] = {rule.kind: rule for rule in organization.alert_rules.all()}
    since = organization.alerts.filter(first_seen_at__gte=now - timedelta(days=JUDGED_DAYS)).order_by()
    outcomes = {outcome.value: Count("pk", filter=Q(outcome=outcome)) for outcome in AlertOutcome}
    rows: Any = since.values("kind").annotate(fired=Count("pk"), **outcomes)
    counts = {row["kind"]: row for row in rows}
    nothing = dict.fromkeys(("fired", *AlertOutcome.values), 0)
    return [
        RuleRecord(
            rule=rule,
            threshold=own[kind].threshold if kind in own else rule.usual,
            is_muted=kind in own and own[kind].is_muted,
            **{name: counts.get(kind.value, nothing)[name] for name in nothing},
        )
        for kind, rule in RULES.items()
    ]
