"""The administration of billing: what is booked is for reading, and so is what books it."""

from __future__ import annotations

from django.contrib import admin

from billing.models import (
    AlertDismissal,
    Allocation,
    BillingRun,
    BillingRunItem,
    BillingSettings,
    CollectionNote,
    CreditNote,
    CreditNoteLine,
    CustomerTaxProfile,
    ForecastAssumptions,
    Invoice,
    InvoiceLine,
    MrrMovement,
    Payment,
    Refund,
    Reminder,
    Renewal,
    ReturnFiling,
    Subscription,
    SubscriptionItem,
    SubscriptionPause,
    TaxProfile,
    WriteOff,
)
from csplatform.tenant_admin import ReadOnlyTenantAdmin


@admin.register(MrrMovement)
class MrrMovementAdmin(ReadOnlyTenantAdmin):
    list_display = ("date", "account", "organization", "kind", "amount", "arr_amount", "cause", "created_at")
    list_filter = ("kind", "organization")
    list_select_related = ("account", "organization")
    search_fields = ("account__name", "cause")
    date_hierarchy = "date"


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyTenantAdmin):
    """Changes go through the services, which book them: here they are looked at."""

    list_display = ("account", "organization", "interval", "starts_on", "ends_on", "cancelled_on", "currency")
    list_filter = ("interval", "auto_renew", "organization")
    list_select_related = ("account", "organization")
    search_fields = ("account__name",)
    date_hierarchy = "starts_on"


@admin.register(SubscriptionItem)
class SubscriptionItemAdmin(ReadOnlyTenantAdmin):
    list_display = ("subscription", "product", "quantity", "unit_price", "starts_on", "ends_on")
    list_select_related = ("subscription__account", "product")
    search_fields = ("subscription__account__name", "product__name")


@admin.register(SubscriptionPause)
class SubscriptionPauseAdmin(ReadOnlyTenantAdmin):
    list_display = ("subscription", "starts_on", "resumes_on")
    list_select_related = ("subscription__account",)
    search_fields = ("subscription__account__name",)


@admin.register(Renewal)
class RenewalAdmin(ReadOnlyTenantAdmin):
    list_display = ("account", "organization", "due_on", "status", "target_mrr", "renewed_mrr", "probability")
    list_filter = ("status", "auto_renew", "organization")
    list_select_related = ("account", "organization")
    search_fields = ("account__name", "outcome_reason")
    date_hierarchy = "due_on"


# -- tax documents: to look at; services write them, and nothing changes what was issued ------------


@admin.register(TaxProfile)
class TaxProfileAdmin(ReadOnlyTenantAdmin):
    list_display = ("legal_name", "gstin", "organization", "filing_frequency", "lut_valid_to", "is_default")
    list_filter = ("filing_frequency", "organization")
    search_fields = ("legal_name", "gstin")


@admin.register(CustomerTaxProfile)
class CustomerTaxProfileAdmin(ReadOnlyTenantAdmin):
    list_display = ("account", "organization", "treatment", "gstin", "state_code", "country", "payment_terms_days")
    list_filter = ("treatment", "customer_type", "organization")
    list_select_related = ("account", "organization")
    search_fields = ("account__name", "gstin", "legal_name")


@admin.register(Invoice)
class InvoiceAdmin(ReadOnlyTenantAdmin):
    list_display = ("number", "account", "organization", "state", "issue_date", "due_date", "total", "settled")
    list_filter = ("state", "section", "irn_status", "organization")
    list_select_related = ("account", "organization")
    search_fields = ("number", "account__name")
    date_hierarchy = "issue_date"


@admin.register(InvoiceLine)
class InvoiceLineAdmin(ReadOnlyTenantAdmin):
    list_display = ("description", "invoice", "product", "sac", "quantity", "taxable", "rate")
    list_select_related = ("invoice", "product")
    search_fields = ("description", "invoice__number")


@admin.register(Payment)
class PaymentAdmin(ReadOnlyTenantAdmin):
    list_display = ("account", "organization", "received_on", "method", "amount", "tds", "allocated", "reversed_on")
    list_filter = ("method", "tds_certificate", "organization")
    list_select_related = ("account", "organization")
    search_fields = ("account__name", "reference", "provider_reference")
    date_hierarchy = "received_on"


@admin.register(Allocation)
class AllocationAdmin(ReadOnlyTenantAdmin):
    list_display = ("invoice", "organization", "kind", "date", "amount", "cash", "tds", "reversal_of")
    list_filter = ("kind", "organization")
    list_select_related = ("invoice", "organization", "reversal_of")
    search_fields = ("invoice__number",)
    date_hierarchy = "date"


@admin.register(CreditNote)
class CreditNoteAdmin(ReadOnlyTenantAdmin):
    list_display = ("number", "account", "organization", "invoice", "date", "total", "applied", "paid_out", "is_gst")
    list_filter = ("section", "reason", "itc_reversal", "organization")
    list_select_related = ("account", "organization", "invoice")
    search_fields = ("number", "invoice__number", "account__name")
    date_hierarchy = "date"


@admin.register(CreditNoteLine)
class CreditNoteLineAdmin(ReadOnlyTenantAdmin):
    list_display = ("credit_note", "invoice_line", "taxable", "cgst", "sgst", "igst")
    list_select_related = ("credit_note", "invoice_line")
    search_fields = ("credit_note__number",)


@admin.register(Refund)
class RefundAdmin(ReadOnlyTenantAdmin):
    list_display = ("number", "account", "organization", "invoice", "date", "amount", "reason", "mode", "status")
    list_filter = ("status", "reason", "mode", "organization")
    list_select_related = ("account", "organization", "invoice")
    search_fields = ("number", "invoice__number", "account__name")
    date_hierarchy = "date"


@admin.register(WriteOff)
class WriteOffAdmin(ReadOnlyTenantAdmin):
    list_display = ("invoice", "organization", "date", "amount", "reason", "approved_by", "reversed_on")
    list_filter = ("organization",)
    list_select_related = ("invoice", "organization", "approved_by")
    search_fields = ("invoice__number", "reason")
    date_hierarchy = "date"


@admin.register(Reminder)
class ReminderAdmin(ReadOnlyTenantAdmin):
    list_display = ("invoice", "organization", "step", "channel", "sent_on", "sent_to", "sent_by")
    list_filter = ("step", "channel", "organization")
    list_select_related = ("invoice", "organization", "sent_by")
    search_fields = ("invoice__number", "sent_to")


@admin.register(CollectionNote)
class CollectionNoteAdmin(ReadOnlyTenantAdmin):
    list_display = ("invoice", "organization", "kind", "promised_on", "text", "written_by")
    list_filter = ("kind", "organization")
    list_select_related = ("invoice", "organization", "written_by")
    search_fields = ("invoice__number", "text")


@admin.register(BillingSettings)
class BillingSettingsAdmin(ReadOnlyTenantAdmin):
    """Written on the page of billing's settings, where they are checked."""

    list_display = ("organization", "sends_reminders", "terms_days", "large_overdue", "long_overdue_days")
    list_select_related = ("organization",)
    search_fields = ("organization__name",)


@admin.register(ForecastAssumptions)
class ForecastAssumptionsAdmin(ReadOnlyTenantAdmin):
    """Written on the page of the renewal forecast, where the figures are checked."""

    list_display = ("organization", "healthy_pct", "watchlist_pct", "at_risk_pct", "critical_pct", "weight")
    list_select_related = ("organization",)
    search_fields = ("organization__name",)


@admin.register(AlertDismissal)
class AlertDismissalAdmin(ReadOnlyTenantAdmin):
    list_display = ("key", "organization", "holds_until", "dismissed_by", "updated_at")
    list_filter = ("organization",)
    list_select_related = ("organization", "dismissed_by")
    search_fields = ("key",)


@admin.register(BillingRun)
class BillingRunAdmin(ReadOnlyTenantAdmin):
    list_display = ("period_text", "organization", "as_drafts", "by", "created_at")
    list_filter = ("as_drafts", "organization")
    list_select_related = ("by", "organization")
    search_fields = ("by__name", "by__email")
    date_hierarchy = "created_at"


@admin.register(BillingRunItem)
class BillingRunItemAdmin(ReadOnlyTenantAdmin):
    list_display = ("account", "organization", "period_start", "outcome", "skipped", "invoice", "total_inr")
    list_filter = ("outcome", "skipped", "organization")
    list_select_related = ("account", "organization", "invoice")
    search_fields = ("account__name", "invoice__number")


@admin.register(ReturnFiling)
class ReturnFilingAdmin(ReadOnlyTenantAdmin):
    list_display = ("period", "organization", "is_filed", "filed_on", "reference", "written_by", "created_at")
    list_filter = ("is_filed", "organization")
    list_select_related = ("organization", "written_by")
    search_fields = ("period", "reference", "reason")
