"""`manage.py serve` as a real process: it starts, listens where it is told to, and leaves nothing behind."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator

import pytest
import requests

from tests.processes import Installation, Server, is_alive, kill, wait_for

pytestmark = pytest.mark.xdist_group("processes")


@pytest.fixture(scope="module")
def installation(new_installation: Callable[[], Installation]) -> Installation:
    return new_installation()


@pytest.fixture(scope="module")
def server(installation: Installation) -> Iterator[Server]:
    with installation.serving() as server:
        server.wait_until_ready()
        yield server


def test_serve_answers_on_the_port_it_is_given_with_web_and_worker(server: Server) -> None:
    ready = requests.get(f"{server.url}/readyz", timeout=5)
    front = requests.get(server.url, timeout=5)

    assert ready.json() == {"status": "ok", "database": "ok", "broker": "embedded"}
    assert front.json()["status"] == "healthy"
    assert server.children("gunicorn")
    assert server.children("celery")
    assert server.children(server.url.removeprefix("http://"))
    assert server.log.read_text().strip() == f"Keel is on {server.url} (Ctrl-C stops it)"


def test_serve_starts_again_what_was_killed(server: Server) -> None:
    web, worker = min(server.children("gunicorn")), min(server.children("celery"))

    kill(web)
    kill(worker)
    wait_for(lambda: not {web, worker} & set(server.children()), what="the killed ones to be noticed")
    server.wait_until_ready()

    wait_for(lambda: bool(server.children("celery")), what="another worker")
    assert server.process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_the_supervisor_ends(installation: Installation, number: signal.Signals) -> None:
    with installation.serving() as server:
        server.wait_until_ready()
        children = server.children()
        assert len(children) >= 3

        server.process.send_signal(number)
        server.process.wait(timeout=20)

        wait_for(lambda: not any(map(is_alive, children)), what=f"the children to end after {number.name}")


def test_a_taken_port_is_said_in_one_sentence(installation: Installation, server: Server) -> None:
    with installation.serving(port=int(server.url.rpartition(":")[2])) as second:
        second.process.wait(timeout=60)

    assert second.process.returncode != 0
    assert second.log.read_text().strip().endswith("Address already in use. Set PORT to another.")
    assert requests.get(f"{server.url}/readyz", timeout=5).ok
