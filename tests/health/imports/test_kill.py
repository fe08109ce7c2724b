"""A worker that is killed in the middle of a large import: the rows arrive all the same, and once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests

from tests.processes import Installation, kill, wait_for

pytestmark = pytest.mark.xdist_group("processes")

ACCOUNTS, DAYS = 1_000, 100
ROWS = ACCOUNTS * DAYS


def test_an_import_whose_worker_is_killed_ends_with_the_right_rows_once(
    tmp_path: Path, new_installation: Callable[[], Installation]
) -> None:
    installation = new_installation()
    installation.manage("seed_demo", "--accounts", "1", "--days", "1")
    key = installation.manage("create_api_key", "--email", "other@demo.example").strip()
    headers = {"Authorization": f"Bearer {key}"}
    file = write_csv(tmp_path / "large.csv")
    before = stored(installation)

    with installation.serving(environment={"JOB_LEASE_SECONDS": "3"}) as server:
        server.wait_until_ready()
        workers = server.children("celery")
        with file.open("rb") as upload:
            accepted = requests.post(f"{server.url}/ingest/csv", headers=headers, files={"file": upload}, timeout=60)
        assert accepted.status_code == 202  # over the inline limit of 50,000 rows

        wait_for(lambda: stored(installation) > before, what="the first rows")
        for worker in workers:
            kill(worker)
        at_the_kill = stored(installation) - before
        job = urljoin(server.url, accepted.headers["Location"])
        wait_for(lambda: ended(job, headers), what="the import to end", seconds=90)

    assert 0 < at_the_kill < ROWS
    with closing(sqlite3.connect(installation.database)) as database:
        rows, distinct, users = database.execute(
            "SELECT count(*), count(DISTINCT account_id || ' ' || date), sum(daily_active_users)"
            " FROM health_dailymetrics JOIN accounts_account AS account ON account.id = account_id"
            " WHERE account.name LIKE 'Large %'"
        ).fetchone()
        accounts, numbers, scored = database.execute(
            "SELECT count(*), count(DISTINCT number), count(health_score) FROM accounts_account"
            " WHERE name LIKE 'Large %'"
        ).fetchone()
    assert (rows, distinct) == (ROWS, ROWS)
    assert (accounts, numbers, scored) == (ACCOUNTS, ACCOUNTS, ACCOUNTS)
    # Account n has n users on each of its hundred days: 100 × (0 + 1 + … + 999).
    assert users == DAYS * (ACCOUNTS - 1) * ACCOUNTS // 2


def write_csv(path: Path) -> Path:
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=back) for back in range(DAYS)]
    with path.open("w") as file:
        file.write("account_name,arr,date,daily_active_users,feature_adoption_rate,login_frequency\n")
        file.writelines(line(number, day) for number in range(ACCOUNTS) for day in days)
    return path


def line(number: int, day: date) -> str:
    return f"Large {number},{1000 * number},{day},{number},0.5,0.25\n"


def stored(installation: Installation) -> int:
    with closing(sqlite3.connect(installation.database, timeout=20)) as database:
        return int(database.execute("SELECT count(*) FROM health_dailymetrics").fetchone()[0])


def ended(url: str, headers: dict[str, str]) -> bool:
    job = requests.get(url, headers=headers, timeout=20).json()
    assert job["status"] not in {"failed", "cancelled"}, job
    return bool(job["status"] == "succeeded")
