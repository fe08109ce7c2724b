"""Reminding customers of what is due: once an invoice and step, and never of what is disputed or settled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from accounts.enums import ActivityKind
from accounts.models import Contact
from accounts.services.activity import Happening, record_activities
from billing.document_querysets import InvoiceQuerySet
from billing.enums import CollectionNoteKind, JobKind, ReminderChannel, ReminderStep
from billing.exceptions import InvalidDocument, NoMail, RemindersRefused
from billing.models import CollectionNote, Invoice, Reminder
from billing.services.settlement import lock_invoices
from billing.tax.reminders import Demand, body_of, step_on, subject_of
from csplatform.formatting import amount_in, date_text
from csplatform.jobs import enqueue
from csplatform.models import Job, Organization, User
from csplatform.money import ZERO
from csplatform.periods import today as civil_today
from csplatform.services.mail import send_mail_later

REMINDERS = "reminders"
"""The lane: two batches at once would ask each other for the same locks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A reminder as it would be sent; or why none is."""

    invoice: Invoice
    step: ReminderStep | None
    to: str = ""
    subject: str = ""
    body: str = ""
    refusal: str = ""


def preview_reminders(
    organization: Organization,
    invoices: Sequence[Invoice],
    *,
    today: date,
    channel: str = ReminderChannel.EMAIL,
) -> list[Letter]:
    """What would go out for these invoices now, in three queries for any number of them."""
    sent = {
        (invoice, step)
        for invoice, step in organization.reminders.filter(invoice__in=invoices).values_list("invoice", "step")
    }
    addresses = _addresses(organization, {invoice.account_id for invoice in invoices})
    return [_letter(invoice, sent, addresses, today, channel) for invoice in invoices]


@transaction.atomic
def send_reminders(
    *, organization: Organization, invoices: Iterable[Invoice], channel: str, by: User | None
) -> list[Letter]:
    """Send what is due of these, and keep that it was sent. Refused where nothing is due at all."""
    letters = send_due_reminders(
        organization=organization,
        invoice_ids={invoice.pk for invoice in invoices},
        channel=channel,
        by=by,
        today=civil_today(organization),
    )
    if all(letter.refusal for letter in letters):
        raise RemindersRefused(" ".join(dict.fromkeys(letter.refusal for letter in letters)) or None)
    return letters


@transaction.atomic
def send_due_reminders(
    *, organization: Organization, invoice_ids: Collection[int], channel: str, by: User | None, today: date
) -> list[Letter]:
    """The same for a whole batch: what cannot be sent is answered with its reason and left alone."""
    if channel == ReminderChannel.EMAIL and not settings.EMAIL_IS_CONFIGURED:
        raise NoMail
    locked = list(lock_invoices(organization, invoice_ids).values())
    letters = preview_reminders(organization, locked, today=today, channel=channel)
    due = [letter for letter in letters if letter.step and not letter.refusal]
    Reminder.objects.bulk_create(
        Reminder(
            organization=organization,
            invoice=letter.invoice,
            step=letter.step or "",
            channel=channel,
            sent_on=today,
            sent_to=letter.to if channel == ReminderChannel.EMAIL else "",
            subject=letter.subject,
            body=letter.body,
            sent_by=by,
        )
        for letter in due
    )
    if channel == ReminderChannel.EMAIL:
        for letter in due:
            send_mail_later(to=letter.to, subject=letter.subject, body=letter.body, organization=organization, by=by)
    record_activities(
        organization,
        [
            Happening(
                account=letter.invoice.account,
                kind=ActivityKind.INVOICE,
                title=f"Reminder of invoice {letter.invoice.number} sent ({ReminderChannel(channel).label.lower()})",
                by=by,
                is_system=by is None,
                subject=letter.invoice,
            )
            for letter in due
        ],
    )
    return letters


def start_reminders(
    *, organization: Organization, invoices: InvoiceQuerySet, channel: str, by: User, today: date
) -> Job:
    """Have a job remind of these invoices; what is settled or disputed until it comes to them is left out."""
    if channel == ReminderChannel.EMAIL and not settings.EMAIL_IS_CONFIGURED:
        raise NoMail
    keys = list(invoices.to_remind(today).order_by("pk").values_list("pk", flat=True))
    if not keys:
        raise RemindersRefused("Choose at least one invoice of which a reminder is due.")
    payload = {"invoices": keys, "channel": channel}
    return enqueue(organization, JobKind.SEND_REMINDERS, payload, by=by, lane=REMINDERS, total=len(keys))


@transaction.atomic
def write_collection_note(
    *,
    invoice: Invoice,
    by: User | None,
    kind: str,
    text: str = "",
    promised_on: date | None = None,
    promised_amount: Decimal | None = None,
) -> CollectionNote:
    """Keep what the customer said about paying: a promise with its day, or a note."""
    if kind == CollectionNoteKind.PROMISE and promised_on is None:
        raise InvalidDocument("promised_on", "Give the day by which the customer promised to pay.")
    if kind == CollectionNoteKind.NOTE and not text.strip():
        raise InvalidDocument("text", "Write the note.")
    if promised_amount is not None and promised_amount <= 0:
        raise InvalidDocument("promised_amount", "A promise is above 0.")
    if promised_amount is not None and promised_amount > invoice.outstanding:
        owed = amount_in(invoice.currency, invoice.outstanding)
        raise InvalidDocument("promised_amount", f"This is more than is outstanding ({owed}).")
    note = CollectionNote.objects.create(
        organization=invoice.organization,
        invoice=invoice,
        kind=kind,
        text=text.strip()[:500],
        promised_on=promised_on if kind == CollectionNoteKind.PROMISE else None,
        promised_amount=promised_amount if kind == CollectionNoteKind.PROMISE else None,
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


def _letter(
    invoice: Invoice, sent: set[tuple[int, str]], addresses: dict[int, str], today: date, channel: str
) -> Letter:
    if not invoice.is_issued or invoice.outstanding <= ZERO or invoice.due_date is None:
        return Letter(invoice=invoice, step=None, refusal=f"{invoice}: nothing is outstanding.")
    if invoice.is_disputed:
        return Letter(invoice=invoice, step=None, refusal=f"{invoice}: the customer disputes it.")
    step = step_on(today, due_date=invoice.due_date)
    if step is None:
        return Letter(invoice=invoice, step=None, refusal=f"{invoice}: not due within a week.")
    demand = Demand(
        number=invoice.number,
        issued_on=invoice.issue_date,
        due_on=invoice.due_date,
        amount=amount_in(invoice.currency, invoice.outstanding),
        customer=str(invoice.customer.get("name") or invoice.account.name),
        supplier=str(invoice.supplier.get("legal_name", "")),
    )
    to, refusal = addresses.get(invoice.account_id, ""), ""
    if (invoice.pk, step.value) in sent:
        refusal = f"{invoice}: reminded already ({step.label.lower()})."
    elif channel == ReminderChannel.EMAIL and not to:
        refusal = f"{invoice}: {invoice.account} has no billing or primary contact with an email address."
    return Letter(
        invoice=invoice,
        step=step,
        to=to,
        subject=subject_of(demand, today),
        body=body_of(demand, step, today),
        refusal=refusal,
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
