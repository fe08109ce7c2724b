"""The accounts themselves: those at risk, and the portfolio by what it pays."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import (
    DecimalField,
    ExpressionWrapper,
    F,
    FloatField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from accounts.bands import AT_RISK_BELOW, band_range
from accounts.enums import AccountSize, Band, Segment
from accounts.models import Account, Product
from accounts.selectors.usage_rows import UsageOnDay
from csplatform.money import ZERO
from health.enums import RiskFactor
from health.models import HealthSnapshot
from insights.enums import Growth
from insights.selectors.dashboard.health import mrr_then
from insights.selectors.dashboard.shown import Shown
from insights.selectors.dashboard.view import PortfolioView

MOST_SHOWN = 50
SCORE_WHEN_UNKNOWN = Decimal(50)
"""What a contract prints for an account that was never scored: its source's default."""

TAGS: dict[str, RiskFactor | tuple[RiskFactor, ...]] = {
    "Payment delays": RiskFactor.OVERDUE_INVOICES,
    "No engagement": RiskFactor.NO_RECENT_ENGAGEMENT,
    "High tickets": RiskFactor.MANY_TICKETS,
    "Low usage": (RiskFactor.LOW_ENGAGEMENT, RiskFactor.INFREQUENT_LOGINS),
    "Low adoption": RiskFactor.LOW_ADOPTION,
}
CRITICAL_TICKETS = "Critical tickets"
"""Not a risk factor of its own: an open critical ticket."""
HARD_TRIGGERS = ("Payment delays", "No engagement")
"""Either of them makes the badge say CRITICAL, whatever the score."""
PHRASES = {"Payment delays": "Payment delayed"}
"""What stands where a date is missing, the strongest risk first; other tags speak for themselves."""

SEGMENT_OF_SIZE = {
    AccountSize.STARTUP: Segment.SMB,
    AccountSize.SMALL: Segment.SMB,
    AccountSize.MEDIUM: Segment.SMB,
    AccountSize.LARGE: Segment.MID_MARKET,
    AccountSize.ENTERPRISE: Segment.ENTERPRISE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRow:
    """A customer in the band At Risk or Critical."""

    account: Account
    mrr: Decimal
    score: Decimal
    tags: Sequence[str]
    last_contact: datetime | None
    renews_on: date | None

    @property
    def is_critical(self) -> bool:
        """Payment is late or nobody has been in touch."""
        return any(tag in HARD_TRIGGERS for tag in self.tags)

    @property
    def strongest_risk(self) -> str:
        """In a phrase; nothing where no tag applies."""
        return PHRASES.get(self.tags[0], self.tags[0]) if self.tags else ""


class Held(NamedTuple):
    """A product that an account has."""

    name: str
    icon: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioRow:
    """A customer with what it pays and how it is doing."""

    account: Account
    email: str
    segment: Segment
    mrr: Decimal
    score: Decimal
    """Known, last known, or the default."""
    products: Sequence[Held]
    """What it is entitled to on the day, in the order of the catalogue."""
    renews_on: date | None
    growth: Growth

    @property
    def icons(self) -> list[str]:
        """Each once; products without one are left out."""
        return list(dict.fromkeys(product.icon for product in self.products if product.icon))

    @property
    def product_names(self) -> list[str]:
        return [product.name for product in self.products]


def at_risk_accounts(view: PortfolioView, *, band: Band | None = None, most: int = MOST_SHOWN) -> list[Any]:
    """At-risk customers, the most money at stake first: what they pay times how likely they are to leave.

    Ties by the nearest renewal. `band` is one of the two lower ones; left out, it is both.
    """
    stake = ExpressionWrapper(F("mrr_then") * F("risk_then"), output_field=FloatField())
    snapshots = HealthSnapshot.objects.filter(account=OuterRef("pk")).primary().up_to(view.day).order_by("-date")
    return list(
        view.scored(view.customers)
        .filter(Q(score_then__lt=Decimal(AT_RISK_BELOW)), _in_band(band))
        .annotate(mrr_then=mrr_then(view), factors_then=Subquery(snapshots.values("factors")[:1]))
        .annotate(risk_then=F("churn_risk_score") if view.is_live else _risk_of(snapshots))
        .annotate(stake=stake)
        .order_by("-stake", F("contract_end").asc(nulls_last=True), "-mrr_then", "pk")[:most]
    )


def risk_rows(
    view: PortfolioView, accounts: Sequence[Any], shown: Shown, *, critical: Container[int]
) -> list[RiskRow]:
    """These accounts, of `at_risk_accounts`, with what puts them at risk; `critical` are those with a critical ticket
    open."""
    contacts = last_contacts(view, [account.pk for account in accounts])
    return [
        RiskRow(
            account=account,
            mrr=shown.mrr(account.pk),
            score=printed_score(account, account.score_then),
            tags=_tags(account.factors_then or [], has_critical=account.pk in critical),
            last_contact=contacts.get(account.pk),
            renews_on=shown.ends.get(account.pk),
        )
        for account in accounts
    ]


def portfolio_accounts(
    view: PortfolioView, *, band: Band | None = None, skip: int = 0, most: int = MOST_SHOWN
) -> list[Any]:
    """Customers by what they pay, the largest first; of one band, or of all and without a score too."""
    customers = view.scored(view.customers).filter(_in_band(band)).annotate(mrr_then=mrr_then(view))
    return list(customers.order_by("-mrr_then", "name_key", "pk")[skip : skip + most])


def portfolio_rows(accounts: Sequence[Any], shown: Shown, products: Mapping[int, list[Held]]) -> list[PortfolioRow]:
    """These accounts, of `portfolio_accounts`, with how they are doing."""
    return [
        PortfolioRow(
            account=account,
            email=shown.contact(account.pk).email,
            segment=segment_of(account),
            mrr=shown.mrr(account.pk),
            score=printed_score(account, account.score_then),
            products=products.get(account.pk, []),
            renews_on=shown.ends.get(account.pk),
            growth=Growth.of(shown.change(account.pk)),
        )
        for account in accounts
    ]


def portfolio_size(view: PortfolioView, *, band: Band | None = None) -> int:
    """How many rows there are in all."""
    return view.scored(view.customers).filter(_in_band(band)).count()


def _in_band(band: Band | None) -> Q:
    return Q() if band is None else band_range(band).condition("score_then")


def printed_score(account: Account, shown: Decimal | None) -> Decimal:
    """The score of a row that has to print one: shown, else last known, else the default."""
    known = account.last_known_health_score if shown is None else shown
    return SCORE_WHEN_UNKNOWN if known is None else Decimal(known)


def segment_of(account: Account) -> Segment:
    """The account's segment; where nobody chose one, the one its size suggests; the smallest else."""
    if account.segment:
        return Segment(account.segment)
    return SEGMENT_OF_SIZE.get(AccountSize(account.size), Segment.SMB) if account.size else Segment.SMB


def last_contacts(view: PortfolioView, accounts: Iterable[int]) -> dict[int, datetime]:
    """When each of these accounts was last in touch, by the view's moment; one query."""
    held = view.organization.engagements.held().until(view.now).filter(account__in=list(accounts))
    last = Max(Coalesce("completed_at", "scheduled_at", "created_at"))
    return dict(held.order_by().values_list("account").annotate(last=last))


def _risk_of(snapshots: QuerySet[HealthSnapshot]) -> Coalesce:
    """How likely it was to leave as recorded by then, 0 to 100; nothing where that was not known."""
    return Coalesce(Subquery(snapshots.values("churn_risk")[:1]), Value(ZERO), output_field=DecimalField())


def _tags(factors: Sequence[dict[str, object]], *, has_critical: bool) -> list[str]:
    """The words of the dashboard for the factors that held, the strongest first."""
    names = {factor["name"] for factor in factors}
    found = [
        tag for tag, factor in TAGS.items() if names.intersection(factor if isinstance(factor, tuple) else (factor,))
    ]
    if has_critical:
        found.insert(sum(tag in HARD_TRIGGERS for tag in found), CRITICAL_TICKETS)
    return found


def products_held(view: PortfolioView, accounts: Sequence[Any]) -> dict[int, list[Held]]:
    """What these accounts are entitled to on the day, in the order of the catalogue; one query."""
    held = view.organization.account_products.on(view.day).filter(account__in=accounts)
    rows = held.order_by("product__position", "product__name")
    found: dict[int, list[Held]] = {}
    for account, name, icon in rows.values_list("account", "product__name", "product__icon"):
        found.setdefault(account, []).append(Held(name, icon))
    return found


def products_of(seen: UsageOnDay, accounts: Sequence[Any]) -> dict[int, list[Held]]:
    """The same from what was read of the day."""
    catalogue = {product.pk: product for product in seen.products}
    found: dict[int, list[Product]] = {account.pk: [] for account in accounts}
    for held in seen.held:
        if held.account_id in found:
            found[held.account_id].append(catalogue[held.product_id])
    return {
        account: [
            Held(each.name, each.icon) for each in sorted(products, key=lambda each: (each.position, each.name))
        ]
        for account, products in found.items()
    }
