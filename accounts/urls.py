"""Addresses of the accounts room's pages, under /dashboard."""

from __future__ import annotations

from django.urls import path

from accounts import converters  # noqa: F401 -- registers <account_key:…>
from accounts.views import (
    account,
    account_list,
    advocacy,
    attachment,
    bulk,
    calendar,
    contact,
    custom_field,
    engagement,
    engagement_analytics,
    erasure,
    fact,
    follow_up,
    goal,
    history,
    product,
    ticket,
    timeline,
    usage,
)

app_name = "accounts"
ONE_CONTACT = "/accounts/<account_key:key>/contacts/<uuid:contact_uuid>"

urlpatterns = [
    path("/accounts", account_list.AccountListView.as_view(), name="account_list"),
    path("/accounts/new", account.account_create, name="account_create"),
    path("/accounts/export", account_list.AccountExportView.as_view(), name="account_export"),
    path("/accounts/bulk", bulk.account_bulk, name="account_bulk"),
    path("/accounts/bulk/preview", bulk.bulk_preview, name="bulk_preview"),
    path("/accounts/bulk/export", bulk.bulk_export, name="bulk_export"),
    path("/accounts/bulk/<uuid:uuid>", bulk.bulk_change, name="bulk_change"),
    path("/accounts/bulk/<uuid:uuid>/undo", bulk.bulk_undo, name="bulk_undo"),
    path("/accounts/<account_key:key>/edit", account.account_edit, name="account_edit"),
    path("/accounts/<account_key:key>/churn", account.account_churn, name="account_churn"),
    path("/accounts/<account_key:key>/archive", account.account_archive, name="account_archive"),
    path("/accounts/<account_key:key>/aliases/<int:alias_id>/remove", account.alias_remove, name="alias_remove"),
    path("/accounts/<account_key:key>/restore", account.account_restore, name="account_restore"),
    # Engagements
    path("/engagements", engagement.EngagementListView.as_view(), name="engagement_list"),
    path("/engagements/new", engagement.engagement_create, name="engagement_create"),
    path("/engagements/export", engagement.EngagementExportView.as_view(), name="engagement_export"),
    path(
        "/engagements/analytics", engagement_analytics.EngagementAnalyticsView.as_view(), name="engagement_analytics"
    ),
    path("/engagements/cadence", engagement_analytics.cadence_set, name="cadence_set"),
    path("/engagements/<uuid:uuid>", engagement.EngagementDetailView.as_view(), name="engagement_detail"),
    path("/engagements/<uuid:uuid>/edit", engagement.engagement_edit, name="engagement_edit"),
    path("/engagements/<uuid:uuid>/quick-edit", engagement.engagement_quick_edit, name="engagement_quick_edit"),
    path("/engagements/<uuid:uuid>/line", engagement.timeline_line, name="timeline_line"),
    path("/engagements/<uuid:uuid>/complete", engagement.engagement_complete, name="engagement_complete"),
    path("/engagements/<uuid:uuid>/cancel", engagement.engagement_cancel, name="engagement_cancel"),
    path("/engagements/<uuid:uuid>/reinstate", engagement.engagement_reinstate, name="engagement_reinstate"),
    path("/engagements/<uuid:uuid>/contacts", engagement.attendee_add, name="attendee_add"),
    path("/commitments/<uuid:uuid>/keep", engagement.commitment_keep, name="commitment_keep"),
    # Follow-ups
    path("/follow-ups", follow_up.FollowUpListView.as_view(), name="follow_up_list"),
    path("/follow-ups/new", follow_up.follow_up_create, name="follow_up_create"),
    path("/follow-ups/export", follow_up.FollowUpExportView.as_view(), name="follow_up_export"),
    path("/follow-ups/<uuid:uuid>", follow_up.follow_up_edit, name="follow_up_edit"),
    path("/follow-ups/<uuid:uuid>/complete", follow_up.follow_up_complete, name="follow_up_complete"),
    path("/follow-ups/<uuid:uuid>/reopen", follow_up.follow_up_reopen, name="follow_up_reopen"),
    path("/follow-ups/<uuid:uuid>/snooze", follow_up.follow_up_snooze, name="follow_up_snooze"),
    path("/follow-ups/<uuid:uuid>/remove", follow_up.follow_up_remove, name="follow_up_remove"),
    # Files
    path("/accounts/<account_key:key>/files", attachment.AccountFilesView.as_view(), name="account_files"),
    path("/accounts/<account_key:key>/files/add", attachment.file_add, name="file_add"),
    path("/engagements/<uuid:uuid>/files", attachment.engagement_file_add, name="engagement_file_add"),
    path("/files/<uuid:uuid>", attachment.AttachmentView.as_view(), name="attachment"),
    path("/files/<uuid:uuid>/remove", attachment.attachment_remove, name="attachment_remove"),
    # Calendars
    path("/engagements/<uuid:uuid>/calendar.ics", calendar.engagement_ics, name="engagement_ics"),
    path("/settings/calendar", calendar.calendar_settings, name="calendar_settings"),
    # Timeline
    path("/timeline", timeline.TimelineView.as_view(), name="timeline"),
    path("/accounts/<account_key:key>/timeline", timeline.AccountTimelineView.as_view(), name="account_timeline"),
    # Tickets
    path("/tickets", ticket.TicketListView.as_view(), name="ticket_list"),
    path("/tickets/new", ticket.ticket_create, name="ticket_create"),
    path("/tickets/export", ticket.TicketExportView.as_view(), name="ticket_export"),
    path("/tickets/<uuid:uuid>", ticket.TicketDetailView.as_view(), name="ticket_detail"),
    path("/tickets/<uuid:uuid>/edit", ticket.ticket_edit, name="ticket_edit"),
    path("/tickets/<uuid:uuid>/delete", ticket.ticket_delete, name="ticket_delete"),
    path("/accounts/<account_key:key>/tickets", ticket.AccountTicketsView.as_view(), name="account_tickets"),
    path("/accounts/<account_key:key>/facts/<str:fact>", fact.account_fact, name="account_fact"),
    path("/accounts/<account_key:key>/history", history.AccountHistoryView.as_view(), name="account_history"),
    # Goals
    path("/goals", goal.GoalListView.as_view(), name="goal_list"),
    path("/goals/export", goal.GoalExportView.as_view(), name="goal_export"),
    path("/goals/<uuid:uuid>", goal.GoalDetailView.as_view(), name="goal_detail"),
    path("/goals/<uuid:uuid>/edit", goal.goal_edit, name="goal_edit"),
    path("/goals/<uuid:uuid>/delete", goal.goal_delete, name="goal_delete"),
    path("/goals/<uuid:uuid>/milestones", goal.milestone_add, name="milestone_add"),
    path("/goals/<uuid:uuid>/milestones/<uuid:milestone>/tick", goal.milestone_tick, name="milestone_tick"),
    path("/accounts/<account_key:key>/goals", goal.AccountGoalsView.as_view(), name="account_goals"),
    # Advocacy
    path("/advocacy", advocacy.AdvocacyView.as_view(), name="advocacy"),
    path("/advocacy/referrals/new", advocacy.referral_create, name="referral_create"),
    path("/advocacy/referrals/<uuid:uuid>/move", advocacy.referral_move, name="referral_move"),
    path("/advocacy/testimonials/new", advocacy.testimonial_create, name="testimonial_create"),
    path("/advocacy/testimonials/<uuid:uuid>/move", advocacy.testimonial_move, name="testimonial_move"),
    # Usage
    path("/accounts/<account_key:key>/usage", usage.AccountUsageView.as_view(), name="account_usage"),
    # Custom fields
    path("/settings/products", product.product_list, name="product_list"),
    path("/settings/products/new", product.product_create, name="product_create"),
    path("/settings/products/<uuid:uuid>", product.product_edit, name="product_edit"),
    path("/settings/products/<uuid:uuid>/archive", product.product_archive, name="product_archive"),
    path("/settings/products/<uuid:uuid>/restore", product.product_restore, name="product_restore"),
    path("/settings/products/<uuid:uuid>/move", product.product_move, name="product_move"),
    path("/settings/products/<uuid:uuid>/delete", product.product_delete, name="product_delete"),
    path("/settings/custom-fields", custom_field.custom_field_list, name="custom_field_list"),
    path("/settings/custom-fields/new", custom_field.custom_field_create, name="custom_field_create"),
    path("/settings/custom-fields/<uuid:uuid>", custom_field.custom_field_edit, name="custom_field_edit"),
    path(
        "/settings/custom-fields/<uuid:uuid>/archive", custom_field.custom_field_archive, name="custom_field_archive"
    ),
    path(
        "/settings/custom-fields/<uuid:uuid>/restore", custom_field.custom_field_restore, name="custom_field_restore"
    ),
    # Contacts
    path("/accounts/<account_key:key>/contacts", contact.AccountContactsView.as_view(), name="account_contacts"),
    path("/accounts/<account_key:key>/contacts/new", contact.contact_create, name="contact_create"),
    path(f"{ONE_CONTACT}/edit", contact.contact_edit, name="contact_edit"),
    path(f"{ONE_CONTACT}/leave", contact.contact_leave, name="contact_leave"),
    path(f"{ONE_CONTACT}/return", contact.contact_return, name="contact_return"),
    path(f"{ONE_CONTACT}/primary", contact.contact_primary, name="contact_primary"),
    path(f"{ONE_CONTACT}/delete", contact.contact_delete, name="contact_delete"),
    path(f"{ONE_CONTACT}/erase", erasure.contact_erase, name="contact_erase"),
]
