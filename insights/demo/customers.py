"""The demo's tax profiles: who sells, and who buys where."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import numpy as np

from accounts.enums import Segment
from billing.enums import (
    CustomerType,
    Treatment,
    TurnoverBand,
)
from billing.models import (
    CustomerTaxProfile,
    TaxProfile,
)
from billing.services.tax_profile import save_tax_profile
from billing.tax.gstin import check_character
from billing.tax.returns import financial_year_start
from csplatform import bulk
from csplatform.models import Organization
from csplatform.money import ZERO
from csplatform.periods import add_months, month_start
from csplatform.querysets import among
from insights.demo.portfolio import AccountPlan
from insights.demo.rows import Opening, Row, drawn_uuid, insert_rows

MONTHS_FILED = 13
STATES_OF = {
    "Mumbai": "27",
    "Pune": "27",
    "Bengaluru": "29",
    "Delhi NCR": "07",
    "Hyderabad": "36",
    "Chennai": "33",
    "Kolkata": "19",
}
COUNTRIES = ("US", "SG", "AE", "GB", "DE")
TREATMENTS = (Treatment.REGISTERED, Treatment.UNREGISTERED, Treatment.SEZ, Treatment.OVERSEAS)
TREATMENT_SHARES = (0.60, 0.26, 0.03, 0.11)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def write_tax_profile(organization: Organization, *, today: date, with_filings: bool) -> TaxProfile:
    """A supplier in Karnataka with an undertaking for this financial year."""
    year = financial_year_start(today)
    filed = []
    if with_filings:
        last = add_months(month_start(today), -1 if today.day > 11 else -2)
        filed = [f"{add_months(last, -back):%Y-%m}" for back in range(MONTHS_FILED)]
    pan = "AAGCN4821K" if with_filings else "AAHCP7315Q"
    return save_tax_profile(
        organization=organization,
        by=None,
        gstin=_gstin("29", pan),
        legal_name=f"{organization.name} Private Limited",
        address="4th Floor, 12 Residency Road\nBengaluru 560025, Karnataka",
        lut_number=f"AD2904{year:%y}000123X",
        lut_valid_from=year,
        lut_valid_to=date(year.year + 1, 3, 31),
        turnover_band=TurnoverBand.UP_TO_10_CRORE if with_filings else TurnoverBand.UP_TO_5_CRORE,
        filed_periods=filed,
    )


def write_profiles(
    organization: Organization,
    planned: Sequence[tuple[int, int, AccountPlan]],
    drawn: dict[int, np.random.Generator],
    *,
    opening: Opening,
) -> dict[int, CustomerTaxProfile]:
    names = dict(organization.accounts.filter(among("pk", sorted(drawn))).values_list("pk", "name"))
    rows = [_profile_row(key, plan, drawn[key], opening) for key, _, plan in planned]
    keys = insert_rows(CustomerTaxProfile, rows, organization_id=organization.pk)
    bulk.record_history(CustomerTaxProfile, keys, kind="+", by=None, reason="Demo data")
    stored = organization.customer_tax_profiles.filter(among("account", sorted(drawn)))
    profiles = {profile.account_id: profile for profile in stored}
    for profile in profiles.values():
        profile.legal_name = names[profile.account_id]
    return profiles


def _profile_row(key: int, plan: AccountPlan, rng: np.random.Generator, opening: Opening) -> Row:
    treatment = TREATMENTS[int(rng.choice(len(TREATMENTS), p=TREATMENT_SHARES))]
    state = STATES_OF.get(plan.region, "29")
    registered = treatment in {Treatment.REGISTERED, Treatment.SEZ}
    overseas = treatment == Treatment.OVERSEAS
    pan = "".join(LETTERS[int(each)] for each in rng.integers(26, size=3)) + "C"
    pan += LETTERS[int(rng.integers(26))] + f"{int(rng.integers(1, 9999)):04d}" + LETTERS[int(rng.integers(26))]
    types = {
        Segment.ENTERPRISE: CustomerType.ENTERPRISE,
        Segment.MID_MARKET: CustomerType.SMB,
        Segment.SMB: CustomerType.STARTUP if registered or overseas else CustomerType.INDIVIDUAL,
    }
    began = opening(plan.started_on)
    return {
        "uuid": drawn_uuid(rng),
        "account_id": key,
        "treatment": treatment.value,
        "gstin": _gstin(state, pan) if registered else "",
        "pan": pan if registered else "",
        "legal_name": "",
        "address": f"{int(rng.integers(1, 240))} {plan.region}" if not overseas else "",
        "state_code": "" if overseas else state,
        "country": COUNTRIES[int(rng.integers(len(COUNTRIES)))] if overseas else "IN",
        "customer_type": types[plan.segment].value,
        "payment_terms_days": 30 if plan.segment is Segment.ENTERPRISE else 15,
        "tds_rate": Decimal(int(rng.choice([0, 2, 10], p=[0.6, 0.2, 0.2]))) if registered else ZERO,
        "currency": "USD" if overseas and rng.random() < 0.5 else "INR",
        "created_at": began,
        "updated_at": began,
    }


def _gstin(state: str, pan: str) -> str:
    first = f"{state}{pan}1Z"
    return first + check_character(first)
