"""Addresses of the billing room's pages, under /dashboard."""

from __future__ import annotations

from django.urls import path

from accounts import converters  # noqa: F401 -- registers <account_key:…>
from billing.urls_collections import collection_urlpatterns
from billing.views import (
    alerts,
    billing_runs,
    forecast,
    invoices,
    reminders,
    returns,
    revenue,
    settings,
    subscription,
    tax_profiles,
)
from billing.views.account import AccountBillingView
from billing.views.dashboard import BillingDashboardView

app_name = "billing"
urlpatterns = [
    *collection_urlpatterns,
    path("/billing", BillingDashboardView.as_view(), name="dashboard"),
    path("/billing/alerts/<str:key>/dismiss", alerts.alert_dismiss, name="alert_dismiss"),
    path("/billing/alerts/<str:key>/restore", alerts.alert_restore, name="alert_restore"),
    path("/revenue", revenue.RevenueView.as_view(), name="revenue"),
    path("/revenue/movements.csv", revenue.MovementExportView.as_view(), name="movement_export"),
    path("/accounts/<account_key:key>/billing", AccountBillingView.as_view(), name="account_billing"),
    path(
        "/accounts/<account_key:key>/billing/subscriptions/new",
        subscription.subscription_start,
        name="subscription_start",
    ),
    path("/billing/subscriptions", subscription.SubscriptionListView.as_view(), name="subscription_list"),
    path("/billing/subscriptions/<uuid:uuid>/change", subscription.subscription_change, name="subscription_change"),
    path("/billing/subscriptions/<uuid:uuid>/cancel", subscription.subscription_cancel, name="subscription_cancel"),
    path("/billing/subscriptions/<uuid:uuid>/pause", subscription.subscription_pause, name="subscription_pause"),
    path("/billing/subscriptions/<uuid:uuid>/resume", subscription.subscription_resume, name="subscription_resume"),
    path("/billing/subscriptions/<uuid:uuid>/renew", subscription.subscription_renew, name="subscription_renew"),
    path("/billing/renewals/<uuid:uuid>", subscription.renewal_edit, name="renewal_edit"),
    # Invoices, refunds, returns
    path("/billing/invoices", invoices.InvoiceListView.as_view(), name="invoice_list"),
    path("/billing/invoices/new", invoices.invoice_create, name="invoice_create"),
    path("/billing/invoices/export", invoices.InvoiceExportView.as_view(), name="invoice_export"),
    path("/billing/invoices/<uuid:uuid>", invoices.InvoiceDetailView.as_view(), name="invoice_detail"),
    path("/billing/invoices/<uuid:uuid>/edit", invoices.invoice_edit, name="invoice_edit"),
    path("/billing/invoices/<uuid:uuid>/delete", invoices.invoice_delete, name="invoice_delete"),
    path("/billing/invoices/<uuid:uuid>/reconcile", invoices.invoice_reconcile, name="invoice_reconcile"),
    *(
        path(f"/billing/invoices/<uuid:uuid>/{key}", invoices.invoice_action, {"key": key}, name=f"invoice_{key}")
        for key in invoices.ACTIONS
    ),
    path("/billing/payments/<uuid:uuid>/reverse", invoices.payment_reverse, name="payment_reverse"),
    path("/billing/write-offs/<uuid:uuid>/reverse", invoices.write_off_reverse, name="write_off_reverse"),
    path("/billing/runs", billing_runs.BillingRunListView.as_view(), name="run_list"),
    path("/billing/runs/new", billing_runs.run_new, name="run_new"),
    path("/billing/runs/start", billing_runs.run_start, name="run_start"),
    path("/billing/runs/<uuid:uuid>", billing_runs.run_detail, name="run_detail"),
    *(
        path(f"/billing/runs/<uuid:uuid>/{step}", billing_runs.run_step, {"step": step}, name=f"run_{step}")
        for step in billing_runs.STEPS
    ),
    path("/billing/overdue", invoices.OverdueListView.as_view(), name="overdue"),
    path("/billing/refunds", returns.RefundListView.as_view(), name="refund_list"),
    *(
        path(
            f"/billing/refunds/<uuid:uuid>/{outcome}",
            returns.refund_outcome,
            {"outcome": outcome},
            name=f"refund_{outcome}",
        )
        for outcome in returns.OUTCOMES
    ),
    # Collections
    path("/billing/reminders", reminders.ReminderListView.as_view(), name="reminder_list"),
    path("/billing/reminders/log", reminders.ReminderLogView.as_view(), name="reminder_log"),
    path("/billing/reminders/<uuid:uuid>", reminders.reminder_batch, name="reminder_batch"),
    path("/billing/customers", tax_profiles.CustomerProfileListView.as_view(), name="customer_profile_list"),
    path("/billing/tax-profile", tax_profiles.tax_profile_edit, name="tax_profile"),
    path("/accounts/<account_key:key>/billing/profile", tax_profiles.customer_profile_edit, name="customer_profile"),
    path("/renewals/forecast", forecast.forecast_edit, name="forecast"),
    path("/renewals/forecast/restore", forecast.forecast_restore, name="forecast_restore"),
    path("/billing/settings", settings.billing_settings_edit, name="settings"),
    path("/billing/gst", returns.GstView.as_view(), name="gst"),
]
