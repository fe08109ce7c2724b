"""The lists of this room, as saved views and exports know them."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import QueryDict

from accounts.columns import ACCOUNT_COLUMNS
from accounts.file_columns import file_columns
from accounts.filters import AccountFilter
from accounts.models import Account
from csplatform.lists import ListPage, register_list
from csplatform.models import Membership

ACCOUNTS = "accounts"


def _narrowed(member: Membership, query: QueryDict) -> QuerySet[Account]:
    return AccountFilter(query, member=member).qs.for_list()


def _refusal(member: Membership, query: QueryDict) -> dict[str, list[str]]:
    form = AccountFilter(query, member=member).form
    return {} if form.is_valid() else {name: [str(each) for each in errors] for name, errors in form.errors.items()}


ACCOUNT_LIST = ListPage(
    name=ACCOUNTS,
    label="Accounts",
    url_name="accounts:account_list",
    columns=ACCOUNT_COLUMNS,
    narrowed=_narrowed,
    refusal=_refusal,
    file_columns=file_columns,
)


def register_lists() -> None:
    """Called once, when the room is ready."""
    register_list(ACCOUNT_LIST)
