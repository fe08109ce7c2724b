"""The people at a customer."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from accounts.enums import ContactRole
from accounts.names import NAME_LENGTH
from accounts.querysets import ContactQuerySet
from csplatform.models import User
from csplatform.models.base import TimestampedModel

PHONE_LENGTH = 40
ROLE_TONES = {
    ContactRole.CHAMPION: "success",
    ContactRole.DECISION_MAKER: "info",
    ContactRole.EXECUTIVE: "info",
    ContactRole.DETRACTOR: "danger",
}


class Contact(TimestampedModel):
    """A person who works at an account. Never a login.

    Who left stays: what they said and promised happened. Their address may then be given to a successor."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="contacts", db_index=False
    )
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="contacts", db_index=False)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=NAME_LENGTH)
    email = models.EmailField(blank=True)
    """In lower case, see `clean_email`: how attendees and files find the person."""
    phone = models.CharField(max_length=PHONE_LENGTH, blank=True)
    title = models.CharField(max_length=NAME_LENGTH, blank=True)
    """What their card says."""
    role = models.CharField(max_length=20, choices=ContactRole, blank=True)
    is_primary = models.BooleanField(default=False)
    """Whom to call first; one at most per account."""
    left_on = models.DateField(null=True, blank=True)
    """The first day without them."""

    objects = ContactQuerySet.as_manager()
    history = HistoricalRecords()
    _history_user: User | None
    _change_reason: str

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="contact_has_a_name"),
            models.CheckConstraint(condition=Q(role__in=["", *ContactRole.values]), name="contact_role_known"),
            models.CheckConstraint(condition=Q(is_primary=False) | Q(left_on=None), name="contact_primary_is_there"),
            models.UniqueConstraint(
                fields=["account"], condition=Q(is_primary=True), name="contact_one_primary_per_account"
            ),
            models.UniqueConstraint(
                fields=["account", "email"],
                condition=Q(left_on=None) & ~Q(email=""),
                name="contact_email_unique_per_account",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "email"], name="contact_email"),
            models.Index(fields=["organization", "name"], name="contact_name"),
            models.Index(fields=["account", "left_on"], name="contact_of_account"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('accounts:account_contacts', args=[self.account.number])}#contact-{self.uuid}"

    @property
    def has_left(self) -> bool:
        return self.left_on is not None

    @property
    def role_tone(self) -> str:
        """How loud the badge of the role is."""
        return ROLE_TONES.get(ContactRole(self.role), "gray") if self.role else "gray"
