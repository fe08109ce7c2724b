"""What the database's planner knows about the tables."""

from __future__ import annotations

from django.db import connection

ROWS_LOOKED_AT = 1_000
"""Per index: enough to tell the indexes apart, and milliseconds whatever the size of the table."""


def refresh_statistics() -> None:
    """Tell SQLite how its tables are filled, after many rows arrived; PostgreSQL looks by itself.

    PERFORMANCE: without statistics SQLite takes the index that names the organisation first, and then reads
    all of its days for each account.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA analysis_limit = {ROWS_LOOKED_AT}")
            cursor.execute("ANALYZE")
