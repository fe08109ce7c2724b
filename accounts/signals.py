"""News from accounts for the rooms to its right."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.dispatch import Signal


class ArrChange(NamedTuple):
    """From ``on`` (a civil day of the organisation) the account pays ``arr`` a year."""

    account_id: int
    on: date
    arr: Decimal


arr_changed = Signal()
"""What accounts pay has changed: ``organization``, ``changes`` (ArrChange list), ``cause`` (a short text).

Sent inside the transaction that wrote `Account.arr`, so the ledger can never miss a change that was saved.
"""
