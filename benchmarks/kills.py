"""`python -m benchmarks.kills [KILLS] [SEED]`: imports whose processes are killed at random, beside undisturbed ones.

Two organisations take the same files over HTTP, one in peace, the other while `kill -9` meets its worker, one of the
worker's children, or worker and web server together. After each file everything that was written has to be the same,
row by row. It works on what `DATABASE_URL` and `REDIS_URL` name: let that be an empty scratch database.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests

from tests.processes import Installation, Server, kill

ACCOUNTS, DAYS = 800, 80
LONGEST_PAUSE = 2.0
PATIENCE_SECONDS = 300


class Site(Installation):
    """An installation on the database and the broker of the environment."""

    @property
    def environment(self) -> dict[str, str]:
        base = Installation(self.folder).environment
        names = ("DATABASE_URL", "REDIS_URL")
        given = {name: os.environ[name] for name in names if os.environ.get(name)}
        return base | given | {"JOB_LEASE_SECONDS": "3", "JOB_POLL_SECONDS": "0.3", "IMPORT_NEW_ACCOUNTS_ASKED": "0"}


def main() -> int:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    dice = random.Random(seed)  # noqa: S311 -- which process dies when
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder))
        os.environ |= site.environment
        site.manage("migrate", "--verbosity", "0")
        keys = {slug: _organization(site, slug) for slug in ("calm", "stormy")}
        with site.serving() as server:
            server.wait_until_ready()
            return _compare(server, keys, Path(folder), wanted=wanted, dice=dice)


def _compare(server: Server, keys: dict[str, str], folder: Path, *, wanted: int, dice: random.Random) -> int:
    kills: Counter[str] = Counter()
    wrong = round_number = 0
    while kills.total() < wanted:
        round_number += 1
        file = _write(folder / f"round-{round_number}.csv", round_number)
        for slug in keys:
            job = _submit(server, keys[slug], file)
            _follow(server, job, keys[slug], kills, dice if slug == "stormy" else None, wanted)
        sums = {slug: checksum(slug) for slug in keys}
        same = sums["calm"] == sums["stormy"]
        wrong += not same
        print(
            f"file {round_number}: {dict(kills)} kills so far, {'equal' if same else f'DIFFERENT: {sums}'}",
            flush=True,
        )
    size = f"{ACCOUNTS * DAYS:,} rows"
    print(f"{kills.total()} kills ({dict(kills)}) over {round_number} imports of {size}, {wrong} differ.")
    return 1 if wrong else 0


def _organization(site: Site, slug: str) -> str:
    email = f"admin@{slug}.example"
    site.manage("create_organization", "--name", slug.capitalize(), "--email", email)
    return site.manage("create_api_key", "--email", email).strip()


def _write(path: Path, number: int) -> Path:
    """New days, days written over, another ARR for some: every kind of work that an import does."""
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=back + 30 - min(number * 5, 30)) for back in range(DAYS)]
    with path.open("w") as file:
        file.write("account_name,external_id,arr,date,daily_active_users,feature_adoption_rate,nps_score\n")
        for account in range(ACCOUNTS):
            for day in days:
                arr = 1000 * account + 100 * (number if account % 3 else 0)
                file.write(
                    f"Large {account},L-{account},{arr},{day},{account + number},0.5,{(account + number) % 100}\n"
                )
    return path


def _submit(server: Server, key: str, file: Path) -> str:
    while True:
        try:
            with file.open("rb") as upload:
                answer = requests.post(
                    f"{server.url}/ingest/csv",
                    headers={"Authorization": f"Bearer {key}", "Prefer": "respond-async"},
                    files={"file": upload},
                    timeout=60,
                )
            answer.raise_for_status()
            return urljoin(server.url, answer.headers["Location"])
        except requests.ConnectionError:
            time.sleep(0.5)  # the web server of the last round is still coming back


def _follow(server: Server, job: str, key: str, kills: Counter[str], dice: random.Random | None, wanted: int) -> None:
    """Until the job has ended; with dice, killing something every now and then."""
    give_up = time.monotonic() + PATIENCE_SECONDS + 20 * wanted
    while time.monotonic() < give_up:
        status = _status(job, key)
        if status == "succeeded":
            return
        if status in {"failed", "cancelled"}:
            raise SystemExit(f"The import has {status}.")
        time.sleep(dice.uniform(0.1, LONGEST_PAUSE) if dice else 0.2)
        if dice and kills.total() < wanted:
            what = _strike(server, dice)
            kills[what] += bool(what)
    raise SystemExit("The import did not end in time.")


def _strike(server: Server, dice: random.Random) -> str:
    """Kill the worker, a child of it, or worker and web server; says which, or nothing where nothing ran."""
    workers = server.children("celery")
    if not workers:
        return ""
    what = dice.choice(["worker", "child", "both"])
    if what == "child" and len(workers) > 1:
        kill(dice.choice(workers[1:]))
    elif what == "both":
        for pid in [*server.children("gunicorn"), *workers]:
            kill(pid)
    else:
        what = "worker"  # embedded, the worker has threads and no children
        for pid in workers[:1]:
            kill(pid)
    return what


def _status(job: str, key: str) -> str:
    try:
        answer = requests.get(job, headers={"Authorization": f"Bearer {key}"}, timeout=20)
        return str(answer.json()["status"]) if answer.ok else ""
    except requests.RequestException:
        return ""


def checksum(slug: str) -> dict[str, Any]:
    """An ordered hash of all that the imports of one organisation have written, table by table."""
    import django

    django.setup()
    from accounts.models import Account
    from csplatform.models import Organization
    from csplatform.tenancy import every_organization

    with every_organization(write=False, why="a benchmark compares two organisations"):
        organization = Organization.objects.get(slug=slug)
        accounts, metrics = organization.accounts, organization.daily_metrics
        facts = ("name", "number", "external_id", "arr", "health_score", "health_coverage")
        measures = ("account__name", "date", "daily_active_users", "adoption_pct", "nps", "arr", "health_score")
        moved = ("account__name", "date", "kind", "amount", "arr_amount")
        tables = {
            "accounts": accounts.order_by("number").values_list(*facts).iterator(),
            "metrics": metrics.order_by("account__number", "date").values_list(*measures).iterator(),
            "movements": organization.mrr_movements.order_by("account__number", "date", "pk")
            .values_list(*moved)
            .iterator(),
            "history": Account.history.filter(organization=organization)
            .order_by("name", "history_id")
            .values_list("name", "history_type", "arr")
            .iterator(),
        }
        return {name: _hash(rows) for name, rows in tables.items()}


def _hash(rows: Iterator[tuple[Any, ...]]) -> str:
    digest, count = hashlib.sha256(), 0
    for row in rows:
        digest.update(repr(row).encode())
        count += 1
    return f"{count} rows, {digest.hexdigest()[:16]}"


if __name__ == "__main__":
    sys.exit(main())
