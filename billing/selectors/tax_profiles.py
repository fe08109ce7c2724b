"""Who is billed how: which customers lack a tax profile, and which numbers were given last."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from accounts.querysets import AccountQuerySet
from billing.enums import ProfileState
from billing.models import CustomerTaxProfile
from csplatform.models import Organization

NO_ADDRESS = "no address"
NO_STATE = "no state, which an invoice to somebody without GSTIN has to name"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberSeries:
    """The numbers of one kind of document in one financial year."""

    document: str
    gstin: str
    year: str
    last: int


def customers_by_profile(accounts: AccountQuerySet) -> dict[ProfileState, int]:
    """How many accounts have a whole profile, one that lacks something, or none; one query."""
    lacking = Q(tax_profile__address="") | Q(tax_profile__treatment="unregistered", tax_profile__state_code="")
    row = accounts.order_by().aggregate(
        missing=Count("pk", filter=Q(tax_profile=None)),
        incomplete=Count("pk", filter=Q(tax_profile__isnull=False) & lacking),
        all=Count("pk"),
    )
    return {
        ProfileState.MISSING: row["missing"],
        ProfileState.INCOMPLETE: row["incomplete"],
        ProfileState.COMPLETE: row["all"] - row["missing"] - row["incomplete"],
    }


def with_profile_state(accounts: AccountQuerySet, state: str) -> AccountQuerySet:
    match state:
        case ProfileState.MISSING:
            return accounts.filter(tax_profile=None)
        case ProfileState.INCOMPLETE:
            return accounts.filter(tax_profile__in=CustomerTaxProfile.objects.incomplete())
        case ProfileState.COMPLETE:
            return accounts.filter(tax_profile__isnull=False).exclude(
                tax_profile__in=CustomerTaxProfile.objects.incomplete()
            )
    return accounts


def lacks_of(profile: CustomerTaxProfile | None) -> str:
    """What an invoice would lack, in words; empty when nothing."""
    if profile is None:
        return "no tax profile"
    lacks = [NO_ADDRESS] if not profile.address else []
    if profile.treatment == "unregistered" and not profile.state_code:
        lacks.append(NO_STATE)
    return ", ".join(lacks)


def number_series(organization: Organization) -> list[NumberSeries]:
    """The last number given of each kind, newest financial year first."""
    found = []
    for name, last in organization.sequences.filter(last__gt=0).values_list("name", "last"):
        for document in ("invoice", "credit note", "refund"):
            if name.startswith(f"{document} "):
                *gstin, year = name.removeprefix(f"{document} ").split()
                found.append(
                    NumberSeries(document=document.capitalize(), gstin=" ".join(gstin), year=year, last=last)
                )
    return sorted(found, key=lambda each: (each.year, each.document), reverse=True)
