"""Forgetting a person: their name, address, number and what was noted of them, wherever it stands."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Contact, Engagement
from accounts.names import clean_email
from accounts.services.erased_words import erase_words
from csplatform.models import Erasure, User

ERASED = "Erased person"
SHORTEST_WORD = 4
"""Shorter names are left in free text: they would take parts of other words with them."""


@transaction.atomic
def erase_contact(*, contact: Contact, by: User | None) -> Erasure:
    """Empty every fact that says who it was: in the row and its history, among attendees and who speaks for the
    account, in everything that is written about the account in any room, and in copies that the platform made.

    The row itself stays without a name, so that what happened keeps its place; what is left is a record that
    somebody was forgotten, without the data. It cannot be undone."""
    organization, account = contact.organization, contact.account
    stored = organization.contacts.select_for_update(no_key=True).get(pk=contact.pk)
    past = Contact.history.filter(id=stored.pk)
    names = {stored.name, *past.values_list("name", flat=True)} - {ERASED}
    emails = {clean_email(each) for each in [stored.email, *past.values_list("email", flat=True)]} - {""}
    phones = {stored.phone, *past.values_list("phone", flat=True)} - {""}
    words = sorted((word for word in names | emails | phones if len(word) >= SHORTEST_WORD), key=len, reverse=True)

    # The row counts as touched, so that undoing the import it came from does not bring the person back.
    nothing: dict[str, Any] = {"name": ERASED, "email": "", "phone": "", "title": ""}
    counts = {
        "contacts": organization.contacts.filter(pk=stored.pk).update(
            **nothing, is_primary=False, updated_at=timezone.now()
        ),
        "history": past.update(**nothing, history_change_reason=None),
        "attendees": _erase_attendees(account.pk, names, emails),
        **erase_words(organization, account, words, by=ERASED),
    }
    return Erasure.objects.create(
        organization=organization, what="contact", subject_id=stored.uuid, by=by, counts=counts
    )


def _erase_attendees(account_id: int, names: set[str], emails: set[str]) -> int:
    """Attendees are JSON, so each engagement of the account that has any is looked at; past versions too."""
    changed = 0
    for model in (Engagement, Engagement.history.model):
        rows = model._base_manager.filter(account_id=account_id).exclude(attendees=[]).only("pk", "attendees")
        touched = []
        for row in rows.iterator(chunk_size=500):
            kept = [_forgotten(each) if _is_them(each, names, emails) else each for each in row.attendees]
            if kept != row.attendees:
                row.attendees = kept
                touched.append(row)
        model._base_manager.bulk_update(touched, ["attendees"], batch_size=200)
        changed += len(touched)
    return changed


def _is_them(attendee: dict[str, Any], names: set[str], emails: set[str]) -> bool:
    email = clean_email(str(attendee.get("email") or ""))
    return email in emails if email else attendee.get("name") in names


def _forgotten(attendee: dict[str, Any]) -> dict[str, Any]:
    return {**attendee, "name": ERASED, "email": "", "role": ""}
