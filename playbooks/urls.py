"""Pages of the playbooks room, under /dashboard."""

from __future__ import annotations

from django.urls import path

from playbooks.views import automation, editor, run
from playbooks.views.playbook import PlaybookDetailView, PlaybookListView

app_name = "playbooks"

urlpatterns = [
    path("/playbooks", PlaybookListView.as_view(), name="playbook_list"),
    path("/playbooks/start", run.run_create, name="run_create"),
    path("/playbooks/runs", run.RunListView.as_view(), name="run_list"),
    path("/playbooks/runs/export", run.RunExportView.as_view(), name="run_export"),
    path("/playbooks/runs/<uuid:uuid>", run.RunDetailView.as_view(), name="run_detail"),
    path("/playbooks/runs/<uuid:uuid>/pause", run.run_pause, name="run_pause"),
    path("/playbooks/runs/<uuid:uuid>/resume", run.run_resume, name="run_resume"),
    path("/playbooks/runs/<uuid:uuid>/cancel", run.run_cancel, name="run_cancel"),
    path("/playbooks/runs/<uuid:uuid>/finish", run.run_finish, name="run_finish"),
    path("/playbooks/runs/<uuid:uuid>/steps/<int:n>", run.step_settle, name="step_settle"),
    path("/playbooks/new", editor.playbook_create, name="playbook_create"),
    path("/playbooks/<int:number>", PlaybookDetailView.as_view(), name="playbook_detail"),
    path("/playbooks/<int:number>/edit", editor.playbook_edit, name="playbook_edit"),
    path("/playbooks/<int:number>/restore", editor.playbook_restore, name="playbook_restore"),
    path("/playbooks/<int:number>/delete", editor.playbook_delete, name="playbook_delete"),
    path("/automation", automation.AutomationView.as_view(), name="automation"),
    path("/automation/new", automation.rule_create, name="rule_create"),
    path("/automation/stop", automation.automation_stop, name="automation_stop"),
    path("/automation/<uuid:uuid>", automation.RuleDetailView.as_view(), name="rule_detail"),
    path("/automation/<uuid:uuid>/edit", automation.rule_edit, name="rule_edit"),
    path("/automation/<uuid:uuid>/switch", automation.rule_switch, name="rule_switch"),
    path("/automation/<uuid:uuid>/delete", automation.rule_delete, name="rule_delete"),
    path("/accounts/<account_key:key>/playbooks", run.AccountPlaybooksView.as_view(), name="account_playbooks"),
]
