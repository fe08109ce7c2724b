"""What people and imports changed on an account, in words, from its history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Account, CustomField
from accounts.selectors.account_history import Change, history_page


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChange:
    """What one person, or the system, changed in one go."""

    at: datetime
    by: str
    lines: tuple[str, ...]


def account_changes(
    account: Account, *, most: int = 6, fields: Iterable[CustomField] | None = None
) -> list[AccountChange]:
    """The latest changes of the account itself, newest first; its History tab has all of them."""
    page = history_page(account, size=most, of=["account"], fields=fields)
    return [AccountChange(at=change.at, by=change.by, lines=tuple(_lines(change))) for change in page.changes]


def _lines(change: Change) -> Iterator[str]:
    if change.verb == "added":
        yield "created the account"
    elif not change.facts:
        yield change.why
    for fact in change.facts:
        yield f"{fact.label}: {fact.before} → {fact.after}"
