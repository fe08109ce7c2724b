"""Which intervals of subscriptions are to be billed, as invoices that are worked out but not yet written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from billing.calculations import intervals_starting
from billing.enums import DocumentState, LineKind, SkipReason
from billing.exceptions import CannotIssue, InvalidDocument
from billing.models import CustomerTaxProfile, Invoice, InvoiceLine, Subscription, TaxProfile
from billing.querysets import SubscriptionQuerySet
from billing.services.invoice import (
    NO_SUPPLIER,
    LineFacts,
    Parties,
    compute,
    day_refusal,
    default_tax_profile,
    supply_of,
)
from csplatform.exceptions import DomainError
from csplatform.models import Organization
from csplatform.money import ZERO
from csplatform.periods import LONGEST_CUSTOM_DAYS, ONE_DAY, Window

Interval = tuple[int, date]
"""A subscription's key and the first day of one of its intervals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingChoice:
    """What somebody asks to be billed, and how."""

    window: Window
    as_drafts: bool = False
    issue_date: date | None = None
    includes_disputed: bool = False
    exchange_rates: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Billable:
    """One interval: the invoice that it would be, or why there is none."""

    subscription: Subscription
    start: date
    end: date
    day: date
    """Of the invoice."""
    skipped: SkipReason | None = None
    told: str = ""
    invoice: Invoice | None = None
    parties: Parties | None = None
    lines: list[InvoiceLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingPlan:
    """What a run would do, in the order in which its invoices would be numbered."""

    due: list[Billable]
    skipped: list[Billable]
    refusal: DomainError | None
    """Why nothing can be billed at all, if so."""

    @property
    def taxable(self) -> Decimal:
        return sum((each.invoice.taxable_inr for each in self.due if each.invoice), ZERO)

    @property
    def total(self) -> Decimal:
        return sum((each.invoice.total_inr for each in self.due if each.invoice), ZERO)

    def skipped_by_reason(self) -> list[tuple[SkipReason, list[Billable]]]:
        """The commonest reason first."""
        by_reason: dict[SkipReason, list[Billable]] = {}
        for each in self.skipped:
            by_reason.setdefault(each.skipped or SkipReason.REFUSED, []).append(each)
        return sorted(by_reason.items(), key=lambda pair: (-len(pair[1]), pair[0]))

    @property
    def currencies(self) -> list[str]:
        """Those other than rupees in which something is to be billed."""
        return sorted({each.subscription.currency for each in self.due if each.subscription.is_foreign})


def plan_billing(
    organization: Organization, choice: BillingChoice, *, today: date, only: Collection[int] | None = None
) -> BillingPlan:
    """Every interval that begins in the window, `only` those of some subscriptions. A constant number of queries.

    An interval is billed in advance, whole, by what the subscription consists of on its first day."""
    if choice.window.length > LONGEST_CUSTOM_DAYS:
        raise InvalidDocument("to", f"Bill at most {LONGEST_CUSTOM_DAYS} days at once.")
    supplier = default_tax_profile(organization)
    refusal = _refusal(choice, supplier, today)
    facts = _Facts(organization, choice, supplier, today=today, only=only)
    found = list(facts.billables())
    found.sort(key=lambda each: (each.day, each.start, each.subscription.account.name_key, each.subscription.pk))
    return BillingPlan(
        due=[each for each in found if each.skipped is None],
        skipped=[each for each in found if each.skipped is not None],
        refusal=refusal,
    )


def _refusal(choice: BillingChoice, supplier: TaxProfile | None, today: date) -> DomainError | None:
    if supplier is None:
        return CannotIssue(NO_SUPPLIER)
    if choice.as_drafts or choice.issue_date is None:
        return None
    return day_refusal(choice.issue_date, today, supplier)


def billing_day(start: date, choice: BillingChoice, supplier: TaxProfile | None, *, today: date) -> date:
    """The date of the invoice for an interval: the one asked for, else the interval's first day; today where that
    lies ahead, in a closed financial year or in a month whose return is filed."""
    if choice.issue_date is not None:
        return choice.issue_date
    if start > today or (supplier is not None and day_refusal(start, today, supplier)):
        return today
    return start


class _Facts:
    """What is known of the subscriptions of a window, asked once for all of them."""

    def __init__(
        self,
        organization: Organization,
        choice: BillingChoice,
        supplier: TaxProfile | None,
        *,
        today: date,
        only: Collection[int] | None,
    ) -> None:
        self.organization, self.choice, self.supplier, self.today = organization, choice, supplier, today
        window = choice.window
        subscriptions: SubscriptionQuerySet = organization.subscriptions.filter(starts_on__lte=window.end)
        if only is not None:
            subscriptions = subscriptions.filter(pk__in=only)
        subscriptions = subscriptions.not_over_on(window.start).order_by("pk")
        self.subscriptions = list(subscriptions.select_related("account").with_terms())
        keys = subscriptions.values("pk")
        accounts = subscriptions.order_by().values("account")
        self.profiles: dict[int, CustomerTaxProfile] = {
            profile.account_id: profile for profile in organization.customer_tax_profiles.filter(account__in=accounts)
        }
        billed = organization.invoices.exclude(state=DocumentState.VOID).filter(
            subscription__in=keys, period_start__range=(window.start, window.end)
        )
        self.billed: dict[Interval, str] = {
            (subscription, start): number or "a draft"
            for subscription, start, number in billed.order_by().values_list("subscription", "period_start", "number")
            if subscription is not None and start is not None
        }
        disputed = organization.invoices.open().filter(is_disputed=True, account__in=accounts)
        self.disputed: dict[int, str] = dict(disputed.order_by("-pk").values_list("account", "number"))

    def billables(self) -> Iterator[Billable]:
        window = self.choice.window
        for subscription in self.subscriptions:
            terms = subscription.terms()
            for start, end in intervals_starting(
                subscription.interval, subscription.starts_on, since=window.start, until=window.end
            ):
                if terms.runs_on(start):
                    last = min(end, terms.stops_on - ONE_DAY) if terms.stops_on else end
                    yield self._billable(subscription, terms, start, last)

    def _billable(self, subscription: Subscription, terms: Any, start: date, end: date) -> Billable:
        day = billing_day(start, self.choice, self.supplier, today=self.today)
        found = Billable(subscription=subscription, start=start, end=end, day=day)
        found.skipped, found.told = self._skipped(subscription, terms, start)
        if found.skipped is None:
            try:
                self._work_out(found)
            except DomainError as error:
                found.skipped, found.told, found.invoice = SkipReason.REFUSED, error.message[:255], None
            else:
                if found.invoice is not None and not found.invoice.taxable:
                    found.skipped, found.invoice = SkipReason.FREE, None
        return found

    def _skipped(self, subscription: Subscription, terms: Any, start: date) -> tuple[SkipReason | None, str]:
        if number := self.billed.get((subscription.pk, start)):
            return SkipReason.BILLED, number
        if subscription.account.is_archived:
            return SkipReason.ARCHIVED, ""
        if terms.is_paused_on(start):
            return SkipReason.PAUSED, ""
        if subscription.account_id not in self.profiles:
            return SkipReason.NO_TAX_PROFILE, ""
        if not self.choice.includes_disputed and subscription.account_id in self.disputed:
            return SkipReason.DISPUTED, self.disputed[subscription.account_id]
        return None, ""

    def _work_out(self, found: Billable) -> None:
        subscription = found.subscription
        customer = self.profiles[subscription.account_id]
        customer.account = subscription.account
        parties = Parties(
            supplier=self.supplier, customer=customer, supply=supply_of(self.supplier, customer, found.day)
        )
        invoice = Invoice(
            organization=self.organization,
            account=subscription.account,
            subscription=subscription,
            period_start=found.start,
            currency=subscription.currency,
            exchange_rate=self.choice.exchange_rates.get(subscription.currency, subscription.exchange_rate),
        )
        found.lines = compute(invoice, list(self._lines(found)), parties, found.day)
        found.invoice, found.parties = invoice, parties

    def _lines(self, found: Billable) -> Iterator[LineFacts]:
        for item in found.subscription.items.all():
            if not item.as_item().runs_on(found.start):
                continue
            facts = LineFacts(
                product=item.product,
                quantity=item.quantity,
                unit_price=item.unit_price,
                kind=LineKind.RECURRING,
                service_from=found.start,
                service_to=found.end,
            )
            if item.discount_pct is None:
                facts["discount"] = item.discount
            else:
                facts["discount_pct"] = item.discount_pct
            yield facts
