"""Reading and writing what an organisation has decided about its billing."""

from __future__ import annotations

from decimal import Decimal
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction

from billing.exceptions import InvalidDocument
from billing.models import BillingSettings
from csplatform.exceptions import InvalidInput
from csplatform.models import Organization, User


class BillingFacts(TypedDict, total=False):
    sends_reminders: bool
    terms_days: int
    large_overdue: Decimal
    long_overdue_days: int
    deadline_days: int
    many_refunds: int
    high_refund_pct: Decimal


def billing_settings(organization: Organization) -> BillingSettings:
    """What holds: the row, or the defaults where nobody has decided anything."""
    found: BillingSettings | None = BillingSettings.objects.filter(organization=organization).first()
    return found or BillingSettings(organization=organization)


@transaction.atomic
def save_billing_settings(
    *, organization: Organization, by: User | None, **facts: Unpack[BillingFacts]
) -> BillingSettings:
    """Write what is given; what is left out stays."""
    rows = BillingSettings.objects.select_for_update(no_key=True)
    stored = rows.filter(organization=organization).first() or BillingSettings(organization=organization)
    for name, value in facts.items():
        setattr(stored, name, value)
    if stored.large_overdue is not None and stored.large_overdue <= 0:
        raise InvalidDocument("large_overdue", "An amount above 0.")
    try:
        stored.clean_fields(exclude=["organization"])
    except ValidationError as error:
        raise InvalidInput("Some settings cannot be stored.", errors=error.message_dict) from error
    stored._history_user = by
    stored.save()
    return stored
