"""What other rooms' records say about accounts: open tickets, escalations, the last contact, late payment."""

from __future__ import annotations

from datetime import UTC, date

import numpy as np
import pandas as pd
from django.db.models import CharField, Count, Exists, Max, Q, QuerySet
from django.db.models.functions import Cast, Coalesce

from accounts.models import Account
from billing.selectors.standing import overdue_since
from csplatform.bulk import plain_rows
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
    made = accounts.order_by("pk").values_list(
        "pk", Cast("created_at", CharField()), Exists(tickets), Exists(invoices)
    )
    keys, moments, has_tickets, has_invoices = zip(*rows, strict=True) if (rows := plain_rows(made)) else [()] * 4
    frame = pd.DataFrame(index=pd.Index(keys, name="account", dtype="int64"), columns=list(COLUMNS), dtype="float64")
    if frame.empty:
        return frame
    end = end_of_day(today, organization)
    if has_tickets[0]:
        open_then = Q(opened_at__lte=end) & (Q(resolved_at=None) | Q(resolved_at__gt=end))
        open_ones = tickets.filter(open_then, account__in=accounts).values_list("account")
        counted = open_ones.annotate(Count("pk"), escalated=Count("pk", filter=Q(is_escalated=True)))
        frame[["tickets_on_record", "escalations"]] = 0.0
        if counted:
            some, *counts = zip(*counted, strict=True)
            frame.loc[list(some), ["tickets_on_record", "escalations"]] = np.array(counts, dtype="float64").T
    held = organization.engagements.held().until(end).filter(account__in=accounts).order_by()
    last = dict(
        held.values_list("account").annotate(last=Max(Coalesce("completed_at", "scheduled_at", "created_at")))
    )
    zone = zone_of(organization)
    # Without the fraction and the zone, which is UTC: a database's text of a moment begins alike in both.
    made_at = pd.Series(np.array(moments, dtype="U19").astype("datetime64[s]"), index=frame.index)
    since = made_at.dt.tz_localize(UTC).dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
    if last:
        spoken = {account: pd.Timestamp(moment.astimezone(zone).date()) for account, moment in last.items()}
        since.update(pd.Series(spoken))
    frame["silent_since"] = since
    frame["days_without_engagement"] = (pd.Timestamp(today) - since).dt.days.astype("float64")
    owing = overdue_since(organization, accounts, today=today) if has_invoices[0] else {}
    frame["overdue_since"] = pd.to_datetime(pd.Series(owing, dtype="object").reindex(frame.index))
    frame["days_overdue"] = (pd.Timestamp(today) - frame["overdue_since"]).dt.days.astype("float64")
    return frame
