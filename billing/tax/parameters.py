"""What the law sets and changes: values with the day from which they hold, chosen by the date of the document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic, TypeVar

T = TypeVar("T")
BEGINNING = date(2017, 7, 1)
"""The day GST began."""


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """A value that changed over time: (valid from, value) in order."""

    values: Sequence[tuple[date, T]]

    def on(self, day: date) -> T:
        """What held on that day; before the first day, the first value."""
        held = [value for since, value in self.values if since <= day]
        return held[-1] if held else self.values[0][1]


B2CL_LIMIT: Dated[Decimal] = Dated([(BEGINNING, Decimal(250_000)), (date(2024, 8, 1), Decimal(100_000))])
"""Invoices to unregistered customers in another state are listed one by one above this value, tax included."""

RATES_BY_SAC: Mapping[str, Dated[Decimal]] = {
    "": Dated([(BEGINNING, Decimal("18.00"))]),
    "998313": Dated([(BEGINNING, Decimal("18.00"))]),
    "998314": Dated([(BEGINNING, Decimal("18.00"))]),
    "998315": Dated([(BEGINNING, Decimal("18.00"))]),
    "998316": Dated([(BEGINNING, Decimal("18.00"))]),
}
"""GST in percent; cloud and software services stayed at 18 through the reform of 22 September 2025."""

TDS_SECTION: Dated[str] = Dated([(BEGINNING, "194J"), (date(2026, 4, 1), "393")])
"""Under which customers withhold income tax: since April 2026 of the Income-tax Act 2025."""

EINVOICE_TURNOVER: Dated[Decimal] = Dated(
    [
        (date(2020, 10, 1), Decimal(5_000_000_000)),
        (date(2021, 1, 1), Decimal(1_000_000_000)),
        (date(2021, 4, 1), Decimal(500_000_000)),
        (date(2022, 4, 1), Decimal(200_000_000)),
        (date(2022, 10, 1), Decimal(100_000_000)),
        (date(2023, 8, 1), Decimal(50_000_000)),
    ]
)
"""Above this yearly turnover invoices to businesses need an IRN."""

ITC_REVERSAL: Dated[bool] = Dated([(BEGINNING, False), (date(2025, 10, 1), True)])
"""Whether a credit note lowers the supplier's tax only once a registered customer has reversed the credit."""

LONG_SAC_TURNOVER = Decimal(50_000_000)
"""Up to this turnover four digits of the SAC stand on an invoice, above it six."""


def rate_of(sac: str, day: date) -> Decimal:
    """The rate of a service on that day; services without a line of their own are taxed like the rest."""
    return RATES_BY_SAC.get(sac, RATES_BY_SAC[""]).on(day)
