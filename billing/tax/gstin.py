"""GST identification numbers: normalised, checked in order, and refused with the first reason."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from stdnum import luhn
from stdnum.in_ import pan as stdnum_pan

from billing.tax.states import STATES

LENGTH = 15
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NOT_A_STATE = "99"
"""What numbers of suppliers from abroad begin with."""

_REGULAR = re.compile(r"[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][0-9A-Z]{3}")
_OF_A_DEDUCTOR = re.compile(r"[0-9]{2}[A-Z]{4}[0-9]{5}[A-Z][0-9A-Z]D[0-9A-Z]")
"""With a TAN in place of the PAN."""
_OTHER_KINDS = (
    (re.compile(r"[0-9]{4}[A-Z]{3}[0-9]{5}[UO]N[0-9A-Z]"), "a body of the United Nations or another notified body"),
    (re.compile(r"[0-9]{4}[A-Z]{3}[0-9]{5}NR[0-9A-Z]"), "a non-resident taxable person"),
    (re.compile(r"99[0-9]{2}[A-Z]{3}[0-9]{5}OS[0-9A-Z]"), "a supplier of online services from abroad (OIDAR)"),
)
_KINDS_BY_LETTER = {"D": "a tax deductor", "C": "an e-commerce collector"}


class Flaw(StrEnum):
    """What can be wrong with a GSTIN, in the order in which it is looked for."""

    LENGTH = "length"
    FORMAT = "format"
    STATE_CODE = "state_code"
    REGISTRATION_NUMBER = "registration_number"
    CHECK_CHARACTER = "check_character"
    KIND = "kind"
    BILLING_STATE = "billing_state"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The first thing wrong with a number, and a sentence about it."""

    flaw: Flaw
    sentence: str


def normalised(text: str) -> str:
    """As it is stored: without spaces and hyphens, in capitals."""
    return re.sub(r"[\s-]", "", text).upper()


def gstin_refusal(gstin: str, *, billing_state: str = "") -> Refusal | None:
    """Why a normalised number is not the GSTIN of a regular business (in that state), or None when it is."""
    if len(gstin) != LENGTH:
        return Refusal(Flaw.LENGTH, f"A GSTIN has {LENGTH} characters, this has {len(gstin)}.")
    other_kind = _other_kind(gstin)
    if not other_kind and not (_REGULAR.fullmatch(gstin) and stdnum_pan.is_valid(gstin[2:12])):
        return Refusal(
            Flaw.FORMAT,
            "A GSTIN is two digits for the state, a PAN (five letters, of which the fourth names the kind of holder, "
            "four digits, a letter), a registration number, Z and a check character.",
        )
    state = gstin[:2]
    if state not in STATES and state != NOT_A_STATE:
        return Refusal(Flaw.STATE_CODE, f"{state} is not the code of a state that is in use.")
    if not other_kind and gstin[12] == "0":
        return Refusal(Flaw.REGISTRATION_NUMBER, "The registration number, the 13th character, is 1-9 or A-Z.")
    if check_character(gstin[:-1]) != gstin[-1]:
        return Refusal(Flaw.CHECK_CHARACTER, "The check character at the end does not fit the rest: look for a typo.")
    kind = other_kind or _KINDS_BY_LETTER.get(gstin[13])
    if not kind and state == NOT_A_STATE:
        kind = "a supplier from abroad"
    if not kind and gstin[13] != "Z":
        kind = "something other than a regular business"
    if kind:
        return Refusal(Flaw.KIND, f"This is the registration of {kind}, not of a regular business.")
    if billing_state and billing_state != state:
        return Refusal(
            Flaw.BILLING_STATE,
            f"The GSTIN is of {STATES[state]}, but the billing state is {STATES.get(billing_state, billing_state)}.",
        )
    return None


def check_character(first_fourteen: str) -> str:
    """The last character that the first fourteen call for (Luhn over 36 characters)."""
    return str(luhn.calc_check_digit(first_fourteen, alphabet=ALPHABET))


def pan_of(gstin: str) -> str:
    """Characters 3 to 12."""
    return gstin[2:12]


def state_of(gstin: str) -> str:
    return gstin[:2]


def pan_refusal(pan: str, *, gstin: str = "") -> str:
    """Why this is not a PAN, or not the one in the GSTIN; empty when it is."""
    if not stdnum_pan.is_valid(pan):
        return "A PAN is five letters, of which the fourth names the kind of holder, four digits and a letter."
    if gstin and pan_of(gstin) != pan:
        return f"The PAN in the GSTIN is {pan_of(gstin)}."
    return ""


def _other_kind(gstin: str) -> str:
    for pattern, kind in _OTHER_KINDS:
        if pattern.fullmatch(gstin):
            return kind
    return _KINDS_BY_LETTER["D"] if _OF_A_DEDUCTOR.fullmatch(gstin) else ""
