"""Lists cost the same number of queries for 1, 3 and 300 rows: pages, their files, and the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import (
    Account,
    Activity,
    Contact,
    Engagement,
    FollowUp,
    Goal,
    Product,
    Referral,
    SupportTicket,
)
from accounts.models import Testimonial as Quote  # by its own name pytest takes it for a test
from csplatform.models import Membership

pytestmark = pytest.mark.django_db

ROWS = (1, 3, 300)
NOON = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
PAGES = (
    "/dashboard/accounts?page_size=100",
    "/dashboard/accounts/export?columns=all",
    "/dashboard/engagements?page_size=100",
    "/dashboard/engagements/export?columns=all",
    "/dashboard/follow-ups?assignee=&page_size=100",
    "/dashboard/follow-ups/export?assignee=",
    "/dashboard/timeline",
    "/dashboard/goals?page_size=100",
    "/dashboard/goals?show=table&page_size=100",
    "/dashboard/goals/export?columns=all",
    "/dashboard/tickets?page_size=100",
    "/dashboard/tickets/export?columns=all",
    "/dashboard/advocacy",
    "/dashboard/settings/products",
    "/dashboard/accounts/1/contacts",
    "/dashboard/accounts/1/timeline",
    "/dashboard/accounts/1/goals",
    "/dashboard/accounts/1/tickets",
)
API = (
    "/api/accounts?limit=100",
    "/api/contacts?limit=100",
    "/api/engagements?limit=100",
    "/api/follow-ups?limit=100",
    "/api/goals?limit=100",
    "/api/tickets?limit=100",
    "/api/products?limit=100",
    "/api/referrals?limit=100",
    "/api/testimonials?limit=100",
    "/api/activities?limit=100",
)


def fill(member: Membership, start: int, end: int) -> None:
    """So many accounts more, each with one row of everything; the first account has them all once more."""
    organization, user = member.organization, member.user
    places = range(start, end)
    Account.objects.bulk_create(
        Account(organization=organization, number=n + 1, name=f"Account {n}", name_key=f"account {n:04}", owner=user)
        for n in places
    )
    mine = {account.number - 1: account for account in organization.accounts.filter(number__gt=start)}
    first = organization.accounts.get(number=1)
    for n in places:
        for account in {mine[n], first}:
            _hang(account, n, user)


def _hang(account: Account, n: int, user: Any) -> None:
    common: dict[str, Any] = {"organization": account.organization, "account": account}
    Contact.objects.bulk_create(
        [Contact(**common, name=f"Contact {n}", email=f"c{n}-{account.number}@customer.example")]
    )
    Engagement.objects.bulk_create([Engagement(**common, type="call", title=f"Call {n}", created_by=user)])
    FollowUp.objects.bulk_create([FollowUp(**common, task_type=f"Task {n}", due_at=NOON, assignee=user)])
    Goal.objects.bulk_create(
        [Goal(**common, title=f"Goal {n}", metric_type="custom", target_value=9, starts_on=date(2026, 11, 1))]
    )
    SupportTicket.objects.bulk_create([SupportTicket(**common, subject=f"Ticket {n}", opened_at=NOON)])
    Referral.objects.bulk_create([Referral(**common, referred_company=f"Prospect {n}", opened_on=date(2026, 11, 1))])
    Quote.objects.bulk_create([Quote(**common, quote=f"Good {n}")])
    Activity.objects.bulk_create([Activity(**common, kind="note", title=f"Note {n}", occurred_at=NOON, actor=user)])
    if account.number == n + 1:
        Product.objects.bulk_create([Product(organization=account.organization, name=f"Product {n}")])


def cost(client: Client | APIClient, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        response: HttpResponse = client.get(path)
        if response.streaming:
            b"".join(response)
    assert response.status_code == 200, path
    return len(queries)


def test_lists_cost_the_same_for_any_length(
    amir: Membership, client_for: Callable[[Membership], Client], api_for: Callable[..., APIClient]
) -> None:
    """One data set that grows, and every list at each of its sizes: filling it is what takes the time."""
    page, api = client_for(amir), api_for(amir)
    costs: dict[str, list[int]] = {path: [] for path in (*PAGES, *API)}
    before = 0
    for rows in ROWS:
        fill(amir, before, rows)
        before = rows
        for path in costs:
            client = api if path.startswith("/api/") else page
            if rows == ROWS[0]:
                client.get(path)  # what is looked up once in a process, or once a session
            costs[path].append(cost(client, path))

    assert {path: each for path, each in costs.items() if len(set(each)) > 1} == {}
