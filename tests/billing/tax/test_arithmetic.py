"""Which tax, how much of it, where it is filed and by when: examples worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billing.enums import AgeBucket, FilingFrequency, OverdueStatus, Section, Treatment
from billing.tax.amounts import Amounts, LineInput, line_amounts, round_off, sum_of
from billing.tax.numbers import document_number, is_document_number
from billing.tax.parameters import B2CL_LIMIT, TDS_SECTION, rate_of
from billing.tax.receivables import age_bucket, count_back_dso, overdue_status
from billing.tax.returns import (
    filing_period,
    gst_category,
    invoice_section,
    last_day_for_note,
    next_deadline,
    note_section,
)
from billing.tax.settlement import first_day_it_fits, next_share, shares
from billing.tax.supply import Supply, decide_supply
from csplatform.periods import Window

KARNATAKA, MAHARASHTRA = "29", "27"
D = Decimal


def supply(treatment: str = Treatment.REGISTERED, *, state: str = "", gstin: str = "", lut: bool = False) -> Supply:
    return decide_supply(supplier_state=KARNATAKA, treatment=treatment, gstin=gstin, state=state, has_lut=lut)


def line(price: str, *, quantity: str = "1", rate: str = "18", **discount: Decimal) -> LineInput:
    return LineInput(quantity=D(quantity), unit_price=D(price), rate=D(rate), **discount)


@pytest.mark.parametrize(
    ("chosen", "cgst", "igst"),
    [
        (supply(gstin="29AAPFU0939F1ZR"), "7650.00", "0.00"),  # the home state: 9 % twice
        (supply(gstin="27AAPFU0939F1ZV"), "0.00", "15300.00"),  # another state: 18 % once
        (supply(Treatment.UNREGISTERED, state=KARNATAKA), "7650.00", "0.00"),
        (supply(Treatment.UNREGISTERED), "7650.00", "0.00"),  # no address on record: the supplier's state
        (supply(Treatment.UNREGISTERED, state=MAHARASHTRA), "0.00", "15300.00"),
        (supply(Treatment.SEZ, gstin="29AAPFU0939F1ZR"), "0.00", "15300.00"),  # inter-state in the same state too
        (supply(Treatment.SEZ, gstin="29AAPFU0939F1ZR", lut=True), "0.00", "0.00"),
        (supply(Treatment.OVERSEAS), "0.00", "15300.00"),
        (supply(Treatment.OVERSEAS, lut=True), "0.00", "0.00"),
        (supply(Treatment.OVERSEAS, state=KARNATAKA, lut=True), "7650.00", "0.00"),  # served in India: no export
    ],
)
def test_tax_on_85_000_at_18_percent(chosen: Supply, cgst: str, igst: str) -> None:
    amounts = line_amounts(line("85000"), chosen)

    assert (amounts.cgst, amounts.sgst, amounts.igst) == (D(cgst), D(cgst), D(igst))
    assert amounts.total == D("85000.00") + 2 * D(cgst) + D(igst)


def test_a_union_territory_without_legislature_levies_utgst() -> None:
    assert decide_supply(supplier_state="04", treatment=Treatment.UNREGISTERED).state_tax_label == "UTGST"
    assert supply(Treatment.UNREGISTERED).state_tax_label == "SGST"


def test_reverse_charge_makes_the_tax_nothing() -> None:
    assert line_amounts(line("85000"), supply(gstin="29AAPFU0939F1ZR"), reverse_charge=True).tax == 0


def test_halves_of_a_paisa_go_up_per_component() -> None:
    # 18 % of 0.25 is 0.045; half of it, 0.0225, is 0.02 twice: 0.04 inside the state, but 0.05 outside
    inside = line_amounts(line("0.25"), supply(Treatment.UNREGISTERED))
    outside = line_amounts(line("0.25"), supply(Treatment.UNREGISTERED, state=MAHARASHTRA))
    assert (inside.tax, outside.tax) == (D("0.04"), D("0.05"))
    # 9 % of 10.50 is 0.945: half-even would give 0.94
    assert line_amounts(line("10.50"), supply(Treatment.UNREGISTERED)).cgst == D("0.95")
    # a quantity of 0.5 at 0.01 is half a paisa
    assert line_amounts(line("0.01", quantity="0.5"), supply(Treatment.UNREGISTERED)).gross == D("0.01")


def test_discounts_are_amounts_or_percentages_to_paise() -> None:
    home = supply(Treatment.UNREGISTERED)

    assert line_amounts(line("1000", discount=D("99.99")), home).taxable == D("900.01")
    # 12.5 % of 33.32 is 4.165, so 4.17
    by_percent = line_amounts(line("33.32", discount_pct=D("12.5")), home)
    assert (by_percent.discount, by_percent.taxable) == (D("4.17"), D("29.15"))


def test_totals_are_sums_of_lines_and_never_tax_on_the_total() -> None:
    # three lines of 0.25: 3 × 0.04 = 0.12, while 18 % of 0.75 would be 0.135
    lines = [line_amounts(line("0.25"), supply(Treatment.UNREGISTERED)) for _ in range(3)]

    assert sum_of(lines) == Amounts(taxable=D("0.75"), cgst=D("0.06"), sgst=D("0.06"), igst=D("0.00"))


@pytest.mark.parametrize(
    ("total", "off"), [("117.49", "-0.49"), ("117.50", "0.50"), ("117.51", "0.49"), ("117.00", "0.00")]
)
def test_rounding_off_goes_to_the_nearest_rupee(total: str, off: str) -> None:
    assert round_off(D(total)) == D(off)


# -- GSTR-1 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "total", "section"),
    [
        (date(2024, 7, 31), "250000.00", Section.B2CS),  # the old limit itself is not above it
        (date(2024, 7, 31), "250000.01", Section.B2CL),
        (date(2024, 8, 1), "100000.00", Section.B2CS),
        (date(2024, 8, 1), "100000.01", Section.B2CL),
    ],
)
def test_large_sales_to_consumers_of_another_state(on: date, total: str, section: Section) -> None:
    assert _section(Treatment.UNREGISTERED, MAHARASHTRA, total=total, on=on) == section
    assert _section(Treatment.UNREGISTERED, KARNATAKA, total=total, on=on) == Section.B2CS


def _section(
    treatment: str, place: str, *, total: str = "1", on: date = date(2026, 11, 1), paid: bool = True
) -> Section:
    return invoice_section(
        treatment=treatment,
        place_of_supply=place,
        is_inter_state=place != KARNATAKA,
        with_payment=paid,
        total=D(total),
        on=on,
    )


def test_sections_and_categories() -> None:
    assert _section(Treatment.REGISTERED, MAHARASHTRA) == Section.B2B
    assert _section(Treatment.SEZ, MAHARASHTRA, paid=False) == Section.SEZWOP
    assert _section(Treatment.SEZ, MAHARASHTRA) == Section.SEZWP
    assert _section(Treatment.OVERSEAS, "96", paid=False) == Section.EXPWOP
    assert _section(Treatment.OVERSEAS, "96") == Section.EXPWP
    assert _section(Treatment.OVERSEAS, KARNATAKA) == Section.B2CS

    assert [note_section(each) for each in (Section.B2B, Section.SEZWOP, Section.EXPWP, Section.B2CL)] == [
        Section.CDNR,
        Section.CDNR,
        Section.CDNUR,
        Section.CDNUR,
    ]
    assert note_section(Section.B2CS) == Section.B2CS
    assert [gst_category(each) for each in (Section.SEZWP, Section.EXPWP, Section.B2CL)] == ["b2b", "export", "b2c"]


@pytest.mark.parametrize(
    ("frequency", "day", "name", "due"),
    [
        (FilingFrequency.MONTHLY, date(2026, 10, 31), "2026-10", date(2026, 11, 11)),
        (FilingFrequency.MONTHLY, date(2026, 12, 1), "2026-12", date(2027, 1, 11)),
        (FilingFrequency.QUARTERLY, date(2026, 10, 1), "2026-12", date(2027, 1, 13)),
        (FilingFrequency.QUARTERLY, date(2027, 3, 31), "2027-03", date(2027, 4, 13)),
    ],
)
def test_returns_are_due(frequency: FilingFrequency, day: date, name: str, due: date) -> None:
    period = filing_period(day, frequency)

    assert (period.name, period.gstr1_due_on) == (name, due)


def test_the_next_deadline_is_that_of_the_earliest_period_not_filed() -> None:
    today, first = date(2026, 11, 20), date(2026, 8, 15)
    monthly = FilingFrequency.MONTHLY

    def found(*filed: str) -> str | None:
        period = next_deadline(today, frequency=monthly, filed=filed, first_day=first)
        return period and period.name

    assert found() == "2026-08"
    assert found("2026-08", "2026-10") == "2026-09"
    assert found("2026-08", "2026-09", "2026-10") == "2026-11"
    assert found("2026-08", "2026-09", "2026-10", "2026-11") is None
    assert next_deadline(today, frequency=monthly, filed=(), first_day=None) is None


def test_credit_notes_take_gst_back_until_30_november() -> None:
    assert last_day_for_note(date(2026, 3, 31)) == date(2026, 11, 30)
    assert last_day_for_note(date(2026, 4, 1)) == date(2027, 11, 30)


def test_what_the_law_sets_is_chosen_by_date() -> None:
    assert (TDS_SECTION.on(date(2026, 3, 31)), TDS_SECTION.on(date(2026, 4, 1))) == ("194J", "393")
    assert rate_of("998315", date(2025, 9, 21)) == rate_of("998315", date(2025, 9, 22)) == D("18.00")
    assert B2CL_LIMIT.on(date(2010, 1, 1)) == D(250_000)


def test_numbers_of_documents() -> None:
    # March 2027 is in the financial year that starts in 2026
    assert document_number("INV", date(2027, 3, 31), 145) == "INV-2026-0145"
    assert document_number("INV", date(2027, 4, 1), 12_345) == "INV-2027-12345"
    assert all(is_document_number(each) for each in ("A", "INV-2026-0145", "1/2", "A" * 16))
    assert not any(is_document_number(each) for each in ("", "0A", "-A", "/A", "A" * 17, "A B", "Ä", "A\n", "a"))


# -- settling ---------------------------------------------------------------------------------------


def test_value_and_tax_of_payments_lose_nothing() -> None:
    # 118.00 of which 100.00 is value, paid in thirds of 39.33, 39.33 and 39.34
    given, before, found = D(0), D(0), []
    for amount in (D("39.33"), D("39.33"), D("39.34")):
        found.append(next_share(part=D("100.00"), whole=D("118.00"), before=before, amount=amount, given=given))
        before, given = before + amount, given + found[-1]

    assert found == [D("33.33"), D("33.33"), D("33.34")]
    assert next_share(part=D(0), whole=D(0), before=D(0), amount=D(0), given=D(0)) == 0


def test_shares_add_up() -> None:
    assert shares(D("100.00"), [D(1), D(1), D(1)]) == [D("33.33"), D("33.34"), D("33.33")]
    assert shares(D("5.00"), [D(0), D(0)]) == [D("0.00"), D("5.00")]
    assert shares(D("5.00"), []) == []


def test_an_entry_is_dated_since_when_it_fits() -> None:
    def fits(wanted: int, amount: str) -> int:
        # 100.00 paid on the 1st, bounced on the 10th
        entries = [(date(2026, 11, 1), D(100)), (date(2026, 11, 10), D(-100))]
        return first_day_it_fits(entries, total=D(100), wanted=date(2026, 11, wanted), amount=D(amount)).day

    assert (fits(5, "1"), fits(10, "100"), fits(12, "100")) == (10, 10, 12)
    assert first_day_it_fits([], total=D(1), wanted=date(2026, 11, 5), amount=D(1)) == date(2026, 11, 5)


# -- receivables ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "status", "bucket"),
    [
        (0, OverdueStatus.LOW, None),
        (1, OverdueStatus.LOW, AgeBucket.UP_TO_30),
        (14, OverdueStatus.LOW, AgeBucket.UP_TO_30),
        (15, OverdueStatus.MEDIUM, AgeBucket.UP_TO_30),
        (30, OverdueStatus.MEDIUM, AgeBucket.UP_TO_30),
        (31, OverdueStatus.HIGH, AgeBucket.UP_TO_60),
        (60, OverdueStatus.HIGH, AgeBucket.UP_TO_60),
        (61, OverdueStatus.CRITICAL, AgeBucket.UP_TO_90),
        (90, OverdueStatus.CRITICAL, AgeBucket.UP_TO_90),
        (91, OverdueStatus.CRITICAL, AgeBucket.OVER_90),
    ],
)
def test_age_at_each_boundary(days: int, status: OverdueStatus, bucket: AgeBucket | None) -> None:
    assert overdue_status(days) == status
    assert age_bucket(days) == bucket


def test_count_back_dso() -> None:
    # 50 owed; November so far (20 days) sold 30, October (31 days) sold 40: 20 + 20/40 × 31 = 35.5 days
    assert count_back_dso(D(50), [(D(30), 20), (D(40), 31)]) == D("35.5")
    assert count_back_dso(D(0), [(D(30), 20)]) == 0
    assert count_back_dso(D(90), [(D(30), 20), (D(40), 31)]) == 51


def test_windows_of_filing_periods() -> None:
    assert filing_period(date(2026, 11, 5), "quarterly").window == Window(date(2026, 10, 1), date(2026, 12, 31))
