"""The administration of the accounts room, a module per noun."""

from __future__ import annotations

from accounts.admin import (
    account,
    advocacy,
    bulk,
    contact,
    custom_field,
    engagement,
    goal,
    product,
    ticket,
    usage,
)

__all__ = [
    "account",
    "advocacy",
    "bulk",
    "contact",
    "custom_field",
    "engagement",
    "goal",
    "product",
    "ticket",
    "usage",
]
