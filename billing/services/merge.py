"""Carrying subscriptions, renewals and tax documents over when accounts become one."""

from __future__ import annotations

from django.db import transaction
from simple_history.utils import bulk_update_with_history

from accounts.signals import Merge
from billing.models import Renewal, Subscription
from csplatform.models import Organization


@transaction.atomic
def merge_subscriptions(*, organization: Organization, merge: Merge) -> int:
    """Subscriptions move as they are. Of contracts whose terms end on one day the survivor's row stays, and the
    others' open ones go: there is one contract now. Returns how many rows moved."""
    subscriptions = list(organization.subscriptions.filter(account__in=merge.merged))
    for subscription in subscriptions:
        subscription.account_id = merge.into
    bulk_update_with_history(subscriptions, Subscription, ["account"], batch_size=500)

    renewals = list(organization.renewals.filter(account__in=merge.merged).order_by("pk"))
    contracts = organization.renewals.of_contracts().filter(account=merge.into)
    taken = set(contracts.values_list("due_on", flat=True))
    has_open = contracts.open().exists()
    moving = []
    for renewal in renewals:
        if renewal.subscription_id is None:
            if renewal.due_on in taken or (renewal.is_open and has_open):
                renewal.delete()
                continue
            taken.add(renewal.due_on)
            has_open = has_open or renewal.is_open
        renewal.account_id = merge.into
        moving.append(renewal)
    bulk_update_with_history(moving, Renewal, ["account"], batch_size=500)
    return len(subscriptions) + len(moving)


@transaction.atomic
def merge_documents(*, organization: Organization, merge: Merge) -> None:
    """Invoices, payments, notes and refunds follow, as they were printed. The survivor keeps its own tax profile, and
    takes one over where it has none."""
    for rows in (organization.invoices, organization.payments, organization.credit_notes, organization.refunds):
        rows.filter(account__in=merge.merged).update(account=merge.into)
    organization.billing_run_items.filter(account__in=merge.merged).update(account=merge.into)
    profiles = organization.customer_tax_profiles
    if not profiles.filter(account=merge.into).exists():
        inherited = profiles.filter(account__in=merge.merged).order_by("pk").first()
        if inherited:
            profiles.filter(pk=inherited.pk).update(account=merge.into)
