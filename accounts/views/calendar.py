"""Calendars: one engagement as a file, and a member's secret address with the page that makes it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Engagement
from accounts.selectors.calendar import engagement_calendar, member_calendar
from accounts.services.calendar import make_calendar_feed, member_of_feed, revoke_calendar_feed
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action
from csplatform.tenancy import organization_scope, own_transactions
from csplatform.views.base import page

CALENDAR = "text/calendar; charset=utf-8"


@require_safe
@page()
def engagement_ics(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """One engagement as a calendar file."""
    engagement: Engagement = get_object_or_404(request.organization.engagements.for_list(), uuid=uuid)
    body = engagement_calendar(engagement, base_url=request.build_absolute_uri("/").rstrip("/"))
    response = HttpResponse(body, content_type=CALENDAR)
    response["Content-Disposition"] = content_disposition_header(True, "engagement.ics")
    return response


@own_transactions
@login_not_required
@require_safe
@never_cache
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """SECURITY: whoever has the secret reads one member's dates, in that member's organisation alone."""
    member = member_of_feed(token)
    if member is None:
        raise Http404("There is no such calendar.")
    with organization_scope(member.organization, write=False):
        base_url = request.build_absolute_uri("/").rstrip("/")
        body = member_calendar(member, now=timezone.now(), base_url=base_url)
    response = HttpResponse(body, content_type=CALENDAR)
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@page(write=Action.OWN_SETTINGS)
def calendar_settings(request: AuthenticatedRequest) -> HttpResponse:
    """Make, replace or revoke one's own secret address; it is shown once."""
    link = ""
    if request.method == "POST" and "revoke" in request.POST:
        if revoke_calendar_feed(member=request.member):
            messages.success(request, "The calendar address no longer works.")
        return redirect("accounts:calendar_settings")
    if request.method == "POST":
        token = make_calendar_feed(member=request.member)
        link = request.build_absolute_uri(reverse("calendar_feed", args=[token]))
    feed = getattr(request.member, "calendar_feed", None)
    return render(request, "accounts/calendar_settings.html", {"link": link, "feed": feed})
