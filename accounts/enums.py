"""Choice lists of accounts."""

from __future__ import annotations

from enum import StrEnum

from django.db import models


class AccountStatus(models.TextChoices):
    """Where an account is in its life; set by people, never by a score."""

    ONBOARDING = "onboarding", "Onboarding"
    ACTIVE = "active", "Active"
    AT_RISK = "at_risk", "At risk"
    CHURNED = "churned", "Churned"


class Segment(models.TextChoices):
    ENTERPRISE = "Enterprise", "Enterprise"
    MID_MARKET = "Mid-Market", "Mid-Market"
    SMB = "SMB", "SMB"


class AccountSize(models.TextChoices):
    STARTUP = "startup", "Startup"
    SMALL = "small", "Small"
    MEDIUM = "medium", "Medium"
    LARGE = "large", "Large"
    ENTERPRISE = "enterprise", "Enterprise"


class Band(models.TextChoices):
    """The health band that pages show."""

    HEALTHY = "Healthy", "Healthy"
    WATCHLIST = "Watchlist", "Watchlist"
    AT_RISK = "At Risk", "At Risk"
    CRITICAL = "Critical", "Critical"


class Bucket(models.TextChoices):
    """The health bucket of the success-insights routes: its own scale, 70 and 40."""

    HEALTHY = "Healthy", "Healthy"
    AT_RISK = "At-Risk", "At-Risk"
    CRITICAL = "Critical", "Critical"


class PortfolioClass(models.TextChoices):
    """The colour class of the dashboard's portfolio: its own scale, 80 and 50."""

    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class BillingRisk(models.TextChoices):
    """The risk that billing shows beside a customer: the bands under their own names."""

    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"
    CRITICAL = "critical", "Critical"


class AccountScope(models.TextChoices):
    """Whose accounts: the dashboards' parameter ``user``."""

    ALL = "all", "All accounts"
    MY_ACCOUNTS = "my_accounts", "My accounts"
    TEAM_ACCOUNTS = "team_accounts", "My team's accounts"


class AliasKind(models.TextChoices):
    """What an account is also found by."""

    NAME = "name", "Former name"
    EXTERNAL_ID = "external_id", "Former external id"


class AliasOrigin(models.TextChoices):
    """Where an alias comes from."""

    RENAME = "rename", "Renamed"
    MERGE = "merge", "Merged"


class CustomFieldKind(models.TextChoices):
    """What a custom field holds."""

    TEXT = "text", "Text"
    NUMBER = "number", "Number"
    DATE = "date", "Date"
    BOOLEAN = "boolean", "Yes or no"
    CHOICE = "choice", "One of a list"
    MULTI_CHOICE = "multi_choice", "Several of a list"
    URL = "url", "Web address"


class ContactRole(models.TextChoices):
    """What a person is to the product: who decides, who carries it, who pays, who is against it."""

    CHAMPION = "champion", "Champion"
    DECISION_MAKER = "decision_maker", "Decision maker"
    USER = "user", "User"
    BILLING = "billing", "Billing"
    EXECUTIVE = "executive", "Executive"
    DETRACTOR = "detractor", "Detractor"


class EngagementType(models.TextChoices):
    """What kind of contact an engagement was; the lines of the timeline use the same words."""

    MEETING = "meeting", "Meeting"
    CALL = "call", "Call"
    EMAIL = "email", "Email"
    NOTE = "note", "Note"
    DEMO = "demo", "Demo"
    TRAINING = "training", "Training"


class EngagementOutcome(models.TextChoices):
    """How it went; `action_required` leaves a follow-up behind."""

    POSITIVE = "positive", "Positive"
    NEUTRAL = "neutral", "Neutral"
    NEGATIVE = "negative", "Negative"
    ACTION_REQUIRED = "action_required", "Action required"


class EngagementState(models.TextChoices):
    """Where an engagement stands; read from its dates, never stored."""

    PLANNED = "planned", "Planned"
    DONE = "done", "Done"
    CANCELLED = "cancelled", "Cancelled"


class CommitmentSide(models.TextChoices):
    """Who promised something in an engagement."""

    US = "us", "Us"
    CUSTOMER = "customer", "Customer"


class FollowUpPriority(models.TextChoices):
    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class FollowUpBucket(models.TextChoices):
    """When a follow-up is due, seen from now: each open one is in exactly one of the first five. One that waits with
    its paused playbook is due at no time."""

    OVERDUE = "overdue", "Overdue"
    TODAY = "today", "Today"
    NEXT_7 = "next_7", "Next 7 days"
    NEXT_30 = "next_30", "Next 30 days"
    LATER = "later", "Later"
    WAITING = "waiting", "Waiting"
    DONE = "done", "Done"


class ActivityKind(models.TextChoices):
    """What a line of the timeline is about; the first six are the types of engagement."""

    MEETING = "meeting", "Meeting"
    CALL = "call", "Call"
    EMAIL = "email", "Email"
    NOTE = "note", "Note"
    DEMO = "demo", "Demo"
    TRAINING = "training", "Training"
    FOLLOW_UP = "follow_up", "Follow-up"
    GOAL = "goal", "Goal"
    TICKET = "ticket", "Ticket"
    CONTACT = "contact", "Contact"
    ACCOUNT = "account", "Account"
    PRODUCT = "product", "Product"
    REFERRAL = "referral", "Referral"
    TESTIMONIAL = "testimonial", "Testimonial"
    RENEWAL = "renewal", "Renewal"
    EXPANSION = "expansion", "Expansion"
    CONTRACTION = "contraction", "Contraction"
    CHURN = "churn", "Churn"
    INVOICE = "invoice", "Invoice"
    PAYMENT = "payment", "Payment"
    HEALTH = "health", "Health"
    PLAYBOOK = "playbook", "Playbook"
    IMPORT = "import", "Import"
    FILE = "file", "File"


class BillingLabel(models.TextChoices):
    """The families that revenue by product is shown in, in the billing contract's order."""

    VMS = "VMs", "VMs"
    KUBERNETES = "Kubernetes", "Kubernetes"
    STORAGE = "Storage", "Storage"
    DATABASES = "Databases", "Databases"
    LOAD_BALANCER = "Load Balancer", "Load Balancer"
    DR_AND_BACKUP = "DR & Backup", "DR & Backup"
    """Also what is billed without a product."""


class TicketPriority(models.TextChoices):
    """How pressing a support ticket is, most pressing first."""

    CRITICAL = "critical", "Critical"
    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class TicketStatus(models.TextChoices):
    OPEN = "open", "Open"
    PENDING = "pending", "Pending"
    RESOLVED = "resolved", "Resolved"
    CLOSED = "closed", "Closed"


class AdoptionLevel(models.TextChoices):
    """How widely a product is used, as product adoption prints it."""

    HIGH = "High", "High"
    MEDIUM = "Medium", "Medium"
    LOW = "Low", "Low"


class Utilization(models.TextChoices):
    """What an account uses of what it pays for, as usage insights print it; most telling first."""

    OVERPAID = "Overpaid usage", "Overpaid usage"
    OVER_UTILIZED = "Over-utilized", "Over-utilized"
    LOW = "Low usage", "Low usage"
    HEALTHY = "Healthy", "Healthy"


class GoalMetric(models.TextChoices):
    """What a goal measures; all but the last are read from live data."""

    ACCOUNTS = "accounts", "Accounts"
    ARR = "arr", "ARR"
    NPS = "nps", "NPS"
    HEALTH_SCORE = "health_score", "Health score"
    ADOPTION = "adoption", "Adoption"
    RENEWALS = "renewals", "Renewals"
    SEAT_COUNT = "seat_count", "Seats"
    CUSTOM = "custom", "Own measure"


class GoalPeriod(models.TextChoices):
    """How often a goal's progress is looked at."""

    DAILY = "daily", "Daily"
    WEEKLY = "weekly", "Weekly"
    MONTHLY = "monthly", "Monthly"
    QUARTERLY = "quarterly", "Quarterly"
    YEARLY = "yearly", "Yearly"


class GoalStatus(models.TextChoices):
    ON_TRACK = "on_track", "On track"
    AT_RISK = "at_risk", "At risk"
    ACHIEVED = "achieved", "Achieved"
    MISSED = "missed", "Missed"


class ReferralStatus(models.TextChoices):
    """How far a company that a customer named has come."""

    NEW = "new", "New"
    IN_CONTACT = "in_contact", "In contact"
    INTERESTED = "interested", "Interested"
    WON = "won", "Won"
    LOST = "lost", "Lost"


class TestimonialStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    APPROVED = "approved", "Approved"
    PUBLISHED = "published", "Published"


class JobKind(StrEnum):
    """The accounts room's background work."""

    REFRESH_GOALS = "refresh_goals"
