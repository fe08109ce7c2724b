"""Imports of CSV files over HTTP, beside a bulk upsert of the same rows with nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from accounts.models import Account
from benchmarks.baseline import upsert
from benchmarks.measuring import organization, rate, seconds
from csplatform.models import Organization
from csplatform.tenancy import organization_scope
from health.models import DailyMetrics

HEADER = (
    "account_name,segment,region,arr,date,daily_active_users,feature_adoption_rate,support_tickets_open,"
    "nps_score,login_frequency"
)
METRICS = (
    "organization_id", "account_id", "date", "daily_active_users", "adoption_pct", "tickets_open", "nps",
    "login_rate", "arr", "health_score", "created_at", "updated_at",
)  # fmt: skip
DEFAULTS = {
    each.attname: each.get_default()
    for each in Account._meta.concrete_fields
    if not each.primary_key and each.name != "organization"
}
"""What an account of which nothing is said holds: so the limit writes as wide a row as the product does."""


def metrics() -> None:
    """1,000 known accounts × 100 new days, and the same file once more."""
    beside, _ = organization("baseline")
    _, client = organization("ours")
    ingest(client, accounts=1_000, days=1, first=100)
    with organization_scope(beside, write=True):
        upsert_accounts(beside, 1_000)
    best = seconds_to_upsert(beside, metric_rows(beside, days=100))
    taken = ingest(client, accounts=1_000, days=100)
    rate("import, 1,000 accounts × 100 days", 100_000, baseline=best, ours=taken)
    again = ingest(client, accounts=1_000, days=100)
    rate("the same file again", 100_000, baseline=best, ours=again)


def accounts() -> None:
    """10,000 new accounts × one day; the limit writes the accounts too."""
    beside, _ = organization("baseline")
    _, client = organization("ours")
    with organization_scope(beside, write=True):
        best = seconds(lambda: upsert_accounts(beside, 10_000))
    best += seconds_to_upsert(beside, metric_rows(beside, days=1))
    rate("import, 10,000 new accounts × 1 day", 10_000, baseline=best, ours=ingest(client, accounts=10_000, days=1))


def seconds_to_upsert(owner: Organization, rows: Sequence[Sequence[Any]]) -> float:
    with organization_scope(owner, write=True):
        return seconds(lambda: upsert(DailyMetrics._meta.db_table, METRICS, rows, unique=("account_id", "date")))


def upsert_accounts(owner: Organization, count: int) -> None:
    now = _moment()
    columns = ["organization_id", *DEFAULTS]
    rows = []
    for number in range(1, count + 1):
        values = DEFAULTS | {
            "uuid": uuid.uuid4().hex,
            "number": number,
            "name": f"Account {number}",
            "name_key": f"account {number}",
            "segment": "SMB",
            "region": "Pune",
            "arr": 120_000,
            "custom_fields": "{}",
            "created_at": now,
            "updated_at": now,
        }
        rows.append((owner.pk, *values.values()))
    upsert(Account._meta.db_table, columns, rows, unique=("organization_id", "number"))


def metric_rows(owner: Organization, *, days: int) -> Sequence[Sequence[Any]]:
    now, dates = _moment(), _dates(days)
    with organization_scope(owner, write=False):
        keys = list(owner.accounts.order_by("number").values_list("pk", "number"))
    return [
        (owner.pk, pk, day, n % 200, 62.5, n % 9, 30, 0.75, 120_000, 71.5, now, now)
        for pk, n in keys
        for day in dates
    ]  # fmt: skip


def ingest(client: Client, *, accounts: int, days: int, first: int = 0) -> float:
    """Upload a file of so many accounts and days; the seconds until the answer."""
    dates = [day - timedelta(days=first) for day in _dates(days)]
    rows = (
        f"Account {n},SMB,Pune,120000,{day},{n % 200},0.625,{n % 9},30,0.75"
        for n in range(1, accounts + 1)
        for day in dates
    )
    body = "\n".join([HEADER, *rows])
    file = SimpleUploadedFile("metrics.csv", body.encode(), content_type="text/csv")

    def post() -> None:
        answer = client.post("/ingest/csv", {"file": file})
        assert answer.status_code == 200, answer.content[:500]
        assert answer.json()["rows"] == accounts * days, answer.json()

    return seconds(post)


def _dates(days: int) -> list[date]:
    today = datetime.now(UTC).date()
    return [today - timedelta(days=back) for back in range(days)]


def _moment() -> str:
    now = datetime.now(UTC)
    return now.isoformat() if connection.vendor == "postgresql" else now.strftime("%Y-%m-%d %H:%M:%S.%f")
