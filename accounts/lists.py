"""The lists of this room, as saved views and exports know them."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import QueryDict

from accounts.columns import ACCOUNT_COLUMNS
from accounts.engagement_list import ENGAGEMENT_LIST
from accounts.file_columns import file_columns
from accounts.filters import AccountFilter
from accounts.goal_list import GOAL_LIST
from accounts.models import Account
from accounts.ticket_list import TICKET_LIST
from csplatform.lists import ListPage, register_list
from csplatform.lists.queries import refusal_of
from csplatform.models import Membership

ACCOUNTS = "accounts"


def _narrowed(member: Membership, query: QueryDict) -> QuerySet[Account]:
    return AccountFilter(query, member=member).qs.for_list()


def _refusal(member: Membership, query: QueryDict) -> dict[str, list[str]]:
    return refusal_of(AccountFilter(query, member=member).form)


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
    for page in (ACCOUNT_LIST, ENGAGEMENT_LIST, TICKET_LIST, GOAL_LIST):
        register_list(page)
