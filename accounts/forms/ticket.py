"""Support tickets as forms."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from accounts.enums import TicketPriority, TicketStatus
from accounts.forms.fields import AccountChoiceField
from accounts.models import Account, SupportTicket
from csplatform.models import Membership

MOMENTS = ("opened_at", "first_response_at", "due_at")
MOMENT = forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")


class TicketForm(forms.Form):
    """What people may write of a ticket. Moments are in the organisation's zone."""

    subject = forms.CharField(max_length=255)
    description = forms.CharField(max_length=20_000, required=False, widget=forms.Textarea({"rows": 4}))
    priority = forms.ChoiceField(choices=TicketPriority.choices, initial=TicketPriority.MEDIUM)
    status = forms.ChoiceField(choices=TicketStatus.choices, initial=TicketStatus.OPEN)
    is_escalated = forms.BooleanField(required=False, label="Escalated")
    external_id = forms.CharField(
        max_length=100, required=False, strip=False, label="External id", help_text="Its id in the support system."
    )
    opened_at = forms.DateTimeField(label="Opened", widget=MOMENT)
    first_response_at = forms.DateTimeField(required=False, label="First answered", widget=MOMENT)
    due_at = forms.DateTimeField(required=False, label="Due", widget=MOMENT, help_text="By what was promised.")
    csat = forms.TypedChoiceField(
        choices=[("", "No answer"), *((n, f"{n} of 5") for n in range(5, 0, -1))],
        coerce=int,
        empty_value=None,
        required=False,
        label="Customer's rating",
    )

    def __init__(
        self,
        *args: Any,
        member: Membership,
        now: datetime,
        ticket: SupportTicket | None = None,
        account: Account | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if ticket is None:
            self.fields["account"] = AccountChoiceField(member)
            self.order_fields(["account"])
            self.initial = {"opened_at": to_the_minute(now), "account": account.name if account else ""}
        else:
            self.initial = {name: getattr(ticket, name) for name in self.fields}
            for name in MOMENTS:
                self.initial[name] = to_the_minute(self.initial[name])

    @property
    def changes(self) -> dict[str, Any]:
        """What the person changed: fields show minutes, and must not cut seconds off what they left alone."""
        return {name: self.cleaned_data[name] for name in self.changed_data}

    @property
    def what(self) -> list[forms.BoundField]:
        return [self[name] for name in ("account", "subject", "description") if name in self.fields]

    @property
    def standing(self) -> list[forms.BoundField]:
        return [self[name] for name in ("priority", "status", "is_escalated", "csat")]

    @property
    def times(self) -> list[forms.BoundField]:
        return [self[name] for name in ("opened_at", "first_response_at", "due_at", "external_id")]


def to_the_minute(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(second=0, microsecond=0)
