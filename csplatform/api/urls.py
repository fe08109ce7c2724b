"""The platform's API routes."""

from __future__ import annotations

from django.urls import path

from csplatform.api import platform

urlpatterns = [
    path("", platform.root, name="root"),
    path("api/me", platform.MeView.as_view(), name="api_me"),
    path("api/jobs", platform.JobListView.as_view(), name="api_jobs"),
    path("api/jobs/<uuid:job_id>", platform.JobView.as_view(), name="api_job"),
    path("api/jobs/<uuid:job_id>/cancel", platform.JobCancelView.as_view(), name="api_job_cancel"),
]
