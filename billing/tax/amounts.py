"""Lines and totals: per line and per component, to paise, halves up; totals are sums and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.tax.supply import Supply
from csplatform.money import ZERO, round2, round_half_up

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineInput:
    quantity: Decimal
    unit_price: Decimal
    rate: Decimal
    """Of GST, in percent."""
    discount: Decimal = ZERO
    discount_pct: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """A taxable value with its taxes."""

    taxable: Decimal = ZERO
    cgst: Decimal = ZERO
    sgst: Decimal = ZERO
    igst: Decimal = ZERO

    @property
    def tax(self) -> Decimal:
        return self.cgst + self.sgst + self.igst

    @property
    def total(self) -> Decimal:
        return self.taxable + self.tax

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(
            taxable=self.taxable + other.taxable,
            cgst=self.cgst + other.cgst,
            sgst=self.sgst + other.sgst,
            igst=self.igst + other.igst,
        )

    def __sub__(self, other: Amounts) -> Amounts:
        return Amounts(
            taxable=self.taxable - other.taxable,
            cgst=self.cgst - other.cgst,
            sgst=self.sgst - other.sgst,
            igst=self.igst - other.igst,
        )

    def at_rate(self, exchange_rate: Decimal) -> Amounts:
        """In rupees, each figure to paise; the same amounts where the rate is one."""
        if exchange_rate == 1:
            return self
        return Amounts(
            taxable=round2(self.taxable * exchange_rate),
            cgst=round2(self.cgst * exchange_rate),
            sgst=round2(self.sgst * exchange_rate),
            igst=round2(self.igst * exchange_rate),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAmounts(Amounts):
    gross: Decimal = ZERO
    discount: Decimal = ZERO


def line_amounts(line: LineInput, supply: Supply, *, reverse_charge: bool = False) -> LineAmounts:
    """One line of an invoice: price, discount, taxable value and its taxes."""
    gross = round2(line.quantity * line.unit_price)
    discount = line.discount if line.discount_pct is None else round2(gross * line.discount_pct / HUNDRED)
    taxable = gross - discount
    taxes = taxes_on(taxable, line.rate, supply, reverse_charge=reverse_charge)
    return LineAmounts(
        gross=gross, discount=discount, taxable=taxable, cgst=taxes.cgst, sgst=taxes.sgst, igst=taxes.igst
    )


def taxes_on(taxable: Decimal, rate: Decimal, supply: Supply, *, reverse_charge: bool = False) -> Amounts:
    """Half the rate twice inside the state, the full rate once outside, nothing under an undertaking."""
    if reverse_charge or not supply.bears_tax:
        return Amounts(taxable=taxable)
    if supply.is_inter_state:
        return Amounts(taxable=taxable, igst=round2(taxable * rate / HUNDRED))
    half = round2(taxable * rate / 2 / HUNDRED)
    return Amounts(taxable=taxable, cgst=half, sgst=half)


def sum_of(lines: Sequence[Amounts]) -> Amounts:
    return sum(lines, Amounts())


def round_off(total: Decimal) -> Decimal:
    """What brings a total to the nearest rupee: from -0.50 to +0.50, a field of its own."""
    return round_half_up(total, 0) - total
