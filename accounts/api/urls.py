"""The accounts room's API routes."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from accounts import converters  # noqa: F401 -- registers <account_key:…>
from accounts.api.activities import ActivityListView
from accounts.api.advocacy import ReferralViewSet, TestimonialViewSet
from accounts.api.bulk import AccountBulkView
from accounts.api.contacts import ContactViewSet
from accounts.api.engagements import EngagementViewSet
from accounts.api.follow_ups import FollowUpViewSet
from accounts.api.goals import GoalViewSet
from accounts.api.products import AccountProductsView, ProductViewSet
from accounts.api.tickets import TicketViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("api/contacts", ContactViewSet, basename="api_contact")
router.register("api/products", ProductViewSet, basename="api_product")
router.register("api/referrals", ReferralViewSet, basename="api_referral")
router.register("api/testimonials", TestimonialViewSet, basename="api_testimonial")
router.register("api/tickets", TicketViewSet, basename="api_ticket")

# Engagements and follow-ups. An engagement is never deleted, so it has no route that says so.
engagements = [
    path("api/engagements", EngagementViewSet.as_view({"get": "list", "post": "create"}), name="api_engagements"),
    path(
        "api/engagements/<uuid:uuid>",
        EngagementViewSet.as_view({"get": "retrieve", "put": "update"}),
        name="api_engagement",
    ),
    *(
        path(f"api/engagements/<uuid:uuid>/{verb}", EngagementViewSet.as_view({"post": verb}))
        for verb in ("complete", "cancel", "reinstate")
    ),
    path("api/follow-ups", FollowUpViewSet.as_view({"get": "list", "post": "create"}), name="api_follow_ups"),
    path(
        "api/follow-ups/<uuid:uuid>",
        FollowUpViewSet.as_view({"get": "retrieve", "put": "update", "delete": "destroy"}),
        name="api_follow_up",
    ),
    *(
        path(f"api/follow-ups/<uuid:uuid>/{verb}", FollowUpViewSet.as_view({"post": verb}))
        for verb in ("complete", "reopen", "snooze")
    ),
    path("api/activities", ActivityListView.as_view(), name="api_activities"),
]

bulk = [path("api/accounts/bulk", AccountBulkView.as_view(), name="api_account_bulk")]

goals = [
    path("api/accounts/<account_key:key>/products", AccountProductsView.as_view(), name="api_account_products"),
    path("api/goals", GoalViewSet.as_view({"get": "list", "post": "create"}), name="api_goals"),
    path("api/goals/<uuid:uuid>", GoalViewSet.as_view({"get": "retrieve", "put": "update"}), name="api_goal"),
]

urlpatterns = [*bulk, *router.urls, *engagements, *goals]
