"""Columns that the lists of accounts' belongings share."""

from __future__ import annotations

from typing import Any

from csplatform.lists import Column
from csplatform.models import User


def account_column() -> Column:
    """Whose row it is; a file has the number beside the name."""
    return Column(
        name="account",
        label="Account",
        value=lambda row: row.account,
        export=lambda account: account.name,
        beside=(("Account number", lambda account: account.number),),
        template="accounts/cells/account.html",
        sort="account__name_key",
    )


def moment_column(name: str, label: str, *, field: str = "", is_default: bool = True) -> Column:
    """A moment of the row, shown as how long ago."""
    field = field or f"{name}_at"
    return Column(
        name=name,
        label=label,
        value=lambda row: getattr(row, field),
        template="components/cells/moment.html",
        sort=field,
        first="-",
        css="nowrap",
        is_default=is_default,
    )


def person_name(user: User | None) -> str:
    """A person as a file names them."""
    return user.display_name if user else ""


def the_row(row: Any) -> Any:
    """For cells that are drawn from several fields of a row."""
    return row
