"""Addresses of what finance collects with: payments, statements, promises, ageing; under /dashboard."""

from __future__ import annotations

from django.urls import path

from billing.views import payments

collection_urlpatterns = [
    path("/billing/payments", payments.PaymentListView.as_view(), name="payment_list"),
    path("/billing/payments/new", payments.payment_create, name="payment_create"),
    path("/billing/payments/<uuid:uuid>", payments.PaymentDetailView.as_view(), name="payment_detail"),
    path("/billing/payments/<uuid:uuid>/allocate", payments.payment_allocate, name="payment_allocate"),
    path("/billing/payments/<uuid:uuid>/certificate", payments.payment_certificate, name="payment_certificate"),
]
