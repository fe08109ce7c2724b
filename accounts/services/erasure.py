"""Forgetting a person: their name, address, number and what was noted of them, wherever it stands."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.db.models import Q, Value
from django.db.models.functions import Replace

from accounts.models import Activity, Contact, Engagement, FollowUp, SupportTicket
from accounts.names import clean_email
from csplatform.models import Erasure, User

ERASED = "Erased person"
SHORTEST_WORD = 4
"""Shorter names are left in free text: they would take parts of other words with them."""
FREE_TEXT: tuple[tuple[type[models.Model], tuple[str, ...]], ...] = (
    (Activity, ("title", "text")),
    (Engagement, ("title", "description", "competitor", "cancel_reason")),
    (FollowUp, ("task_type", "description")),
    (SupportTicket, ("subject", "description")),
)
"""What people write about an account, and where the person may be named in it."""


@transaction.atomic
def erase_contact(*, contact: Contact, by: User | None) -> Erasure:
    """Empty every fact that says who it was, in the row, its history, attendees and free text of the account.

    The row itself stays without a name, so that what happened keeps its place; what is left is a record that
    somebody was forgotten, without the data. It cannot be undone."""
    organization, account = contact.organization, contact.account
    stored = organization.contacts.select_for_update(no_key=True).get(pk=contact.pk)
    past = Contact.history.filter(id=stored.pk)
    names = {stored.name, *past.values_list("name", flat=True)} - {ERASED}
    emails = {clean_email(each) for each in [stored.email, *past.values_list("email", flat=True)]} - {""}
    phones = {stored.phone, *past.values_list("phone", flat=True)} - {""}
    words = sorted((word for word in names | emails | phones if len(word) >= SHORTEST_WORD), key=len, reverse=True)

    nothing: dict[str, Any] = {"name": ERASED, "email": "", "phone": "", "title": ""}
    counts = {
        "contacts": organization.contacts.filter(pk=stored.pk).update(**nothing, is_primary=False),
        "history": past.update(**nothing, history_change_reason=None),
        "attendees": _erase_attendees(account.pk, names, emails),
    }
    for model, fields in FREE_TEXT:
        counts[model._meta.model_name or ""] = _erase_words(model, account.pk, fields, words)
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


def _erase_words(model: type[models.Model], account_id: int, fields: tuple[str, ...], words: list[str]) -> int:
    """Their name, address and number in free text, as they were written; one statement for each word and table."""
    tables = [model]
    history = getattr(model, "history", None)
    if history is not None:
        tables.append(history.model)
    changed = 0
    for table in tables:
        for word in words:
            named = Q(*[(f"{field}__contains", word) for field in fields], _connector=Q.OR)
            new = {field: Replace(field, Value(word), Value(ERASED)) for field in fields}
            changed += table._base_manager.filter(named, account_id=account_id).update(**new)
    return changed
