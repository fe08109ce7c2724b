"""The billing room's models."""

from __future__ import annotations

from billing.models.billing_run import BillingRun, BillingRunItem
from billing.models.collection import CollectionNote, Reminder
from billing.models.credit import CreditNote, CreditNoteLine, Refund, WriteOff
from billing.models.dismissal import AlertDismissal
from billing.models.filing import ReturnFiling
from billing.models.forecast import ForecastAssumptions
from billing.models.invoice import Invoice, InvoiceLine
from billing.models.mrr_movement import MrrMovement
from billing.models.payment import Allocation, Payment
from billing.models.renewal import Renewal
from billing.models.settings import BillingSettings
from billing.models.subscription import Subscription, SubscriptionItem, SubscriptionPause
from billing.models.tax_profile import CustomerTaxProfile, TaxProfile

__all__ = [
    "AlertDismissal",
    "Allocation",
    "BillingRun",
    "BillingRunItem",
    "BillingSettings",
    "CollectionNote",
    "CreditNote",
    "CreditNoteLine",
    "CustomerTaxProfile",
    "ForecastAssumptions",
    "Invoice",
    "InvoiceLine",
    "MrrMovement",
    "Payment",
    "Refund",
    "Reminder",
    "Renewal",
    "ReturnFiling",
    "Subscription",
    "SubscriptionItem",
    "SubscriptionPause",
    "TaxProfile",
    "WriteOff",
]
