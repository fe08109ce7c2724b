"""Putting an alert of the billing dashboard aside, and bringing it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.db import transaction

from billing.models import AlertDismissal
from csplatform.models import Organization, User


@transaction.atomic
def dismiss_alert(
    *, organization: Organization, key: str, figures: Mapping[str, Decimal], holds_until: date, by: User | None
) -> AlertDismissal:
    """Put an alert aside as it stands now. Twice is once, as it stood the second time."""
    dismissal, _ = AlertDismissal.objects.update_or_create(
        organization=organization,
        key=key,
        defaults={
            "figures": {name: str(value) for name, value in figures.items()},
            "holds_until": holds_until,
            "dismissed_by": by,
        },
    )
    return dismissal


@transaction.atomic
def restore_alert(*, organization: Organization, key: str) -> bool:
    """Show an alert again; says whether it had been put aside."""
    return bool(organization.alert_dismissals.filter(key=key).delete()[0])
