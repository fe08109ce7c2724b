"""Invoices from draft to paid, refunded, bounced and written off: every figure worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, transaction

from billing.enums import EntryKind, InvoiceStatus, IrnStatus, RefundMode, Section, Treatment, TurnoverBand
from billing.exceptions import (
    CannotIssue,
    CannotVoid,
    DocumentIsFinal,
    InvalidDocument,
    NotADraft,
    NothingToDo,
    NotIssued,
    OverAllocated,
    OverCredited,
)
from billing.models import Allocation, CreditNote, Invoice, InvoiceLine, Payment
from billing.services.invoice import (
    InvoiceFacts,
    LineFacts,
    delete_draft,
    issue_invoice,
    mark_reconciled,
    record_irn,
    update_draft,
    void_invoice,
)
from billing.services.payment import Share, allocate_payment, apply_credit, record_payment, reverse_payment
from billing.services.refund import (
    complete_refund,
    fail_refund,
    reject_refund,
    request_overpayment_refund,
    request_refund,
)
from billing.services.tax_profile import save_customer_tax_profile, save_tax_profile
from billing.services.write_off import reverse_write_off, write_off_invoice
from csplatform.models import Membership, Organization
from tests.factories.documents import MAHARASHTRA, D, customer, draft, entries_of, issued, paid, tax_profile, with_lut

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]

TODAY = date(2026, 11, 20)


@pytest.fixture
def _noon() -> object:
    with time_machine.travel("2026-11-20T06:30:00Z", tick=False):
        yield


@pytest.fixture
def acme(organization: Organization) -> Organization:
    tax_profile(organization)
    return organization


def fresh(invoice: Invoice) -> Invoice:
    return Invoice.objects.get(pk=invoice.pk)


def nov(day: int) -> date:
    return date(2026, 11, day)


# -- issuing ----------------------------------------------------------------------------------------


def test_issuing_numbers_in_order_and_copies_the_parties(acme: Organization, farah: Membership) -> None:
    buyer = customer(acme, treatment=Treatment.REGISTERED, gstin=MAHARASHTRA, payment_terms_days=30)

    first = issued(buyer, "42500", on=nov(1), by=farah.user)
    second = issued(buyer, "1000", on=date(2026, 10, 5))
    save_customer_tax_profile(account=buyer, by=None, treatment=Treatment.UNREGISTERED, gstin="", state_code="29")
    save_tax_profile(organization=acme, by=None, legal_name="Acme Renamed")

    stored = fresh(first)
    assert (stored.number, fresh(second).number) == ("INV-2026-0001", "INV-2026-0002")
    assert (stored.taxable, stored.cgst, stored.igst, stored.total) == (D(42500), D(0), D(7650), D(50150))
    assert (stored.due_date, stored.section, stored.place_name) == (date(2026, 12, 1), Section.B2B, "Maharashtra")
    assert stored.supplier["legal_name"] == "Acme Cloud Pvt Ltd"
    assert stored.customer["gstin"] == MAHARASHTRA
    assert stored.owner == farah.user
    assert stored.status == InvoiceStatus.UNPAID


def test_numbers_start_anew_each_financial_year(acme: Organization) -> None:
    buyer = customer(acme)
    with time_machine.travel("2026-03-31T18:29:00Z", tick=False):  # 23:59 in Kolkata
        last = issued(buyer, "1", on=date(2026, 3, 31))
    with time_machine.travel("2026-03-31T18:30:00Z", tick=False):  # midnight there: 1 April
        first = issue_invoice(invoice=draft(buyer, "1"), by=None)

    assert (last.number, last.financial_year) == ("INV-2025-0001", "2025-26")
    assert (first.number, first.issue_date) == ("INV-2026-0001", date(2026, 4, 1))


def test_a_refusal_takes_no_number(acme: Organization) -> None:
    buyer = customer(acme)
    with pytest.raises(CannotIssue):
        issue_invoice(invoice=draft(buyer), by=None)
    with pytest.raises(CannotIssue):
        issue_invoice(invoice=draft(buyer, "0"), by=None)
    with pytest.raises(InvalidDocument):
        issue_invoice(invoice=draft(buyer, "1"), by=None, issue_date=nov(21))
    with pytest.raises(CannotIssue):
        issue_invoice(invoice=draft(buyer, "1"), by=None, issue_date=date(2026, 3, 31))
    save_tax_profile(organization=acme, by=None, filed_periods=["2026-09"])
    with pytest.raises(CannotIssue):
        issue_invoice(invoice=draft(buyer, "1"), by=None, issue_date=date(2026, 9, 30))

    assert issued(buyer, "1", on=date(2026, 10, 1)).number == "INV-2026-0001"


def test_without_a_tax_profile_nothing_is_issued(organization: Organization) -> None:
    with pytest.raises(CannotIssue):
        issue_invoice(invoice=draft(customer(organization), "1"), by=None)


def test_exports_bear_no_tax_while_an_undertaking_is_valid(organization: Organization) -> None:
    with_lut(organization)
    abroad = {"treatment": Treatment.OVERSEAS, "country": "US", "currency": "USD"}
    buyer = customer(organization, "John Smith LLC", **abroad)
    covered = issued(buyer, "1500.55", on=nov(1), exchange_rate=D("83.123457"))
    save_tax_profile(organization=organization, by=None, lut_valid_to=date(2026, 11, 10))
    uncovered = issued(buyer, "1500.55", on=nov(11), exchange_rate=D("83.123457"))

    # 1500.55 × 83.123457 = 124730.90… ; 18 % of 1500.55 is 270.099, so 270.10, × 83.123457 = 22451.65
    assert (covered.section, covered.igst, covered.taxable_inr) == (Section.EXPWOP, D(0), D("124730.90"))
    assert covered.place_name == "USA"
    assert (uncovered.section, uncovered.igst, uncovered.igst_inr) == (Section.EXPWP, D("270.10"), D("22451.65"))
    assert uncovered.total_inr == D("124730.90") + D("22451.65")


def test_a_zone_is_another_state_even_at_home(acme: Organization) -> None:
    zone = customer(acme, treatment=Treatment.SEZ, gstin="29AAPFU0939F1ZR")

    invoice = issued(zone, "1000", on=nov(1))

    assert (invoice.section, invoice.cgst, invoice.igst) == (Section.SEZWP, D(0), D(180))


def test_a_product_brings_its_sac_and_rate(acme: Organization) -> None:
    product = acme.products.create(name="Vault", sac="9983", rate=D("5"))

    invoice = issued(customer(acme), on=nov(1), lines=[LineFacts(product=product, unit_price=D(1000))])

    line = invoice.lines.get()
    assert (line.description, line.sac, line.rate, line.cgst) == ("Vault", "9983", D(5), D(25))


def test_totals_may_be_rounded_to_rupees(acme: Organization) -> None:
    save_tax_profile(organization=acme, by=None, rounds_off=True)

    # 100.42 and 9 % twice, 9.0378 → 9.04: 118.50, which rounds up
    invoice = issued(customer(acme), "100.42", on=nov(1))

    assert (invoice.taxable, invoice.cgst, invoice.round_off, invoice.total) == (
        D("100.42"),
        D("9.04"),
        D("0.50"),
        D("119.00"),
    )


def test_above_five_crore_invoices_to_businesses_wait_for_an_irn(acme: Organization) -> None:
    save_tax_profile(organization=acme, by=None, turnover_band=TurnoverBand.UP_TO_10_CRORE)
    business = customer(acme, treatment=Treatment.REGISTERED, gstin=MAHARASHTRA)
    consumer = customer(acme, "Local Startup")

    invoice = issued(business, "1000", on=nov(1))

    assert invoice.irn_status == IrnStatus.PENDING
    assert issued(consumer, "1000", on=nov(1)).irn_status == IrnStatus.NOT_REQUIRED
    record_irn(invoice=invoice, by=None, irn="a" * 64)
    assert fresh(invoice).irn_status == IrnStatus.GENERATED


# -- what is issued stays ---------------------------------------------------------------------------


def test_an_issued_document_never_changes(acme: Organization) -> None:
    invoice = issued(customer(acme), "1000", on=nov(1))
    line = invoice.lines.get()
    before = (Invoice.objects.values().get(), InvoiceLine.objects.values().get())

    def back_to_draft() -> None:
        stored = fresh(invoice)
        stored.state = "draft"
        stored.save(update_fields=["state"])

    attempts = [
        lambda: Invoice(**{**before[0], "total": D(1)}).save(),
        lambda: fresh(invoice).save(update_fields=["total"]),
        lambda: fresh(invoice).delete(),
        back_to_draft,
        lambda: Invoice.objects.update(number="X"),
        lambda: Invoice.objects.all().delete(),
        lambda: line.save(),
        lambda: line.delete(),
        lambda: InvoiceLine.objects.update(taxable=1),
        lambda: InvoiceLine.objects.all().delete(),
        lambda: Invoice.objects.bulk_update([fresh(invoice)], ["total"]),
    ]
    for attempt in attempts:
        with pytest.raises(DocumentIsFinal), transaction.atomic():
            attempt()
    for service in (
        lambda: update_draft(invoice=invoice, by=None, facts=InvoiceFacts(notes="x")),
        lambda: delete_draft(invoice=invoice, by=None),
        lambda: issue_invoice(invoice=invoice, by=None),
    ):
        with pytest.raises(NotADraft):
            service()

    assert (Invoice.objects.values().get(), InvoiceLine.objects.values().get()) == before


def test_entries_payments_and_notes_never_change(acme: Organization) -> None:
    invoice = issued(customer(acme), "100", on=nov(1))
    payment = paid(invoice, "18", on=nov(2))
    complete_refund(refund=request_refund(invoice=invoice, by=None, amount=D(50)), by=None)

    for rows in (Allocation.objects, Payment.objects, CreditNote.objects):
        with pytest.raises(DocumentIsFinal), transaction.atomic():
            rows.all().delete()
        with pytest.raises(DocumentIsFinal), transaction.atomic():
            rows.first().save()
    with pytest.raises(DocumentIsFinal):
        Payment.objects.filter(pk=payment.pk).update(amount=1)


def test_the_database_keeps_what_code_might_forget(acme: Organization) -> None:
    invoice = issued(customer(acme), "100", on=nov(1))

    for wrong in ({"settled": D("118.01")}, {"settled": D("-0.01")}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Invoice.objects.filter(pk=invoice.pk).update(**wrong)
    for wrong in ({"cgst": D(1)}, {"igst": D(1)}, {"total": D(1)}):
        loose = Invoice(**{**Invoice.objects.values().get(), "id": None, "uuid": "0" * 32, "number": "X", **wrong})
        with pytest.raises(IntegrityError), transaction.atomic():
            loose.save(force_insert=True)


def test_drafts_change_and_vanish(acme: Organization) -> None:
    invoice = draft(customer(acme), "100")
    update_draft(invoice=invoice, by=None, facts=InvoiceFacts(lines=[LineFacts(unit_price=D(200))]))
    assert fresh(invoice).total == D(236)
    assert fresh(invoice).outstanding == 0

    delete_draft(invoice=invoice, by=None)

    assert not Invoice.objects.exists()


def test_voiding_keeps_the_number_and_is_refused_once_something_hangs_on_it(acme: Organization) -> None:
    buyer = customer(acme)
    first, second, third = (issued(buyer, "100", on=nov(1)) for _ in range(3))
    paid(second, "1", on=nov(2))

    void_invoice(invoice=first, by=None, reason="Wrong customer")

    stored = fresh(first)
    assert (stored.number, stored.status, stored.outstanding) == ("INV-2026-0001", InvoiceStatus.VOID, 0)
    with pytest.raises(NothingToDo):
        void_invoice(invoice=first, by=None, reason="Again")
    with pytest.raises(CannotVoid):
        void_invoice(invoice=second, by=None, reason="Paid")
    save_tax_profile(organization=acme, by=None, filed_periods=["2026-11"])
    with pytest.raises(CannotVoid):
        void_invoice(invoice=third, by=None, reason="Filed")
    with pytest.raises(NotIssued):
        mark_reconciled(invoice=first, by=None)
    with pytest.raises(NotIssued):
        paid(first, "1", on=nov(2))


# -- payments ---------------------------------------------------------------------------------------


def test_tax_withheld_settles_like_cash(acme: Organization) -> None:
    # 1,00,000 and 18,000 GST; 10 % of the value withheld: 1,08,000 come, nothing is outstanding
    invoice = issued(customer(acme), "100000", on=nov(1))

    payment = paid(invoice, "108000", on=nov(10), tds="10000")

    stored = fresh(invoice)
    assert (stored.outstanding, stored.status, stored.settled_on) == (D(0), InvoiceStatus.PAID, nov(10))
    assert payment.tds_certificate == "claimed"
    assert Allocation.objects.get().value_inr == D(100000)


def test_partial_payments_split_into_value_and_tax_without_loss(acme: Organization) -> None:
    invoice = issued(customer(acme), "100", on=nov(1))

    for day, cash in ((2, "39.33"), (3, "39.33"), (4, "39.34")):
        paid(invoice, cash, on=nov(day))

    assert list(Allocation.objects.values_list("value_inr", flat=True)) == [D("33.33"), D("33.33"), D("33.34")]
    assert fresh(invoice).settled_on == nov(4)


def test_money_on_account_is_dated_on_the_day_it_is_allocated(acme: Organization) -> None:
    buyer = customer(acme)
    payment = record_payment(account=buyer, by=None, facts={"amount": D(200), "received_on": nov(1)})
    invoice = issued(buyer, "100", on=nov(5))
    early = issued(buyer, "10", on=nov(8))

    payment = allocate_payment(payment=payment, by=None, allocations=[Share(invoice=invoice, cash=D(118), tds=D(0))])
    paid(early, "11.80", on=nov(6))  # recorded with its payment, which came before the invoice

    assert entries_of(invoice) == [(TODAY, D(118))]
    assert entries_of(early) == [(nov(8), D("11.80"))]
    assert payment.unallocated == D(82)


def test_nothing_is_allocated_twice_or_beyond_what_is_owed(acme: Organization) -> None:
    buyer = customer(acme)
    invoice, other = issued(buyer, "100", on=nov(1)), issued(buyer, "100", on=nov(1))
    theirs = issued(customer(acme, "Another"), "100", on=nov(1))
    payment = record_payment(account=buyer, by=None, facts={"amount": D(100), "received_on": nov(2)})

    def share(of: Invoice, cash: str, tds: str = "0") -> Share:
        return Share(invoice=of, cash=D(cash), tds=D(tds))

    for shares, refusal in (
        ([share(invoice, "100.01")], OverAllocated),
        ([share(invoice, "60"), share(other, "41")], OverAllocated),
        ([share(invoice, "1", "1")], OverAllocated),
        ([share(theirs, "1")], InvalidDocument),
        ([share(invoice, "1"), share(invoice, "1")], InvalidDocument),
        ([share(invoice, "0")], InvalidDocument),
        ([], InvalidDocument),
    ):
        with pytest.raises(refusal):
            allocate_payment(payment=payment, by=None, allocations=shares)
    with pytest.raises(OverAllocated):
        paid(invoice, "118.01", on=nov(2))

    assert not Allocation.objects.exists()
    assert (fresh(invoice).settled, Payment.objects.get().allocated) == (D(0), D(0))


def test_the_same_event_of_a_gateway_is_one_payment(acme: Organization) -> None:
    buyer = customer(acme)
    facts = {"amount": D(5), "provider": "razorpay", "provider_reference": "pay_1"}

    first = record_payment(account=buyer, by=None, facts=facts)

    assert record_payment(account=buyer, by=None, facts=facts) == first
    assert Payment.objects.count() == 1


def test_a_bounced_payment_is_outstanding_again_from_its_day(acme: Organization) -> None:
    invoice = issued(customer(acme), "100", on=nov(1))
    payment = paid(invoice, "118", on=nov(3))

    reverse_payment(payment=payment, by=None, on=nov(10), reason="Cheque returned")

    stored = fresh(invoice)
    assert entries_of(invoice) == [(nov(3), D(118)), (nov(10), D(-118))]
    assert (stored.outstanding, stored.settled_value_inr, stored.settled_on) == (D(118), D(0), None)
    with pytest.raises(NothingToDo):
        reverse_payment(payment=payment, by=None, on=nov(11), reason="Again")
    with pytest.raises(NothingToDo):
        allocate_payment(payment=payment, by=None, allocations=[Share(invoice=invoice, cash=D(1), tds=D(0))])

    # what is paid with a day on which the cheque still counted settles from the day it bounced
    paid(invoice, "18", on=nov(5))
    assert entries_of(invoice)[-1] == (nov(10), D(18))


def test_a_payment_that_came_in_dollars_gains_or_loses_by_the_rate(acme: Organization) -> None:
    buyer = customer(acme, treatment=Treatment.OVERSEAS, country="US", currency="USD")
    invoice = issued(buyer, "1000", on=nov(1), exchange_rate=D(83))  # 1,180 with IGST: 97,940 rupees

    paid(invoice, "1180", on=nov(9), exchange_rate=D("84.5"))

    entry = Allocation.objects.get()
    assert (entry.amount_inr, entry.value_inr, entry.exchange_gain) == (D(97940), D(83000), D("1770.00"))


# -- refunds ----------------------------------------------------------------------------------------


def test_a_refund_after_payment_leaves_the_invoice_paid(acme: Organization) -> None:
    invoice = issued(customer(acme), "100", on=nov(1))
    paid(invoice, "118", on=nov(3))
    refund = request_refund(invoice=invoice, by=None, amount=D(59), on=nov(5))

    refund = complete_refund(refund=refund, by=None)

    note = refund.credit_note
    assert note is not None
    assert (refund.number, refund.status, note.number, note.date) == (
        "REF-2026-0001",
        "completed",
        "CN-2026-0001",
        nov(5),
    )
    # 59 of 118: 50 and 4.50 twice; nothing was owed, so all of it is paid out
    assert (note.taxable, note.cgst, note.sgst, note.total) == (D(50), D("4.50"), D("4.50"), D(59))
    assert (note.applied, note.paid_out, note.left_over) == (D(0), D(59), D(0))
    assert fresh(invoice).status == InvoiceStatus.PAID
    with pytest.raises(NothingToDo):
        complete_refund(refund=refund, by=None)


def test_a_credit_first_lowers_what_is_owed_and_keeps_the_rest(acme: Organization) -> None:
    buyer = customer(acme, treatment=Treatment.REGISTERED, gstin=MAHARASHTRA)
    invoice, later = issued(buyer, "100", on=nov(1)), issued(buyer, "50", on=nov(2))
    paid(invoice, "100", on=nov(3))
    refund = request_refund(invoice=invoice, by=None, amount=D(48), mode=RefundMode.CREDIT, on=nov(5))

    note = complete_refund(refund=refund, by=None).credit_note

    assert note is not None
    assert entries_of(invoice) == [(nov(3), D(100)), (nov(5), D(18))]
    assert (note.section, note.itc_reversal, note.left_over) == (Section.CDNR, "pending", D(30))
    apply_credit(credit_note=note, invoice=later, amount=D(30), by=None)
    assert fresh(later).outstanding == D(29)
    assert Allocation.objects.last().kind == EntryKind.CREDIT
    with pytest.raises(OverAllocated):
        apply_credit(credit_note=note, invoice=later, amount=D("0.01"), by=None)


def test_notes_stay_within_the_invoice_line_by_line(acme: Organization) -> None:
    # 33.33 and 66.67 with 3.00 and 6.00 twice: 39.33 and 78.67, together 118.00
    invoice = issued(customer(acme), "33.33", "66.67", on=nov(1))
    for amount in ("17.77", "40.01", "60.22"):
        complete_refund(refund=request_refund(invoice=invoice, by=None, amount=D(amount)), by=None)

    for line in invoice.lines.all():
        credited = line.credits.all()
        for name in ("taxable", "cgst", "sgst", "igst"):
            assert sum(getattr(each, name) for each in credited) == getattr(line, name), name
    assert sum(note.total for note in CreditNote.objects.all()) == D(118)
    with pytest.raises(OverCredited):
        request_refund(invoice=invoice, by=None, amount=D("0.01"))


def test_rounding_off_is_given_back_too(acme: Organization) -> None:
    save_tax_profile(organization=acme, by=None, rounds_off=True)
    invoice = issued(customer(acme), "100.42", on=nov(1))

    note = complete_refund(refund=request_refund(invoice=invoice, by=None, amount=D(119)), by=None).credit_note

    assert note is not None
    assert (note.taxable, note.cgst, note.round_off, note.total) == (D("100.42"), D("9.04"), D("0.50"), D(119))


def test_what_failed_or_was_rejected_can_be_asked_for_again(acme: Organization) -> None:
    invoice = issued(customer(acme), "100", on=nov(1))
    fail_refund(refund=request_refund(invoice=invoice, by=None, amount=D(118)), by=None)
    reject_refund(refund=request_refund(invoice=invoice, by=None, amount=D(118)), by=None)

    assert request_refund(invoice=invoice, by=None, amount=D(118)).number == "REF-2026-0003"
    assert not CreditNote.objects.exists()


def test_after_30_november_a_note_carries_no_gst(acme: Organization) -> None:
    with time_machine.travel("2025-12-01T06:30:00Z", tick=False):
        old = issued(customer(acme), "100", on=date(2025, 12, 1))
        new = issued(customer(acme, "Other"), "100", on=date(2025, 12, 1))
    with time_machine.travel("2026-12-01T06:30:00Z", tick=False):
        late = complete_refund(refund=request_refund(invoice=old, by=None, amount=D(118)), by=None).credit_note
        in_time = request_refund(invoice=new, by=None, amount=D(118), on=date(2026, 11, 30))
        timely = complete_refund(refund=in_time, by=None).credit_note

    assert late is not None
    assert timely is not None
    assert (late.is_gst, late.taxable, late.tax, late.total) == (False, D(118), D(0), D(118))
    assert (timely.is_gst, timely.taxable, timely.tax) == (True, D(100), D(18))


def test_an_overpayment_goes_back_without_a_note(acme: Organization) -> None:
    payment = record_payment(account=customer(acme), by=None, facts={"amount": D(100), "received_on": nov(2)})
    refund = request_overpayment_refund(payment=payment, by=None, amount=D(60))
    with pytest.raises(OverAllocated):
        request_overpayment_refund(payment=payment, by=None, amount=D(41))

    refund = complete_refund(refund=refund, by=None)

    assert (refund.status, refund.credit_note, refund.value_inr) == ("completed", None, D(0))
    assert Payment.objects.get().unallocated == D(40)
    with pytest.raises(OverAllocated):
        reverse_payment(payment=payment, by=None, on=nov(3), reason="Too late")


# -- write-offs -------------------------------------------------------------------------------------


def test_a_debt_that_was_given_up_is_recovered(acme: Organization) -> None:
    invoice = issued(customer(acme), "100", on=nov(1))
    paid(invoice, "18", on=nov(2))
    write_off = write_off_invoice(invoice=invoice, by=None, amount=D(100), reason="Insolvent", on=nov(5))
    assert fresh(invoice).status == InvoiceStatus.WRITTEN_OFF

    reverse_write_off(write_off=write_off, by=None, on=nov(8))
    paid(invoice, "100", on=nov(9))

    stored = fresh(invoice)
    assert (stored.status, stored.written_off, stored.settled_value_inr) == (InvoiceStatus.PAID, D(0), D(100))
    assert entries_of(invoice) == [(nov(2), D(18)), (nov(5), D(100)), (nov(8), D(-100)), (nov(9), D(100))]
    with pytest.raises(NothingToDo):
        reverse_write_off(write_off=write_off, by=None)
    with pytest.raises(OverAllocated):
        write_off_invoice(invoice=invoice, by=None, amount=Decimal(1), reason="Nothing is owed")
