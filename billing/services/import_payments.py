"""Payments out of files: known again by their own id, and taken back as if they had never been brought."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from billing.document_querysets import summed
from billing.models import Allocation, Invoice, Payment
from billing.services.payment import PaymentFacts, Share, record_payment
from billing.services.settlement import lock_invoices
from csplatform import bulk
from csplatform.models import Organization, User

PROVIDER = "import"
"""What marks a payment that came out of a file; with the file's id of it, the same payment is written once."""


def known_payments(organization: Organization, ids: Collection[str]) -> dict[str, Payment]:
    """Those that files brought before, by their own id."""
    rows = organization.payments.filter(provider=PROVIDER, provider_reference__in=list(ids)).order_by("pk")
    return {payment.provider_reference: payment for payment in rows}


def record_imported(
    organization: Organization, *, account: int, facts: Mapping[str, Any], shares: Sequence[Share], by: User | None
) -> Payment:
    """One payment with what it settles, by the service that records them all."""
    given: PaymentFacts = {**facts, "provider": PROVIDER}  # type: ignore[typeddict-item]  # the loader's own columns
    owner = organization.accounts.get(pk=account)
    return record_payment(account=owner, by=by, facts=given, allocations=shares)


def touched_payments(organization: Organization, written: Mapping[int, datetime], entries: Collection[int]) -> str:
    """What has happened since with payments (key to `updated_at`) and what they settled, in a sentence."""
    payments = {each.pk: each for each in organization.payments.filter(pk__in=list(written)).order_by("pk")}
    if len(payments) < len(written):
        return "Some of its payments no longer exist."
    changed = next((each for each in payments.values() if each.updated_at != written[each.pk]), None)
    if changed is not None:
        return f"The payment {changed.provider_reference} was allocated, refunded or reversed since."
    own = Allocation.objects.filter(organization=organization, pk__in=list(entries))
    invoices = own.order_by().values("invoice").distinct()
    later = organization.allocations.filter(invoice__in=invoices, pk__gt=min(entries, default=0))
    newer = later.exclude(pk__in=list(entries)).select_related("invoice").order_by("pk").first()
    return f"Invoice {newer.invoice} was settled further since." if newer is not None else ""


@transaction.atomic
def remove_payments(
    organization: Organization,
    keys: Collection[int],
    *,
    updated_at: Mapping[int, datetime],
    by: User | None,
    reason: str,
) -> None:
    """Take back imported payments that nothing has touched since (`touched_payments`), newest first.

    Their entries are the last of their invoices, so what is left of these adds up to what it was before;
    ``updated_at`` gives the invoices back when they were last written."""
    payments = organization.payments.filter(pk__in=list(keys), provider=PROVIDER).order_by()
    own = list(payments.values_list("pk", "uuid"))
    entries = organization.allocations.filter(payment__in=[pk for pk, _ in own]).order_by()
    invoices = list(lock_invoices(organization, set(entries.values_list("invoice", flat=True))))
    entries._raw_delete(connection.alias)
    _settle_again(organization, invoices, updated_at)
    bulk.record_history(Payment, [pk for pk, _ in own], kind="-", by=by, reason=reason)
    uuids = [uuid for _, uuid in own]
    organization.activities.filter(subject_kind="payment", subject_id__in=uuids).delete()
    payments._raw_delete(connection.alias)


def _settle_again(organization: Organization, invoices: Sequence[int], updated_at: Mapping[int, datetime]) -> None:
    """What is settled of invoices is the sum of their entries; with entries gone, something is outstanding."""
    if not invoices:
        return
    names = {"settled": "amount", "settled_inr": "amount_inr", "settled_value_inr": "value_inr"}
    rows = organization.allocations.filter(invoice__in=invoices).order_by().values_list("invoice")
    sums = rows.annotate(**{f"left_{name}": summed(column) for name, column in names.items()})
    left = {row[0]: row[1:] for row in sums}
    nothing = (Decimal("0.00"),) * 3
    columns: dict[str, list[Any]] = {
        name: [left.get(key, nothing)[at] for key in invoices] for at, name in enumerate(names)
    }
    columns |= {"settled_on": [None] * len(invoices), "updated_at": [updated_at[key] for key in invoices]}
    bulk.update_from(Invoice, invoices, columns)


def last_written(organization: Organization, invoices: Collection[int]) -> dict[int, datetime]:
    """When invoices were last written, by key."""
    return dict(organization.invoices.filter(pk__in=list(invoices)).order_by().values_list("pk", "updated_at"))


def entries_of(organization: Organization, payments: Collection[int]) -> list[int]:
    entries = organization.allocations.filter(payment__in=list(payments)).order_by("pk")
    return list(entries.values_list("pk", flat=True))
