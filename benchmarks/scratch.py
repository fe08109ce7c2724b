"""A database that is there for one benchmark only, of the kind that DATABASE_URL names."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

MARK = "BENCHMARK_PROCESS"
SETTINGS = {
    MARK: "1",
    "SECRET_KEY": "only-for-benchmarks-" + "x" * 50,
    "DEBUG": "false",
    "ALLOWED_HOSTS": "testserver,127.0.0.1",
    "SECURE_SSL_REDIRECT": "false",
    "REDIS_URL": "",
    "PYTHONWARNINGS": "ignore",
    "JOB_INLINE_LIMIT": "1000000000",  # everything inside the request: that is what is measured
    "API_REQUESTS_PER_MINUTE": "1000000000",
}

Environment = dict[str, str]
Copy = Callable[[], AbstractContextManager[Environment]]


@contextmanager
def template() -> Iterator[Copy]:
    """Tables once; what it yields gives the environment of a process that works on a fresh copy of them."""
    url = os.environ.get("DATABASE_URL", "")
    with _postgresql(url) if url.startswith("postgres") else _sqlite() as copy:
        yield copy


@contextmanager
def _sqlite() -> Iterator[Copy]:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        empty, used = Path(folder) / "template.sqlite3", Path(folder) / "benchmark.sqlite3"
        _migrate(f"sqlite:///{empty}")

        @contextmanager
        def copy() -> Iterator[Environment]:
            shutil.copyfile(empty, used)
            try:
                yield _environment(f"sqlite:///{used}")
            finally:
                for path in used.parent.glob(f"{used.name}*"):
                    path.unlink()

        yield copy


@contextmanager
def _postgresql(url: str) -> Iterator[Copy]:
    empty, used = f"benchmark_{os.getpid()}", f"benchmark_{os.getpid()}_copy"
    with psycopg.connect(url, autocommit=True) as connection:

        @contextmanager
        def made(name: str, of: str) -> Iterator[str]:
            as_name = sql.Identifier(name)
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(as_name, sql.Identifier(of)))
            try:
                yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
            finally:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(as_name))

        @contextmanager
        def copy() -> Iterator[Environment]:
            with made(used, empty) as scratch:
                yield _environment(scratch)

        with made(empty, "template1") as scratch:
            _migrate(scratch)
            yield copy


def _environment(url: str) -> Environment:
    return {**os.environ, **SETTINGS, "DATABASE_URL": url}


def _migrate(url: str) -> None:
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, env=_environment(url), check=True)


def set_up() -> None:
    """Django on the scratch database."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "csplatform.settings"
    import django

    django.setup()
    logging.disable(logging.WARNING)  # a line a request would be measured too
