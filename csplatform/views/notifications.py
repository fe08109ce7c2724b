"""News: the list behind the bell, what to hear of, and the link that ends mails without a login."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from csplatform.enums import NotificationChannel
from csplatform.exceptions import DomainError
from csplatform.http import AuthenticatedRequest
from csplatform.models import Membership
from csplatform.notifications import notification_kinds
from csplatform.permissions import Action
from csplatform.services import notification as services
from csplatform.tenancy import every_organization
from csplatform.views.base import explain, page

A_PAGE = 50


@require_safe
@page()
def notification_list(request: AuthenticatedRequest) -> HttpResponse:
    """What there is to know, the newest first."""
    news = request.member.notifications.all()
    if request.GET.get("show") == "unread":
        news = news.unread()
    page_obj = Paginator(news, A_PAGE).get_page(request.GET.get("page"))
    kinds = notification_kinds()
    rows = [(each, kinds[each.kind].icon if each.kind in kinds else "bell") for each in page_obj]
    context = {"page_obj": page_obj, "rows": rows, "only_unread": request.GET.get("show") == "unread"}
    return render(request, "csplatform/notification_list.html", context)


@require_POST
@page(write=Action.OWN_SETTINGS)
def notification_open(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Read one, and go where it points."""
    news = get_object_or_404(request.member.notifications, uuid=uuid)
    services.mark_read(member=request.member, uuids=[news.uuid])
    return redirect(news.url or "csplatform:notification_list")


@require_POST
@page(write=Action.OWN_SETTINGS)
def notifications_read(request: AuthenticatedRequest) -> HttpResponse:
    """Read them all."""
    services.mark_read(member=request.member)
    return redirect("csplatform:notification_list")


@require_http_methods(["GET", "HEAD", "POST"])
@page(write=Action.OWN_SETTINGS)
def preferences(request: AuthenticatedRequest) -> HttpResponse:
    """How to hear of each kind of news."""
    kinds = notification_kinds()
    if request.method == "POST":
        wanted = {name: request.POST[name] for name in kinds if name in request.POST}
        try:
            services.choose_channels(member=request.member, channels=wanted)
        except DomainError as error:
            messages.error(request, explain(error))
        else:
            messages.success(request, "Your choice is saved.")
        return redirect("csplatform:notification_preferences")
    chosen = services.channels_of(request.member)
    rows = [(kind, chosen[name]) for name, kind in kinds.items()]
    context = {"rows": rows, "channels": NotificationChannel.choices}
    return render(request, "csplatform/notification_preferences.html", context)


@csrf_exempt  # SECURITY: mail programs send it by themselves (RFC 8058); the signed word is the proof
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End the mails of one kind. A look at the page changes nothing: mail scanners open every link."""
    told = services.read_unsubscribe_token(token)
    kind = notification_kinds().get(told[1]) if told else None
    if told is None or kind is None:
        return render(request, "csplatform/unsubscribe.html", {"is_unknown": True}, status=404)
    if request.method == "POST":
        with every_organization(write=True, why="a signed link without a login names its member"):
            member = Membership.objects.filter(uuid=told[0]).select_related("organization").first()
            if member is not None:
                services.stop_mails(member, kind.name)
    return render(request, "csplatform/unsubscribe.html", {"kind": kind, "is_done": request.method == "POST"})
