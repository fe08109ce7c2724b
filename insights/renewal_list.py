"""The list of the renewals desk: one row per term, as saved views and exports know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from billing.filters import RenewalFilter
from billing.models import Renewal
from billing.selectors.renewals import expected, forecast_model
from csplatform.lists import Column, ColumnSet, ListContext, ListPage, register_list
from csplatform.lists.queries import refusal_of
from csplatform.models import Membership
from csplatform.money import MONTHS_A_YEAR, round2
from csplatform.periods import add_months, month_end, month_start, today

RENEWALS = "renewals"


def _chances(context: ListContext, rows: Sequence[Renewal]) -> Mapping[int, Any]:
    """What is counted with, and what the organisation's own history says, in percent. One query."""
    model = forecast_model(context.organization)
    return {
        row.pk: {
            "expected": round2(expected(row, model, today=context.today) * 100),
            "model": round2(model.probability(row.account.band, row.account.segment) * 100),
            "call": row.probability,
            "is_open": row.is_open,
        }
        for row in rows
    }


def _expected_cell(value: Any) -> Decimal | None:
    return value["expected"] if value else None


RENEWAL_COLUMNS = ColumnSet(
    Column(
        name="account",
        label="Account",
        value=lambda row: row.account,
        export=lambda account: account.name,
        beside=(("Number", lambda account: account.number),),
        template="insights/cells/renewal_account.html",
        sort="account__name_key",
        is_fixed=True,
    ),
    Column(
        name="due",
        label="Term ends",
        value=lambda row: row.due_on,
        template="accounts/cells/renewal.html",
        sort="due_on",
        css="nowrap",
    ),
    Column(
        name="status",
        label="Status",
        value=lambda row: row,
        export=lambda row: row.get_status_display(),
        template="insights/cells/renewal_status.html",
        sort="status",
    ),
    Column(
        name="mrr",
        label="MRR",
        value=lambda row: row.target_mrr,
        template="components/cells/money.html",
        sort="target_mrr",
        first="-",
        css="num",
        is_default=False,
    ),
    Column(
        name="arr",
        label="ARR",
        value=lambda row: row.target_mrr * MONTHS_A_YEAR,
        template="components/cells/money.html",
        sort="target_mrr",
        first="-",
        css="num",
        total="arr",
    ),
    Column(
        name="health",
        label="Health",
        value=lambda row: row.account,
        export=lambda account: account.health_score,
        beside=(("Band", lambda account: account.band or ""),),
        template="insights/cells/renewal_health.html",
        sort="account__health_score",
    ),
    Column(
        name="chance",
        label="Chance",
        gather=_chances,
        export=_expected_cell,
        beside=(
            ("Call of the owner", lambda value: value["call"] if value else None),
            ("By own history", lambda value: value["model"] if value else None),
        ),
        template="insights/cells/renewal_chance.html",
        sort="probability",
        css="num",
    ),
    Column(
        name="notice",
        label="Notice by",
        value=lambda row: row.notice_by if row.auto_renew and row.is_open else None,
        template="accounts/cells/renewal.html",
        css="nowrap",
    ),
    Column(
        name="owner",
        label="Owner",
        value=lambda row: row.account.owner,
        export=lambda owner: owner.display_name if owner else "",
        template="components/cells/person.html",
        sort="account__owner__name",
    ),
    Column(
        name="reason",
        label="Reason",
        value=lambda row: row.outcome_reason,
        sort="outcome_reason",
        is_default=False,
    ),
    Column(
        name="renewed_mrr",
        label="Renewed MRR",
        value=lambda row: row.renewed_mrr,
        template="components/cells/money.html",
        sort="renewed_mrr",
        css="num",
        is_default=False,
    ),
    Column(
        name="decided",
        label="Decided",
        value=lambda row: row.decided_on,
        template="components/cells/day.html",
        sort="decided_on",
        css="nowrap",
        is_default=False,
    ),
    Column(
        name="segment",
        label="Segment",
        value=lambda row: row.account.segment,
        sort="account__segment",
        is_default=False,
    ),
    ties=("due_on", "pk"),
    default_sort="due",
)


def filtered_renewals(member: Membership, query: QueryDict) -> RenewalFilter:
    """Terms of accounts in use. Chosen by nothing, these are the open ones and those that end from this month on."""
    renewals = member.organization.renewals.filter(account__archived_at=None)
    return RenewalFilter(query, queryset=renewals, member=member)


def with_days(query: QueryDict, *, today: date) -> QueryDict:
    """The query with its window: from this month on for a year, unless it names days or an account. A calendar
    shows one month."""
    given = query.copy()
    if given.get("show") == "calendar":
        first = month_start(day_or_none(given.get("from")) or today)
        given["from"], given["to"] = first.isoformat(), month_end(first).isoformat()
    elif not any(given.get(name) for name in ("from", "to", "account_id", "subscription_id")):
        given["from"] = month_start(today).isoformat()
        given["to"] = month_end(add_months(month_start(today), 11)).isoformat()
    return given


def day_or_none(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _narrowed(member: Membership, query: QueryDict) -> QuerySet[Renewal]:
    """As the desk shows it, so that the count of a saved view equals the screen."""
    days = with_days(query, today=today(member.organization))
    rows: QuerySet[Renewal] = filtered_renewals(member, days).qs.for_list()
    return rows


def _refusal(member: Membership, query: QueryDict) -> dict[str, list[str]]:
    return refusal_of(filtered_renewals(member, query).form)


RENEWAL_LIST = ListPage(
    name=RENEWALS,
    label="Renewals",
    url_name="insights:renewals",
    columns=RENEWAL_COLUMNS,
    narrowed=_narrowed,
    refusal=_refusal,
)


def register_lists() -> None:
    """Called once, when the room is ready."""
    register_list(RENEWAL_LIST)
