"""What tax documents and the money behind them share: once written they stay as they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models
from django.db.models import F
from django.db.models.functions import Round

from billing.exceptions import DocumentIsFinal


class FinalModel(models.Model):
    """A row of which only `MAY_CHANGE` is ever written again, and which is never deleted."""

    MAY_CHANGE: ClassVar[frozenset[str]] = frozenset()

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        changed = None if update_fields is None else frozenset(update_fields)
        if self.pk is not None and (changed is None or not changed <= self.MAY_CHANGE) and self._is_final():
            raise DocumentIsFinal
        super().save(*args, update_fields=update_fields, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if self._is_final():
            raise DocumentIsFinal
        return super().delete(*args, **kwargs)

    def _is_final(self) -> bool:
        return True


def money(verbose_name: str | None = None, **options: Any) -> models.DecimalField[Any, Any]:
    return models.DecimalField(verbose_name, max_digits=14, decimal_places=2, **options)


def added(*names: str) -> Round:
    """The columns added up, to paise: SQLite adds decimals as binary fractions."""
    total: Any = F(names[0])
    for name in names[1:]:
        total = total + F(name)
    return Round(total, precision=2, output_field=models.DecimalField(max_digits=18, decimal_places=2))
