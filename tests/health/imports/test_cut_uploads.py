"""Uploads over real sockets: cut off, lying about their length, too large, or sent twice at the same moment."""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
import requests

from tests.processes import Installation, Server, wait_for

pytestmark = pytest.mark.xdist_group("processes")

LIMIT = 2 * 1024 * 1024
BOUNDARY = "a-boundary-of-its-own"
ROWS = 2_000


@dataclass(frozen=True)
class Site:
    """A served installation, and a key to it."""

    installation: Installation
    server: Server
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def number(self, query: str) -> int:
        with closing(sqlite3.connect(self.installation.database, timeout=20)) as database:
            return int(database.execute(query).fetchone()[0])

    def kept(self) -> dict[str, int]:
        """How many rows there are of what an upload leaves."""
        return {
            "uploads": self.number("SELECT count(*) FROM csplatform_upload"),
            "parts": self.number("SELECT count(*) FROM csplatform_uploadpart"),
            "jobs": self.number("SELECT count(*) FROM csplatform_job WHERE kind LIKE '%import%'"),
            "imports": self.number("SELECT count(*) FROM csplatform_import"),
            "accounts": self.number("SELECT count(*) FROM accounts_account"),
        }

    def send(self, body: bytes, *, declared: int, sent: int) -> bytes:
        """A request in raw bytes: what it says of its length is one thing, what it sends another."""
        url = urlsplit(self.server.url)
        head = (
            "POST /ingest/csv HTTP/1.1\r\n"
            f"Host: {url.netloc}\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
            f"Content-Length: {declared}\r\nConnection: close\r\n\r\n"
        )
        with socket.create_connection((str(url.hostname), int(url.port or 0)), timeout=20) as connection:
            connection.sendall(head.encode() + body[:sent])
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            with suppress(ConnectionResetError):
                while block := connection.recv(65_536):
                    answer += block
            return answer


@pytest.fixture(scope="module")
def site(new_installation: Callable[[], Installation]) -> Iterator[Site]:
    installation = new_installation()
    installation.manage("create_organization", "--name", "Acme Cloud", "--email", "amir@acme.example")
    key = installation.manage("create_api_key", "--email", "amir@acme.example").strip()
    with installation.serving(environment={"MAX_UPLOAD_BYTES": str(LIMIT)}) as server:
        server.wait_until_ready()
        yield Site(installation, server, key)


def table(name: str, rows: int = ROWS) -> str:
    lines = [f"{name} {number % 100},2026-01-{1 + number // 100:02},{number}" for number in range(rows)]
    return "\n".join(["account_name,date,daily_active_users", *lines, ""])


def multipart(content: str) -> bytes:
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="metrics.csv"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    return f"{head}{content}\r\n--{BOUNDARY}--\r\n".encode()


def test_an_upload_that_is_cut_at_nine_tenths_leaves_nothing(site: Site) -> None:
    body = multipart(table("Cut"))
    before = site.kept()

    answer = site.send(body, declared=len(body), sent=len(body) * 9 // 10)

    assert answer.startswith(b"HTTP/1.1 400 ")
    time.sleep(0.5)
    assert site.kept() == before


def test_a_length_that_is_declared_too_short_leaves_nothing(site: Site) -> None:
    body = multipart(table("Short"))
    before = site.kept()

    answer = site.send(body, declared=len(body) // 2, sent=len(body))

    # What the server was told to read ends in the middle of the file: a multipart body without its end.
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert site.kept() == before


def test_a_request_far_over_the_limit_is_refused_before_it_is_sent(site: Site) -> None:
    before = site.kept()

    answer = site.send(multipart("account_name\n"), declared=1 << 40, sent=200)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"The request is larger than the limit of 2 MB." in answer
    assert site.kept() == before


def test_a_file_just_over_the_limit_is_refused_and_not_kept(site: Site) -> None:
    before = site.kept()
    content = "account_name\n" + "x" * (LIMIT - 12)  # the heading's 13 bytes and one byte too many

    response = requests.post(
        f"{site.server.url}/ingest/csv", headers=site.headers, files={"file": ("metrics.csv", content)}, timeout=20
    )

    assert (response.status_code, response.json()["message"]) == (413, "The file is over the limit of 2 MB.")
    assert site.kept() == before


def test_the_same_file_twice_at_once_ends_as_one(site: Site) -> None:
    content = table("Twice")
    answers: list[requests.Response] = []

    def send() -> None:
        answers.append(
            requests.post(
                f"{site.server.url}/ingest/csv", headers=site.headers, files={"file": ("m.csv", content)}, timeout=60
            )
        )

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert [answer.status_code for answer in answers] == [200, 200], [answer.text for answer in answers]
    created = sorted(answer.json()["metrics_created"] for answer in answers)
    unchanged = sorted(answer.json()["metrics_unchanged"] for answer in answers)
    running = "SELECT count(*) FROM csplatform_job WHERE status IN ('queued', 'running')"
    wait_for(lambda: site.number(running) == 0, what="the jobs to end")
    assert (created, unchanged) == ([0, ROWS], [0, ROWS])
    assert site.number("SELECT count(*) FROM accounts_account WHERE name LIKE 'Twice %'") == 100
    assert (
        site.number(
            "SELECT count(*) FROM health_dailymetrics WHERE account_id IN"
            " (SELECT id FROM accounts_account WHERE name LIKE 'Twice %')"
        )
        == ROWS
    )
    made = "SELECT count(*) FROM accounts_historicalaccount WHERE name LIKE 'Twice %' AND history_type = '+'"
    assert site.number(made) == 100
