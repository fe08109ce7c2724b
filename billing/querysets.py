"""Ways of narrowing and adding up billing's rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn, Self

from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from accounts.querysets import AccountQuerySet
from billing.enums import MovementKind
from billing.exceptions import LedgerIsAppendOnly
from csplatform.money import ZERO, round2

if TYPE_CHECKING:
    from billing.models import MrrMovement

MONEY = models.DecimalField(max_digits=18, decimal_places=2)


class MrrMovementQuerySet(models.QuerySet["MrrMovement"]):
    def up_to(self, day: date) -> Self:
        return self.filter(date__lte=day)

    def before(self, day: date) -> Self:
        return self.filter(date__lt=day)

    def between(self, start: date, end: date) -> Self:
        """Both days included."""
        return self.filter(date__range=(start, end))

    def of_accounts(self, accounts: AccountQuerySet | Iterable[int] | None) -> Self:
        """Of some accounts, by queryset or keys; None is all."""
        return self if accounts is None else self.filter(account__in=accounts)

    def mrr(self) -> Decimal:
        return self._total("amount")

    def arr(self) -> Decimal:
        return self._total("arr_amount")

    def mrr_by_kind(self) -> dict[MovementKind, Decimal]:
        """The signed sum of each kind, zeros included, in one query."""
        sums = self.aggregate(**{kind.name: Sum("amount", filter=Q(kind=kind)) for kind in MovementKind})
        return {kind: round2(sums[kind.name] or ZERO) for kind in MovementKind}

    def _total(self, field: str) -> Decimal:
        # SQLite adds decimals as floats: rounding to paise makes the sum exact again (up to 10^12 rupees).
        return round2(self.aggregate(total=Coalesce(Sum(field), ZERO, output_field=MONEY))["total"])

    def update(self, **_: Any) -> NoReturn:
        raise LedgerIsAppendOnly

    def delete(self) -> NoReturn:
        raise LedgerIsAppendOnly
