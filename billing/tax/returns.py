"""What is filed, where and by when: sections of GSTR-1, periods, deadlines."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.enums import FilingFrequency, GstCategory, Section, Treatment
from billing.tax.parameters import B2CL_LIMIT
from billing.tax.states import OTHER_COUNTRIES
from csplatform.periods import Window, add_months, month_end, month_start

MONTHLY_DAY = 11
QUARTERLY_DAY = 13
PERIODS_LOOKED_BACK = 24
LAST_NOTE_MONTH, LAST_NOTE_DAY = 11, 30


def invoice_section(
    *, treatment: str, place_of_supply: str, is_inter_state: bool, with_payment: bool, total: Decimal, on: date
) -> Section:
    """The table of GSTR-1 that an invoice is listed in. ``total`` is its value with tax, in rupees."""
    if place_of_supply == OTHER_COUNTRIES:
        return Section.EXPWP if with_payment else Section.EXPWOP
    if treatment == Treatment.SEZ:
        return Section.SEZWP if with_payment else Section.SEZWOP
    if treatment == Treatment.REGISTERED:
        return Section.B2B
    return Section.B2CL if is_inter_state and total > B2CL_LIMIT.on(on) else Section.B2CS


def note_section(original: str) -> Section:
    """Where a credit note goes, by the section of the invoice it lowers."""
    match original:
        case Section.B2B | Section.SEZWP | Section.SEZWOP:
            return Section.CDNR
        case Section.EXPWP | Section.EXPWOP | Section.B2CL:
            return Section.CDNUR
    return Section.B2CS


def gst_category(section: str) -> GstCategory:
    """The contract's three kinds of supply."""
    match section:
        case Section.B2B | Section.SEZWP | Section.SEZWOP:
            return GstCategory.B2B
        case Section.EXPWP | Section.EXPWOP:
            return GstCategory.EXPORT
    return GstCategory.B2C


def financial_year_start(day: date) -> date:
    """The 1 April of the financial year that holds the day."""
    return date(day.year if day.month >= 4 else day.year - 1, 4, 1)


def last_day_for_note(supplied_on: date) -> date:
    """Until then a credit note takes GST back: 30 November after the end of the year of the supply."""
    return date(financial_year_start(supplied_on).year + 1, LAST_NOTE_MONTH, LAST_NOTE_DAY)


@dataclass(frozen=True, slots=True)
class FilingPeriod:
    """A month, or a quarter for those who file by quarters; named by its last month, `2026-10`."""

    window: Window
    frequency: FilingFrequency

    @property
    def name(self) -> str:
        return f"{self.window.end:%Y-%m}"

    @property
    def gstr1_due_on(self) -> date:
        """11th of the next month, or 13th after the quarter; holidays move nothing."""
        following = add_months(month_start(self.window.end), 1)
        return following.replace(day=MONTHLY_DAY if self.frequency == FilingFrequency.MONTHLY else QUARTERLY_DAY)


def filing_period(day: date, frequency: str) -> FilingPeriod:
    """The period whose return tells of that day."""
    if frequency == FilingFrequency.QUARTERLY:
        start = date(day.year, day.month - (day.month - 1) % 3, 1)
        return FilingPeriod(Window(start, month_end(add_months(start, 2))), FilingFrequency.QUARTERLY)
    return FilingPeriod(Window(month_start(day), month_end(day)), FilingFrequency.MONTHLY)


def next_deadline(
    today: date, *, frequency: str, filed: Collection[str], first_day: date | None = None
) -> FilingPeriod | None:
    """The earliest period, not after the current one, that is not marked filed.

    Looked for from ``first_day`` (of the first document) on: nobody files for a time before they invoiced."""
    if first_day is None:
        return None
    period = filing_period(first_day, frequency)
    while period.window.start <= today:
        if period.name not in filed:
            return period
        period = filing_period(period.window.after, frequency)
    return None
