"""GSTINs: the first thing wrong with one is named."""

from __future__ import annotations

import pytest

from billing.tax.gstin import Flaw, check_character, gstin_refusal, normalised, pan_refusal
from billing.tax.states import STATES, place_name, state_tax_label

# Published examples, checked by hand for the first: 27AAPFU0939F1Z with weights 1 2 1 2 …
#   2·1=2  7·2=14  A10·1=10  A10·2=20  P25·1=25  F15·2=30  U30·1=30  0  9·1=9  3·2=6  9·1=9  F15·2=30  1·1=1
#   Z35·2=70, which is 1 + 34 in base 36: 35
#   sum 221 = 6·36 + 5, and 36 - 5 = 31, the letter V
GOOD = "27AAPFU0939F1ZV"


def numbered(first_fourteen: str) -> str:
    return first_fourteen + check_character(first_fourteen)


def test_the_check_character_is_that_of_the_worked_example() -> None:
    assert check_character("27AAPFU0939F1Z") == "V"
    assert gstin_refusal(GOOD) is None


def test_a_number_is_compared_without_spaces_hyphens_and_case() -> None:
    assert normalised(" 27-aapfu 0939f1zv\n") == GOOD


@pytest.mark.parametrize(
    ("gstin", "flaw"),
    [
        (GOOD[:-1], Flaw.LENGTH),
        ("", Flaw.LENGTH),
        ("27AAPFU0939FAZ!", Flaw.FORMAT),
        ("2AAAPFU0939F1ZV", Flaw.FORMAT),
        ("27AAPDU0939F1ZV", Flaw.FORMAT),  # D is no kind of holder
        ("25AAPFU0939F1ZV", Flaw.STATE_CODE),  # Daman and Diu until 2020
        ("28AAPFU0939F1ZV", Flaw.STATE_CODE),  # Andhra Pradesh before 2014
        ("96AAPFU0939F1ZV", Flaw.STATE_CODE),  # a place of supply only
        ("00AAPFU0939F1ZV", Flaw.STATE_CODE),
        ("27AAPFU0939F0ZV", Flaw.REGISTRATION_NUMBER),
        ("27AAPFU0939F1ZW", Flaw.CHECK_CHARACTER),
        (numbered("27AAPFU0939F1D"), Flaw.KIND),
        (numbered("27AAPFU0939F1C"), Flaw.KIND),
        (numbered("27AAPFU0939F1A"), Flaw.KIND),
        (numbered("0717USA00126UN"), Flaw.KIND),
        (numbered("0717USA00126ON"), Flaw.KIND),
        (numbered("2917USA00001NR"), Flaw.KIND),
        (numbered("9917SGP29001OS"), Flaw.KIND),
        (numbered("27BLRA12345F1D"), Flaw.KIND),  # a deductor with a TAN
    ],
)
def test_the_first_flaw_is_named(gstin: str, flaw: Flaw) -> None:
    refusal = gstin_refusal(gstin)

    assert refusal is not None
    assert refusal.flaw == flaw
    assert refusal.sentence.endswith(".")


def test_a_trailing_line_end_is_not_part_of_a_match() -> None:
    assert gstin_refusal(GOOD[:-1] + "\n") == gstin_refusal("27AAPFU0939F1Z ")


def test_the_billing_state_has_to_agree() -> None:
    refusal = gstin_refusal(GOOD, billing_state="29")

    assert refusal is not None
    assert (refusal.flaw, refusal.sentence) == (
        Flaw.BILLING_STATE,
        "The GSTIN is of Maharashtra, but the billing state is Karnataka.",
    )
    assert gstin_refusal(GOOD, billing_state="27") is None


@pytest.mark.parametrize("state", STATES)
def test_every_state_in_use_gives_numbers(state: str) -> None:
    assert gstin_refusal(numbered(f"{state}AAPFU0939F1Z")) is None


def test_the_pan_is_the_one_in_the_gstin() -> None:
    assert pan_refusal("AAPFU0939F", gstin=GOOD) == ""
    assert pan_refusal("AAPFU0939G", gstin=GOOD) == "The PAN in the GSTIN is AAPFU0939F."
    assert pan_refusal("AAP") != ""


def test_states_have_names_and_union_territories_their_own_tax() -> None:
    assert len(STATES) == 37
    assert [state_tax_label(code) for code in ("04", "07", "34", "01", "38", "97")] == [
        "UTGST",
        "SGST",
        "SGST",
        "SGST",
        "UTGST",
        "UTGST",
    ]
    assert place_name("29") == "Karnataka"
    assert place_name("96", "US") == "USA"
    assert place_name("96", "DE") == "Germany"
