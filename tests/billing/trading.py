"""An organisation that lives through days of trade, made up from a seed, through the services alone.

Whatever was done, in whatever order, `check_ledger` must find nothing."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import Account, Product
from accounts.services.account import update_account
from billing.enums import Interval, RefundMode, RefundReason, RefundStatus, Treatment
from billing.models import CreditNote, Invoice, Payment, Subscription, WriteOff
from billing.services.billable import BillingChoice
from billing.services.billing_run import UNDO, continue_run, start_run
from billing.services.invoice import InvoiceFacts, LineFacts, create_draft, issue_invoice, set_dispute, void_invoice
from billing.services.nightly import settle_subscribed
from billing.services.payment import Share, allocate_payment, apply_credit, record_payment, reverse_payment
from billing.services.refund import (
    complete_refund,
    fail_refund,
    reject_refund,
    request_overpayment_refund,
    request_refund,
)
from billing.services.renewal import renew_subscription
from billing.services.subscription import (
    ItemFacts,
    cancel_subscription,
    change_subscription,
    pause_subscription,
    resume_subscription,
    start_subscription,
)
from billing.services.write_off import reverse_write_off, write_off_invoice
from csplatform.enums import Role
from csplatform.exceptions import DomainError
from csplatform.models import Membership, Organization
from csplatform.money import ZERO
from csplatform.periods import Window, month_start
from tests.factories.csplatform import ApiKeyFactory, MembershipFactory, OrganizationFactory
from tests.factories.documents import KARNATAKA, MAHARASHTRA, customer, tax_profile, with_lut
from tests.factories.products import ProductFactory

FIRST = date(2026, 8, 3)
"""All that is traded lies in one financial year."""
LABELS = ("VMs", "Kubernetes", "Storage")
T = TypeVar("T")


class Trader:
    """What happens to one organisation; each operation picks what it is done to by chance."""

    def __init__(self, seed: int, clock: time_machine.Coordinates) -> None:
        self.rng, self.clock = random.Random(seed), clock
        self.day = FIRST
        self._tick()
        self.organization: Organization = OrganizationFactory()
        (with_lut if seed % 2 else tax_profile)(self.organization)
        self.members: list[Membership] = [
            MembershipFactory(organization=self.organization, role=role) for role in (Role.FINANCE, Role.ADMIN)
        ]
        self.products: list[Product] = [
            ProductFactory(organization=self.organization, name=f"Product {label}", billing_label=label)
            for label in LABELS
        ]
        self.accounts: list[Account] = self._customers()
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def _customers(self) -> list[Account]:
        of = self.organization
        return [
            customer(of, "Home", treatment=Treatment.REGISTERED, gstin=KARNATAKA),
            customer(of, "Inter", treatment=Treatment.REGISTERED, gstin=MAHARASHTRA),
            customer(of, "Person", state_code="33"),
            customer(of, "Zone", treatment=Treatment.SEZ, gstin=KARNATAKA),
            customer(of, "Abroad", treatment=Treatment.OVERSEAS, country="US", currency="USD"),
            customer(of, "Imported"),
        ]

    def do(self, name: str) -> None:
        """One operation; what a service refuses leaves nothing behind."""
        try:
            happened = OPERATIONS[name](self)
        except DomainError:
            self.refused[name] += 1
        else:
            self.done[name] += happened is not False

    # What is done to what, and when

    def _tick(self) -> None:
        self.clock.move_to(f"{self.day}T06:30:00+00:00")

    def pick(self, rows: Any) -> Any:
        found = list(rows)
        return self.rng.choice(found) if found else None

    @property
    def by(self) -> Any:
        return self.rng.choice(self.members).user

    def amount(self, most: Decimal = Decimal(100_000)) -> Decimal:
        """Up to that much, odd paise included."""
        return Decimal(self.rng.randint(1, int(most * 100))).scaleb(-2)

    def part(self, whole: Decimal) -> Decimal:
        """All of it, or some."""
        return whole if self.rng.random() < 0.5 or whole <= 1 else self.amount(whole)

    def earlier(self, since: date, most: int = 20) -> date:
        days = min((self.day - since).days, most)
        return self.day - timedelta(days=self.rng.randint(0, max(days, 0)))

    def open_invoice(self) -> Invoice | None:
        found: Invoice | None = self.pick(self.organization.invoices.open().select_related("account"))
        return found

    def subscription(self) -> Subscription | None:
        found: Subscription | None = self.pick(self.organization.subscriptions.select_related("account"))
        return found

    def items(self) -> list[ItemFacts]:
        return [
            ItemFacts(
                product=product, unit_price=self.amount(Decimal(9_000)), quantity=Decimal(self.rng.randint(1, 4))
            )
            for product in self.rng.sample(self.products, self.rng.randint(1, 2))
        ]


# -- documents --------------------------------------------------------------------------------------


def issue(trader: Trader) -> Any:
    account = trader.rng.choice(trader.accounts)
    lines = [
        LineFacts(
            product=trader.pick([*trader.products, None]),
            quantity=trader.amount(Decimal(9)),
            unit_price=trader.amount(),
            discount_pct=trader.pick([None, Decimal("7.5")]),
        )
        for _ in range(trader.rng.randint(1, 3))
    ]
    facts = InvoiceFacts(account=account, owner=trader.pick([trader.by, None]), lines=lines)
    if account.name == "Abroad":
        facts["exchange_rate"] = Decimal("84.257913")
    draft = create_draft(organization=trader.organization, by=trader.by, facts=facts)
    if trader.rng.random() < 0.1:
        return draft
    return issue_invoice(invoice=draft, by=trader.by, issue_date=trader.earlier(FIRST))


def pay(trader: Trader) -> Any:
    invoice = trader.open_invoice()
    if invoice is None:
        return False
    settles = trader.part(invoice.outstanding)
    tds = min(settles, trader.amount(max(settles / 10, Decimal(1)))) if trader.rng.random() < 0.3 else ZERO
    over = trader.pick([ZERO, ZERO, trader.amount()])
    if settles - tds + over + tds <= 0:
        return False
    facts: Any = {
        "amount": settles - tds + over,
        "tds": tds,
        "received_on": trader.earlier(FIRST),
        "currency": invoice.currency,
    }
    if invoice.is_foreign:
        facts["exchange_rate"] = Decimal("85.1")
    share = Share(invoice=invoice, cash=settles - tds, tds=tds)
    return record_payment(account=invoice.account, by=trader.by, facts=facts, allocations=[share])


def pay_ahead(trader: Trader) -> Any:
    account = trader.rng.choice(trader.accounts[:4])
    facts: Any = {"amount": trader.amount(), "received_on": trader.earlier(FIRST)}
    return record_payment(account=account, by=trader.by, facts=facts)


def use_advance(trader: Trader) -> Any:
    owing = trader.organization.invoices.open().filter(currency="INR").values("account")
    advances = trader.organization.payments.with_advance().filter(currency="INR", account__in=owing)
    payment: Payment | None = trader.pick(advances)
    if payment is None:
        return False
    invoice = trader.pick(payment.account.invoices.open().filter(currency="INR"))
    if invoice is None:
        return False
    cash = trader.part(min(payment.unallocated, invoice.outstanding))
    return allocate_payment(payment=payment, by=trader.by, allocations=[Share(invoice=invoice, cash=cash, tds=ZERO)])


def bounce(trader: Trader) -> Any:
    payment = trader.pick(trader.organization.payments.standing())
    if payment is None:
        return False
    on = trader.earlier(payment.received_on)
    return reverse_payment(payment=payment, by=trader.by, on=on, reason="Returned unpaid")


def ask_refund(trader: Trader) -> Any:
    invoice = trader.pick(trader.organization.invoices.issued())
    if invoice is None:
        return False
    return request_refund(
        invoice=invoice,
        by=trader.by,
        amount=trader.part(invoice.total),
        reason=trader.rng.choice(list(RefundReason)),
        mode=trader.rng.choice(list(RefundMode)),
        on=trader.earlier(invoice.issue_date),
    )


def ask_overpayment_back(trader: Trader) -> Any:
    payment = trader.pick(trader.organization.payments.with_advance())
    if payment is None:
        return False
    return request_overpayment_refund(payment=payment, by=trader.by, amount=trader.part(payment.unallocated))


def decide_refund(trader: Trader) -> Any:
    refund = trader.pick(trader.organization.refunds.filter(status=RefundStatus.PROCESSING))
    if refund is None:
        return False
    return trader.rng.choice([complete_refund, complete_refund, fail_refund, reject_refund])(
        refund=refund, by=trader.by
    )


def use_credit(trader: Trader) -> Any:
    owing = trader.organization.invoices.open().values("account")
    notes: list[CreditNote] = list(trader.organization.credit_notes.filter(account__in=owing))
    note = trader.pick(each for each in notes if each.left_over > 0)
    if note is None:
        return False
    invoice = trader.pick(note.account.invoices.open())
    amount = trader.part(min(note.left_over, invoice.outstanding))
    return apply_credit(credit_note=note, invoice=invoice, amount=amount, by=trader.by)


def write_off(trader: Trader) -> Any:
    invoice = trader.open_invoice()
    if invoice is None:
        return False
    on = trader.earlier(invoice.issue_date or FIRST)
    amount = trader.part(invoice.outstanding)
    return write_off_invoice(invoice=invoice, by=trader.by, amount=amount, reason="Gone", on=on)


def recover(trader: Trader) -> Any:
    given_up: WriteOff | None = trader.pick(trader.organization.write_offs.filter(reversed_on=None))
    if given_up is None:
        return False
    reverse_write_off(write_off=given_up, by=trader.by)
    given_up.invoice.refresh_from_db()
    cash = trader.part(given_up.amount)
    return record_payment(
        account=given_up.invoice.account,
        by=trader.by,
        facts={"amount": cash, "received_on": trader.day, "currency": given_up.invoice.currency},
        allocations=[Share(invoice=given_up.invoice, cash=cash, tds=ZERO)],
    )


def void(trader: Trader) -> Any:
    invoice = trader.pick(trader.organization.invoices.issued().filter(settled=0))
    return invoice is not None and void_invoice(invoice=invoice, by=trader.by, reason="Sent twice")


def dispute(trader: Trader) -> Any:
    invoice = trader.open_invoice()
    return invoice is not None and set_dispute(
        invoice=invoice, by=trader.by, is_disputed=not invoice.is_disputed, reason="Down for a day"
    )


# -- subscriptions ----------------------------------------------------------------------------------


def subscribe(trader: Trader) -> Any:
    account = trader.rng.choice(trader.accounts)
    on = trader.day + timedelta(days=trader.rng.randint(-30, 10))
    foreign: Any = {"currency": "USD", "exchange_rate": Decimal(84)} if account.name == "Abroad" else {}
    return start_subscription(
        account=account,
        by=trader.by,
        items=trader.items(),
        starts_on=on,
        interval=trader.rng.choice(list(Interval)),
        ends_on=trader.pick([None, on + timedelta(days=45)]),
        auto_renew=trader.rng.random() < 0.5,
        **foreign,
    )


def change(trader: Trader) -> Any:
    chosen = trader.subscription()
    on = trader.day + timedelta(days=trader.rng.randint(-5, 5))
    return chosen is not None and change_subscription(subscription=chosen, by=trader.by, items=trader.items(), on=on)


def pause(trader: Trader) -> Any:
    chosen = trader.subscription()
    return chosen is not None and pause_subscription(subscription=chosen, by=trader.by)


def resume(trader: Trader) -> Any:
    chosen = trader.pick(trader.organization.subscriptions.filter(pauses__resumes_on=None, pauses__isnull=False))
    return chosen is not None and resume_subscription(subscription=chosen, by=trader.by)


def renew(trader: Trader) -> Any:
    chosen = trader.pick(trader.organization.subscriptions.filter(ends_on__isnull=False, cancelled_on=None))
    return chosen is not None and renew_subscription(subscription=chosen, by=trader.by)


def cancel(trader: Trader) -> Any:
    chosen = trader.subscription()
    on = trader.day + timedelta(days=trader.rng.randint(-5, 20))
    return chosen is not None and cancel_subscription(subscription=chosen, by=trader.by, on=on, reason="Left")


def write_arr(trader: Trader) -> Any:
    """What a person or a file says an account pays, refused where subscriptions say it."""
    account = trader.rng.choice(trader.accounts)
    account.refresh_from_db()
    return update_account(account=account, by=trader.by, arr=trader.pick([ZERO, trader.amount()]))


def import_arr(trader: Trader) -> Any:
    """A file that says what two accounts pay; it is not believed of one with a subscription."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {ApiKeyFactory(membership=trader.members[1]).secret}")
    rows = [f"{account.name},{trader.amount()},{trader.day}" for account in trader.rng.sample(trader.accounts, 2)]
    text = "\n".join(["account_name,arr,date", *rows])
    file = SimpleUploadedFile("arr.csv", text.encode(), content_type="text/csv")
    response = client.post("/ingest/csv", {"file": file}, format="multipart")
    assert response.status_code < 300, response.content
    return True


def bill(trader: Trader) -> Any:
    window = Window(month_start(trader.day), trader.day)
    choice = BillingChoice(window=window, as_drafts=trader.rng.random() < 0.2, includes_disputed=True)
    return start_run(member=trader.members[0], choice=choice)


def take_billing_back(trader: Trader) -> Any:
    run = trader.organization.billing_runs.select_related("job").first()
    return run is not None and continue_run(run=run, member=trader.members[0], step=UNDO)


def next_day(trader: Trader) -> Any:
    trader.day += timedelta(days=trader.rng.randint(1, 6))
    trader._tick()
    return settle(trader)


def settle(trader: Trader) -> Any:
    keys = [account.pk for account in trader.accounts]
    return settle_subscribed(trader.organization, keys, today=trader.day) >= 0


OPERATIONS: dict[str, Callable[[Trader], Any]] = {
    each.__name__: each
    for each in (
        issue, pay, pay_ahead, use_advance, bounce, ask_refund, ask_overpayment_back, decide_refund, use_credit,
        write_off, recover, void, dispute, subscribe, change, pause, resume, renew, cancel, write_arr, import_arr,
        bill, take_billing_back, next_day,
    )
}  # fmt: skip
COMMON = ("issue", "issue", "pay", "pay", "pay", "next_day", "next_day")
"""What happens more often than the rest."""
GROUND = ("issue", "pay_ahead", "ask_refund", "decide_refund", "pay")
"""What the rarer operations stand on."""
