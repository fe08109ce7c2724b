"""Ways of narrowing playbooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from playbooks.models import Playbook


class PlaybookQuerySet(models.QuerySet["Playbook"]):
    """An organisation's playbooks, by number."""

    def builtin(self) -> Self:
        """The ten that every organisation starts with, the ones published clients know."""
        return self.filter(is_builtin=True)

    def with_steps(self) -> Self:
        """With their steps fetched, in order, at the price of one query."""
        return self.prefetch_related("steps")
