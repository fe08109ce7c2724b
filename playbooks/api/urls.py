"""Routes of playbooks: those of the success-insights contract, and the platform's own."""

from __future__ import annotations

from django.urls import path

from accounts import converters  # noqa: F401 -- registers <account_key:…>
from csplatform.api.browser import redirect_browsers
from playbooks.api import views
from playbooks.api.automation import AutomationLogView, AutomationRuleViewSet, AutomationView
from playbooks.api.playbooks import PlaybookViewSet
from playbooks.api.runs import PlaybookRunViewSet

runs = [
    path(
        "api/playbook-runs", PlaybookRunViewSet.as_view({"get": "list", "post": "create"}), name="api_playbook_runs"
    ),
    path("api/playbook-runs/<uuid:uuid>", PlaybookRunViewSet.as_view({"get": "retrieve"}), name="api_playbook_run"),
    path(
        "api/playbook-runs/<uuid:uuid>/steps/<int:n>/complete",
        PlaybookRunViewSet.as_view({"post": "complete_step"}),
        name="api_playbook_run_step",
    ),
    *(
        path(f"api/playbook-runs/<uuid:uuid>/{verb}", PlaybookRunViewSet.as_view({"post": verb}))
        for verb in ("pause", "resume", "cancel", "complete")
    ),
]

playbooks = [
    path("api/playbooks", PlaybookViewSet.as_view({"get": "list", "post": "create"}), name="api_playbooks"),
    path(
        "api/playbooks/<account_key:uuid>",
        PlaybookViewSet.as_view({"get": "retrieve", "put": "update", "delete": "destroy"}),
        name="api_playbook",
    ),
    path("api/playbooks/<account_key:uuid>/restore", PlaybookViewSet.as_view({"post": "restore"})),
    path("api/playbooks/<account_key:uuid>/results", PlaybookViewSet.as_view({"get": "results"})),
]

automation = [
    path("api/automation", AutomationView.as_view(), name="api_automation"),
    path("api/automation/log", AutomationLogView.as_view(), name="api_automation_log"),
    path(
        "api/automation/rules",
        AutomationRuleViewSet.as_view({"get": "list", "post": "create"}),
        name="api_automation_rules",
    ),
    path(
        "api/automation/rules/<uuid:uuid>",
        AutomationRuleViewSet.as_view({"get": "retrieve", "put": "update", "delete": "destroy"}),
        name="api_automation_rule",
    ),
    path("api/automation/rules/<uuid:uuid>/switch", AutomationRuleViewSet.as_view({"post": "switch"})),
    path("api/automation/rules/<uuid:uuid>/dry-run", AutomationRuleViewSet.as_view({"get": "dry_run"})),
]

urlpatterns = [
    path(
        "playbooks",
        redirect_browsers("playbooks:playbook_list")(views.PlaybookLibraryView.as_view()),
        name="api_playbook_library",
    ),
    path("actions/recommend", views.RecommendView.as_view(), name="api_recommend"),
    *playbooks,
    *runs,
    *automation,
]
