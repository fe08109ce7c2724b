"""What accounts used to be called."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.enums import AliasKind, AliasOrigin
from accounts.names import KEY_LENGTH, NAME_LENGTH
from accounts.querysets import AccountAliasQuerySet


class AccountAlias(models.Model):
    """A former name or external id that still means an account: files that use it land on that account."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="account_aliases", db_index=False
    )
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="aliases")
    kind = models.CharField(max_length=20, choices=AliasKind)
    key = models.CharField(max_length=KEY_LENGTH)
    """What it is found by: of a name its `name_key`, of an external id the id."""
    text = models.CharField(max_length=NAME_LENGTH)
    """As it was written."""
    origin = models.CharField(max_length=20, choices=AliasOrigin)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountAliasQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "key", "pk"]
        verbose_name_plural = "account aliases"
        constraints = [
            models.UniqueConstraint(fields=["organization", "kind", "key"], name="account_alias_means_one_account"),
            models.CheckConstraint(condition=~Q(key=""), name="account_alias_has_a_key"),
            models.CheckConstraint(condition=Q(kind__in=AliasKind.values), name="account_alias_kind_known"),
            models.CheckConstraint(condition=Q(origin__in=AliasOrigin.values), name="account_alias_origin_known"),
        ]

    def __str__(self) -> str:
        return self.text
