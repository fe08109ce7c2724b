"""Engagements as forms: the full one, the composer above a timeline, the quick edit in place, and how a plan went."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.enums import CommitmentSide, EngagementOutcome, EngagementState, EngagementType
from accounts.forms.account import DAY, OwnerField, SeenAtField
from accounts.forms.fields import AccountChoiceField
from accounts.models import Account, Commitment, Contact, Engagement
from accounts.models.engagement import LONGEST_MINUTES
from accounts.services.engagement import ATTENDEE_LENGTHS, CLOCK_SKEW, NextStep, Promise
from accounts.services.follow_up import end_of_work
from csplatform.models import Membership

MOMENT = forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")
DONE, PLANNED = EngagementState.DONE.value, EngagementState.PLANNED.value
OUTCOMES = [("", "Not said"), *EngagementOutcome.choices]
MOST_OFFERED = 24
LINE = re.compile(r"^(?P<name>[^<,;]*?)\s*(?:<(?P<email>[^>]*)>)?\s*(?:[,;]\s*(?P<role>.*))?$")


class AttendeesField(forms.CharField):
    """People, one a line: `Priya Nair <priya@acme.example>, CTO`. Gives the contract's attendees."""

    widget = forms.Textarea({"rows": 3, "placeholder": "Priya Nair <priya@acme.example>, CTO"})

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) or value is None else as_lines(value)

    def clean(self, value: object) -> list[dict[str, str]]:
        lines = [line.strip() for line in str(super().clean(value)).splitlines()]
        return [self._attendee(line) for line in lines if line]

    def _attendee(self, line: str) -> dict[str, str]:
        match = LINE.match(line)
        parts = {key: (match.group(key) or "").strip() for key in ATTENDEE_LENGTHS} if match else {"name": line}
        if "@" in parts["name"] and not parts.get("email"):
            parts = {**parts, "name": "", "email": parts["name"]}
        if parts.get("email"):
            try:
                validate_email(parts["email"])
            except ValidationError as error:
                raise ValidationError(f"“{parts['email'][:80]}” is no email address.") from error
        return parts


def as_lines(attendees: Iterable[dict[str, str]]) -> str:
    """Attendees as people type them."""
    lines = []
    for each in attendees:
        who = f"{each['name']} <{each['email']}>" if each["name"] and each["email"] else each["name"] or each["email"]
        lines.append(f"{who}, {each['role']}" if each["role"] else who)
    return "\n".join(lines)


class OutcomeFields(forms.Form):
    """How it went, and what comes of it when action is required."""

    outcome = forms.ChoiceField(choices=OUTCOMES, required=False)
    next_task = forms.CharField(
        max_length=100,
        required=False,
        label="Follow-up",
        widget=forms.TextInput({"placeholder": "Send the proposal"}),
    )
    next_due_on = forms.DateField(required=False, label="Due on", widget=forms.DateInput(DAY, "%Y-%m-%d"))

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member
        self.fields["next_assignee"] = OwnerField(member.organization, empty_label="The account's owner")
        self.fields["next_assignee"].label = "Given to"

    @property
    def next_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("next_task", "next_due_on", "next_assignee")]

    @property
    def next_step(self) -> NextStep:
        day = self.cleaned_data.get("next_due_on")
        return NextStep(
            task_type=self.cleaned_data.get("next_task", ""),
            due_at=end_of_work(day, self.member.organization) if day else None,
            assignee=self.cleaned_data.get("next_assignee"),
        )


class EngagementForm(OutcomeFields):
    """What people may write of an engagement. A moment left out is now; fields show minutes."""

    type = forms.ChoiceField(choices=EngagementType.choices, initial=EngagementType.CALL, widget=forms.RadioSelect)
    title = forms.CharField(max_length=255, widget=forms.TextInput({"autocomplete": "off"}))
    description = forms.CharField(
        max_length=20_000, required=False, label="Notes", widget=forms.Textarea({"rows": 5})
    )
    state = forms.ChoiceField(
        choices=[(DONE, "It took place"), (PLANNED, "It is planned")],
        initial=DONE,
        required=False,
        label="Has it happened?",
    )
    at = forms.DateTimeField(required=False, label="When", widget=MOMENT)
    duration_minutes = forms.IntegerField(
        min_value=1, max_value=LONGEST_MINUTES, required=False, label="Minutes", initial=30
    )
    attendees = AttendeesField(
        required=False,
        label="Others",
        help_text="One a line, like the example. Emails find contacts.",
    )
    competitor = forms.CharField(
        max_length=255, required=False, label="Competitor mentioned", help_text="Which one, and what was said of it."
    )
    token = forms.UUIDField(required=False, widget=forms.HiddenInput)
    seen_at = SeenAtField()

    def __init__(
        self,
        *args: Any,
        member: Membership,
        now: datetime,
        account: Account | None = None,
        engagement: Engagement | None = None,
        kind: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, member=member, **kwargs)
        self.engagement, self.now = engagement, now
        self.account = engagement.account if engagement else account
        self.contacts = offered_contacts(self.account)
        self.fields["people"] = people_field([(str(each.uuid), each.name) for each in self.contacts])
        if not self.contacts:
            self.fields["attendees"].label = "Attendees"
        if engagement is None:
            self.fields["account"] = AccountChoiceField(member)
            self.order_fields(["account"])
            self.initial = {
                "type": kind if kind in EngagementType.values else EngagementType.CALL,
                "at": now.replace(second=0, microsecond=0),
                "account": account.name if account else "",
                "token": uuid.uuid4(),
                "duration_minutes": 30,
                "state": DONE,
            }
        else:
            self.initial = _stored(engagement, self.contacts)
            if engagement.is_cancelled:
                del self.fields["state"]
            if engagement.has_follow_up:
                for name in ("next_task", "next_due_on", "next_assignee"):
                    del self.fields[name]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        at = given.get("at")
        if at and given.get("state") != PLANNED and "state" in self.fields and at > self.now + CLOCK_SKEW:
            self.add_error("at", "What took place cannot lie ahead. Say that it is planned.")
        return given

    # What the page draws

    @property
    def when(self) -> list[forms.BoundField]:
        return [self[name] for name in ("state", "at", "duration_minutes") if name in self.fields]

    @property
    def asks_for_next_step(self) -> bool:
        return "next_task" in self.fields

    # What the service takes

    @property
    def facts(self) -> dict[str, Any]:
        """Facts as they are written; a moment that the person left alone keeps its seconds."""
        given = self.cleaned_data
        facts: dict[str, Any] = {
            name: given[name] for name in ("type", "title", "description", "outcome", "competitor")
        }
        facts["attendees"] = self._everybody()
        if given.get("duration_minutes"):
            facts["duration_minutes"] = given["duration_minutes"]
        if not facts["competitor"]:
            facts["mentions_competitor"] = False
        return facts | self._moments()

    def _moments(self) -> dict[str, datetime | None]:
        stored = self.engagement
        if stored is not None and stored.is_cancelled:
            return {"scheduled_at": self.cleaned_data["at"]} if "at" in self.changed_data else {}
        if stored is not None and not {"at", "state"} & set(self.changed_data):
            return {}
        at = self.cleaned_data["at"] or self.now
        if self.cleaned_data.get("state") == PLANNED:
            return {"scheduled_at": at, "completed_at": None}
        return {"completed_at": min(at, self.now) if (at - self.now).total_seconds() < 60 else at}

    def _everybody(self) -> list[dict[str, str]]:
        chosen = set(self.cleaned_data["people"])
        known = [
            {"name": each.name, "email": each.email, "role": each.title}
            for each in self.contacts
            if str(each.uuid) in chosen
        ]
        return [*known, *self.cleaned_data["attendees"]]


class QuickEditForm(forms.Form):
    """What can be corrected without leaving the timeline."""

    title = forms.CharField(max_length=255)
    description = forms.CharField(
        max_length=20_000, required=False, label="Notes", widget=forms.Textarea({"rows": 3})
    )
    outcome = forms.ChoiceField(choices=OUTCOMES, required=False)
    seen_at = SeenAtField()


class HeldForm(OutcomeFields):
    """How a planned engagement went."""

    description = forms.CharField(
        max_length=20_000, required=False, label="Notes", widget=forms.Textarea({"rows": 3})
    )


class PromiseForm(forms.Form):
    """One row of what was promised; without words it is left out."""

    id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    side = forms.ChoiceField(choices=CommitmentSide.choices, required=False, label="Who")
    name = forms.CharField(max_length=120, required=False, label="Name")
    what = forms.CharField(max_length=500, required=False, label="What was promised")
    due_on = forms.DateField(required=False, label="By", widget=forms.DateInput(DAY, "%Y-%m-%d"))
    is_kept = forms.BooleanField(required=False, label="Kept")

    @property
    def promise(self) -> Promise | None:
        given = self.cleaned_data
        return Promise(**given | {"side": given["side"] or "us"}) if given.get("what") else None


PromiseFormSet = forms.formset_factory(PromiseForm, extra=1, max_num=50, validate_max=True, absolute_max=60)


def promises_initial(commitments: Iterable[Commitment]) -> list[dict[str, Any]]:
    return [
        {"id": c.uuid, "side": c.side, "name": c.name, "what": c.what, "due_on": c.due_on, "is_kept": c.is_kept}
        for c in commitments
    ]


def people_field(choices: list[tuple[str, str]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        choices=choices,
        required=False,
        label="Contacts who took part",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose from the account's contacts."},
    )


def offered_contacts(account: Account | None) -> list[Contact]:
    return list(account.contacts.current().by_importance()[:MOST_OFFERED]) if account else []


def _stored(engagement: Engagement, contacts: list[Contact]) -> dict[str, Any]:
    by_email = {each.email: each for each in contacts if each.email}
    known = [each for each in engagement.attendees if each["email"].lower() in by_email]
    return {
        **{name: getattr(engagement, name) for name in ("type", "title", "description", "outcome", "competitor")},
        "state": PLANNED if engagement.is_planned else DONE,
        "at": engagement.happened_at.replace(second=0, microsecond=0),
        "duration_minutes": engagement.duration_minutes,
        "people": [str(by_email[each["email"].lower()].uuid) for each in known],
        "attendees": as_lines(each for each in engagement.attendees if each not in known),
        "seen_at": engagement.updated_at.isoformat(),
    }
