"""The billing room's API routes."""

from __future__ import annotations

from typing import Any

from django.urls import path
from rest_framework.routers import SimpleRouter

from accounts import converters  # noqa: F401 -- registers <account_key:…>
from billing.api import alerts, billing_runs, money, reminders, revenue
from billing.api.dashboard import BillingContractView, BillingDashboardView
from billing.api.forecast import ForecastAssumptionsView, RestoreForecastView
from billing.api.gst import Gstr1View
from billing.api.invoices import InvoiceViewSet
from billing.api.renewals import RenewalViewSet
from billing.api.subscriptions import SubscriptionViewSet
from billing.api.tax_profiles import CustomerTaxProfileView, TaxProfileView
from billing.api.urls_collections import collection_urlpatterns

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("api/subscriptions", SubscriptionViewSet, basename="api_subscription")
router.register("api/invoices", InvoiceViewSet, basename="api_invoice")

# Money that moved is never changed nor deleted, so it has no route that says so.
LIST: dict[str, Any] = {"get": "list", "post": "create"}
documents = [
    path("api/invoices/bulk-issue", billing_runs.BulkIssueView.as_view(), name="api_bulk_issue"),
    path("api/invoices/bulk-issue/<uuid:uuid>", billing_runs.BillingRunView.as_view(), name="api_billing_run"),
    *(
        path(f"api/invoices/bulk-issue/<uuid:uuid>/{step}", billing_runs.BillingRunStepView.as_view(step=step))
        for step in billing_runs.STEPS
    ),
    path("api/payments", money.PaymentViewSet.as_view(LIST), name="api_payments"),
    path("api/payments/<uuid:uuid>", money.PaymentViewSet.as_view({"get": "retrieve"}), name="api_payment"),
    *(
        path(f"api/payments/<uuid:uuid>/{verb}", money.PaymentViewSet.as_view({"post": verb}))
        for verb in ("allocate", "reverse", "certificate")
    ),
    path("api/payments/<uuid:uuid>/proposal", money.PaymentViewSet.as_view({"get": "proposal"})),
    path("api/refunds", money.RefundViewSet.as_view(LIST), name="api_refunds"),
    path("api/refunds/<uuid:uuid>", money.RefundViewSet.as_view({"get": "retrieve"}), name="api_refund"),
    *(
        path(f"api/refunds/<uuid:uuid>/{verb}", money.RefundViewSet.as_view({"post": verb}))
        for verb in ("complete", "fail", "reject")
    ),
    path("api/write-offs", money.WriteOffViewSet.as_view(LIST), name="api_write_offs"),
    path("api/write-offs/<uuid:uuid>", money.WriteOffViewSet.as_view({"get": "retrieve"}), name="api_write_off"),
    path("api/write-offs/<uuid:uuid>/reverse", money.WriteOffViewSet.as_view({"post": "reverse"})),
    path("api/reminders", reminders.ReminderListView.as_view(), name="api_reminders"),
    path("api/reminders/due", reminders.DueReminderListView.as_view(), name="api_due_reminders"),
    path("api/organization/tax-profile", TaxProfileView.as_view(), name="api_tax_profile"),
    path(
        "api/accounts/<account_key:key>/tax-profile", CustomerTaxProfileView.as_view(), name="api_account_tax_profile"
    ),
    path("api/gst/gstr1", Gstr1View.as_view(), name="api_gstr1"),
]

urlpatterns = [
    *collection_urlpatterns,
    *documents,
    path("billing-api.php", BillingContractView.as_view(), name="billing_contract"),
    path("api/dashboards/billing", BillingDashboardView.as_view(), name="api_billing_dashboard"),
    path("api/billing/alerts", alerts.AlertListView.as_view(), name="api_billing_alerts"),
    path("api/billing/alerts/<str:key>/dismiss", alerts.AlertDismissView.as_view()),
    path("api/billing/alerts/<str:key>/restore", alerts.AlertRestoreView.as_view()),
    path("api/mrr/movements", revenue.MovementListView.as_view(), name="api_mrr_movements"),
    path("api/metrics/retention", revenue.RetentionView.as_view(), name="api_retention"),
    # Terms begin and end with subscriptions and contracts: no POST, no DELETE.
    path("api/renewals/forecast", ForecastAssumptionsView.as_view(), name="api_forecast"),
    path("api/renewals/forecast/restore", RestoreForecastView.as_view(), name="api_forecast_restore"),
    path("api/renewals", RenewalViewSet.as_view({"get": "list"}), name="api_renewal-list"),
    path(
        "api/renewals/<uuid:uuid>",
        RenewalViewSet.as_view({"get": "retrieve", "put": "update"}),
        name="api_renewal-detail",
    ),
    *router.urls,
]
