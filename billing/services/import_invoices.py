"""Invoices that were issued elsewhere: worked out anew, held against what the file says, and kept as they are."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from simple_history.utils import bulk_create_with_history

from accounts.models import Account
from accounts.services.activity import record_activities
from billing.enums import IrnStatus, Treatment
from billing.exceptions import InvalidDocument
from billing.models import CustomerTaxProfile, Invoice, InvoiceLine, TaxProfile
from billing.services.invoice import (
    HOME_CURRENCY,
    LineFacts,
    Parties,
    compute,
    finish,
    issued_happening,
    supply_of,
)
from billing.tax.amounts import round_off
from billing.tax.gstin import gstin_refusal, state_of
from billing.tax.numbers import document_number, is_document_number
from billing.tax.returns import financial_year_start
from billing.tax.states import place_name
from csplatform import bulk
from csplatform.formatting import plain
from csplatform.models import Organization, User
from csplatform.money import ZERO, round2
from csplatform.periods import financial_year

ONE = Decimal("1.000000")
TAXES = ("taxable", "cgst", "sgst", "igst")
SAME = ("account_id", "issue_date", "currency", *TAXES, "round_off", "total")
"""What an invoice of the same number has to agree in to be the same invoice."""


class WrongInvoice(Exception):
    """Why a file's invoice is not one; `line` counts its rows from 0."""

    def __init__(self, column: str, reason: str, *, line: int = 0) -> None:
        super().__init__(reason)
        self.column, self.reason, self.line = column, reason, line


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldInvoice:
    """An invoice as a file tells it."""

    number: str
    account: Account
    facts: Mapping[str, Any]
    lines: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class WorkedOut:
    invoice: Invoice
    lines: list[InvoiceLine]


def work_out(told: ToldInvoice, *, supplier: TaxProfile, profile: CustomerTaxProfile, today: date) -> WorkedOut:
    """The invoice with its lines as they will be stored; every figure that the file gives has to be the one that
    follows from price, rate and place of supply. Writes and asks nothing."""
    facts, day = told.facts, told.facts["issue_date"]
    _refuse_number(told.number, day)
    if day > today:
        raise WrongInvoice("issue_date", "lies ahead of today")
    customer = _customer(profile, facts)
    supply = supply_of(supplier, customer, day)
    if facts.get("place_of_supply", supply.place_of_supply) != supply.place_of_supply:
        is_called = place_name(supply.place_of_supply, customer.country)
        raise WrongInvoice("place_of_supply", f"is not the place of supply, which is {is_called}")
    parties = Parties(supplier=supplier, customer=customer, supply=supply)
    invoice = _header(told, customer)
    try:
        lines = compute(invoice, [_line_facts(line) for line in told.lines], parties, day)
        _refuse_other_figures(told, lines)
        _round(invoice, facts)
        finish(invoice, parties, day=day, counter=0)
    except InvalidDocument as error:
        field, sentences = next(iter((error.errors or {"number": [error.message]}).items()))
        column = "number" if field == "lines" else field
        raise WrongInvoice(column, sentence_ending(sentences[0]), line=_line_of(sentences[0])) from error
    invoice.number = told.number
    if facts.get("irn"):
        invoice.irn, invoice.irn_status = facts["irn"], IrnStatus.GENERATED
    return WorkedOut(invoice, lines)


def _refuse_number(number: str, day: date) -> None:
    if not is_document_number(number):
        raise WrongInvoice("number", "takes 1 to 16 of A-Z, 0-9, hyphen and slash, and begins with no 0, - or /")
    if re.fullmatch(rf"INV-{financial_year_start(day).year}-\d+", number):
        example = document_number("INV", day, 1)
        raise WrongInvoice("number", f"is of the series that is given out here, {example} and on")


def _customer(profile: CustomerTaxProfile, facts: Mapping[str, Any]) -> CustomerTaxProfile:
    """How the customer was billed: as on record, but for the registration and the place that the file names."""
    customer = copy(profile)
    gstin = facts.get("gstin", "")
    if gstin:
        refusal = gstin_refusal(gstin)
        if refusal:
            raise WrongInvoice("gstin", f"is no GSTIN: {sentence_ending(refusal.sentence)}")
        if customer.treatment == Treatment.OVERSEAS:
            raise WrongInvoice("gstin", "cannot be: the customer is overseas")
        if customer.treatment == Treatment.UNREGISTERED:
            customer.treatment = Treatment.REGISTERED
        customer.gstin, customer.state_code = gstin, state_of(gstin)
    elif customer.treatment == Treatment.UNREGISTERED and not customer.state_code:
        customer.state_code = facts.get("place_of_supply", "")
    return customer


def _header(told: ToldInvoice, customer: CustomerTaxProfile) -> Invoice:
    facts = told.facts
    currency = facts.get("currency", customer.currency)
    rate = facts.get("exchange_rate", ONE)
    if currency == HOME_CURRENCY and rate != ONE:
        raise WrongInvoice("exchange_rate", "is not 1, which it is for an invoice in rupees")
    if currency != HOME_CURRENCY and "exchange_rate" not in facts:
        raise WrongInvoice("number", f"needs an exchange_rate: the rupees for one {currency}")
    return Invoice(
        organization=told.account.organization,
        account=told.account,
        owner_id=told.account.owner_id,
        currency=currency,
        exchange_rate=rate,
        issue_date=facts["issue_date"],
        due_date=facts.get("due_date"),
        reverse_charge=facts.get("reverse_charge", False),
        notes=facts.get("notes", ""),
        is_imported=True,
    )


def _line_facts(line: Mapping[str, Any]) -> LineFacts:
    facts = LineFacts(unit_price=line.get("unit_price", line.get("taxable", ZERO)))
    for name in (
        "product",
        "description",
        "sac",
        "quantity",
        "discount",
        "rate",
        "kind",
        "service_from",
        "service_to",
    ):
        if name in line:
            facts[name] = line[name]
    return facts


def _refuse_other_figures(told: ToldInvoice, lines: Sequence[InvoiceLine]) -> None:
    for at, (said, line) in enumerate(zip(told.lines, lines, strict=True)):
        for name in TAXES:
            follows = getattr(line, name)
            if name in said and said[name] != follows:
                of = "price and discount" if name == "taxable" else f"{line.rate:f} % of {plain(line.taxable)}"
                raise WrongInvoice(name, f"is not {plain(follows)}, which follows from {of} and the place", line=at)


def _round(invoice: Invoice, facts: Mapping[str, Any]) -> None:
    """Take the rounding that was printed, which is to the whole rupee or none."""
    exact = invoice.total - invoice.round_off
    if "round_off" in facts:
        off = facts["round_off"]
    elif facts.get("invoice_total") == exact:
        off = ZERO
    elif facts.get("invoice_total") == exact + round_off(exact):
        off = round_off(exact)
    else:
        off = invoice.round_off
    if off not in (ZERO, round_off(exact)):
        raise WrongInvoice("round_off", f"is not {plain(round_off(exact))}, which makes {plain(exact)} whole rupees")
    if "invoice_total" in facts and facts["invoice_total"] != exact + off:
        raise WrongInvoice("invoice_total", f"is not what its rows come to with tax, {plain(exact + off)}")
    was = round2(invoice.round_off * invoice.exchange_rate)
    invoice.round_off, invoice.total = off, exact + off
    invoice.total_inr = invoice.total_inr - was + round2(off * invoice.exchange_rate)


def sentence_ending(sentence: str) -> str:
    """A sentence as the end of one that begins with the cell."""
    text = re.sub(r"^Line \d+: (\w+: )?", "", sentence).rstrip(".")
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _line_of(sentence: str) -> int:
    found = re.match(r"Line (\d+):", sentence)
    return int(found[1]) - 1 if found else 0


# -- compared and written ---------------------------------------------------------------------------


def known_invoices(
    organization: Organization, supplier: TaxProfile, numbers: Collection[str]
) -> dict[tuple[str, str], Invoice]:
    """Those that have these numbers already, by financial year and number."""
    rows = organization.invoices.filter(supplier_gstin=supplier.gstin, number__in=list(numbers)).order_by("pk")
    return {(invoice.financial_year, invoice.number): invoice for invoice in rows}


def is_same(known: Invoice, told: Invoice) -> bool:
    return all(getattr(known, name) == getattr(told, name) for name in SAME)


def year_of(invoice: Invoice) -> str:
    return financial_year(invoice.issue_date) if invoice.issue_date else ""


@transaction.atomic
def write_invoices(
    organization: Organization, worked: Sequence[WorkedOut], *, by: User | None, reason: str, now: datetime
) -> list[int]:
    """Keep issued invoices with their lines, history and timeline, set-based; returns their keys."""
    invoices = bulk_create_with_history(
        [each.invoice for each in worked],
        Invoice,
        batch_size=200,
        default_user=by,
        default_change_reason=reason[:100],
    )
    lines = []
    for invoice, each in zip(invoices, worked, strict=True):
        for line in each.lines:
            line.invoice = invoice
            lines.append(line)
    InvoiceLine.objects.bulk_create(lines, batch_size=500)
    keys = [invoice.pk for invoice in invoices]
    organization.invoices.filter(pk__in=keys).update(updated_at=now)
    record_activities(
        organization,
        [
            replace(
                issued_happening(invoice, by=by),
                occurred_at=datetime.combine(invoice.issue_date or now.date(), time(12), tzinfo=organization.zone),
                is_system=by is None,
            )
            for invoice in invoices
        ],
    )
    return keys


def touched_invoices(organization: Organization, keys: Collection[int], *, written_at: datetime) -> str:
    """What has happened with these since they were brought in, as a sentence; empty when nothing has."""
    invoices = {each.pk: each for each in organization.invoices.filter(pk__in=list(keys)).order_by("pk")}
    if len(invoices) < len(set(keys)):
        return "Some of its invoices no longer exist."
    changed = next((each for each in invoices.values() if each.updated_at != written_at), None)
    if changed is not None:
        return f"Invoice {changed} was changed, settled or voided since."
    for relation in Invoice._meta.related_objects:
        model, field = relation.related_model, relation.field.name
        if model in (InvoiceLine, Invoice.history.model):
            continue
        row = model._base_manager.filter(**{f"{field}__in": list(keys)}).order_by().first()
        if row is not None:
            invoice = invoices[getattr(row, relation.field.attname)]
            return f"Invoice {invoice} has something attached by now: {model._meta.verbose_name}."
    return ""


@transaction.atomic
def remove_invoices(organization: Organization, keys: Collection[int], *, by: User | None, reason: str) -> None:
    """Take back imported invoices that nothing has touched (`touched_invoices`).

    The one place where issued documents go: they were given no number here, and the corrected file brings the same
    numbers. Their history keeps that they were there."""
    invoices = organization.invoices.filter(pk__in=list(keys), is_imported=True).order_by()
    found = list(invoices.values_list("pk", "uuid"))
    own = [pk for pk, _ in found]
    bulk.record_history(Invoice, own, kind="-", by=by, reason=reason)
    uuids = [uuid for _, uuid in found]
    organization.activities.filter(subject_kind="invoice", subject_id__in=uuids).delete()
    organization.invoice_lines.filter(invoice__in=own).order_by()._raw_delete(connection.alias)
    invoices._raw_delete(connection.alias)
