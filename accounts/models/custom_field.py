"""Facts about accounts that an organisation defines for itself."""

from __future__ import annotations

import uuid

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from accounts.enums import CustomFieldKind
from accounts.querysets import CustomFieldQuerySet
from csplatform.models import User
from csplatform.models.base import TimestampedModel

FIELD_NAME_LENGTH = 80
FIELD_KEY_LENGTH = 60
validate_key = RegexValidator(
    r"^[a-z][a-z0-9_]*\Z", "Use small letters, digits and underscores, beginning with a letter."
)


class CustomField(TimestampedModel):
    """A typed fact of the organisation's own; its values lie in `Account.custom_fields` under the key.

    Neither key nor kind changes once it is there: what is stored would mean something else."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="custom_fields"
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=FIELD_NAME_LENGTH)
    key = models.CharField(max_length=FIELD_KEY_LENGTH, validators=[validate_key])
    kind = models.CharField(max_length=20, choices=CustomFieldKind)
    choices = models.JSONField(default=list, blank=True)
    """Texts, in the order that they are offered in."""
    is_required = models.BooleanField(default=False)
    """Asked of people and of the API when an account is made; files may leave it out."""
    help_text = models.CharField(max_length=255, blank=True)
    position = models.PositiveIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)
    """No longer shown or asked; what accounts hold stays."""

    objects = CustomFieldQuerySet.as_manager()
    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["position", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "key"], name="custom_field_key_unique_per_organization"),
            models.UniqueConstraint(
                fields=["organization", "name"], name="custom_field_name_unique_per_organization"
            ),
            models.CheckConstraint(condition=Q(kind__in=CustomFieldKind.values), name="custom_field_kind_known"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(key=""), name="custom_field_has_name_and_key"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    @property
    def has_choices(self) -> bool:
        return self.kind in (CustomFieldKind.CHOICE, CustomFieldKind.MULTI_CHOICE)
