"""Numbers given in order, without gaps and never twice."""

from __future__ import annotations

from django.db import models


class Sequence(models.Model):
    """The last number given under a name in an organisation; read and raised by `take_numbers` only."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="sequences")
    name = models.CharField(max_length=60)
    last = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="sequence_once")]

    def __str__(self) -> str:
        return f"{self.name}: {self.last}"
