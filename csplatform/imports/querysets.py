"""Ways of narrowing imports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from csplatform.models.imports import Import


class ImportQuerySet(models.QuerySet["Import"]):
    def for_list(self) -> Self:
        """With what a list shows of each: its job, its file and who asked for it."""
        return self.select_related("job__asked_by", "upload")
