"""The order of a day, by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from insights.attention import Attention, Horizon, Reason, attention, ranked
from insights.enums import ReasonKind

TODAY = date(2026, 11, 20)
HORIZON = Horizon.of(TODAY, ZoneInfo("Asia/Kolkata"))


def at(day: int, hour: int = 6, *, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def row(name: str, mrr: str, risk: int | None, *dues: datetime | None) -> Attention:
    reasons = [Reason(kind=ReasonKind.FOLLOW_UP, words="follow-up", due_at=due) for due in dues]
    return attention(account_id=1, name_key=name, mrr=Decimal(mrr), churn_risk=risk, reasons=reasons, horizon=HORIZON)


@pytest.mark.parametrize(
    ("due", "urgency"),
    [
        (at(1), 3),  # overdue
        (at(20, 3), 3),  # earlier today
        (at(20, 18), 3),  # 23:30 in Kolkata: still today
        (at(20, 19), 2),  # 00:30 of the 21st in Kolkata, though the 20th in UTC
        (at(27, 18), 2),  # the end of the seventh day
        (at(27, 19), 1),  # the eighth
        (None, 1),
    ],
)
def test_urgency_goes_by_the_organisations_day(due: datetime | None, urgency: int) -> None:
    assert HORIZON.urgency(due) == urgency


def test_the_list_goes_by_money_at_risk_times_urgency() -> None:
    # a: 1,00,000 x 20 / 100 = 20,000 at risk, nothing due     x 1 = 20,000
    # b:   50,000 x 30 / 100 = 15,000 at risk, due in 3 days   x 2 = 30,000
    # c:   10,000 x 90 / 100 =  9,000 at risk, overdue         x 3 = 27,000
    # d: 2,00,000 x 15 / 100 = 30,000 at risk, nothing due     x 1 = 30,000, behind b, which is due
    rows = [
        row("a", "100000", 20, None),
        row("b", "50000", 30, at(23)),
        row("c", "10000", 90, at(10)),
        row("d", "200000", 15, None),
    ]

    found = ranked(rows)

    assert [each.name_key for each in found] == ["b", "d", "c", "a"]
    assert [each.value for each in found] == [30_000, 30_000, 27_000, 20_000]
    assert [each.mrr_at_risk for each in found] == [15_000, 30_000, 9_000, 20_000]


def test_where_no_risk_is_known_what_is_due_first_comes_first_then_what_pays_most() -> None:
    rows = [
        row("small", "1000", 0, None),
        row("large", "9000", None, None),
        row("tomorrow", "10", 0, at(21)),
        row("overdue", "10", None, at(2)),
    ]

    assert [each.name_key for each in ranked(rows)] == ["overdue", "tomorrow", "large", "small"]


def test_a_row_says_the_most_urgent_reason_first_and_is_due_with_the_earliest() -> None:
    reasons = [
        Reason(kind=ReasonKind.SILENCE, words="no contact"),
        Reason(kind=ReasonKind.FOLLOW_UP, words="follow-up", due_at=at(24)),
        Reason(kind=ReasonKind.INVOICE, words="invoice", due_at=at(1)),
    ]

    found = attention(account_id=1, name_key="x", mrr=Decimal(0), churn_risk=50, reasons=reasons, horizon=HORIZON)

    assert [each.text for each in found.reasons] == ["invoice", "follow-up", "no contact"]
    assert (found.urgency, found.due_at, found.value) == (3, at(1), 0)
