"""Pages of the playbooks room, under /dashboard."""

from __future__ import annotations

from django.urls import path

from playbooks.views import editor, run
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
    path("/accounts/<account_key:key>/playbooks", run.AccountPlaybooksView.as_view(), name="account_playbooks"),
]
