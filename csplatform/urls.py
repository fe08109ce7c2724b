"""Every address of the site. Pages live under /dashboard, JSON at the root and under /api."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from csplatform.views import probes

schema = login_not_required(SpectacularAPIView.as_view())
docs = login_not_required(SpectacularSwaggerSplitView.as_view(url_name="schema"))

urlpatterns = [
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
    path("api/schema", schema, name="schema"),
    path("api/docs", docs, name="api_docs"),
    path("docs", docs, name="docs"),
    path("admin/", admin.site.urls),
    path("auth/", include("csplatform.urls_auth")),
    path("", include("csplatform.urls_pages")),
    path("", include("csplatform.api.urls")),
    path("", include("accounts.api.urls")),
    path("", include("accounts.urls_public")),
    path("", include("insights.urls_public")),
    path("", include("billing.api.urls")),
    path("", include("health.api.urls")),
    path("", include("playbooks.api.urls")),
    path("", include("insights.api.urls")),
    path("dashboard", include("accounts.urls")),
    path("dashboard", include("billing.urls")),
    path("dashboard", include("health.urls")),
    path("dashboard", include("playbooks.urls")),
    path("dashboard", include("insights.urls")),
]

handler400 = "csplatform.views.errors.bad_request"
handler403 = "csplatform.views.errors.permission_denied"
handler404 = "csplatform.views.errors.not_found"
handler500 = "csplatform.views.errors.server_error"
