"""Who is to be looked after first: arithmetic over what a row knows, without a database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal

from insights.enums import ReasonKind

SOON = timedelta(days=7)
NOW, THIS_WEEK, LATER = 3, 2, 1
PLACES = {kind: place for place, kind in enumerate(ReasonKind)}
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why an account asks for somebody, and by when, where there is a when."""

    kind: ReasonKind
    words: str | Callable[[], str]
    """PERFORMANCE: thousands of reasons are ranked and a few dozen shown; these are put into words when they are."""
    due_at: datetime | None = None

    @property
    def text(self) -> str:
        return self.words if isinstance(self.words, str) else self.words()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """One account with all its reasons; the strongest first."""

    account_id: int
    name_key: str
    mrr: Decimal
    churn_risk: int
    reasons: tuple[Reason, ...]
    urgency: int
    due_at: datetime | None
    """The earliest time at which one of its reasons is due."""

    @property
    def mrr_at_risk(self) -> Decimal:
        """What is likely to be lost each month: MRR × churn risk / 100."""
        return self.mrr * self.churn_risk / 100

    @property
    def value(self) -> Decimal:
        """What the list is ordered by: MRR × churn risk / 100 × urgency."""
        return self.mrr_at_risk * self.urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """When the organisation's day ends, and the seventh after it: moments are compared with these two, since a
    date taken from each of thousands of moments costs more than all the rest."""

    today_ends: datetime
    week_ends: datetime

    @classmethod
    def of(cls, today: date, zone: tzinfo) -> Horizon:
        def end(day: date) -> datetime:
            return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)

        return cls(today_ends=end(today), week_ends=end(today + SOON))

    def urgency(self, due_at: datetime | None) -> int:
        """Three for what is overdue or due today, two for the next seven days, one for everything else."""
        if due_at is None or due_at >= self.week_ends:
            return LATER
        return THIS_WEEK if due_at >= self.today_ends else NOW


def attention(
    *,
    account_id: int,
    name_key: str,
    mrr: Decimal,
    churn_risk: int | None,
    reasons: list[Reason],
    horizon: Horizon,
) -> Attention:
    """Gather the reasons of one account: the most urgent first, then in the order of their kinds."""
    dues = [reason.due_at for reason in reasons if reason.due_at is not None]
    due_at = min(dues) if dues else None
    if len(reasons) > 1:
        reasons = sorted(reasons, key=lambda each: (-horizon.urgency(each.due_at), PLACES[each.kind]))
    return Attention(
        account_id=account_id,
        name_key=name_key,
        mrr=mrr,
        churn_risk=churn_risk or 0,
        reasons=tuple(reasons),
        urgency=horizon.urgency(due_at),
        due_at=due_at,
    )


def ranked(rows: list[Attention]) -> list[Attention]:
    """By attention value; equal values by due time, those without one last, then by what they pay and by name.

    So while no churn risk is known and all values are nothing, it is the list of what is due.
    """
    return sorted(rows, key=lambda row: (-row.value, row.due_at or NEVER, -row.mrr, row.name_key))
