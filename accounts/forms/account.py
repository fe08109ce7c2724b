"""Accounts as forms."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.enums import AccountSize, AccountStatus, Segment
from accounts.forms.custom_field import custom_form_field, custom_initial, custom_name
from accounts.models import Account
from accounts.models.account import LONGEST_TERM
from accounts.permissions import can_assign_owners
from csplatform.models import Membership, Organization, User

NOBODY = "none"
DAY = {"type": "date"}


class RupeeField(forms.DecimalField):
    """An amount as people here type it: `₹12,50,000` is 1250000."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, *, label: str, help_text: str = "") -> None:
        super().__init__(
            required=False, label=label, help_text=help_text, min_value=0, max_digits=12, decimal_places=2
        )

    def clean(self, value: object) -> Decimal | None:
        amount: Decimal | None = super().clean(str(value or "").replace("₹", "").replace(",", "").strip())
        return amount


class OwnerField(forms.ModelChoiceField):
    """An active member of the organisation; gives their user."""

    def __init__(self, organization: Organization, *, empty_label: str = "Nobody") -> None:
        super().__init__(
            queryset=organization.memberships.active().select_related("user"),
            required=False,
            empty_label=empty_label,
            to_field_name="uuid",
            label="Owner",
            error_messages={"invalid_choice": "Choose an active member from the list."},
        )

    def label_from_instance(self, member: Membership) -> str:
        return member.user.display_name

    def clean(self, value: object) -> User | None:
        member = super().clean(value)
        return member.user if member else None


class SeenAtField(forms.CharField):
    """When the row that a form shows was last saved, carried along unseen; see `update_account`."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False)

    def clean(self, value: object) -> datetime | None:
        text = super().clean(value)
        try:
            return datetime.fromisoformat(text) if text else None
        except ValueError as error:
            raise ValidationError("Open the form again.") from error


class ParentField(forms.CharField):
    """Another account in use, by its number or whole name; gives the account."""

    def __init__(self, organization: Organization) -> None:
        super().__init__(
            max_length=255,
            required=False,
            label="Parent account",
            help_text="The number or whole name of the account it belongs to.",
            widget=forms.TextInput({"autocomplete": "off"}),
        )
        self.organization = organization

    def clean(self, value: object) -> Account | None:
        text = super().clean(value)
        if not text:
            return None
        account: Account | None = self.organization.accounts.unarchived().named(text).first()
        if account is None:
            raise ValidationError("There is no account in use with this number or name.")
        return account


class AccountForm(forms.Form):
    """What people may write of an account. Who looks after it is for those who may assign owners."""

    name = forms.CharField(max_length=255)
    external_id = forms.CharField(
        max_length=255,
        required=False,
        label="External id",
        help_text="Its id in your own systems; imports match by it.",
    )
    status = forms.ChoiceField(
        choices=AccountStatus.choices, initial=AccountStatus.ACTIVE, help_text="Churned ends its ARR today."
    )
    segment = forms.ChoiceField(choices=[("", "Unknown"), *Segment.choices], required=False)
    size = forms.ChoiceField(choices=[("", "Unknown"), *AccountSize.choices], required=False)
    industry = forms.CharField(max_length=100, required=False)
    region = forms.CharField(max_length=100, required=False)
    lead_source = forms.CharField(max_length=100, required=False, label="Lead source")
    tags = forms.CharField(max_length=1000, required=False, help_text="Separated by commas.")
    arr = RupeeField(label="ARR (₹ a year)", help_text="A change is booked in the MRR ledger today.")
    seats = forms.IntegerField(
        min_value=0,
        max_value=100_000_000,
        required=False,
        help_text="Users paid for: the target for daily active users.",
    )
    contract_start = forms.DateField(required=False, label="Contract start", widget=forms.DateInput(DAY, "%Y-%m-%d"))
    contract_end = forms.DateField(
        required=False, label="Contract end", widget=forms.DateInput(DAY, "%Y-%m-%d"), help_text="The renewal date."
    )
    contract_term_months = forms.IntegerField(
        min_value=1,
        max_value=LONGEST_TERM,
        required=False,
        label="Term (months)",
        help_text="For how long it renews each time.",
    )
    seen_at = SeenAtField()

    def __init__(
        self, *args: Any, member: Membership, account: Account | None = None, only: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        organization = member.organization
        self.initial = _facts(account) if account else {"owner": member.uuid}
        self.fields["parent"] = ParentField(organization)
        if can_assign_owners(member):
            self.fields["owner"] = OwnerField(organization)
            self.fields["team"] = forms.ModelChoiceField(
                organization.teams.all(), required=False, to_field_name="uuid", empty_label="No team"
            )
        people = list(account.contacts.current().by_importance()) if account else []
        if people:
            self.fields["primary_contact"] = forms.ModelChoiceField(
                account.contacts.current() if account else None,
                required=False,
                to_field_name="uuid",
                label="Primary contact",
                empty_label="Nobody",
                help_text="Whom to call first.",
            )
            self.initial["primary_contact"] = people[0].uuid if people[0].is_primary else None
        self.custom = list(organization.custom_fields.in_use())
        values = account.custom_fields if account else {}
        for field in self.custom:
            self.fields[custom_name(field)] = custom_form_field(field, values.get(field.key))
            self.initial[custom_name(field)] = custom_initial(field, values.get(field.key))
        if only:
            self._leave_out_all_but(only)

    def _leave_out_all_but(self, name: str) -> None:
        """For one fact that is edited where it stands."""
        for other in set(self.fields) - {name, "seen_at"}:
            del self.fields[other]
        self.custom = [field for field in self.custom if custom_name(field) == name]

    @property
    def identity(self) -> list[forms.BoundField]:
        return self._section("name", "external_id", "segment", "size", "industry", "region", "lead_source", "parent")

    @property
    def standing(self) -> list[forms.BoundField]:
        return self._section("status", "owner", "team", "primary_contact", "tags")

    @property
    def contract(self) -> list[forms.BoundField]:
        return self._section("arr", "seats", "contract_start", "contract_end", "contract_term_months")

    @property
    def own(self) -> list[forms.BoundField]:
        """The organisation's custom fields."""
        return self._section(*map(custom_name, self.custom))

    def _section(self, *names: str) -> list[forms.BoundField]:
        return [self[name] for name in names if name in self.fields]

    @property
    def facts(self) -> dict[str, Any]:
        """What the service takes, once the form is valid."""
        custom = {field.key: self.cleaned_data[custom_name(field)] for field in self.custom}
        left_out = {"seen_at", "primary_contact", *map(custom_name, self.custom)}
        facts = {name: value for name, value in self.cleaned_data.items() if name not in left_out}
        return facts | ({"custom_fields": custom} if custom else {})

    def clean_tags(self) -> list[str]:
        return [tag.strip() for tag in self.cleaned_data["tags"].split(",") if tag.strip()]

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        start, end = facts.get("contract_start"), facts.get("contract_end")
        if start and end and end < start:
            self.add_error("contract_end", "The contract must not end before it starts.")
        return facts


class ChurnForm(forms.Form):
    """When service ended, and why."""

    on = forms.DateField(label="First day without service", widget=forms.DateInput(DAY, "%Y-%m-%d"))
    reason = forms.CharField(max_length=255, required=False)


def _facts(account: Account) -> dict[str, Any]:
    plain = ["name", "external_id", "status", "segment", "size", "industry", "region", "lead_source", "arr", "seats"]
    facts = {
        name: getattr(account, name) for name in [*plain, "contract_start", "contract_end", "contract_term_months"]
    }
    return facts | {
        "owner": _membership_of(account.owner, account.organization),
        "team": account.team and account.team.uuid,
        "parent": account.parent.name if account.parent else "",
        "tags": ", ".join(tag.name for tag in account.tags.all()),
        "seen_at": account.updated_at.isoformat(),
    }


def _membership_of(user: User | None, organization: Organization) -> object:
    member = organization.memberships.filter(user=user).first() if user else None
    return member.uuid if member else None
