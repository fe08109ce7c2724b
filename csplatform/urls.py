"""Every address of the site. Pages live under /dashboard, JSON at the root and under /api."""

from __future__ import annotations

from importlib.util import find_spec

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from csplatform.views import probes

schema = login_not_required(SpectacularAPIView.as_view())
docs = login_not_required(SpectacularSwaggerSplitView.as_view(url_name="schema"))

ROOMS = ("insights", "playbooks", "health", "billing", "accounts")

urlpatterns = [
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
    path("api/schema", schema, name="schema"),
    path("api/docs", docs, name="api_docs"),
    path("docs", docs, name="docs"),
    path("admin/", admin.site.urls),
    path("auth/", include("csplatform.urls_auth")),
    *([path("", include("csplatform.urls_pages"))] if find_spec("csplatform.urls_pages") else []),
    path("", include("csplatform.api.urls")),
    *(path("", include(f"{room}.api.urls")) for room in ROOMS if find_spec(f"{room}.api.urls")),
    *(path("dashboard", include(f"{room}.urls")) for room in ROOMS if find_spec(f"{room}.urls")),
]

handler400 = "csplatform.views.errors.bad_request"
handler403 = "csplatform.views.errors.permission_denied"
handler404 = "csplatform.views.errors.not_found"
handler500 = "csplatform.views.errors.server_error"
