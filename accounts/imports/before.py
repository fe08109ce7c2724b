"""What an accounts import overwrites, kept for an undo: each image in the transaction of the piece that wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.services.import_accounts import Written
from csplatform.imports.before import pack_record
from csplatform.imports.registry import Before
from csplatform.models import Organization

NAMES = "names"


class NamesBefore:
    """What accounts were called, and what else they had been called, before a file renames them."""

    def __init__(self, organization: Organization, keys: Sequence[int]) -> None:
        fields = ("account_id", "kind", "key", "text", "origin")
        aliases = organization.account_aliases.filter(account__in=keys) if keys else None
        self._aliases = list(aliases.order_by().values_list(*fields)) if aliases is not None else []

    def image(self, written: Written, *, written_at: datetime) -> Before:
        return Before(
            part=NAMES,
            written_at=written_at,
            changes=len(written.replaced),
            content=pack_record({"replaced": written.replaced, "aliases": self._aliases}),
        )


def by_key(record: Mapping[str, Any]) -> dict[int, Any]:
    """JSON knows texts as keys only."""
    return {int(key): value for key, value in record.items()}
