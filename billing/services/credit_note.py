"""What is noted on an issued credit note: that it was compared with the books, its IRN, the customer's reversal."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from billing.enums import IrnStatus, ItcReversal
from billing.exceptions import InvalidDocument, NothingToDo
from billing.models import CreditNote
from csplatform.models import User

IRN_LENGTH = 64


@transaction.atomic
def mark_note_reconciled(*, note: CreditNote, by: User | None) -> CreditNote:
    """Somebody has compared it with the books: it is ready to be filed."""
    stored = _locked(note)
    if stored.reconciled_at is None:
        stored.reconciled_at = timezone.now()
        _write(stored, ["reconciled_at"], by=by)
    return stored


@transaction.atomic
def set_itc_reversal(*, note: CreditNote, by: User | None, status: str) -> CreditNote:
    """Whether the customer has reversed its input credit. Asked only of registered customers."""
    stored = _locked(note)
    if stored.itc_reversal == ItcReversal.NOT_APPLICABLE:
        raise InvalidDocument("status", "This customer has no input credit to reverse.")
    if status not in {ItcReversal.PENDING, ItcReversal.CONFIRMED}:
        raise InvalidDocument("status", "Takes pending or confirmed.")
    stored.itc_reversal = status
    _write(stored, ["itc_reversal"], by=by)
    return stored


@transaction.atomic
def record_note_irn(*, note: CreditNote, by: User | None, irn: str) -> CreditNote:
    """Keep the IRN that the portal gave for it."""
    stored = _locked(note)
    if stored.irn_status != IrnStatus.PENDING:
        raise NothingToDo("This credit note waits for no IRN.")
    irn = irn.strip().lower()
    if len(irn) != IRN_LENGTH or not all(each in "0123456789abcdef" for each in irn):
        raise InvalidDocument("irn", "An IRN is 64 characters from 0-9 and a-f.")
    stored.irn, stored.irn_status, stored.irn_acknowledged_at = irn, IrnStatus.GENERATED, timezone.now()
    _write(stored, ["irn", "irn_status", "irn_acknowledged_at"], by=by)
    return stored


def _locked(note: CreditNote) -> CreditNote:
    rows = note.organization.credit_notes.select_for_update(no_key=True, of=("self",)).select_related(
        "account", "invoice"
    )
    stored: CreditNote = rows.get(pk=note.pk)
    return stored


def _write(note: CreditNote, fields: list[str], *, by: User | None) -> None:
    note._history_user = by
    note.save(update_fields=[*fields, "updated_at"])
