"""The accounts room's API routes."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from accounts import converters  # noqa: F401 -- registers <account_key:…>
from accounts.api.contacts import ContactViewSet
from accounts.api.tickets import TicketViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("api/contacts", ContactViewSet, basename="api_contact")
router.register("api/tickets", TicketViewSet, basename="api_ticket")

urlpatterns = router.urls
