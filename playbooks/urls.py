"""Pages of the playbooks room, under /dashboard."""

from __future__ import annotations

from django.urls import path

from playbooks.views.playbook import PlaybookDetailView, PlaybookListView

app_name = "playbooks"

urlpatterns = [
    path("/playbooks", PlaybookListView.as_view(), name="playbook_list"),
    path("/playbooks/<int:number>", PlaybookDetailView.as_view(), name="playbook_detail"),
]
