"""State codes of GST, and the names of places of supply."""

from __future__ import annotations

from functools import cache

from babel import Locale

OTHER_COUNTRIES = "96"
"""A place of supply only, never in a GSTIN."""

STATES: dict[str, str] = {
    "01": "Jammu and Kashmir",
    "02": "Himachal Pradesh",
    "03": "Punjab",
    "04": "Chandigarh",
    "05": "Uttarakhand",
    "06": "Haryana",
    "07": "Delhi",
    "08": "Rajasthan",
    "09": "Uttar Pradesh",
    "10": "Bihar",
    "11": "Sikkim",
    "12": "Arunachal Pradesh",
    "13": "Nagaland",
    "14": "Manipur",
    "15": "Mizoram",
    "16": "Tripura",
    "17": "Meghalaya",
    "18": "Assam",
    "19": "West Bengal",
    "20": "Jharkhand",
    "21": "Odisha",
    "22": "Chhattisgarh",
    "23": "Madhya Pradesh",
    "24": "Gujarat",
    "26": "Dadra and Nagar Haveli and Daman and Diu",
    "27": "Maharashtra",
    "29": "Karnataka",
    "30": "Goa",
    "31": "Lakshadweep",
    "32": "Kerala",
    "33": "Tamil Nadu",
    "34": "Puducherry",
    "35": "Andaman and Nicobar Islands",
    "36": "Telangana",
    "37": "Andhra Pradesh",
    "38": "Ladakh",
    "97": "Other Territory",
}
"""In use, with the code that a GSTIN begins with; 25 and 28 no longer are."""

WITHOUT_LEGISLATURE = frozenset({"04", "26", "31", "35", "38", "97"})
"""Union territories that levy UTGST in place of SGST; Delhi, Puducherry, and Jammu and Kashmir levy SGST."""

HOME_COUNTRY = "IN"
_SHORT_NAMES = {"US": "USA"}


def state_tax_label(state_code: str) -> str:
    """What the state's half of the tax is called there."""
    return "UTGST" if state_code in WITHOUT_LEGISLATURE else "SGST"


@cache
def country_names() -> dict[str, str]:
    """English names by two-letter code."""
    territories = Locale("en").territories
    names = {str(code): str(name) for code, name in territories.items() if len(code) == 2 and code.isalpha()}
    for not_a_country in ("EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"):
        names.pop(not_a_country, None)
    return names | _SHORT_NAMES


def place_name(place_of_supply: str, country: str = "") -> str:
    """The state's name; of a place abroad the country's, as screens and the contract show it."""
    if place_of_supply == OTHER_COUNTRIES:
        return country_names().get(country, "Other Countries")
    return STATES.get(place_of_supply, "")
