"""The accounts room's models."""

from __future__ import annotations

from accounts.models.account import Account
from accounts.models.activity import Activity
from accounts.models.advocacy import Referral, Testimonial
from accounts.models.alias import AccountAlias
from accounts.models.attachment import Attachment
from accounts.models.bulk_change import BulkChange
from accounts.models.cadence import Cadence
from accounts.models.calendar_feed import CalendarFeed
from accounts.models.contact import Contact
from accounts.models.custom_field import CustomField
from accounts.models.engagement import Commitment, Engagement, EngagementContact
from accounts.models.follow_up import FollowUp
from accounts.models.goal import Goal, GoalDateChange, GoalMilestone, GoalReading
from accounts.models.product import Product
from accounts.models.tag import AccountTag, Tag
from accounts.models.ticket import SupportTicket
from accounts.models.usage import AccountProduct, ProductUsage

__all__ = [
    "Account",
    "AccountAlias",
    "AccountProduct",
    "AccountTag",
    "Activity",
    "Attachment",
    "BulkChange",
    "Cadence",
    "CalendarFeed",
    "Commitment",
    "Contact",
    "CustomField",
    "Engagement",
    "EngagementContact",
    "FollowUp",
    "Goal",
    "GoalDateChange",
    "GoalMilestone",
    "GoalReading",
    "Product",
    "ProductUsage",
    "Referral",
    "SupportTicket",
    "Tag",
    "Testimonial",
]
