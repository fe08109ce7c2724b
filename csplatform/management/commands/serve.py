"""Run web and worker under one small supervisor that leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

GRACE_SECONDS = 10.0
QUICK_DEATHS = 3
QUICK_SECONDS = 10.0


@dataclass(slots=True, kw_only=True)
class Child:
    """One supervised process, the leader of its own group."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list)
    restart_at: float = 0.0

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, start_new_session=True)  # noqa: S603  (our own command)

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def signal_group(self, number: signal.Signals) -> None:
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except (ProcessLookupError, PermissionError):
                return

    def note_death(self, now: float) -> None:
        """Kill what is left of the group and plan the restart: half a second, doubling up to ten."""
        self.signal_group(signal.SIGKILL)
        self.process = None
        self.deaths = [at for at in self.deaths if now - at < 60] + [now]
        self.restart_at = now + min(10.0, 0.5 * 2 ** (len(self.deaths) - 1))

    def died_at_once(self, now: float) -> bool:
        return len([at for at in self.deaths if now - at < QUICK_SECONDS]) >= QUICK_DEATHS


class Command(BaseCommand):
    """Starts gunicorn and a Celery worker, restarts what dies, and ends both when told to."""

    help = "Run the web server and a worker together, until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))

    def handle(self, *args: Any, **options: Any) -> None:
        self.told_to_end = False
        require_free(options["host"], options["port"])
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._end)
        children = [
            Child(name="web", command=web_command(options["host"], options["port"])),
            Child(name="worker", command=worker_command()),
        ]
        try:
            self._supervise(children, options["host"], options["port"])
        finally:
            stop(children)

    def _end(self, *_: Any) -> None:
        self.told_to_end = True

    def _supervise(self, children: list[Child], host: str, port: int) -> None:
        announced = False
        while not self.told_to_end:
            now = time.monotonic()
            for child in children:
                if child.process is not None and not child.is_running():
                    child.note_death(now)
                    if child.name == "web" and child.died_at_once(now):
                        raise CommandError(
                            f"The web server does not start. Is port {port} taken? Set PORT to another."
                        )
                if child.process is None and now >= child.restart_at:
                    child.start()
            if not announced and is_listening(host, port):
                announced = True
                self.stdout.write(f"\n{settings.PRODUCT_NAME} is on http://{host}:{port} (Ctrl-C stops it)")
            time.sleep(0.2)


def require_free(host: str, port: int) -> None:
    """Say at once that the port is taken: gunicorn tries for five seconds before it dies, again and again."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(f"Cannot listen on {host}:{port}: {error.strerror}. Set PORT to another.") from error


def is_listening(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=0.2):
            return True
    except OSError:
        return False


def stop(children: list[Child]) -> None:
    """Ask each child to end, wait, then kill the groups."""
    for child in children:
        child.signal_group(signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and any(child.is_running() for child in children):
        time.sleep(0.1)
    for child in children:
        child.signal_group(signal.SIGKILL)


def web_command(host: str, port: int) -> list[str]:
    workers = 2
    return [
        *(sys.executable, "-m", "gunicorn", "csplatform.wsgi:application"),
        *("--config", "python:csplatform.gunicorn_config"),
        *("--bind", f"{host}:{port}"),
        *("--workers", str(workers), "--threads", str(settings.WEB_THREADS)),
    ]


def worker_command() -> list[str]:
    pool = "prefork" if settings.REDIS_URL else "threads"
    return [
        # In a container everyone is root, and Celery's advice against it is all that a newcomer would see.
        *(sys.executable, "-W", "ignore:You're running the worker with superuser"),
        *("-m", "celery", "--quiet", "--app", "csplatform", "worker"),
        *("--pool", pool, "--concurrency", "2", "--loglevel", "WARNING"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]
