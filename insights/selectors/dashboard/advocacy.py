"""Who speaks for us: advocates, whom they named, what they said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from accounts.advocacy_scores import Advocate, Standing, ready_standings, with_accounts
from accounts.enums import ReferralStatus, TestimonialStatus
from accounts.models import Referral, Testimonial
from csplatform.history import states_at
from csplatform.money import ZERO, round2
from insights.selectors.dashboard.shown import Shown
from insights.selectors.dashboard.view import PortfolioView

MOST_SHOWN = 50
MOST_CANDIDATES = 10
SETTLED = (ReferralStatus.WON, ReferralStatus.LOST)
USABLE = (TestimonialStatus.APPROVED, TestimonialStatus.PUBLISHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvocateCount:
    """Customers who may be asked for a reference: at the close of the day, and as the window opened."""

    now: int
    before: int

    @property
    def gained(self) -> int:
        return self.now - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateRow:
    """A customer to ask, with what they said of us and what we noted beside it."""

    advocate: Advocate
    contact: str
    quote: str
    """Only words that they agreed to be quoted with."""
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralRow:
    """A company that a customer named, as it stood at the close of the day."""

    referrer: str
    account_number: int
    company: str
    status: ReferralStatus
    potential_mrr: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralCounts:
    opened: int
    """In the window."""
    testimonials: int
    """Approved or published at the close of the day."""
    potential_mrr: Decimal
    """Of the referrals that are open at the close of the day."""


def ready_advocates(view: PortfolioView) -> list[Standing]:
    """Those who may be asked at the close of the day, the highest score first."""
    return ready_standings(view.organization, view.customers, as_of=view.day)


def advocate_count(view: PortfolioView, ready: Sequence[Standing]) -> AdvocateCount:
    """How many there are of `ready`, and how many there were at the close of the day before the window."""
    return AdvocateCount(now=len(ready), before=len(ready_advocates(view.at(view.window.opening))))


def candidate_rows(view: PortfolioView, ready: Sequence[Standing], shown: Shown) -> list[CandidateRow]:
    """The customers that are the likeliest to speak for us."""
    keys = [each.account_id for each in ready[:MOST_CANDIDATES]]
    words = _words(view, keys)
    rows = []
    for each in with_accounts(ready[:MOST_CANDIDATES], view.organization.accounts.filter(pk__in=keys)):
        said = words.get(each.account.pk, {})
        rows.append(
            CandidateRow(
                advocate=each,
                contact=said.get("contact__name") or shown.contact(each.account.pk).name,
                quote=said.get("quote", "") if said.get("has_consent") else "",
                note=said.get("note", ""),
            )
        )
    return rows


def referral_counts(view: PortfolioView) -> ReferralCounts:
    """Two queries, or as many over history where the day is past."""
    opened = Count("id", filter=Q(opened_on__range=(view.window.start, view.window.end)))
    found = _referrals(view).aggregate(opened=opened, potential=Sum("potential_mrr", filter=~Q(status__in=SETTLED)))
    return ReferralCounts(
        opened=found["opened"],
        testimonials=_testimonials(view).filter(status__in=USABLE).count(),
        potential_mrr=round2(found["potential"] or ZERO),
    )


def referral_rows(view: PortfolioView, *, most: int = MOST_SHOWN) -> list[ReferralRow]:
    """The pipeline, the newest first."""
    columns = ("account__name", "account__number", "referred_company", "status", "potential_mrr")
    rows = _referrals(view).order_by("-opened_on", "-id").values_list(*columns)[:most]
    return [
        ReferralRow(
            referrer=referrer,
            account_number=number,
            company=company,
            status=ReferralStatus(status),
            potential_mrr=potential,
        )
        for referrer, number, company, status, potential in rows
    ]


def _referrals(view: PortfolioView) -> QuerySet[Any]:
    rows: QuerySet[Any] = view.organization.referrals.order_by()
    if not view.is_live:
        rows = states_at(Referral, view.organization, view.now)
    return rows.filter(account_id__in=view.book.values("pk"), opened_on__lte=view.day)


def _testimonials(view: PortfolioView) -> QuerySet[Any]:
    rows: QuerySet[Any] = view.organization.testimonials.order_by()
    if not view.is_live:
        rows = states_at(Testimonial, view.organization, view.now)
    return rows.filter(account_id__in=view.book.values("pk"))


def _words(view: PortfolioView, accounts: list[int]) -> Mapping[int, Mapping[str, Any]]:
    """The best testimonial of each account: one that may be quoted before one that may not, then the newest."""
    columns = ("account_id", "contact__name", "quote", "note", "has_consent")
    rows = _testimonials(view).filter(account_id__in=accounts).order_by("has_consent", "created_at", "id")
    return {row["account_id"]: row for row in rows.values(*columns)}  # the best one is read last
