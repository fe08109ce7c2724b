"""The MRR ledger."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.db.models import Q

from billing.enums import MovementKind
from billing.exceptions import LedgerIsAppendOnly
from billing.querysets import MrrMovementQuerySet

TONES = {
    MovementKind.NEW: "success",
    MovementKind.REACTIVATION: "success",
    MovementKind.EXPANSION: "success",
    MovementKind.CONTRACTION: "warning",
    MovementKind.CHURN: "danger",
}


class MrrMovement(models.Model):
    """A change of what one account pays a month, from one day on. Append-only: a correction is a new row.

    Rows are signed and written by `billing.services.mrr` only. MRR on a day is the sum of all rows up to it; the
    rows of one account, day and kind add up to that day's netted movement, so at most one kind has a sum.
    """

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="mrr_movements", db_index=False
    )
    account = models.ForeignKey(
        "accounts.Account", on_delete=models.CASCADE, related_name="mrr_movements", db_index=False
    )
    date = models.DateField()
    kind = models.CharField(max_length=20, choices=MovementKind)
    amount = models.DecimalField("MRR", max_digits=14, decimal_places=2)
    arr_amount = models.DecimalField("ARR", max_digits=14, decimal_places=2)
    """The same movement a year, exact: twelve roundings of MRR would be some paise off the account's ARR."""
    cause = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MrrMovementQuerySet.as_manager()

    class Meta:
        ordering = ["-date", "-pk"]
        verbose_name = "MRR movement"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=MovementKind.values), name="mrr_movement_kind_known"),
            models.CheckConstraint(condition=~Q(amount=0) | ~Q(arr_amount=0), name="mrr_movement_moves_something"),
        ]
        indexes = [
            models.Index(fields=["account", "date"], name="mrr_movement_account_date"),
            models.Index(fields=["organization", "date"], name="mrr_movement_org_date"),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.get_kind_display()} {self.amount} on {self.date}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise LedgerIsAppendOnly
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        raise LedgerIsAppendOnly

    @property
    def tone(self) -> str:
        """How its badge looks."""
        return TONES[MovementKind(self.kind)]
