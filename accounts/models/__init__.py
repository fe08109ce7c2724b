"""The accounts room's models."""

from __future__ import annotations

from accounts.models.account import Account
from accounts.models.activity import Activity
from accounts.models.alias import AccountAlias
from accounts.models.contact import Contact
from accounts.models.product import Product
from accounts.models.tag import AccountTag, Tag

__all__ = [
    "Account",
    "AccountAlias",
    "AccountTag",
    "Activity",
    "Contact",
    "Product",
    "Tag",
]
