"""The billing room's API routes."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from billing.api import revenue
from billing.api.renewals import RenewalViewSet
from billing.api.subscriptions import SubscriptionViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("api/subscriptions", SubscriptionViewSet, basename="api_subscription")
router.register("api/renewals", RenewalViewSet, basename="api_renewal")

urlpatterns = [
    path("api/mrr/movements", revenue.MovementListView.as_view(), name="api_mrr_movements"),
    path("api/metrics/retention", revenue.RetentionView.as_view(), name="api_retention"),
    *router.urls,
]
