"""Login and account security, by allauth, under /auth/ (`/accounts` is a contract's)."""

from __future__ import annotations

from django.urls import include, path

from csplatform.views.notifications import unsubscribe

urlpatterns = [
    path("unsubscribe/<str:token>", unsubscribe, name="unsubscribe"),
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
    path("sessions/", include("allauth.usersessions.urls")),
]
