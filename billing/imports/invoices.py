"""The invoices import: documents that were issued elsewhere, one row a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from accounts.models import Product
from billing.imports.grouped import Group, GroupedLoader, Refused
from billing.models import CustomerTaxProfile, TaxProfile
from billing.services.import_invoices import (
    ToldInvoice,
    WorkedOut,
    WrongInvoice,
    is_same,
    known_invoices,
    remove_invoices,
    sentence_ending,
    touched_invoices,
    work_out,
    write_invoices,
    year_of,
)
from billing.services.invoice import NO_SUPPLIER, default_tax_profile
from csplatform.exceptions import DomainError
from csplatform.imports.before import pack_record, unpack_record
from csplatform.imports.exceptions import UndoRefused
from csplatform.imports.registry import Before, Order, Tally
from csplatform.models import ImportBefore

INVOICES = "invoices"
SHARED = (
    "issue_date", "due_date", "currency", "exchange_rate", "gstin", "place_of_supply", "reverse_charge", "round_off",
    "invoice_total", "irn", "notes",
)  # fmt: skip
"""What the rows of one invoice say of all of it."""


class InvoicesLoader(GroupedLoader):
    key_column = "number"
    noun = "invoice"

    def key_of(self, text: str) -> str:
        return text.strip().upper()

    def judge(self, groups: Sequence[Group]) -> list[tuple[Group, Refused]]:
        supplier = default_tax_profile(self.organization)
        if supplier is None:
            return [(group, Refused("number", NO_SUPPLIER.rstrip("."))) for group in groups]
        told = self._told(groups)
        known = known_invoices(self.organization, supplier, [group.key for group in groups])
        profiles = self._profiles(groups)
        refused = []
        for group in groups:
            worked = self._worked_out(group, told, supplier, profiles)
            if isinstance(worked, Refused):
                refused.append((group, worked))
                continue
            there = known.get((year_of(worked.invoice), group.key))
            if there is None:
                continue
            if is_same(there, worked.invoice):
                group.is_known = True
            else:
                reason = "is issued already and says something else; an issued invoice never changes"
                refused.append((group, Refused("number", reason)))
        return refused

    def write(self, groups: Sequence[Group]) -> Tally:
        now, by = timezone.now(), self.order.by
        supplier = default_tax_profile(self.organization)
        if supplier is None:
            raise DomainError(NO_SUPPLIER)
        told, profiles = self._told(groups), self._profiles(groups)
        worked = [self._worked_out(group, told, supplier, profiles) for group in groups]
        wrong = next((each for each in worked if isinstance(each, Refused)), None)
        if wrong is not None:
            raise DomainError(f"A tax profile was changed while the file was read: {wrong.column} {wrong.reason}.")
        invoices = [each for each in worked if isinstance(each, WorkedOut)]
        keys = write_invoices(self.organization, invoices, by=by, reason=self.order.reason, now=now)
        image = Before(part=INVOICES, written_at=now, changes=len(keys), content=pack_record({"created": keys}))
        return Tally(before=[image])

    def _told(self, groups: Sequence[Group]) -> dict[str, ToldInvoice | Refused]:
        """What the rows say, with accounts and products instead of their names; two queries."""
        accounts = self.organization.accounts.in_bulk({group.account for group in groups})
        products = {each.name.casefold(): each for each in self.organization.products.all()}
        told: dict[str, ToldInvoice | Refused] = {}
        for group in groups:
            try:
                facts = group.shared(*SHARED)
                lines = [self._line(row.said, products, at) for at, row in enumerate(group.rows)]
                told[group.key] = ToldInvoice(
                    number=group.key, account=accounts[group.account], facts=facts, lines=lines
                )
            except Refused as why:
                told[group.key] = why
        return told

    def _line(self, said: dict[str, Any], products: dict[str, Product], at: int) -> dict[str, Any]:
        line = dict(said)
        if "product" in line:
            product = products.get(str(line["product"]).casefold())
            if product is None:
                raise Refused("product", "is no product of the catalogue", row=at)
            line["product"] = product
        if "unit_price" not in line and "taxable" not in line:
            raise Refused("number", "needs a unit_price, or a taxable value, in each row", row=at)
        return line

    def _profiles(self, groups: Sequence[Group]) -> dict[int, CustomerTaxProfile]:
        rows = self.organization.customer_tax_profiles.filter(account__in={group.account for group in groups})
        return {profile.account_id: profile for profile in rows.select_related("account")}

    def _worked_out(
        self,
        group: Group,
        told: dict[str, ToldInvoice | Refused],
        supplier: TaxProfile,
        profiles: dict[int, CustomerTaxProfile],
    ) -> WorkedOut | Refused:
        document = told[group.key]
        if isinstance(document, Refused):
            return document
        profile = profiles.get(group.account) or CustomerTaxProfile(
            organization=self.organization, account=document.account
        )
        try:
            return work_out(document, supplier=supplier, profile=profile, today=self.order.today)
        except WrongInvoice as wrong:
            return Refused(wrong.column, wrong.reason, row=wrong.line)
        except DomainError as error:
            sentences = [text for texts in (error.errors or {}).values() for text in texts] or [error.message]
            return Refused("number", sentence_ending(sentences[0]))


class InvoicesUndo:
    """Takes an import of invoices back; the engine's `Undo`."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.organization = order.organization

    def check(self, image: ImportBefore) -> str:
        keys = unpack_record(image.content)["created"]
        return touched_invoices(self.organization, keys, written_at=image.written_at)

    def restore(self, image: ImportBefore) -> None:
        touched = self.check(image)
        if touched:
            raise UndoRefused(touched)
        keys = unpack_record(image.content)["created"]
        remove_invoices(self.organization, keys, by=self.order.by, reason=self.order.reason[:100])
