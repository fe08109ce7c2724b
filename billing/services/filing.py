"""Marking a return filed, and taking that back. Filed months are closed: nothing is issued or voided in them."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from billing.exceptions import InvalidDocument, NothingToDo
from billing.models import ReturnFiling, TaxProfile
from billing.tax.returns import filing_period
from csplatform.models import Organization, User
from csplatform.periods import today as civil_today


@transaction.atomic
def mark_filed(
    *, organization: Organization, period: date, by: User | None, on: date | None = None, reference: str = ""
) -> ReturnFiling:
    """Mark the period that holds a day as filed; its month has to be over."""
    profile = _locked(organization)
    found = filing_period(period, profile.filing_frequency)
    today = civil_today(organization)
    filed_on = on or today
    if found.window.end >= today:
        raise InvalidDocument(
            "period", f"{found.name} is not over yet: its return can be filed from the next month on."
        )
    if filed_on > today:
        raise InvalidDocument("filed_on", "A return cannot have been filed ahead of today.")
    if filed_on <= found.window.end:
        raise InvalidDocument("filed_on", "A return is filed after its period.")
    if found.name in profile.filed_periods:
        raise NothingToDo(f"{found.name} is marked filed already.")
    _write(profile, [*profile.filed_periods, found.name], by=by)
    filing = ReturnFiling(
        organization=organization,
        profile=profile,
        period=found.name,
        is_filed=True,
        filed_on=filed_on,
        reference=reference.strip().upper()[:40],
        written_by=by,
    )
    filing.save(force_insert=True)
    return filing


@transaction.atomic
def unmark_filed(*, organization: Organization, period: date, by: User | None, reason: str) -> ReturnFiling:
    """It was not filed after all; the reason is kept."""
    profile = _locked(organization)
    found = filing_period(period, profile.filing_frequency)
    if found.name not in profile.filed_periods:
        raise NothingToDo(f"{found.name} is not marked filed.")
    if not reason.strip():
        raise InvalidDocument("reason", "Say why it is not filed after all.")
    _write(profile, [each for each in profile.filed_periods if each != found.name], by=by)
    filing = ReturnFiling(
        organization=organization,
        profile=profile,
        period=found.name,
        is_filed=False,
        reason=reason.strip()[:255],
        written_by=by,
    )
    filing.save(force_insert=True)
    return filing


def _locked(organization: Organization) -> TaxProfile:
    profile = organization.tax_profiles.select_for_update(no_key=True).filter(is_default=True).first()
    if profile is None:
        raise InvalidDocument("period", "Your organisation has no tax profile yet: write its GSTIN first.")
    found: TaxProfile = profile
    return found


def _write(profile: TaxProfile, periods: list[str], *, by: User | None) -> None:
    profile.filed_periods = sorted(set(periods))
    profile._history_user = by  # type: ignore[attr-defined]  # read by django-simple-history
    profile.save(update_fields=["filed_periods", "updated_at"])
