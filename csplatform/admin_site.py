"""The administration's door: who may come in is said by the one permission table."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator

from csplatform.permissions import Action, can


class PlatformAdminSite(AdminSite):
    """Open to an organisation's admins, for its rows alone, and to whoever runs the installation, for all."""

    site_title = site_header = f"{settings.PRODUCT_NAME} administration"
    index_title = "Everything that is stored"
    site_url = settings.LOGIN_REDIRECT_URL

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and may_administer(request)

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send people to the product's own login: it has the second factor and the lock-out."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied("The administration is for admins.")
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"), settings.LOGIN_URL)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Leave as from any other page: everywhere at once. (Django declares template answers; these lead on.)"""
        if request.method != "POST":
            return redirect("account_logout")
        get_adapter(request).logout(request)
        return redirect(settings.LOGIN_URL)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_change_password")


def may_administer(request: HttpRequest) -> bool:
    """Say whether the caller runs the installation or administers the organisation they work in."""
    return runs_installation(request) or can(getattr(request, "member", None), Action.MANAGE_ORGANIZATION)


def runs_installation(request: HttpRequest) -> bool:
    return request.user.is_authenticated and request.user.is_superuser
