"""A database that is there for one benchmark only, of the kind that DATABASE_URL names."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

MARK = "BENCHMARK_PROCESS"


@contextmanager
def database() -> Iterator[dict[str, str]]:
    """The environment of a process that works on a scratch database."""
    url = os.environ.get("DATABASE_URL", "")
    settings = {
        MARK: "1",
        "SECRET_KEY": "only-for-benchmarks-" + "x" * 50,
        "DEBUG": "false",
        "ALLOWED_HOSTS": "testserver",
        "SECURE_SSL_REDIRECT": "false",
        "REDIS_URL": "",
        "PYTHONWARNINGS": "ignore",
        "JOB_INLINE_LIMIT": "1000000000",  # everything inside the request: that is what is measured
        "API_REQUESTS_PER_MINUTE": "1000000000",
    }
    with _postgresql(url) if url.startswith("postgres") else _sqlite() as scratch:
        yield {**os.environ, **settings, "DATABASE_URL": scratch}


@contextmanager
def _sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        yield f"sqlite:///{Path(folder) / 'benchmark.sqlite3'}"


@contextmanager
def _postgresql(url: str) -> Iterator[str]:
    name = sql.Identifier(f"benchmark_{os.getpid()}")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            yield urlunsplit(urlsplit(url)._replace(path=f"/benchmark_{os.getpid()}"))
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def set_up() -> None:
    """Django on the scratch database, with its tables."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "csplatform.settings"
    import django
    from django.core.management import call_command

    django.setup()
    logging.disable(logging.WARNING)  # a line a request would be measured too
    call_command("migrate", verbosity=0)
