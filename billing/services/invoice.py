"""Writing invoices: drafts as often as wanted, then issued once and for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.enums import ActivityKind
from accounts.models import Account, Product
from accounts.services.activity import Happening, record_activity
from billing.enums import DocumentState, IrnStatus, LineKind, Section
from billing.exceptions import CannotIssue, CannotVoid, InvalidDocument, NotADraft, NothingToDo, NotIssued
from billing.models import CustomerTaxProfile, Invoice, InvoiceLine, TaxProfile
from billing.services.tax_profile import blank_profile
from billing.tax.amounts import Amounts, LineInput, line_amounts, round_off, sum_of
from billing.tax.numbers import document_number
from billing.tax.parameters import rate_of
from billing.tax.returns import filing_period, financial_year_start, invoice_section
from billing.tax.states import HOME_COUNTRY
from billing.tax.supply import Supply, decide_supply
from csplatform.exceptions import DomainError, InvalidInput
from csplatform.formatting import rupees_full
from csplatform.models import Organization, User
from csplatform.money import ZERO
from csplatform.periods import financial_year
from csplatform.periods import today as civil_today
from csplatform.services.sequence import take_numbers

HOME_CURRENCY = "INR"
ONE = Decimal("1.000000")
MOST_LINES = 200
MOST = Decimal("999999999999.99")
DEFAULT_SAC = "998315"
NO_SUPPLIER = "Your organisation has no tax profile yet: its GSTIN, legal name and address come first."
IRN_SECTIONS = {Section.B2B, Section.SEZWP, Section.SEZWOP, Section.EXPWP, Section.EXPWOP}


class LineFacts(TypedDict, total=False):
    """A line as it is written; a product brings its name, SAC and rate."""

    product: Product | None
    description: str
    sac: str
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    discount_pct: Decimal | None
    rate: Decimal
    kind: str
    service_from: date | None
    service_to: date | None


class InvoiceFacts(TypedDict, total=False):
    account: Account
    owner: User | None
    issue_date: date | None
    due_date: date | None
    currency: str
    exchange_rate: Decimal
    reverse_charge: bool
    notes: str
    lines: Sequence[LineFacts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who sells and who buys, as they are on the day of the document."""

    supplier: TaxProfile | None
    customer: CustomerTaxProfile
    supply: Supply


# -- drafts -----------------------------------------------------------------------------------------


@transaction.atomic
def create_draft(
    *,
    organization: Organization,
    by: User | None,
    facts: InvoiceFacts,
    subscription_id: int | None = None,
    period_start: date | None = None,
) -> Invoice:
    """Begin an invoice. It has no number yet and counts nowhere. The customer's billing owner looks after it, or who
    writes it."""
    invoice = Invoice(organization=organization, subscription_id=subscription_id, period_start=period_start)
    _write_draft(invoice, facts, by=by)
    return invoice


@transaction.atomic
def update_draft(*, invoice: Invoice, by: User | None, facts: InvoiceFacts) -> Invoice:
    """Change a draft; lines, where given, replace those it has."""
    invoice = _locked_draft(invoice)
    _write_draft(invoice, facts, by=by)
    return invoice


@transaction.atomic
def delete_draft(*, invoice: Invoice, by: User | None) -> None:
    invoice = _locked_draft(invoice)
    invoice._history_user = by
    invoice.delete()


def _locked_draft(invoice: Invoice) -> Invoice:
    rows = invoice.organization.invoices.select_for_update(no_key=True, of=("self",)).select_related("account")
    stored = rows.get(pk=invoice.pk)
    if not stored.is_draft:
        raise NotADraft
    return stored


def _write_draft(invoice: Invoice, facts: InvoiceFacts, *, by: User | None) -> None:
    for name in ("account", "owner", "issue_date", "due_date", "exchange_rate", "reverse_charge", "notes"):
        if name in facts:
            setattr(invoice, name, facts[name])
    profile = customer_profile(invoice.account)
    if invoice._state.adding and "owner" not in facts:
        invoice.owner = profile.owner or by
    if "currency" in facts:
        invoice.currency = facts["currency"]
    elif invoice._state.adding:
        invoice.currency = profile.currency
    if invoice.currency == HOME_CURRENCY:
        if invoice.exchange_rate != ONE:
            raise InvalidDocument("exchange_rate", "An invoice in rupees has the exchange rate 1.")
    elif invoice.exchange_rate == ONE and "exchange_rate" not in facts:
        raise InvalidDocument("exchange_rate", f"Give the rupees for one {invoice.currency}.")
    if invoice.exchange_rate <= 0:
        raise InvalidDocument("exchange_rate", "The exchange rate is above 0.")
    if invoice.issue_date and invoice.due_date and invoice.due_date < invoice.issue_date:
        raise InvalidDocument("due_date", "An invoice is not due before it is issued.")
    lines = facts["lines"] if "lines" in facts else [_facts_of(line) for line in invoice.lines.all()]
    if len(lines) > MOST_LINES:
        raise InvalidDocument("lines", f"An invoice has at most {MOST_LINES} lines.")
    day = invoice.issue_date or civil_today(invoice.organization)
    written = compute(invoice, lines, parties_of(invoice.organization, profile, day), day)
    invoice._history_user = by
    invoice.save()
    InvoiceLine.objects.filter(invoice=invoice).delete()
    for line in written:
        line.invoice = invoice
    InvoiceLine.objects.bulk_create(written)


def _facts_of(line: InvoiceLine) -> LineFacts:
    facts = LineFacts(
        product=line.product,
        description=line.description,
        sac=line.sac,
        quantity=line.quantity,
        unit_price=line.unit_price,
        rate=line.rate,
        kind=line.kind,
        service_from=line.service_from,
        service_to=line.service_to,
    )
    if line.discount_pct is None:
        facts["discount"] = line.discount
    else:
        facts["discount_pct"] = line.discount_pct
    return facts


# -- parties and amounts ----------------------------------------------------------------------------


def customer_profile(account: Account) -> CustomerTaxProfile:
    """How the account is billed; unregistered, with the usual terms, until somebody says more."""
    profiles = account.organization.customer_tax_profiles.select_related("owner")
    stored = profiles.filter(account=account).first()
    return stored or blank_profile(account)


def default_tax_profile(organization: Organization) -> TaxProfile | None:
    profile: TaxProfile | None = organization.tax_profiles.filter(is_default=True).first()
    return profile


def parties_of(organization: Organization, customer: CustomerTaxProfile, day: date) -> Parties:
    supplier = default_tax_profile(organization)
    return Parties(supplier=supplier, customer=customer, supply=supply_of(supplier, customer, day))


def supply_of(supplier: TaxProfile | None, customer: CustomerTaxProfile, day: date) -> Supply:
    """Place of supply and tax between two parties on a day."""
    return decide_supply(
        supplier_state=supplier.state_code if supplier else customer.state_code,
        treatment=customer.treatment,
        gstin=customer.gstin,
        state=customer.state_code,
        country=customer.country,
        has_lut=supplier is not None and supplier.has_lut_on(day),
    )


def compute(invoice: Invoice, lines: Sequence[LineFacts], parties: Parties, day: date) -> list[InvoiceLine]:
    """Fill the invoice's amounts from its lines, and return the lines with theirs; nothing is saved here."""
    written = [_line(invoice, position, facts, parties.supply, day) for position, facts in enumerate(lines, start=1)]
    amounts = sum_of([_amounts(line) for line in written])
    off = round_off(amounts.total) if parties.supplier and parties.supplier.rounds_off else ZERO
    in_rupees = amounts.at_rate(invoice.exchange_rate)
    in_rupees = Amounts(
        taxable=sum((line.taxable_inr for line in written), ZERO),
        cgst=in_rupees.cgst,
        sgst=in_rupees.sgst,
        igst=in_rupees.igst,
    )
    off_inr = Amounts(taxable=off).at_rate(invoice.exchange_rate).taxable
    if amounts.total + off > MOST or in_rupees.total + off_inr > MOST:
        raise InvalidDocument("lines", "The total is too large.")
    invoice.taxable, invoice.cgst, invoice.sgst, invoice.igst = (
        amounts.taxable,
        amounts.cgst,
        amounts.sgst,
        amounts.igst,
    )
    invoice.round_off, invoice.total = off, amounts.total + off
    invoice.taxable_inr, invoice.cgst_inr, invoice.sgst_inr, invoice.igst_inr = (
        in_rupees.taxable,
        in_rupees.cgst,
        in_rupees.sgst,
        in_rupees.igst,
    )
    invoice.total_inr = in_rupees.total + off_inr
    invoice.treatment, invoice.country = parties.customer.treatment, parties.customer.country
    invoice.place_of_supply = parties.supply.place_of_supply
    invoice.is_inter_state, invoice.is_with_payment = parties.supply.is_inter_state, parties.supply.is_with_payment
    invoice.section = invoice_section(
        treatment=invoice.treatment,
        place_of_supply=invoice.place_of_supply,
        is_inter_state=invoice.is_inter_state,
        with_payment=invoice.is_with_payment,
        total=invoice.total_inr,
        on=day,
    )
    return written


def _amounts(line: InvoiceLine) -> Amounts:
    return Amounts(taxable=line.taxable, cgst=line.cgst, sgst=line.sgst, igst=line.igst)


def _line(invoice: Invoice, position: int, facts: LineFacts, supply: Supply, day: date) -> InvoiceLine:
    product = facts.get("product")
    sac = facts.get("sac") or (product.sac if product else DEFAULT_SAC)
    rate = facts["rate"] if "rate" in facts else (product.rate if product else rate_of(sac, day))
    computed = line_amounts(
        LineInput(
            quantity=facts.get("quantity", Decimal(1)),
            unit_price=facts["unit_price"],
            rate=rate,
            discount=facts.get("discount", ZERO),
            discount_pct=facts.get("discount_pct"),
        ),
        supply,
        reverse_charge=invoice.reverse_charge,
    )
    if computed.taxable < 0:
        raise InvalidDocument("lines", f"Line {position}: the discount is more than the price.")
    line = InvoiceLine(
        organization=invoice.organization,
        position=position,
        kind=facts.get("kind") or LineKind.RECURRING,
        product=product,
        description=facts.get("description") or (product.name if product else "Services"),
        sac=sac,
        quantity=facts.get("quantity", Decimal(1)),
        unit_price=facts["unit_price"],
        discount_pct=facts.get("discount_pct"),
        rate=rate,
        service_from=facts.get("service_from"),
        service_to=facts.get("service_to"),
        gross=computed.gross,
        discount=computed.discount,
        taxable=computed.taxable,
        cgst=computed.cgst,
        sgst=computed.sgst,
        igst=computed.igst,
        taxable_inr=Amounts(taxable=computed.taxable).at_rate(invoice.exchange_rate).taxable,
    )
    try:
        # The product is one of the organisation's already: looking it up again would be a query a line.
        line.clean_fields(exclude=["organization", "invoice", "product"])
    except ValidationError as error:
        sentences = [
            f"Line {position}: {name}: {text}" for name, texts in error.message_dict.items() for text in texts
        ]
        raise InvalidInput("A line cannot be stored.", errors={"lines": sentences}) from error
    if line.service_from and line.service_to and line.service_to < line.service_from:
        raise InvalidDocument("lines", f"Line {position}: the service ends before it starts.")
    return line


# -- issuing ----------------------------------------------------------------------------------------


@transaction.atomic
def issue_invoice(*, invoice: Invoice, by: User | None, issue_date: date | None = None) -> Invoice:
    """Give the invoice its number and make it final: what both parties are is copied onto it, amounts are computed
    once more for the day, and nothing of that ever changes again. A refusal takes no number."""
    organization = invoice.organization
    supplier = default_tax_profile(organization)
    if supplier is None:
        raise CannotIssue(NO_SUPPLIER)
    today = civil_today(organization)
    day = issue_date or invoice.issue_date or today
    if refusal := day_refusal(day, today, supplier):
        raise refusal
    # Before the invoice is locked: the order of locks is sequence, then documents.
    counter = take_numbers(organization, invoice_series(supplier, day))
    stored = _locked_draft(invoice)
    lines = list(stored.lines.select_related("product"))
    if not lines:
        raise CannotIssue("An invoice without lines cannot be issued.")
    customer = customer_profile(stored.account)
    parties = Parties(supplier=supplier, customer=customer, supply=supply_of(supplier, customer, day))
    written = compute(stored, [_facts_of(line) for line in lines], parties, day)
    InvoiceLine.objects.filter(invoice=stored).delete()
    for line in written:
        line.invoice = stored
    InvoiceLine.objects.bulk_create(written)
    if issue_date is not None and stored.due_date is not None and stored.due_date < day:
        stored.due_date = None
    finish(stored, parties, day=day, counter=counter)
    stored._history_user = by
    stored.save()
    record_activity(issued_happening(stored, by=by))
    return stored


def finish(invoice: Invoice, parties: Parties, *, day: date, counter: int) -> None:
    """Make a computed invoice final: both parties copied onto it, its number given. Nothing is saved here."""
    supplier = parties.supplier
    if supplier is None:
        raise CannotIssue(NO_SUPPLIER)
    if invoice.total <= 0:
        raise CannotIssue("An invoice over nothing cannot be issued.")
    if invoice.due_date is None:
        invoice.due_date = day + timedelta(days=parties.customer.payment_terms_days)
    if invoice.due_date < day:
        raise InvalidDocument("due_date", "An invoice is not due before it is issued.")
    invoice.issue_date, invoice.issued_at, invoice.financial_year = day, timezone.now(), financial_year(day)
    invoice.number = document_number("INV", day, counter)
    invoice.supplier_gstin = supplier.gstin
    invoice.supplier, invoice.customer = supplier_snapshot(supplier, day), customer_snapshot(parties.customer)
    if supplier.needs_irn_on(day) and invoice.section in IRN_SECTIONS:
        invoice.irn_status = IrnStatus.PENDING
    invoice.state = DocumentState.ISSUED


def invoice_series(supplier: TaxProfile, day: date) -> str:
    """The name of the sequence that numbers the invoices of that day's financial year."""
    return f"invoice {supplier.gstin} {financial_year(day)}"


def day_refusal(day: date, today: date, supplier: TaxProfile) -> DomainError | None:
    """Why no invoice can be dated on that day, if so."""
    if day > today:
        return InvalidDocument("issue_date", "An invoice cannot be issued ahead of its day.")
    if financial_year_start(day) != financial_year_start(today):
        return CannotIssue(f"The financial year {financial_year(day)} is closed: issue it with a day of this one.")
    period = filing_period(day, supplier.filing_frequency)
    if period.name in supplier.filed_periods:
        return CannotIssue(f"The return of {period.name} is filed: issue it with a later day.")
    return None


def supplier_snapshot(supplier: TaxProfile, day: date) -> dict[str, str]:
    return {
        "legal_name": supplier.legal_name,
        "address": supplier.address,
        "gstin": supplier.gstin,
        "state_code": supplier.state_code,
        "lut_number": supplier.lut_number if supplier.has_lut_on(day) else "",
    }


def customer_snapshot(customer: CustomerTaxProfile) -> dict[str, str]:
    return {
        "name": customer.legal_name or customer.account.name,
        "address": customer.address,
        "gstin": customer.gstin,
        "pan": customer.pan,
        "state_code": customer.state_code,
        "country": customer.country or HOME_COUNTRY,
    }


# -- after issuing ----------------------------------------------------------------------------------


@transaction.atomic
def void_invoice(*, invoice: Invoice, by: User | None, reason: str) -> Invoice:
    """Take an invoice back that should not have been: it keeps its number and counts nowhere from today on."""
    if not reason.strip():
        raise InvalidDocument("reason", "Say why it is voided.")
    stored = _locked(invoice)
    if stored.is_void:
        raise NothingToDo("This invoice is void already.")
    if stored.is_draft:
        raise NotIssued("A draft is deleted, not voided.")
    if stored.settled or stored.credit_notes.exists() or stored.refunds.filter(status="processing").exists():
        raise CannotVoid("Something is paid, credited or being refunded on this invoice: refund it instead.")
    supplier = stored.organization.tax_profiles.filter(gstin=stored.supplier_gstin).first()
    day = stored.issue_date
    if supplier and day and filing_period(day, supplier.filing_frequency).name in supplier.filed_periods:
        raise CannotVoid("The return of its period is filed: refund it instead.")
    acknowledged = stored.irn_acknowledged_at
    if stored.irn_status == IrnStatus.GENERATED and (
        acknowledged is None or timezone.now() - acknowledged > timedelta(hours=24)
    ):
        raise CannotVoid("Its IRN can be cancelled within 24 hours only: refund it instead.")
    stored.state, stored.voided_on = DocumentState.VOID, civil_today(stored.organization)
    stored.void_reason = reason.strip()[:255]
    changed = ["state", "voided_on", "void_reason", "updated_at"]
    if stored.irn_status == IrnStatus.GENERATED:
        stored.irn_status = IrnStatus.CANCELLED
        changed.append("irn_status")
    _write(stored, changed, by=by)
    _tell(stored, f"Invoice {stored.number} voided: {stored.void_reason}", by=by)
    return stored


@transaction.atomic
def mark_reconciled(*, invoice: Invoice, by: User | None) -> Invoice:
    """Somebody has compared it with the books: it is ready to be filed."""
    stored = _locked(invoice)
    if not stored.is_issued:
        raise NotIssued
    if stored.reconciled_at is None:
        stored.reconciled_at, stored.reconciled_by = timezone.now(), by
        _write(stored, ["reconciled_at", "reconciled_by", "updated_at"], by=by)
    return stored


@transaction.atomic
def set_dispute(*, invoice: Invoice, by: User | None, is_disputed: bool, reason: str = "") -> Invoice:
    """Whether the customer contests it: nobody is reminded of a disputed invoice."""
    stored = _locked(invoice)
    if not stored.is_issued:
        raise NotIssued
    stored.is_disputed, stored.dispute_reason = is_disputed, reason.strip()[:255] if is_disputed else ""
    _write(stored, ["is_disputed", "dispute_reason", "updated_at"], by=by)
    _tell(stored, f"Invoice {stored.number} is {'' if is_disputed else 'no longer '}disputed", by=by)
    return stored


@transaction.atomic
def record_irn(*, invoice: Invoice, by: User | None, irn: str) -> Invoice:
    """Keep the IRN that the portal gave for it."""
    stored = _locked(invoice)
    if not stored.is_issued or stored.irn_status != IrnStatus.PENDING:
        raise NothingToDo("This invoice waits for no IRN.")
    if not irn.strip() or len(irn.strip()) > 64:
        raise InvalidDocument("irn", "An IRN has up to 64 characters.")
    stored.irn, stored.irn_status, stored.irn_acknowledged_at = irn.strip(), IrnStatus.GENERATED, timezone.now()
    _write(stored, ["irn", "irn_status", "irn_acknowledged_at", "updated_at"], by=by)
    return stored


def _locked(invoice: Invoice) -> Invoice:
    rows = invoice.organization.invoices.select_for_update(no_key=True, of=("self",))
    stored: Invoice = rows.select_related("account").get(pk=invoice.pk)
    return stored


def _write(invoice: Invoice, fields: list[str], *, by: User | None) -> None:
    invoice._history_user = by
    invoice.save(update_fields=fields)


def _amount_text(invoice: Invoice) -> str:
    text = rupees_full(invoice.total_inr)
    return text if invoice.currency == HOME_CURRENCY else f"{invoice.currency} {invoice.total} ({text})"


def issued_happening(invoice: Invoice, *, by: User | None) -> Happening:
    """The line of an issued invoice on its account's timeline."""
    title = f"Invoice {invoice.number} issued: {_amount_text(invoice)}"
    return _happening(invoice, title, by=by, event="issued")


def _happening(invoice: Invoice, title: str, *, by: User | None, event: str = "") -> Happening:
    return Happening(
        account=invoice.account, kind=ActivityKind.INVOICE, title=title, by=by, subject=invoice, event=event
    )


def _tell(invoice: Invoice, title: str, *, by: User | None) -> None:
    record_activity(_happening(invoice, title, by=by))
