"""Writing the people at a customer. The account's row is the lock: one primary contact, each address once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from simple_history.utils import bulk_update_with_history

from accounts.enums import ActivityKind
from accounts.exceptions import AccountArchived, ContactChangedMeanwhile, InvalidContact
from accounts.models import Account, Contact
from accounts.names import clean_email, clean_name, is_printable
from accounts.services.activity import Happening, record_activity
from csplatform.exceptions import InvalidInput
from csplatform.models import User
from csplatform.periods import today as civil_today

FILLED = ("phone", "title", "role")
"""Facts that a contact takes from its double where it has none."""


class ContactFacts(TypedDict, total=False):
    """What people may write of a contact; what is left out stays as it is."""

    name: str
    email: str
    phone: str
    title: str
    role: str
    is_primary: bool
    left_on: date | None


@transaction.atomic
def create_contact(*, account: Account, by: User | None, **facts: Unpack[ContactFacts]) -> Contact:
    """Add a person to an account; whoever was its primary contact no longer is when this one is."""
    account = _locked(account)
    contact = Contact(organization=account.organization, account=account, **facts)
    _refuse_what_cannot_be(contact)
    _demote_others(contact, by=by)
    _save(contact, by=by)
    _tell(contact, f"Contact added: {_introduced(contact)}", by=by, event="added")
    return contact


@transaction.atomic
def update_contact(
    *, contact: Contact, by: User | None, seen_at: datetime | None = None, **facts: Unpack[ContactFacts]
) -> Contact:
    """Change facts of a contact; returns it as stored. Who leaves is no longer the primary contact.

    ``seen_at`` is the ``updated_at`` that the editor saw: when somebody else saved since, nothing is written."""
    account = _locked(contact.account)
    stored = account.contacts.get(pk=contact.pk)
    stored.account = account
    if seen_at is not None and stored.updated_at != seen_at:
        raise ContactChangedMeanwhile
    before, had_left = _facts_of(stored), stored.has_left
    for name, value in facts.items():
        setattr(stored, name, value)
    if stored.has_left and not had_left and "is_primary" not in facts:
        stored.is_primary = False
    _refuse_what_cannot_be(stored)
    if _facts_of(stored) == before:
        return stored
    _demote_others(stored, by=by)
    _save(stored, by=by)
    if stored.has_left != had_left:
        _tell(stored, f"{stored.name} has left" if stored.has_left else f"{stored.name} is back", by=by)
    return stored


def mark_left(*, contact: Contact, by: User | None, on: date | None = None) -> Contact:
    """They no longer work there, from `on` (today) on. Everything that was said with them stays."""
    day = on or civil_today(contact.organization)
    return update_contact(contact=contact, by=by, left_on=day, is_primary=False)


def bring_back(*, contact: Contact, by: User | None) -> Contact:
    """They work there after all."""
    return update_contact(contact=contact, by=by, left_on=None)


def make_primary(*, contact: Contact, by: User | None) -> Contact:
    """Whom to call first from now on."""
    return update_contact(contact=contact, by=by, is_primary=True)


@transaction.atomic
def delete_contact(*, contact: Contact, by: User | None) -> None:
    """Take away a row that should not have been made. Who has left is marked so instead, see `mark_left`."""
    stored = _locked(contact.account).contacts.get(pk=contact.pk)
    stored._history_user = by
    stored.delete()


def carry_contacts(*, into: Account, merged: Sequence[Account], by: User | None, now: datetime) -> int:
    """Move the people at merged accounts to the one they became, locked by the caller; returns how many.

    Somebody who is there already, by their address, stays with the merged account; what it knew of them and the
    survivor did not is taken over. The survivor's primary contact stays the primary one."""
    there = {contact.email: contact for contact in into.contacts.current() if contact.email}
    moving, richer = [], []
    has_primary = into.contacts.primary().exists()
    rank = {account.pk: place for place, account in enumerate(merged)}
    rows = sorted(
        into.organization.contacts.filter(account__in=merged), key=lambda row: (rank[row.account_id], row.pk)
    )
    for contact in rows:
        known = None if contact.has_left else there.get(contact.email)
        if known is not None:
            missing = {
                name: value for name in FILLED if (value := getattr(contact, name)) and not getattr(known, name)
            }
            if missing and known not in moving:
                richer.append(known)
            for name, value in missing.items():
                setattr(known, name, value)
            continue
        contact.account, contact.is_primary = into, contact.is_primary and not has_primary
        has_primary = has_primary or contact.is_primary
        moving.append(contact)
        if contact.email and not contact.has_left:
            there[contact.email] = contact
    changed = list(dict.fromkeys([*moving, *richer]))
    for contact in changed:
        contact.updated_at = now
    fields = ["account", "is_primary", *FILLED, "updated_at"]
    reason = f"Merged into {into}"[:100]
    bulk_update_with_history(changed, Contact, fields, batch_size=500, default_user=by, default_change_reason=reason)
    return len(moving)


def _locked(account: Account) -> Account:
    """The account as stored now, held against whoever else writes its contacts until the transaction ends."""
    accounts = account.organization.accounts.select_for_update(no_key=True, of=("self",))
    stored = accounts.select_related("organization").get(pk=account.pk)
    if stored.is_archived:
        raise AccountArchived
    return stored


def _facts_of(contact: Contact) -> tuple[object, ...]:
    return tuple(getattr(contact, field.attname) for field in Contact._meta.concrete_fields)


def _refuse_what_cannot_be(contact: Contact) -> None:
    contact.name, contact.email = clean_name(contact.name), clean_email(contact.email)
    contact.phone, contact.title = " ".join(contact.phone.split()), clean_name(contact.title)
    if not contact.name:
        raise InvalidContact("name", "Give the contact a name.")
    for field in ("name", "phone", "title"):
        if not is_printable(getattr(contact, field)):
            raise InvalidContact(field, f"The {field} holds control characters.")
    try:
        contact.clean_fields(exclude=["organization", "account"])
    except ValidationError as error:
        raise InvalidInput("Some facts cannot be stored.", errors=error.message_dict) from error
    if contact.left_on and contact.left_on > civil_today(contact.organization):
        raise InvalidContact("left_on", "The day they left must not lie ahead.")
    if contact.has_left and contact.is_primary:
        raise InvalidContact("is_primary", "Somebody who has left cannot be the primary contact.")
    others = contact.account.contacts.current().exclude(pk=contact.pk)
    if contact.email and not contact.has_left and (other := others.with_email(contact.email).first()):
        raise InvalidContact("email", f"{other.name} of this account has the address {contact.email}.")


def _demote_others(contact: Contact, *, by: User | None) -> None:
    """Before the new one is saved: at no moment are there two."""
    if not contact.is_primary:
        return
    others = list(contact.account.contacts.primary().exclude(pk=contact.pk))
    for other in others:
        other.is_primary, other.updated_at = False, timezone.now()
    reason = f"{contact.name} is the primary contact now"[:100]
    bulk_update_with_history(
        others, Contact, ["is_primary", "updated_at"], default_user=by, default_change_reason=reason
    )


def _save(contact: Contact, *, by: User | None) -> None:
    contact._history_user = by
    contact.save()


def _introduced(contact: Contact) -> str:
    return ", ".join(filter(None, [contact.name, contact.title, contact.get_role_display().lower()]))


def _tell(contact: Contact, title: str, *, by: User | None, event: str = "") -> None:
    record_activity(
        Happening(
            account=contact.account, kind=ActivityKind.CONTACT, title=title, by=by, subject=contact, event=event
        )
    )
