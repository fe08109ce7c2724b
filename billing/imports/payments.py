"""The payments import: what customers paid, one row for each invoice that a payment settles, or for an advance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from billing.imports.grouped import Group, GroupedLoader, Refused
from billing.models import Invoice, Payment
from billing.services.import_payments import (
    entries_of,
    known_payments,
    last_written,
    record_imported,
    remove_payments,
    touched_payments,
)
from billing.services.payment import ONE, Share
from csplatform.formatting import plain
from csplatform.imports.before import pack_record, unpack_record
from csplatform.imports.exceptions import UndoRefused
from csplatform.imports.registry import Before, Order, Tally
from csplatform.models import ImportBefore
from csplatform.money import ZERO

PAYMENTS = "payments"
HOME = "INR"
SHARED = ("received_on", "method", "reference", "currency", "exchange_rate")
Invoices = Mapping[tuple[int, str], list[Invoice]]


@dataclass(slots=True)
class Told:
    """A payment as its rows tell it."""

    facts: dict[str, Any]
    shares: list[Share] = field(default_factory=list)


class PaymentsLoader(GroupedLoader):
    key_column = "payment_id"
    noun = "payment"
    at_once = 25
    """Each is recorded as a person would record it: some ten statements."""

    def judge(self, groups: Sequence[Group]) -> list[tuple[Group, Refused]]:
        known = known_payments(self.organization, [group.key for group in groups])
        invoices = self._invoices(groups)
        left = {each.pk: each.outstanding for some in invoices.values() for each in some}
        refused = []
        for group in groups:
            try:
                told = self._told(group, invoices)
                there = known.get(group.key)
                if there is None:
                    _draw(told, left)
                elif _is_same(there, group, told):
                    group.is_known = True
                else:
                    raise Refused("payment_id", "is a payment that is there already, with other figures")
            except Refused as why:
                refused.append((group, why))
        return refused

    def write(self, groups: Sequence[Group]) -> Tally:
        invoices = self._invoices(groups)
        touched = {each.pk for some in invoices.values() for each in some}
        before = last_written(self.organization, touched)
        payments = []
        for group in groups:
            told = self._told(group, invoices)
            payments.append(
                record_imported(
                    self.organization,
                    account=group.account,
                    facts={**told.facts, "provider_reference": group.key},
                    shares=told.shares,
                    by=self.order.by,
                )
            )
        keys = [payment.pk for payment in payments]
        record = {
            "payments": {payment.pk: payment.updated_at for payment in payments},
            "entries": entries_of(self.organization, keys),
            "invoices": before,
        }
        now = timezone.now()
        return Tally(before=[Before(part=PAYMENTS, written_at=now, changes=len(keys), content=pack_record(record))])

    def _invoices(self, groups: Sequence[Group]) -> Invoices:
        """The issued invoices that rows name, by account and number. One query."""
        numbers = {row.said["invoice"] for group in groups for row in group.rows if "invoice" in row.said}
        found: dict[tuple[int, str], list[Invoice]] = {}
        rows = self.organization.invoices.issued().filter(number__in=numbers).order_by("pk")
        for invoice in rows.select_related("account"):
            found.setdefault((invoice.account_id, invoice.number), []).append(invoice)
        return found

    def _told(self, group: Group, invoices: Invoices) -> Told:
        facts = {"currency": HOME, **group.shared(*SHARED)}
        if facts["received_on"] > self.order.today:
            raise Refused("received_on", "lies ahead of today")
        if facts["currency"] == HOME and facts.get("exchange_rate", ONE) != ONE:
            raise Refused("exchange_rate", "is not 1, which it is for a payment in rupees")
        if facts["currency"] != HOME and "exchange_rate" not in facts:
            raise Refused("payment_id", f"needs an exchange_rate: the rupees for one {facts['currency']}")
        facts.setdefault("reference", group.key)
        told = Told(facts)
        cash = tds = ZERO
        for at, row in enumerate(group.rows):
            of_cash, of_tds = row.said.get("amount", ZERO), row.said.get("tds", ZERO)
            if not of_cash + of_tds:
                raise Refused("amount", "is nothing; a payment is above 0", row=at)
            cash, tds = cash + of_cash, tds + of_tds
            if "invoice" in row.said:
                invoice = _named(row.said["invoice"], group, invoices, facts["currency"], at)
                if any(share["invoice"].pk == invoice.pk for share in told.shares):
                    raise Refused("invoice", "is named twice by the same payment", row=at)
                told.shares.append(Share(invoice=invoice, cash=of_cash, tds=of_tds))
        facts |= {"amount": cash, "tds": tds}
        return told


class PaymentsUndo:
    """Takes an import of payments back; the engine's `Undo`."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.organization = order.organization
        self._entries: set[int] = set()
        """Entries of the images checked so far: of this import, so nothing newer."""

    def check(self, image: ImportBefore) -> str:
        record = unpack_record(image.content)
        written = {int(key): datetime.fromisoformat(moment) for key, moment in record["payments"].items()}
        self._entries.update(record["entries"])
        own = [key for key in self._entries if key >= min(record["entries"], default=0)]
        return touched_payments(self.organization, written, own)

    def restore(self, image: ImportBefore) -> None:
        self._entries = set()
        touched = self.check(image)
        if touched:
            raise UndoRefused(touched)
        record = unpack_record(image.content)
        remove_payments(
            self.organization,
            [int(key) for key in record["payments"]],
            updated_at={int(key): datetime.fromisoformat(moment) for key, moment in record["invoices"].items()},
            by=self.order.by,
            reason=self.order.reason[:100],
        )


def _named(number: str, group: Group, invoices: Invoices, currency: str, at: int) -> Invoice:
    found = invoices.get((group.account, number), [])
    if not found:
        raise Refused("invoice", "is no issued invoice of this account", row=at)
    if len(found) > 1:
        raise Refused("invoice", "is the number of two of its invoices, of different years", row=at)
    if found[0].currency != currency:
        raise Refused("invoice", f"is in {found[0].currency}, the payment in {currency}", row=at)
    return found[0]


def _draw(told: Told, left: dict[int, Decimal]) -> None:
    """Take what the payment settles off what is outstanding, so that no later row of the file settles it again."""
    after = dict(left)
    for share in told.shares:
        key, amount = share["invoice"].pk, share["cash"] + share["tds"]
        if amount > after[key]:
            raise Refused("invoice", f"has {plain(after[key])} outstanding, less than {plain(amount)}")
        after[key] -= amount
    left.update(after)


def _is_same(known: Payment, group: Group, told: Told) -> bool:
    facts = told.facts
    said = (group.account, facts["received_on"], facts["amount"], facts["tds"], facts["currency"])
    return said == (known.account_id, known.received_on, known.amount, known.tds, known.currency)
