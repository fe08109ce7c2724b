"""Django's `migrate`, run as the owner of the tables: the working role may neither alter nor see them all."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from csplatform.tenancy import as_owner


class Command(migrate.Command):
    def execute(self, *args: Any, **options: Any) -> str | None:
        with as_owner():
            return super().execute(*args, **options)
