"""Indexes that PostgreSQL needs beside those of the models, for the list's sorts and for names by their beginning.

SQLite reads the models' own indexes in either direction, treats `archived_at IS NULL` as an equality and puts unknown
values last when it sorts downwards, so it needs none of them. On PostgreSQL an index answers `DESC NULLS LAST` only if
it is built so, and `LIKE 'abc%'` only by its pattern operators. Built without locking out writers."""

from django.db import migrations

INDEXES = {
    "account_arr_down": "(organization_id, arr DESC NULLS LAST) WHERE archived_at IS NULL",
    "account_health_down": "(organization_id, health_score DESC NULLS LAST) WHERE archived_at IS NULL",
    "account_name_prefix": "(organization_id, name_key varchar_pattern_ops)",
    "account_alias_prefix": "(organization_id, kind, key varchar_pattern_ops)",
}


def build(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for name, what in INDEXES.items():
        table = "accounts_accountalias" if name == "account_alias_prefix" else "accounts_account"
        schema_editor.execute(
            f"DROP INDEX CONCURRENTLY IF EXISTS {name}"
        )  # a build that was cut off leaves one behind
        schema_editor.execute(f"CREATE INDEX CONCURRENTLY {name} ON {table} {what}")


def drop(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for name in INDEXES:
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0012_files_and_calendars")]

    operations = [migrations.RunPython(build, drop)]
