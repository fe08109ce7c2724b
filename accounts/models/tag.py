"""Free labels on accounts."""

from __future__ import annotations

from django.db import models
from simple_history.models import HistoricalRecords

from csplatform.models.base import TimestampedModel

TAG_LENGTH = 60


class Tag(TimestampedModel):
    """A word an organisation groups its accounts by."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="account_tags")
    name = models.CharField(max_length=TAG_LENGTH)

    history = HistoricalRecords()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="tag_name_unique_per_organization"),
            models.CheckConstraint(condition=~models.Q(name=""), name="tag_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class AccountTag(models.Model):
    """A tag on an account; a row of its own, so that it carries its organisation."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="account_tags")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="account_tags")

    class Meta:
        ordering = ["tag__name", "pk"]
        constraints = [models.UniqueConstraint(fields=["account", "tag"], name="account_tag_once")]

    def __str__(self) -> str:
        return f"{self.tag} on {self.account}"
