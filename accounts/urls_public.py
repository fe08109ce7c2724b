"""Addresses of the accounts room that a secret opens, without a login."""

from __future__ import annotations

from django.urls import path

from accounts.views.calendar import calendar_feed

urlpatterns = [path("calendar/<str:token>.ics", calendar_feed, name="calendar_feed")]
