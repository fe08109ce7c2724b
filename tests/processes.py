"""Real processes for tests that no in-process client can stand in for."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Installation:
    """An installation of its own: a database and an environment that no other test shares."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "site.sqlite3"

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "PORT")}
        return inherited | {
            "DATABASE_URL": f"sqlite:///{self.database}",
            "MEDIA_ROOT": str(self.folder / "media"),
            "DJANGO_SETTINGS_MODULE": "csplatform.settings",
            "SECRET_KEY": "a-secret-key-for-real-processes-0123456789-abcdefghijklmnopqrstuvwxyz",
            "DEBUG": "true",
            "PYTHONUNBUFFERED": "1",
        }

    def copy_to(self, folder: Path) -> Installation:
        """The same database once more, in another folder; nothing may be writing to this one."""
        copy = Installation(folder)
        with closing(sqlite3.connect(self.database)) as source, closing(sqlite3.connect(copy.database)) as target:
            source.backup(target)
        return copy

    def manage(self, *arguments: str) -> str:
        """Run one command to its end; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,  # migrations take minutes where the machine is busy
            check=False,
        )
        assert done.returncode == 0, f"manage.py {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    @contextmanager
    def serving(self, *, port: int | None = None, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
        """`manage.py serve`, ready, on a free port; ended afterwards, whatever happened to it."""
        port = port or free_port()
        log = self.folder / f"serve-{time.monotonic_ns()}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "serve"],
                cwd=ROOT,
                env={**self.environment, "PORT": str(port), **(environment or {})},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        server = Server(process=process, url=f"http://127.0.0.1:{port}", log=log)
        try:
            yield server
        finally:
            server.stop()


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running supervisor with its web server and worker."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def wait_until_ready(self) -> None:
        def ready() -> bool:
            if self.process.poll() is not None:
                raise AssertionError(f"The server ended:\n{self.log.read_text()}")
            return answers(f"{self.url}/readyz")

        wait_for(ready, what=f"{self.url}/readyz", seconds=60)

    def children(self, named: str = "") -> list[int]:
        """The processes under the supervisor, theirs included, whose command line has that word in it."""
        return [pid for pid in descendants(self.process.pid) if named in command_line(pid)]

    def stop(self) -> None:
        left = [self.process.pid, *self.children()]
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(timeout=5)
        for pid in left:
            kill(pid)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).status_code == requests.codes.ok
    except requests.RequestException:
        return False


def wait_for(condition: Callable[[], bool], *, what: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {seconds:.0f} seconds for {what}.")
        time.sleep(0.1)


def descendants(pid: int) -> list[int]:
    """The processes below one, by the system's own list."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = [tuple(map(int, line.split())) for line in listed.splitlines()]
    found, todo = [], [pid]
    while todo:
        above = todo.pop()
        below = [child for child, parent in parents if parent == above]
        found += below
        todo += below
    return found


def command_line(pid: int) -> str:
    listed = subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return listed.stdout.strip()


def is_alive(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(state.stdout.strip()) and not state.stdout.strip().startswith("Z")


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
