"""Set-based writes say what they did, and do no more than they must."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Account
from csplatform import bulk
from csplatform.bulk import Upserted
from csplatform.models import Membership, Organization
from csplatform.tenancy import wall_problems
from health.models import DailyMetrics
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db


def upsert_days(organization: Organization, account: Account, days: dict[str, float | None]) -> Upserted:
    now = timezone.now()
    return bulk.upsert(
        DailyMetrics,
        {
            "account_id": [account.pk] * len(days),
            "date": [date.fromisoformat(day) for day in days],
            "daily_active_users": np.array([np.nan if users is None else users for users in days.values()]),
            "arr": [Decimal("1234.50")] * len(days),
        },
        unique=["account_id", "date"],
        update=["daily_active_users", "arr"],
        constants={"organization_id": organization.pk, "created_at": now, "updated_at": now},
        stamps=["updated_at"],
    )


def test_upsert_says_what_it_created_updated_and_left_alone(organization: Organization) -> None:
    account = AccountFactory(organization=organization)

    first = upsert_days(organization, account, {"2026-11-01": 5, "2026-11-02": None})
    untouched = account.daily_metrics.get(date="2026-11-01").updated_at
    second = upsert_days(organization, account, {"2026-11-01": 5, "2026-11-02": 7, "2026-11-03": 9})

    assert first == Upserted(created=2)
    assert second == Upserted(created=1, updated=1, unchanged=1)
    assert list(account.daily_metrics.order_by("date").values_list("date", "daily_active_users", "arr")) == [
        (date(2026, 11, 1), 5, Decimal("1234.50")),
        (date(2026, 11, 2), 7, Decimal("1234.50")),
        (date(2026, 11, 3), 9, Decimal("1234.50")),
    ]
    assert account.daily_metrics.get(date="2026-11-01").updated_at == untouched


def test_upsert_of_nothing_writes_nothing(organization: Organization) -> None:
    assert upsert_days(organization, AccountFactory(organization=organization), {}) == Upserted()


def test_upsert_takes_thousands_of_rows(organization: Organization) -> None:
    accounts = AccountFactory.create_batch(2, organization=organization)
    days = {date.fromordinal(735_000 + n).isoformat(): float(n) for n in range(5_000)}

    done = [upsert_days(organization, account, days) for account in accounts]

    assert done == [Upserted(created=len(days))] * 2
    assert organization.daily_metrics.count() == 2 * len(days)


def test_texts_with_every_awkward_character_arrive_as_they_are(organization: Organization) -> None:
    accounts = AccountFactory.create_batch(4, organization=organization)
    texts = ["tab\there", "back\\slash \\N", "line\nend\r", "“quotes” ' \" ; --"]

    bulk.update_from(Account, [account.pk for account in accounts], {"industry": texts})

    assert list(organization.accounts.order_by("pk").values_list("industry", flat=True)) == texts


def test_update_from_counts_only_rows_that_differ(organization: Organization) -> None:
    same, other = AccountFactory.create_batch(2, organization=organization, region="South")
    bystander = AccountFactory(organization=organization, region="South")
    before = same.updated_at

    changed = bulk.update_from(
        Account,
        [same.pk, other.pk],
        {"region": ["South", "North"], "seats": [None, 12]},
        stamps={"updated_at": timezone.now()},
    )

    assert changed == 1
    assert list(organization.accounts.order_by("pk").values_list("region", "seats")) == [
        ("South", None),
        ("North", 12),
        ("South", None),
    ]
    same.refresh_from_db()
    bystander.refresh_from_db()
    assert same.updated_at == before


def test_history_is_the_row_as_it_stands_with_who_and_why(amir: Membership) -> None:
    account = AccountFactory(organization=amir.organization, region="South")
    bulk.update_from(Account, [account.pk], {"region": ["North"]})

    bulk.record_history(Account, [account.pk], kind="~", by=amir.user, reason="Import of metrics.csv")

    newest = account.history.first()
    assert (newest.region, newest.history_type, newest.history_user, newest.history_change_reason) == (
        "North",
        "~",
        amir.user,
        "Import of metrics.csv",
    )
    assert newest.uuid == account.uuid
    assert newest.created_at == account.created_at


def test_the_staging_table_is_gone_afterwards(organization: Organization) -> None:
    account = AccountFactory(organization=organization)
    upsert_days(organization, account, {"2026-11-01": 5})

    temporary = "pg_tables" if connection.vendor == "postgresql" else "sqlite_temp_master"
    column = "tablename" if connection.vendor == "postgresql" else "name"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {temporary} WHERE {column} = 'bulk_stage'")  # noqa: S608 -- two names
        assert cursor.fetchone()[0] == 0


def test_what_is_not_committed_yet_is_counted_on_request(organization: Organization) -> None:
    """Within a transaction that goes on to read what it wrote: nobody else can count it."""
    account = AccountFactory(organization=organization)
    upsert_days(organization, account, {f"2026-11-{day:02}": 5 for day in range(1, 29)})

    bulk.refresh_statistics(uncommitted=True)

    counted = {
        "postgresql": "SELECT reltuples FROM pg_class WHERE relname = 'health_dailymetrics'",
        "sqlite": "SELECT max(CAST(stat AS integer)) FROM sqlite_stat1 WHERE tbl = 'health_dailymetrics'",
    }
    with connection.cursor() as cursor:
        cursor.execute(counted[connection.vendor])
        assert cursor.fetchone()[0] == 28
    assert wall_problems() == []  # it works as the role that it worked as before
