"""Which invoices a payment is proposed to settle: the oldest first, the tax withheld in proportion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.tax.settlement import shares
from csplatform.money import ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What of a payment would settle one invoice."""

    cash: Decimal
    tds: Decimal

    @property
    def amount(self) -> Decimal:
        return self.cash + self.tds


def propose(*, cash: Decimal, tds: Decimal, outstanding: Sequence[Decimal]) -> list[Proposed]:
    """Fill invoices in their order with what there is; each bears tax withheld in proportion to what it gets.

    Together never more than there is of either, and for none more than is outstanding."""
    left, covered = cash + tds, []
    for owed in outstanding:
        part = max(min(owed, left), ZERO)
        covered.append(part)
        left -= part
    of_tds = shares(min(tds, sum(covered, ZERO)), covered)
    return [Proposed(cash=part - held, tds=held) for part, held in zip(covered, of_tds, strict=True)]
