"""What the health pages can be narrowed by."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.enums import Band, Segment
from accounts.models import Account
from accounts.querysets import AccountQuerySet
from csplatform.models import User

AT_RISK_BANDS = [(Band.AT_RISK, Band.AT_RISK.label), (Band.CRITICAL, Band.CRITICAL.label)]


def _owners(request: HttpRequest | None) -> QuerySet[User]:
    """Members of the organisation who own one of its accounts."""
    organization = getattr(request, "organization", None)
    if organization is None:
        return User.objects.none()
    owners = organization.accounts.exclude(owner=None).order_by().values("owner")
    return User.objects.filter(pk__in=owners).order_by("name", "email")


class AtRiskFilter(django_filters.FilterSet):
    """Accounts at risk by band, segment and owner."""

    band = django_filters.ChoiceFilter(
        choices=AT_RISK_BANDS, method="in_band", empty_label="Both bands", label="Band"
    )
    segment = django_filters.ChoiceFilter(choices=Segment.choices, empty_label="All segments")
    owner = django_filters.ModelChoiceFilter(
        queryset=_owners, to_field_name="uuid", empty_label="All owners", label="Owner"
    )

    class Meta:
        model = Account
        fields = ["band", "segment", "owner"]

    def in_band(self, accounts: AccountQuerySet, name: str, band: str) -> AccountQuerySet:
        return accounts.in_band(band)
