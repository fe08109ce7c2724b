"""`python -m benchmarks.big_file [MEGABYTES …]`: what a large import costs those beside it.

For each size (20 and 200 unless named) an installation of its own takes one file over HTTP while somebody goes on
reading the account list and writing follow-ups. Printed are the most memory that the web server and the worker held
of their own, and how long requests took meanwhile. On what `DATABASE_URL` and `REDIS_URL` name, else on SQLite.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from urllib.parse import urljoin

import requests

from benchmarks.kills import Site
from tests.processes import Server

ACCOUNTS = 5_000
HEADER = "account_name,external_id,segment,region,arr,date,daily_active_users,feature_adoption_rate,login_frequency\n"
PATIENCE_SECONDS = 3_600


@dataclass
class Watch:
    """Peaks of anonymous memory by kind of process, in MB, and the seconds that requests took."""

    web: float = 0
    web_before: float = 0
    worker: float = 0
    reads: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)


def main() -> int:
    for megabytes in [int(each) for each in sys.argv[1:]] or [20, 200]:
        with tempfile.TemporaryDirectory(prefix="big-file-") as folder:
            _measure(Path(folder), megabytes)
    return 0


def _measure(folder: Path, megabytes: int) -> None:
    site = Site(folder)
    site.manage("migrate", "--verbosity", "0")
    email = f"admin@big-{megabytes}.example"
    site.manage("create_organization", "--name", f"Big {megabytes}", "--email", email)
    key = site.manage("create_api_key", "--email", email).strip()
    file, rows = _write(folder / "big.csv", megabytes)
    with site.serving() as server:
        server.wait_until_ready()
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {key}"
        account = session.post(f"{server.url}/api/accounts", json={"name": "Somebody else"}, timeout=60).json()["id"]
        _warm_up(server, session, folder, account)
        watch, over = Watch(), threading.Event()
        beside = [
            threading.Thread(target=_memory, args=(server, watch, over)),
            threading.Thread(target=_requests, args=(server, key, account, watch, over)),
        ]
        watch.web_before = _largest(server, "gunicorn")
        for each in beside:
            each.start()
        begun = time.monotonic()
        try:
            _import(server, session, file)
        finally:
            over.set()
            for each in beside:
                each.join()
        print(
            f"{megabytes} MB, {rows:,} rows: {time.monotonic() - begun:.0f} s; worker {watch.worker:.0f} MB, "
            f"web {watch.web:.0f} MB ({watch.web - watch.web_before:+.0f}); {_spread('reads', watch.reads)}; "
            f"{_spread('writes', watch.writes)}; {len(watch.failed)} of them failed {sorted(set(watch.failed))}",
            flush=True,
        )


def _warm_up(server: Server, session: requests.Session, folder: Path, account: str) -> None:
    """Every process has loaded what such requests and a small file need: that is not the large one's doing."""
    small, _ = _write(folder / "small.csv", 1)
    _import(server, session, small)
    over, nobody = threading.Event(), Watch()
    key = str(session.headers["Authorization"]).removeprefix("Bearer ")
    asking = [threading.Thread(target=_requests, args=(server, key, account, nobody, over)) for _ in range(4)]
    for each in asking:
        each.start()
    time.sleep(5)
    over.set()
    for each in asking:
        each.join()


def _write(path: Path, megabytes: int) -> tuple[Path, int]:
    """A year's days of many accounts, account by account within each day, as nightly exports come."""
    rows, today = 0, datetime.now(UTC).date()
    with path.open("w") as out:
        out.write(HEADER)
        for day in (today - timedelta(days=back) for back in range(3_000)):
            for account in range(ACCOUNTS):
                out.write(
                    f"Large customer number {account:05d} of the benchmark Pvt Ltd,L-{account},Enterprise,Bengaluru,"
                    f"{1000 * account},{day},{account % 300},0.{account % 90 + 10},0.5\n"
                )
            rows += ACCOUNTS
            if out.tell() >= megabytes * 1024 * 1024:
                break
    return path, rows


def _import(server: Server, session: requests.Session, file: Path) -> None:
    with file.open("rb") as upload:
        answer = session.post(f"{server.url}/ingest/csv", files={"file": upload}, timeout=600)
    if answer.status_code == requests.codes.ok:
        return
    job = urljoin(server.url, answer.headers["Location"])
    give_up = time.monotonic() + PATIENCE_SECONDS
    while (status := session.get(job, timeout=60).json()["status"]) in {"queued", "running"}:
        if time.monotonic() > give_up:
            raise SystemExit("The import did not end in time.")
        time.sleep(1)
    if status != "succeeded":
        raise SystemExit(f"The import has {status}.")


def _memory(server: Server, watch: Watch, over: threading.Event) -> None:
    while not over.wait(0.2):
        watch.web = max(watch.web, _largest(server, "gunicorn"))
        watch.worker = max(watch.worker, _largest(server, "celery"))


def _requests(server: Server, key: str, account: str, watch: Watch, over: threading.Event) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    task = {"account_id": account, "task_type": "Call", "due_at": "2030-01-01T09:00:00Z"}
    while not over.wait(0.1):
        _timed(watch, watch.reads, lambda: requests.get(f"{server.url}/api/accounts", headers=headers, timeout=60))
        _timed(
            watch,
            watch.writes,
            lambda: requests.post(f"{server.url}/api/follow-ups", json=task, headers=headers, timeout=60),
        )


def _timed(watch: Watch, seconds: list[float], ask: Callable[[], requests.Response]) -> None:
    begun = time.perf_counter()
    answer = ask()
    seconds.append(time.perf_counter() - begun)
    if not answer.ok:
        watch.failed.append(answer.status_code)


def _largest(server: Server, named: str) -> float:
    """The most anonymous memory of one process of that kind now, in MB; files that are mapped are not counted."""
    return max(_anonymous(server.children(named)), default=0)


def _anonymous(pids: list[int]) -> Iterator[float]:
    for pid in pids:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        for line in status.splitlines():
            if line.startswith("RssAnon:"):
                yield int(line.split()[1]) / 1024


def _spread(what: str, seconds: list[float]) -> str:
    if len(seconds) < 2:
        return f"no {what}"
    parts = quantiles(seconds, n=100, method="inclusive")
    middle, most = 1000 * parts[49], 1000 * parts[94]
    return f"{len(seconds)} {what}, p50 {middle:.0f} ms, p95 {most:.0f} ms, longest {max(seconds):.1f} s"


if __name__ == "__main__":
    sys.exit(main())
