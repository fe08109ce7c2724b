"""Django's administration with our own door; apart from it, because settings load this before any model."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class PlatformAdminConfig(AdminConfig):
    default_site = "csplatform.admin_site.PlatformAdminSite"
