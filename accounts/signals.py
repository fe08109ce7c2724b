"""News from accounts for the rooms to its right."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from django.dispatch import Signal


class ArrChange(NamedTuple):
    """From ``on`` (a civil day of the organisation) the account pays ``arr`` a year."""

    account_id: int
    on: date
    arr: Decimal


class FollowUpMove(StrEnum):
    DONE = "done"
    REOPENED = "reopened"
    REMOVED = "removed"


class Merge(NamedTuple):
    """Some accounts (by key) turned out to be duplicates of one."""

    into: int
    merged: tuple[int, ...]
    on: date
    arr: Decimal
    """What the surviving account pays a year from `on` on."""
    cause: str


arr_changed = Signal()
"""What accounts pay has changed: ``organization``, ``changes`` (ArrChange list), ``cause`` (a short text).

Sent inside the transaction that wrote `Account.arr`, so the ledger can never miss a change that was saved.
"""

accounts_churned = Signal()
"""Accounts were closed: ``organization``, ``account_ids``, ``on`` (first day without service), ``reason``, ``by``.

Sent inside the transaction, the accounts already written and paying nothing: each room ends what runs for them.
"""

contracts_changed = Signal()
"""The end of a contract, or whether there still is one, has changed: ``organization``, ``account_ids``, ``by``.

Sent inside the transaction that wrote it, once for all accounts of an import's step.
"""

support_called = Signal()
"""A customer's ticket has become grave (open, and critical or escalated), or is so no longer: ``organization``.

Sent inside the transaction that wrote it, once for a whole import: what looks for trouble looks again at once.
"""

follow_up_moved = Signal()
"""A task was done, opened again or taken away: ``organization``, ``follow_up``, ``move`` (a FollowUpMove), ``by``,
``now``.

Sent inside the transaction, the task locked and already written: a plan that it is a step of goes on.
"""

accounts_merged = Signal()
"""Accounts became one: ``organization``, ``merge`` (a Merge).

Sent inside the transaction, the accounts locked and already written: each room moves to the surviving account what
it keeps about the others, and no total of the organisation changes by it.
"""
