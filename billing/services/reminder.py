"""Reminding customers of what is due: once an invoice and step, and never of what is disputed or settled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from accounts.enums import ActivityKind
from accounts.models import Contact
from accounts.services.activity import Happening, record_activities
from billing.enums import CollectionNoteKind, ReminderChannel, ReminderStep
from billing.exceptions import InvalidDocument, RemindersRefused
from billing.models import CollectionNote, Invoice, Reminder
from billing.services.settlement import lock_invoices
from billing.tax.reminders import step_on
from csplatform.formatting import counted, date_text, rupees_full
from csplatform.models import Organization, User
from csplatform.money import ZERO
from csplatform.periods import today as civil_today
from csplatform.services.mail import send_mail_later


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A reminder as it would be sent; or why none is."""

    invoice: Invoice
    step: ReminderStep | None
    to: str = ""
    subject: str = ""
    body: str = ""
    refusal: str = ""


def preview_reminders(organization: Organization, invoices: Sequence[Invoice], *, today: date) -> list[Letter]:
    """What would go out for these invoices now, in three queries for any number of them."""
    sent = {
        (invoice, step)
        for invoice, step in organization.reminders.filter(invoice__in=invoices).values_list("invoice", "step")
    }
    addresses = _addresses(organization, {invoice.account_id for invoice in invoices})
    return [_letter(invoice, sent, addresses, today) for invoice in invoices]


@transaction.atomic
def send_reminders(
    *, organization: Organization, invoices: Iterable[Invoice], channel: str, by: User | None
) -> list[Letter]:
    """Send what is due of these, and keep that it was sent. Refused where nothing is due at all."""
    today = civil_today(organization)
    locked = list(lock_invoices(organization, {invoice.pk for invoice in invoices}).values())
    letters = preview_reminders(organization, locked, today=today)
    due = [letter for letter in letters if letter.step and not letter.refusal]
    if not due:
        raise RemindersRefused(" ".join(dict.fromkeys(letter.refusal for letter in letters)) or None)
    Reminder.objects.bulk_create(
        Reminder(
            organization=organization,
            invoice=letter.invoice,
            step=letter.step or "",
            channel=channel,
            sent_on=today,
            sent_to=letter.to,
            subject=letter.subject,
            body=letter.body,
            sent_by=by,
        )
        for letter in due
    )
    if channel == ReminderChannel.EMAIL:
        for letter in due:
            if letter.to:
                send_mail_later(
                    to=letter.to, subject=letter.subject, body=letter.body, organization=organization, by=by
                )
    record_activities(
        organization,
        [
            Happening(
                account=letter.invoice.account,
                kind=ActivityKind.INVOICE,
                title=f"Reminder of invoice {letter.invoice.number} sent ({ReminderChannel(channel).label.lower()})",
                by=by,
                subject=letter.invoice,
            )
            for letter in due
        ],
    )
    return letters


@transaction.atomic
def write_collection_note(
    *, invoice: Invoice, by: User | None, kind: str, text: str = "", promised_on: date | None = None
) -> CollectionNote:
    """Keep what the customer said about paying: a promise with its day, or a note."""
    if kind == CollectionNoteKind.PROMISE and promised_on is None:
        raise InvalidDocument("promised_on", "Give the day by which the customer promised to pay.")
    if kind == CollectionNoteKind.NOTE and not text.strip():
        raise InvalidDocument("text", "Write the note.")
    note = CollectionNote.objects.create(
        organization=invoice.organization,
        invoice=invoice,
        kind=kind,
        text=text.strip()[:500],
        promised_on=promised_on if kind == CollectionNoteKind.PROMISE else None,
        written_by=by,
    )
    title = (
        f"Promise to pay invoice {invoice.number} by {date_text(promised_on)}"
        if kind == CollectionNoteKind.PROMISE
        else f"Note about invoice {invoice.number}"
    )
    record_activities(
        invoice.organization,
        [
            Happening(
                account=invoice.account,
                kind=ActivityKind.INVOICE,
                title=title,
                text=note.text,
                by=by,
                subject=invoice,
            )
        ],
    )
    return note


def _letter(invoice: Invoice, sent: set[tuple[int, str]], addresses: dict[int, str], today: date) -> Letter:
    if not invoice.is_issued or invoice.outstanding <= ZERO or invoice.due_date is None:
        return Letter(invoice=invoice, step=None, refusal=f"{invoice}: nothing is outstanding.")
    if invoice.is_disputed:
        return Letter(invoice=invoice, step=None, refusal=f"{invoice}: the customer disputes it.")
    step = step_on(today, due_date=invoice.due_date)
    if step is None:
        return Letter(invoice=invoice, step=None, refusal=f"{invoice}: not due within a week.")
    if (invoice.pk, step.value) in sent:
        return Letter(invoice=invoice, step=step, refusal=f"{invoice}: reminded already ({step.label.lower()}).")
    late = (today - invoice.due_date).days
    when = f"{counted(late, 'day')} ago, on" if late > 0 else "on"
    amount = rupees_full(invoice.outstanding_inr)
    if invoice.is_foreign:
        amount = f"{invoice.currency} {invoice.outstanding}"
    return Letter(
        invoice=invoice,
        step=step,
        to=addresses.get(invoice.account_id, ""),
        subject=f"{'Overdue' if late > 0 else 'Upcoming'}: invoice {invoice.number}, {amount}",
        body=(
            f"Dear {invoice.customer.get('name') or invoice.account.name},\n\n"
            f"invoice {invoice.number} of {date_text(invoice.issue_date)} "
            f"{'was' if late > 0 else 'is'} due {when} {date_text(invoice.due_date)}. "
            f"{amount} is outstanding.\n\nIf you have paid meanwhile, please tell us the reference.\n\n"
            f"{invoice.supplier.get('legal_name', '')}\n"
        ),
    )


def _addresses(organization: Organization, accounts: set[int]) -> dict[int, str]:
    """Whom to write to: the billing contact, else the primary one."""
    found: dict[int, tuple[int, str]] = {}
    contacts = Contact.objects.filter(organization=organization, account__in=accounts, left_on=None).exclude(email="")
    for account, email, role, is_primary in contacts.values_list("account", "email", "role", "is_primary"):
        rank = 0 if role == "billing" else 1 if is_primary else 2
        if rank < 2 and rank < found.get(account, (2, ""))[0]:
            found[account] = (rank, email)
    return {account: email for account, (_, email) in found.items()}
