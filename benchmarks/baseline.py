"""The best that the database does with rows that are ready: many rows a statement, nothing checked or scored."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, islice
from typing import Any

from django.db import connection, transaction

Row = Sequence[Any]

ROWS_A_STATEMENT = 2_000
MOST_PARAMETERS = 30_000


def upsert(table: str, columns: Sequence[str], rows: Sequence[Row], *, unique: Sequence[str]) -> None:
    """Insert or update in one transaction: PostgreSQL by COPY and one merge, SQLite by rows of VALUES."""
    names = ", ".join(columns)
    updates = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in unique)
    ending = f"ON CONFLICT ({', '.join(unique)}) DO UPDATE SET {updates}"
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"CREATE TEMPORARY TABLE stage AS SELECT {names} FROM {table} LIMIT 0")
            _copy(cursor, "stage", rows)
            cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM stage {ending}")
            cursor.execute("DROP TABLE stage")
        else:
            _insert(cursor, f"INSERT INTO {table} ({names})", rows, ending=ending)


def update(table: str, column: str, values: Sequence[tuple[int, float]]) -> None:
    """Set one column of many rows: staged, then one UPDATE … FROM."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("CREATE TEMPORARY TABLE stage (id bigint, value numeric)")
            _copy(cursor, "stage", values)
        else:
            cursor.execute("CREATE TEMPORARY TABLE stage (id integer PRIMARY KEY, value)")
            _insert(cursor, "INSERT INTO stage", values)
        cursor.execute(f"UPDATE {table} SET {column} = stage.value FROM stage WHERE {table}.id = stage.id")
        cursor.execute("DROP TABLE stage")


def _copy(cursor: Any, table: str, rows: Sequence[Row]) -> None:
    lines = "".join("\t".join(r"\N" if value is None else str(value) for value in row) + "\n" for row in rows)
    with cursor.cursor.copy(f"COPY {table} FROM STDIN") as copy:
        copy.write(lines)


def _insert(cursor: Any, start: str, rows: Sequence[Row], *, ending: str = "") -> None:
    width = len(rows[0])
    size = min(ROWS_A_STATEMENT, MOST_PARAMETERS // width)
    marks = f"({','.join('?' * width)})"
    bare = cursor.cursor.connection.cursor()
    remaining = iter(rows)
    while piece := list(islice(remaining, size)):
        # The WHERE keeps SQLite from reading ON CONFLICT as a join.
        bare.execute(
            f"{start} SELECT * FROM (VALUES {','.join([marks] * len(piece))}) WHERE true {ending}",
            list(chain.from_iterable(piece)),
        )
