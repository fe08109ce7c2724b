"""What other rooms' records say about accounts: open tickets, escalations, the last contact, late payment."""

from __future__ import annotations

from datetime import date

import pandas as pd
from django.db.models import Count, Exists, Max, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.models import Account
from billing.selectors.standing import overdue_since
from csplatform.models import Organization
from csplatform.periods import end_of_day, zone_of

COLUMNS = (
    "tickets_on_record",
    "escalations",
    "silent_since",
    "days_without_engagement",
    "overdue_since",
    "days_overdue",
)


def account_records(organization: Organization, accounts: QuerySet[Account], *, today: date) -> pd.DataFrame:
    """One row per account, in four queries whatever their number, as things stood at the end of the day.

    Columns: `tickets_on_record` (open ones; NaN where the organisation keeps no tickets here), `escalations`
    (open and escalated), `silent_since` (the day of the last engagement, else the one the account was made on),
    `days_without_engagement` (since then), `overdue_since` (when the oldest unpaid invoice fell due; NaN where none
    is overdue) and `days_overdue` (since then).
    """
    tickets = organization.tickets.order_by()
    invoices = organization.invoices.order_by()
    rows = list(accounts.order_by().values_list("pk", "created_at", Exists(tickets), Exists(invoices)))
    made = {account: created for account, created, *_ in rows}
    frame = pd.DataFrame(index=pd.Index(list(made), name="account"), columns=list(COLUMNS), dtype="float64")
    if frame.empty:
        return frame
    end = end_of_day(today, organization)
    open_then = Q(opened_at__lte=end) & (Q(resolved_at=None) | Q(resolved_at__gt=end))
    counted = (
        tickets.filter(account__in=accounts)
        .values_list("account")
        .annotate(open=Count("pk", filter=open_then), escalated=Count("pk", filter=open_then & Q(is_escalated=True)))
    )
    if rows[0][2]:
        found = {account: (opened, escalated) for account, opened, escalated in counted}
        frame["tickets_on_record"] = [float(found.get(account, (0, 0))[0]) for account in made]
        frame["escalations"] = [float(found.get(account, (0, 0))[1]) for account in made]
    held = organization.engagements.held().until(end).filter(account__in=accounts).order_by()
    last = dict(
        held.values_list("account").annotate(last=Max(Coalesce("completed_at", "scheduled_at", "created_at")))
    )
    zone = zone_of(organization)
    since = [(last.get(account) or created).astimezone(zone).date() for account, created in made.items()]
    frame["silent_since"] = pd.to_datetime(pd.Series(since, index=frame.index))
    frame["days_without_engagement"] = (pd.Timestamp(today) - frame["silent_since"]).dt.days.astype("float64")
    owing = overdue_since(organization, accounts, today=today) if rows[0][3] else {}
    frame["overdue_since"] = pd.to_datetime(pd.Series(owing, dtype="object").reindex(frame.index))
    frame["days_overdue"] = (pd.Timestamp(today) - frame["overdue_since"]).dt.days.astype("float64")
    return frame
