"""Writing tax profiles: the organisation's and its customers'. What was issued before keeps what it says."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Account
from billing.enums import FilingFrequency, Treatment
from billing.exceptions import InvalidDocument
from billing.models import CustomerTaxProfile, TaxProfile
from billing.services.settings import billing_settings
from billing.tax.gstin import gstin_refusal, normalised, pan_refusal, state_of
from billing.tax.returns import financial_year_start
from billing.tax.states import HOME_COUNTRY, OTHER_COUNTRIES, STATES, country_names
from csplatform.exceptions import InvalidInput
from csplatform.models import Organization, User

PERIOD = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
CURRENCY = re.compile(r"[A-Z]{3}")


class TaxProfileFacts(TypedDict, total=False):
    gstin: str
    legal_name: str
    address: str
    state_code: str
    lut_number: str
    lut_valid_from: date | None
    lut_valid_to: date | None
    turnover_band: str
    filing_frequency: str
    filed_periods: list[str]
    rounds_off: bool


class CustomerTaxFacts(TypedDict, total=False):
    treatment: str
    gstin: str
    pan: str
    legal_name: str
    address: str
    state_code: str
    country: str
    customer_type: str
    payment_terms_days: int
    tds_rate: Decimal
    currency: str
    owner: User | None


def blank_profile(account: Account) -> CustomerTaxProfile:
    """How an account is billed of which nobody has said anything: unregistered, on the organisation's terms."""
    terms = billing_settings(account.organization).terms_days
    return CustomerTaxProfile(organization=account.organization, account=account, payment_terms_days=terms)


@transaction.atomic
def save_tax_profile(*, organization: Organization, by: User | None, **facts: Unpack[TaxProfileFacts]) -> TaxProfile:
    """Write the organisation's default registration; what is left out stays."""
    profile = organization.tax_profiles.select_for_update(no_key=True).filter(is_default=True).first()
    profile = profile or TaxProfile(organization=organization)
    for name, value in facts.items():
        setattr(profile, name, value)
    profile.gstin = normalised(profile.gstin)
    refusal = gstin_refusal(profile.gstin, billing_state=profile.state_code)
    if refusal:
        raise InvalidDocument("gstin", refusal.sentence)
    profile.state_code = state_of(profile.gstin)
    _refuse_wrong_lut(profile)
    _refuse_wrong_periods(profile)
    if organization.tax_profiles.exclude(pk=profile.pk).filter(gstin=profile.gstin).exists():
        raise InvalidDocument("gstin", "Another tax profile has this GSTIN.")
    _save(profile, by=by)
    return profile


@transaction.atomic
def save_customer_tax_profile(
    *, account: Account, by: User | None, **facts: Unpack[CustomerTaxFacts]
) -> CustomerTaxProfile:
    """Write how an account is billed; what is left out stays."""
    organization = account.organization
    organization.accounts.select_for_update(no_key=True).get(pk=account.pk)
    profile = organization.customer_tax_profiles.filter(account=account).first()
    profile = profile or blank_profile(account)
    for name, value in facts.items():
        setattr(profile, name, value)
    profile.gstin, profile.pan = normalised(profile.gstin), normalised(profile.pan)
    profile.country, profile.currency = profile.country.strip().upper(), profile.currency.strip().upper()
    if profile.treatment in {Treatment.REGISTERED, Treatment.SEZ}:
        refusal = gstin_refusal(profile.gstin, billing_state=profile.state_code)
        if refusal:
            raise InvalidDocument("gstin", refusal.sentence)
        profile.state_code = state_of(profile.gstin)
    elif profile.gstin:
        if "gstin" in facts:
            raise InvalidDocument("gstin", f"A customer who is {profile.treatment} has no GSTIN.")
        profile.gstin = ""
    if profile.treatment == Treatment.OVERSEAS and profile.state_code == OTHER_COUNTRIES:
        profile.state_code = ""
    if profile.state_code and profile.state_code not in STATES:
        raise InvalidDocument("state_code", f"{profile.state_code} is not the code of a state that is in use.")
    if profile.pan and (sentence := pan_refusal(profile.pan, gstin=profile.gstin)):
        raise InvalidDocument("pan", sentence)
    if profile.country not in country_names():
        raise InvalidDocument("country", "Give the two letters of a country, such as IN or US.")
    if profile.treatment == Treatment.OVERSEAS and profile.country == HOME_COUNTRY:
        raise InvalidDocument("country", "A customer overseas is in another country than India.")
    if profile.treatment != Treatment.OVERSEAS and profile.country != HOME_COUNTRY:
        raise InvalidDocument("country", f"A customer who is {profile.treatment} is in India.")
    if not CURRENCY.fullmatch(profile.currency):
        raise InvalidDocument("currency", "Give the three letters of a currency, such as INR or USD.")
    _save(profile, by=by)
    return profile


def _refuse_wrong_lut(profile: TaxProfile) -> None:
    start, end = profile.lut_valid_from, profile.lut_valid_to
    if not profile.lut_number:
        return
    if start is None or end is None:
        raise InvalidDocument("lut_number", "Give the first and the last day on which the undertaking is valid.")
    if end < start:
        raise InvalidDocument("lut_valid_to", "The last day must not be before the first.")
    if financial_year_start(start) != financial_year_start(end):
        raise InvalidDocument("lut_valid_to", "An undertaking is for days of one financial year, April to March.")


def _refuse_wrong_periods(profile: TaxProfile) -> None:
    periods = profile.filed_periods
    if not isinstance(periods, list) or not all(isinstance(each, str) and PERIOD.fullmatch(each) for each in periods):
        raise InvalidDocument("filed_periods", "Takes a list of months, such as 2026-10.")
    if profile.filing_frequency == FilingFrequency.QUARTERLY and any(int(each[-2:]) % 3 for each in periods):
        raise InvalidDocument("filed_periods", "Quarters are named by their last month: 03, 06, 09 or 12.")
    profile.filed_periods = sorted(set(periods))


def _save(profile: TaxProfile | CustomerTaxProfile, *, by: User | None) -> None:
    try:
        profile.clean_fields(exclude=["organization", "account"])
    except ValidationError as error:
        raise InvalidInput("Some facts cannot be stored.", errors=error.message_dict) from error
    profile._history_user = by  # type: ignore[union-attr]  # read by django-simple-history
    profile.save()
