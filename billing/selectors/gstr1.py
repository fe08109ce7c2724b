"""The return of outward supplies: what is listed in which table, and what is not ready to be filed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from billing.enums import IrnStatus, Section
from billing.models import CreditNote, Invoice, TaxProfile
from billing.services.invoice import default_tax_profile
from billing.tax.gstin import gstin_refusal
from billing.tax.returns import FilingPeriod, filing_period, next_deadline
from billing.tax.states import OTHER_COUNTRIES, STATES
from csplatform.models import Organization
from csplatform.money import ZERO
from csplatform.periods import Window

REGISTERED_SECTIONS = {Section.B2B, Section.SEZWP, Section.SEZWOP, Section.CDNR}
AMOUNTS = ("taxable", "cgst", "sgst", "igst")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gstr1Row:
    """One document of a return, in rupees; notes lower, so their amounts are negative."""

    section: Section
    document: str
    """`invoice` or `credit_note`."""
    number: str
    date: date
    customer: str
    url: str
    """Of the document's page."""
    gstin: str
    place_of_supply: str
    taxable: Decimal
    cgst: Decimal
    sgst: Decimal
    igst: Decimal
    flaws: tuple[str, ...]
    """Why it is not ready to be filed; empty when it is."""

    @property
    def total(self) -> Decimal:
        return self.taxable + self.cgst + self.sgst + self.igst


@dataclass(frozen=True, slots=True, kw_only=True)
class Gstr1:
    """The return of one period."""

    period: FilingPeriod
    rows: list[Gstr1Row]
    sums: dict[str, Decimal]
    by_section: dict[str, dict[str, Decimal]]
    is_filed: bool = False
    not_ready: list[Gstr1Row] = field(default_factory=list)


def gstr1(organization: Organization, period: FilingPeriod) -> Gstr1:
    """Every invoice and GST note dated in the period, in four queries for any number of them."""
    profile = default_tax_profile(organization)
    rows = sorted(_rows(organization, period.window), key=lambda row: (row.section, row.date, row.number))
    sections = list(dict.fromkeys(row.section.value for row in rows))
    return Gstr1(
        period=period,
        rows=rows,
        sums={name: sum((getattr(row, name) for row in rows), ZERO) for name in AMOUNTS},
        by_section={
            section: {
                name: sum((getattr(row, name) for row in rows if row.section == section), ZERO) for name in AMOUNTS
            }
            for section in sections
        },
        is_filed=profile is not None and period.name in profile.filed_periods,
        not_ready=[row for row in rows if row.flaws],
    )


def period_named(organization: Organization, month: date) -> FilingPeriod:
    """The period that holds a month, by how often the organisation files."""
    profile = default_tax_profile(organization)
    return filing_period(month, profile.filing_frequency if profile else "monthly")


def unfiled_period(organization: Organization, profile: TaxProfile | None, today: date) -> FilingPeriod | None:
    """The earliest period that has documents behind it and is not marked filed."""
    if profile is None:
        return None
    first = (
        organization.invoices.standing_on(today).order_by("issue_date").values_list("issue_date", flat=True).first()
    )
    return next_deadline(today, frequency=profile.filing_frequency, filed=set(profile.filed_periods), first_day=first)


def count_pending_reconciliation(organization: Organization, window: Window) -> int:
    """Invoices and notes of a period that lack a required IRN, have no valid place of supply, SAC or GSTIN, or are
    not marked reconciled."""
    return sum(1 for row in _rows(organization, window) if row.flaws)


def _rows(organization: Organization, window: Window) -> Iterator[Gstr1Row]:
    invoices = organization.invoices.issued_in(window).select_related("account")
    without_sac = set(
        organization.invoice_lines.filter(sac="", invoice__issue_date__range=(window.start, window.end)).values_list(
            "invoice", flat=True
        )
    )
    for invoice in invoices:
        yield _invoice_row(invoice, without_sac)
    notes = organization.credit_notes.of_gst().dated_in(window).select_related("invoice__account")
    for note in notes:
        yield _note_row(note)


def _invoice_row(invoice: Invoice, without_sac: set[int]) -> Gstr1Row:
    gstin = str(invoice.customer.get("gstin", ""))
    flaws = _flaws(invoice.section, gstin, invoice.place_of_supply, invoice.irn_status)
    if invoice.pk in without_sac:
        flaws.append("A line has no SAC.")
    if invoice.reconciled_at is None:
        flaws.append("Not marked reconciled.")
    return Gstr1Row(
        section=Section(invoice.section),
        document="invoice",
        number=invoice.number,
        date=invoice.issue_date or date.min,
        url=invoice.get_absolute_url(),
        customer=str(invoice.customer.get("name", "")) or invoice.account.name,
        gstin=gstin,
        place_of_supply=invoice.place_of_supply,
        taxable=invoice.taxable_inr,
        cgst=invoice.cgst_inr,
        sgst=invoice.sgst_inr,
        igst=invoice.igst_inr,
        flaws=tuple(flaws),
    )


def _note_row(note: CreditNote) -> Gstr1Row:
    invoice = note.invoice
    gstin = str(invoice.customer.get("gstin", ""))
    flaws = _flaws(note.section, gstin, invoice.place_of_supply, note.irn_status)
    if note.reconciled_at is None:
        flaws.append("Not marked reconciled.")
    return Gstr1Row(
        section=Section(note.section),
        document="credit_note",
        number=note.number,
        date=note.date,
        url=note.get_absolute_url(),
        customer=str(invoice.customer.get("name", "")) or invoice.account.name,
        gstin=gstin,
        place_of_supply=invoice.place_of_supply,
        taxable=-note.taxable_inr,
        cgst=-note.cgst_inr,
        sgst=-note.sgst_inr,
        igst=-note.igst_inr,
        flaws=tuple(flaws),
    )


def _flaws(section: str, gstin: str, place: str, irn_status: str) -> list[str]:
    flaws = []
    if irn_status == IrnStatus.PENDING:
        flaws.append("The IRN is missing.")
    if place not in STATES and place != OTHER_COUNTRIES:
        flaws.append("The place of supply is missing.")
    if section in REGISTERED_SECTIONS and gstin_refusal(gstin):
        flaws.append("The customer's GSTIN is not valid.")
    return flaws
