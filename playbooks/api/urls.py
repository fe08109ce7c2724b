"""Routes of the success-insights contract that playbooks answer."""

from __future__ import annotations

from django.urls import path

from csplatform.api.browser import redirect_browsers
from playbooks.api import views

urlpatterns = [
    path(
        "playbooks",
        redirect_browsers("playbooks:playbook_list")(views.PlaybookLibraryView.as_view()),
        name="api_playbook_library",
    ),
    path("actions/recommend", views.RecommendView.as_view(), name="api_recommend"),
]
