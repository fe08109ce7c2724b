"""The template filters: what templates hold, printed in the organisation's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.template import Context, Template
from django.utils import timezone


@pytest.mark.parametrize(
    ("expression", "value", "text"),
    [
        ("v|rupees", Decimal("250000"), "₹2,50,000"),
        ("v|rupees", None, "–"),
        ("missing|rupees", None, "–"),
        ("v|rupees_compact", Decimal("4280000"), "₹42.8L"),
        ("v|rupees_kpi", 400000, "₹4.0L"),
        ("v|number", 124000, "1,24,000"),
        ("v|number:1", Decimal("2.25"), "2.3"),
        ("v|pct", 92.55, "92.6%"),
        ("v|signed_pct", Decimal("12.5"), "+12.5%"),
        ("v|score", Decimal("79.9"), "79"),
        ("v|day", date(2026, 11, 20), "20 Nov 2026"),
        ("v|day", datetime(2026, 3, 31, 18, 30, tzinfo=UTC), "1 Apr 2026"),  # already tomorrow in Kolkata
        ("v|moment", datetime(2026, 3, 31, 18, 30, tzinfo=UTC), "1 Apr 2026, 00:00 IST"),
        ("v|iso", datetime(2026, 3, 31, 18, 30, tzinfo=UTC), "2026-03-31T18:30:00Z"),
        ("v|ago", date(2026, 12, 11), "in 21 days"),
        ("v|ago", datetime(2026, 11, 20, 2, 58, tzinfo=UTC), "2 minutes ago"),
        ("v|ago", datetime(2026, 10, 20, 3, 0, tzinfo=UTC), "20 Oct 2026"),
    ],
)
@time_machine.travel(datetime(2026, 11, 20, 3, 0, tzinfo=UTC), tick=False)
def test_filters(expression: str, value: object, text: str) -> None:
    template = Template("{% load fmt %}{{ " + expression + " }}")

    with timezone.override(ZoneInfo("Asia/Kolkata")):
        assert template.render(Context({"v": value})) == text
