"""The platform's API routes."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from csplatform.api import imports, platform
from csplatform.api.saved_views import SavedViewViewSet
from csplatform.api.search import SearchView
from csplatform.api.webhooks import WebhookViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("api/saved-views", SavedViewViewSet, basename="api_saved_view")
router.register("api/webhooks", WebhookViewSet, basename="api_webhook")

urlpatterns = [
    path("", platform.root, name="root"),
    path("api/me", platform.MeView.as_view(), name="api_me"),
    path("api/jobs", platform.JobListView.as_view(), name="api_jobs"),
    path("api/jobs/<uuid:job_id>", platform.JobView.as_view(), name="api_job"),
    path("api/jobs/<uuid:job_id>/cancel", platform.JobCancelView.as_view(), name="api_job_cancel"),
    path("api/imports", imports.ImportListView.as_view(), name="api_imports"),
    path("api/imports/<uuid:import_id>", imports.ImportView.as_view(), name="api_import"),
    path("api/imports/<uuid:import_id>/cancel", imports.ImportCancelView.as_view(), name="api_import_cancel"),
    path("api/imports/<uuid:import_id>/undo", imports.ImportUndoView.as_view(), name="api_import_undo"),
    path("api/imports/<uuid:import_id>/errors.csv", imports.ImportErrorFileView.as_view(), name="api_import_errors"),
    path("api/search", SearchView.as_view(), name="api_search"),
    *router.urls,
]
