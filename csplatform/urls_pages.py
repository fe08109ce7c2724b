"""Addresses of the platform's own pages."""

from __future__ import annotations

from django.urls import path

from csplatform.views import (
    api_keys,
    first_run,
    import_columns,
    imports,
    invitations,
    lists,
    members,
    notifications,
    profile,
    search,
    settings,
    styleguide,
    switch,
    teams,
)

app_name = "csplatform"

urlpatterns = [
    path("setup", first_run.first_run, name="first_run"),
    path("auth/invitations/<str:token>", invitations.invitation_accept, name="invitation_accept"),
    path("dashboard/switch", switch.organization_switch, name="organization_switch"),
    path("dashboard/theme", switch.theme, name="theme"),
    path("dashboard/styleguide", styleguide.styleguide, name="styleguide"),
    path("dashboard/imports", imports.import_list, name="import_list"),
    path("dashboard/imports/columns", import_columns.ImportColumnsView.as_view(), name="import_columns"),
    path("dashboard/imports/<uuid:uuid>", imports.import_detail, name="import_detail"),
    path("dashboard/imports/<uuid:uuid>/errors.csv", imports.ImportErrorsView.as_view(), name="import_errors"),
    path("dashboard/imports/<uuid:uuid>/cancel", imports.import_cancel, name="import_cancel"),
    path("dashboard/imports/<uuid:uuid>/preview", imports.import_preview, name="import_preview"),
    path("dashboard/imports/<uuid:uuid>/discard", imports.import_discard, name="import_discard"),
    path("dashboard/imports/<uuid:uuid>/forget-columns", imports.import_forget, name="import_forget"),
    path("dashboard/imports/<uuid:uuid>/undo", imports.import_undo, name="import_undo"),
    path("dashboard/imports/<uuid:uuid>/run", imports.import_run, name="import_run"),
    path("dashboard/notifications", notifications.notification_list, name="notification_list"),
    path("dashboard/notifications/read", notifications.notifications_read, name="notifications_read"),
    path("dashboard/notifications/<uuid:uuid>", notifications.notification_open, name="notification_open"),
    path("dashboard/settings/notifications", notifications.preferences, name="notification_preferences"),
    path("dashboard/search", search.search, name="search"),
    path("dashboard/views/<uuid:uuid>", lists.saved_view_open, name="saved_view_open"),
    path("dashboard/views/<uuid:uuid>/save", lists.saved_view_update, name="saved_view_update"),
    path("dashboard/views/<uuid:uuid>/settings", lists.saved_view_settings, name="saved_view_settings"),
    path("dashboard/lists/views", lists.saved_view_create, name="saved_view_create"),
    path("dashboard/lists/columns", lists.list_columns, name="list_columns"),
    path("dashboard/lists/density", lists.list_density, name="list_density"),
    path("dashboard/settings", profile.profile, name="settings"),
    path("dashboard/settings/leave", profile.leave, name="leave"),
    path("dashboard/settings/organization", settings.organization, name="organization"),
    path("dashboard/settings/members", members.member_list, name="member_list"),
    path("dashboard/settings/members/<uuid:uuid>", members.member_edit, name="member_edit"),
    path(
        "dashboard/settings/members/<uuid:uuid>/deactivate",
        members.member_deactivate,
        name="member_deactivate",
    ),
    path(
        "dashboard/settings/members/<uuid:uuid>/reactivate",
        members.member_reactivate,
        name="member_reactivate",
    ),
    path(
        "dashboard/settings/members/<uuid:uuid>/password-link",
        members.member_password_link,
        name="member_password_link",
    ),
    path("dashboard/settings/invitations/new", invitations.invitation_create, name="invitation_create"),
    path(
        "dashboard/settings/invitations/<uuid:uuid>/resend",
        invitations.invitation_resend,
        name="invitation_resend",
    ),
    path(
        "dashboard/settings/invitations/<uuid:uuid>/revoke",
        invitations.invitation_revoke,
        name="invitation_revoke",
    ),
    path("dashboard/settings/teams", teams.team_list, name="team_list"),
    path("dashboard/settings/teams/new", teams.team_create, name="team_create"),
    path("dashboard/settings/teams/<uuid:uuid>", teams.team_edit, name="team_edit"),
    path("dashboard/settings/teams/<uuid:uuid>/delete", teams.team_delete, name="team_delete"),
    path("dashboard/settings/api-keys", api_keys.api_key_list, name="api_key_list"),
    path("dashboard/settings/api-keys/<uuid:uuid>/revoke", api_keys.api_key_revoke, name="api_key_revoke"),
]
