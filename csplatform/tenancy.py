"""Whose rows may be seen: the one place where a request, a task or a command enters its organisation.

Every query starts at the organisation; on PostgreSQL row-level security is the second wall behind that, so a
forgotten filter shows nothing. The scope *is* the transaction: the setting that the policies read is local to it.
The wall stops forgotten filters. It does not stop SQL injection, which could reset the role.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from django.apps import apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, models, transaction
from django.db.backends.signals import connection_created
from django.db.backends.utils import CursorWrapper
from django.db.models import F
from django.db.models.signals import post_migrate

if TYPE_CHECKING:
    from csplatform.models import Organization

SETTING = "csplatform.organization"
EVERY = "*"

DOORS = frozenset({"csplatform.Membership", "csplatform.ApiKey"})
"""Tables without a policy: they answer who is asking, before there is an organisation to enter."""

V = TypeVar("V", bound=Callable[..., Any])


# -- scopes -----------------------------------------------------------------------------------------


@contextmanager
def organization_scope(organization: Organization, *, write: bool, touch: bool = True) -> Iterator[None]:
    """See and write one organisation's rows. A write scope ends by raising the organisation's data version,
    unless `touch` is false because nothing that a dashboard shows has changed."""
    with _transaction(str(organization.pk), write=write):
        yield
        if write and touch:
            _raise_data_version(organization.pk)


@contextmanager
def every_organization(*, write: bool, why: str, touch: bool = False) -> Iterator[None]:
    """See all rows of the installation. `why` is for the reader: it has to be a good one."""
    if not why:
        raise ValueError("Say why every organisation has to be open.")
    with _transaction(EVERY, write=write):
        yield
        if write and touch:
            _raise_data_version(None)


@contextmanager
def _transaction(value: str, *, write: bool) -> Iterator[None]:
    if connection.vendor != "postgresql":
        if not write:
            yield
            return
        with transaction.atomic():
            yield
        return
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        with connection.cursor() as cursor:
            if outermost and not write:
                # Sums agree with each other while imports run, and a write inside a read is an error.
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            before = _swap_setting(cursor, value)
        yield
        # A released savepoint keeps the setting, so put the old one back; a failed one does it by itself.
        if not outermost and not connection.needs_rollback:
            with connection.cursor() as cursor:
                _swap_setting(cursor, before)


def _swap_setting(cursor: CursorWrapper, value: str) -> str:
    cursor.execute(
        "SELECT coalesce(current_setting(%s, true), ''), set_config(%s, %s, true)", [SETTING, SETTING, value]
    )
    row = cursor.fetchone()
    return str(row[0]) if row else ""


def _raise_data_version(organization_id: int | None) -> None:
    """The last statement of a write scope: first or in mixed order it would be a queue, or deadlock."""
    if connection.needs_rollback:
        return
    organizations = apps.get_model("csplatform", "Organization")._default_manager.all()
    if organization_id is not None:
        organizations = organizations.filter(pk=organization_id)
    organizations.update(data_version=F("data_version") + 1)


def scoped_stream(
    organization: Organization, make_rows: Callable[[], Iterable[str | bytes]]
) -> Iterator[str | bytes]:
    """Yield rows for a streaming answer, which runs after the request's own scope has ended."""
    with organization_scope(organization, write=False):
        yield from make_rows()


def own_transactions(view: V) -> V:
    """Mark a view (or its class) that enters its scopes piece by piece: it calls out, or commits in chunks."""
    view.own_transactions = True  # type: ignore[attr-defined]  # a mark on a function
    return view


# -- the wall (PostgreSQL) --------------------------------------------------------------------------

_as_owner = 0


@contextmanager
def as_owner() -> Iterator[None]:
    """Work as the login role with every row in sight: migrations own the tables and move all the data."""
    global _as_owner
    _forget_connections()
    _as_owner += 1
    try:
        yield
    finally:
        _as_owner -= 1
        _forget_connections()


@contextmanager
def login_role() -> Iterator[CursorWrapper]:
    """For a statement that only the owner of the tables may give, in the middle of a transaction (PostgreSQL).

    It passes the policies: not for reading or writing rows."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('role')")
        working = cursor.fetchone()[0]
        cursor.execute("SELECT set_config('role', 'none', true)")
        yield cursor
        cursor.execute("SELECT set_config('role', %s, true)", [working])


def _forget_connections() -> None:
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return
    connection.close()
    close_pool = getattr(connection, "close_pool", None)
    if close_pool:
        close_pool()


def drop_privileges(*, connection: Any, **_: Any) -> None:
    """On each new PostgreSQL connection: become the working role, if the login would pass the policies."""
    if connection.vendor != "postgresql" or connection.alias != DEFAULT_DB_ALIAS:
        return
    physical = connection.connection
    if getattr(physical, "csplatform_ready", None) == bool(_as_owner):
        return
    with connection.cursor() as cursor:
        if _as_owner:
            cursor.execute("SELECT set_config('role', 'none', false), set_config(%s, %s, false)", [SETTING, EVERY])
        else:
            cursor.execute(
                """
                SELECT set_config('role', r.rolname, false)
                FROM pg_roles u JOIN pg_roles r ON r.rolname = %s
                WHERE u.rolname = session_user AND (u.rolsuper OR u.rolbypassrls)
                """,
                [settings.DATABASE_ROLE],
            )
    if not physical.autocommit:
        physical.commit()
    physical.csplatform_ready = bool(_as_owner)


def tenant_models() -> list[type[models.Model]]:
    """Every concrete model, history and many-to-many tables included, whose rows belong to an organisation."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
        and not model._meta.proxy
        and model._meta.label not in DOORS
        and any(field.column == "organization_id" for field in model._meta.local_concrete_fields)
    ]


POLICY = f"""
    CREATE POLICY tenant ON {{table}} USING (
        (SELECT current_setting('{SETTING}', true)) = '{EVERY}'
        OR organization_id = (
            SELECT CASE WHEN current_setting('{SETTING}', true) ~ '^[0-9]+$'
                        THEN current_setting('{SETTING}', true)::bigint END
        )
    )
"""


def secure(**_: Any) -> None:
    """After migrating: make the working role, grant it its tables, and put the policy on each tenant table.

    Looks before it alters, so that a second run locks nothing. The sub-selects run once a query, and the pattern
    guards the cast: after the first transaction the setting is empty, not null."""
    if connection.vendor != "postgresql":
        return
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user")
        passes_policies = bool(cursor.fetchone()[0])
        if passes_policies:
            _make_working_role(cursor)
        cursor.execute(
            "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity FROM pg_class c WHERE c.relkind = 'r'"
        )
        secured = dict(cursor.fetchall())
        cursor.execute("SELECT tablename FROM pg_policies WHERE policyname = 'tenant'")
        with_policy = {row[0] for row in cursor.fetchall()}
        for model in tenant_models():
            table = model._meta.db_table
            if table not in secured:
                continue
            if not secured[table]:
                cursor.execute(f"ALTER TABLE {quote(table)} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
            if table not in with_policy:
                cursor.execute(POLICY.format(table=quote(table)))


def _make_working_role(cursor: CursorWrapper) -> None:
    role = connection.ops.quote_name(settings.DATABASE_ROLE)
    cursor.execute(
        f"""
        DO $$ BEGIN
            CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END $$
        """
    )
    cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", [settings.DATABASE_ROLE])
    if cursor.fetchone()[0]:
        raise RuntimeError(
            f"The role {settings.DATABASE_ROLE} passes row-level security; choose another DATABASE_ROLE."
        )
    for statement in (
        "GRANT USAGE ON SCHEMA public TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        "GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {role}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO {role}",
    ):
        cursor.execute(statement.format(role=role))


def wall_problems() -> list[str]:
    """What is wrong with the second wall, in sentences; empty when it stands (always so on SQLite)."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        problems = ["The database role passes row-level security."] if cursor.fetchone()[0] else []
        cursor.execute(
            """
            SELECT c.relname FROM pg_class c JOIN pg_policies p ON p.tablename = c.relname
            WHERE c.relkind = 'r' AND c.relrowsecurity AND c.relforcerowsecurity AND p.policyname = 'tenant'
            """
        )
        secured = {row[0] for row in cursor.fetchall()}
    tables = {model._meta.db_table for model in tenant_models()}
    return problems + [f"The table {table} has no forced tenant policy." for table in sorted(tables - secured)]


def require_wall() -> None:
    """Refuse to serve with a hole in the wall."""
    problems = wall_problems()
    if problems:
        raise RuntimeError("Run `manage.py migrate` first. " + " ".join(problems))


def install() -> None:
    """Connect the receivers; called once, when the platform's app is ready."""
    connection_created.connect(drop_privileges, dispatch_uid="csplatform.tenancy.drop_privileges")
    post_migrate.connect(secure, sender=apps.get_app_config("csplatform"), dispatch_uid="csplatform.tenancy.secure")
