"""Movements of the MRR ledger."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import factory

from billing.enums import MovementKind
from billing.models import MrrMovement
from tests.factories.accounts import AccountFactory


class MrrMovementFactory(factory.django.DjangoModelFactory[MrrMovement]):
    """A raw row, for reading; `post_arr_changes` keeps the ledger whole."""

    class Meta:
        model = MrrMovement

    account = factory.SubFactory(AccountFactory)
    organization = factory.SelfAttribute("account.organization")
    date = date(2026, 11, 1)
    kind = MovementKind.NEW
    amount = Decimal("1000.00")
    arr_amount = factory.LazyAttribute(lambda movement: movement.amount * 12)
