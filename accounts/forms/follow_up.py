"""Follow-ups as forms."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from accounts.enums import FollowUpPriority
from accounts.forms.account import DAY, OwnerField, SeenAtField
from accounts.forms.engagement import MOMENT
from accounts.forms.fields import AccountChoiceField
from accounts.models import Account, FollowUp
from accounts.services.follow_up import default_due, end_of_work
from csplatform.models import Membership
from csplatform.periods import today

SNOOZES = {"1": "Until tomorrow", "3": "For three days", "7": "For a week", "30": "For a month"}


class FollowUpForm(forms.Form):
    """What people may write of a task."""

    task_type = forms.CharField(
        max_length=100,
        label="What to do",
        widget=forms.TextInput({"placeholder": "Renewal QBR", "autocomplete": "off"}),
    )
    description = forms.CharField(
        max_length=20_000, required=False, label="Details", widget=forms.Textarea({"rows": 3})
    )
    due_at = forms.DateTimeField(label="Due", widget=MOMENT)
    priority = forms.ChoiceField(choices=FollowUpPriority.choices, initial=FollowUpPriority.MEDIUM)
    department = forms.CharField(max_length=100, required=False)
    token = forms.UUIDField(required=False, widget=forms.HiddenInput)
    seen_at = SeenAtField()

    def __init__(
        self,
        *args: Any,
        member: Membership,
        now: datetime,
        account: Account | None = None,
        follow_up: FollowUp | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        organization = member.organization
        self.fields["assignee"] = OwnerField(organization)
        self.fields["assignee"].label = "Given to"
        if follow_up is None:
            self.fields["account"] = AccountChoiceField(member)
            self.initial = {
                "account": account.name if account else "",
                "assignee": member.uuid,
                "due_at": default_due(organization, now=now),
                "token": uuid.uuid4(),
            }
        else:
            who = organization.memberships.filter(user=follow_up.assignee).first() if follow_up.assignee_id else None
            self.initial = {
                name: getattr(follow_up, name) for name in ("task_type", "description", "priority", "department")
            } | {
                "due_at": follow_up.due_at.replace(second=0, microsecond=0),
                "assignee": who.uuid if who else None,
                "seen_at": follow_up.updated_at.isoformat(),
            }
        self.order_fields(["account", "task_type", "description", "due_at", "priority", "assignee", "department"])

    @property
    def facts(self) -> dict[str, Any]:
        left_alone = {"due_at"} - set(self.changed_data) if "seen_at" in self.initial else set()
        apart = {"token", "seen_at", "account"} | left_alone
        return {name: value for name, value in self.cleaned_data.items() if name not in apart}


class SnoozeForm(forms.Form):
    """Until when: in some days, or a day."""

    days = forms.ChoiceField(choices=list(SNOOZES.items()), required=False)
    on = forms.DateField(required=False, label="Until", widget=forms.DateInput(DAY, "%Y-%m-%d"))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not given.get("days") and not given.get("on") and not self.errors:
            raise forms.ValidationError("Choose until when.")
        return given

    def until(self, follow_up: FollowUp, *, now: datetime) -> datetime:
        """At 17:00 of the day; days are counted from today, or from the due date where that lies ahead."""
        organization = follow_up.organization
        if day := self.cleaned_data["on"]:
            return end_of_work(day, organization)
        start = max(today(organization, now=now), timezone.localtime(follow_up.due_at, organization.zone).date())
        return end_of_work(start + timedelta(days=int(self.cleaned_data["days"])), organization)
