"""The administration of the accounts room, a module per noun."""

from __future__ import annotations

from accounts.admin import account, bulk, contact, engagement, product, ticket, usage

__all__ = ["account", "bulk", "contact", "engagement", "product", "ticket", "usage"]
