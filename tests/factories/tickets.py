"""Support tickets."""

from __future__ import annotations

from datetime import UTC, datetime

import factory

from accounts.models import SupportTicket
from tests.factories.accounts import AccountFactory


class TicketFactory(factory.django.DjangoModelFactory[SupportTicket]):
    """A bare open ticket, without a line in the timeline."""

    class Meta:
        model = SupportTicket

    account = factory.SubFactory(AccountFactory)
    organization = factory.SelfAttribute("account.organization")
    subject = factory.Sequence(lambda n: f"Ticket {n}")
    opened_at = datetime(2026, 11, 1, 6, tzinfo=UTC)
