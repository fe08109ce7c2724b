"""MRR arithmetic that needs no database."""

from __future__ import annotations

from decimal import Decimal

from billing.enums import MovementKind


def movement_kind(*, opening: Decimal, closing: Decimal, has_paid_before: bool) -> MovementKind | None:
    """What a day did to an account's MRR, from its opening and closing; None when nothing moved."""
    if opening == closing:
        return None
    if not opening:
        return MovementKind.REACTIVATION if has_paid_before else MovementKind.NEW
    if not closing:
        return MovementKind.CHURN
    return MovementKind.EXPANSION if closing > opening else MovementKind.CONTRACTION
