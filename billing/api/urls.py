"""The billing room's API routes."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from billing.api import revenue
from billing.api.renewals import RenewalViewSet
from billing.api.subscriptions import SubscriptionViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("api/subscriptions", SubscriptionViewSet, basename="api_subscription")

urlpatterns = [
    path("api/mrr/movements", revenue.MovementListView.as_view(), name="api_mrr_movements"),
    path("api/metrics/retention", revenue.RetentionView.as_view(), name="api_retention"),
    # Terms begin and end with subscriptions and contracts: no POST, no DELETE.
    path("api/renewals", RenewalViewSet.as_view({"get": "list"}), name="api_renewal-list"),
    path(
        "api/renewals/<uuid:uuid>",
        RenewalViewSet.as_view({"get": "retrieve", "put": "update"}),
        name="api_renewal-detail",
    ),
    *router.urls,
]
