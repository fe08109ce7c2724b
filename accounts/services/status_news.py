"""What follows when many accounts take another status at once: all that follows when one does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from accounts.enums import AccountStatus
from accounts.models import Account
from accounts.services.account_lines import tell_statuses
from accounts.signals import ArrChange, accounts_churned, arr_changed, contracts_changed
from csplatform.models import Organization, User
from csplatform.money import ZERO


class Was(NamedTuple):
    """What an account was and paid before."""

    status: str
    arr: Decimal | None


def pass_on_statuses(
    organization: Organization, rows: Sequence[Account], *, was: Mapping[int, Was], by: User | None
) -> list[int]:
    """Tell timelines and the other rooms, in the order in which `update_account` does; the rows are written already.

    Returns the keys of those who left or came back: of them more than a status has changed.
    """
    tell_statuses(organization, rows, was={key: before.status for key, before in was.items()}, by=by)
    moved: list[int] = []
    left: dict[tuple[date, str], list[int]] = defaultdict(list)
    ended: list[ArrChange] = []
    for account in rows:
        before = was[account.pk]
        was_churned = before.status == AccountStatus.CHURNED
        if was_churned != account.is_churned:
            moved.append(account.pk)
        if account.is_churned and not was_churned and account.churned_on is not None:
            left[account.churned_on, account.churn_reason].append(account.pk)
            ended += [ArrChange(account.pk, account.churned_on, ZERO)] if before.arr else []
    news: dict[str, Any] = {"sender": Account, "organization": organization}
    for (on, reason), keys in left.items():
        accounts_churned.send(account_ids=keys, on=on, reason=reason, by=by, **news)
    if moved:
        contracts_changed.send(account_ids=moved, by=by, **news)
    if ended:
        arr_changed.send(changes=ended, cause="Churned", **news)
    return moved
