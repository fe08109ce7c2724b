"""Which tax a supply bears: from who sells, who buys, and where."""

from __future__ import annotations

from dataclasses import dataclass

from billing.enums import Treatment
from billing.tax.gstin import state_of
from billing.tax.states import HOME_COUNTRY, OTHER_COUNTRIES, place_name, state_tax_label


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """What decides the tax of a document, as it is printed and filed."""

    place_of_supply: str
    is_inter_state: bool
    is_zero_rated: bool = False
    """An export or a supply to a special economic zone."""
    is_with_payment: bool = True
    """Zero-rated supplies without an undertaking bear IGST, to be claimed back."""
    state_tax_label: str = "SGST"

    @property
    def bears_tax(self) -> bool:
        return not self.is_zero_rated or self.is_with_payment


def decide_supply(
    *,
    supplier_state: str,
    treatment: str,
    gstin: str = "",
    state: str = "",
    country: str = HOME_COUNTRY,
    has_lut: bool = False,
) -> Supply:
    """The place of supply and the kind of tax.

    ``state`` is that of the address on record (a foreign customer served at a place in India has one too: that is
    no export); ``has_lut`` says whether an undertaking is valid on the day of the document.
    """
    match treatment:
        case Treatment.OVERSEAS if not state or state == OTHER_COUNTRIES:
            return Supply(
                place_of_supply=OTHER_COUNTRIES, is_inter_state=True, is_zero_rated=True, is_with_payment=not has_lut
            )
        case Treatment.SEZ:
            return Supply(
                place_of_supply=state_of(gstin), is_inter_state=True, is_zero_rated=True, is_with_payment=not has_lut
            )
        case Treatment.REGISTERED:
            place = state_of(gstin)
        case _:
            place = state or supplier_state
    return Supply(
        place_of_supply=place,
        is_inter_state=place != supplier_state,
        state_tax_label=state_tax_label(place),
    )


def supply_place_name(supply: Supply, country: str) -> str:
    return place_name(supply.place_of_supply, country)
