"""Ways of narrowing imports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from csplatform.models.imports import Import


class ImportQuerySet(models.QuerySet["Import"]):
    def for_list(self) -> Self:
        """With what a list shows of each: its job, its file, who asked for it and what became of an undo."""
        return self.select_related("job__asked_by", "upload", "organization", "undo_job__asked_by")
