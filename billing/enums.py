"""Choice lists of billing."""

from __future__ import annotations

from django.db import models


class MovementKind(models.TextChoices):
    """Why MRR moved, read from an account's day as a whole."""

    NEW = "new", "New"
    EXPANSION = "expansion", "Expansion"
    CONTRACTION = "contraction", "Contraction"
    CHURN = "churn", "Churn"
    REACTIVATION = "reactivation", "Reactivation"


class Interval(models.TextChoices):
    """How often a subscription is charged."""

    WEEK = "week", "Weekly"
    MONTH = "month", "Monthly"
    QUARTER = "quarter", "Quarterly"
    HALF_YEAR = "half_year", "Half-yearly"
    YEAR = "year", "Yearly"


class SubscriptionStatus(models.TextChoices):
    """Where a subscription stands on a day. Read from its dates and pauses, never stored."""

    SCHEDULED = "scheduled", "Scheduled"
    ACTIVE = "active", "Active"
    PAUSED = "paused", "Paused"
    CANCELLED = "cancelled", "Cancelled"
    ENDED = "ended", "Ended"


class RenewalStatus(models.TextChoices):
    """How far the work on a term's end has come."""

    NOT_STARTED = "not_started", "Not Started"
    IN_PROCESS = "in_process", "In Process"
    PREPARED_LOST = "prepared_lost", "Prepared Lost"
    RENEWED = "renewed", "Renewed"
    CLOSED = "closed", "Closed"


class RenewalOutcome(models.TextChoices):
    """What came of a term: Closed means closed without renewal."""

    OPEN = "open", "Open"
    RENEWED = "renewed", "Renewed"
    LOST = "lost", "Lost"


class JobKind(models.TextChoices):
    """Kinds of background work in this room."""

    SETTLE_SUBSCRIPTIONS = "settle_subscriptions", "Carry out what subscriptions have scheduled"
    SETTLE_RENEWALS = "settle_renewals", "Open the renewals of contracts"
    SEND_REMINDERS = "send_reminders", "Send reminders"
    SEND_NIGHTLY_REMINDERS = "send_nightly_reminders", "Send the day's reminders"
    BILL_SUBSCRIPTIONS = "bill_subscriptions", "Invoice what subscriptions owe"


# -- tax documents ----------------------------------------------------------------------------------


class Treatment(models.TextChoices):
    """How GST sees a customer."""

    REGISTERED = "registered", "Registered"
    UNREGISTERED = "unregistered", "Unregistered"
    SEZ = "sez", "Special economic zone"
    OVERSEAS = "overseas", "Overseas"


class CustomerType(models.TextChoices):
    """The billing dashboard's kinds of customer; its classes are these words in lower case."""

    ENTERPRISE = "Enterprise", "Enterprise"
    SMB = "SMB", "SMB"
    STARTUP = "Startup", "Startup"
    INDIVIDUAL = "Individual", "Individual"


class ProfileState(models.TextChoices):
    """Whether invoices to a customer can say what they have to."""

    MISSING = "missing", "No profile"
    INCOMPLETE = "incomplete", "Incomplete"
    COMPLETE = "complete", "Complete"


class TurnoverBand(models.TextChoices):
    """The organisation's turnover a year, as far as the rules ask for it."""

    UP_TO_5_CRORE = "up_to_5_crore", "Up to ₹5 crore"
    UP_TO_10_CRORE = "up_to_10_crore", "₹5 to 10 crore"
    ABOVE_10_CRORE = "above_10_crore", "Above ₹10 crore"


class FilingFrequency(models.TextChoices):
    MONTHLY = "monthly", "Monthly"
    QUARTERLY = "quarterly", "Quarterly (QRMP)"


class Section(models.TextChoices):
    """Tables of GSTR-1."""

    B2B = "B2B", "B2B"
    SEZWP = "SEZWP", "SEZ with payment"
    SEZWOP = "SEZWOP", "SEZ without payment"
    B2CL = "B2CL", "B2C large"
    B2CS = "B2CS", "B2C small"
    EXPWP = "EXPWP", "Export with payment"
    EXPWOP = "EXPWOP", "Export without payment"
    CDNR = "CDNR", "Notes to registered"
    CDNUR = "CDNUR", "Notes to unregistered"


class GstCategory(models.TextChoices):
    """The billing contract's categories; the label is its word for the customer."""

    B2B = "b2b", "Registered"
    B2C = "b2c", "Unregistered"
    EXPORT = "export", "Export"


class OverdueStatus(models.TextChoices):
    CRITICAL = "critical", "Critical"
    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class AgeBucket(models.TextChoices):
    """Age of what is overdue, in the contract's order and words."""

    UP_TO_30 = "1-30", "0-30 days"
    UP_TO_60 = "31-60", "31-60 days"
    UP_TO_90 = "61-90", "61-90 days"
    OVER_90 = "91-", ">90 days"


class DocumentState(models.TextChoices):
    """What is stored of an invoice's standing; the rest follows from the calendar and what settled it."""

    DRAFT = "draft", "Draft"
    ISSUED = "issued", "Issued"
    VOID = "void", "Void"


class InvoiceStatus(models.TextChoices):
    """An invoice's standing as people see it."""

    DRAFT = "draft", "Draft"
    UNPAID = "unpaid", "Unpaid"
    PARTIALLY_PAID = "partially_paid", "Partially paid"
    PAID = "paid", "Paid"
    WRITTEN_OFF = "written_off", "Written off"
    VOID = "void", "Void"


class LineKind(models.TextChoices):
    RECURRING = "recurring", "Recurring"
    USAGE = "usage", "Usage"
    ONE_TIME = "one_time", "One-time"


class IrnStatus(models.TextChoices):
    NOT_REQUIRED = "not_required", "Not required"
    PENDING = "pending", "Pending"
    GENERATED = "generated", "Generated"
    CANCELLED = "cancelled", "Cancelled"


class BillingOutcome(models.TextChoices):
    """What has become of one interval of a subscription in a billing run."""

    PLANNED = "planned", "To be billed"
    DRAFTED = "drafted", "Draft"
    ISSUED = "issued", "Issued"
    SKIPPED = "skipped", "Skipped"
    TAKEN_BACK = "taken_back", "Taken back"


class SkipReason(models.TextChoices):
    """Why an interval of a subscription is not billed."""

    BILLED = "billed", "Billed already"
    PAUSED = "paused", "Paused"
    NO_TAX_PROFILE = "no_tax_profile", "No tax profile"
    DISPUTED = "disputed", "The customer disputes an invoice"
    FREE = "free", "Costs nothing"
    ARCHIVED = "archived", "The account is archived"
    REFUSED = "refused", "Cannot be invoiced"
    NOT_DUE = "not_due", "No longer due"


class PaymentMethod(models.TextChoices):
    BANK = "bank", "Bank transfer"
    UPI = "upi", "UPI"
    CARD = "card", "Card"
    CHEQUE = "cheque", "Cheque"
    CASH = "cash", "Cash"
    OTHER = "other", "Other"


class PaymentState(models.TextChoices):
    """Where a payment stands; read from what is allocated of it, never stored."""

    ON_ACCOUNT = "on_account", "On account"
    ALLOCATED = "allocated", "Allocated"
    REVERSED = "reversed", "Reversed"


class TdsCertificate(models.TextChoices):
    NONE = "", "–"
    CLAIMED = "claimed", "Claimed"
    VERIFIED = "verified", "Verified"


class EntryKind(models.TextChoices):
    """What settles an invoice."""

    PAYMENT = "payment", "Payment"
    CREDIT = "credit", "Credit note"
    WRITE_OFF = "write_off", "Write-off"


class RefundReason(models.TextChoices):
    """In the contract's order and words."""

    SERVICE_ISSUE = "service_issue", "Service Issue"
    BILLING_ERROR = "billing_error", "Billing Error"
    DOWNTIME_CREDIT = "downtime_credit", "Downtime Credit"
    CANCELLATION = "cancellation", "Cancellation"
    OTHER = "other", "Other"


class RefundMode(models.TextChoices):
    CASH = "cash", "Paid back"
    CREDIT = "credit", "Kept for later invoices"


class RefundStatus(models.TextChoices):
    PROCESSING = "processing", "Processing"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"
    REJECTED = "rejected", "Rejected"


class ItcReversal(models.TextChoices):
    """Whether the customer has reversed the input credit of a credited invoice."""

    NOT_APPLICABLE = "not_applicable", "Not applicable"
    PENDING = "pending", "Pending"
    CONFIRMED = "confirmed", "Confirmed"


class ReminderStep(models.TextChoices):
    """Reminders of an invoice, by days from its due date."""

    BEFORE_7 = "before_7", "7 days before"
    AFTER_1 = "after_1", "1 day after"
    AFTER_7 = "after_7", "7 days after"
    AFTER_15 = "after_15", "15 days after"
    AFTER_30 = "after_30", "30 days after"
    ESCALATION = "escalation", "Escalation, 60 days after"


class ReminderChannel(models.TextChoices):
    EMAIL = "email", "Email"
    PHONE = "phone", "Phone"
    LETTER = "letter", "Letter"


class CollectionNoteKind(models.TextChoices):
    """What somebody wrote down about an unpaid invoice."""

    PROMISE = "promise", "Promise to pay"
    NOTE = "note", "Note"


class PromiseState(models.TextChoices):
    """What became of a promise to pay; read from the day and the invoice, never stored."""

    DUE = "due", "Due within a week"
    OPEN = "open", "Open"
    BROKEN = "broken", "Broken"
    KEPT = "kept", "Kept"


class AlertSeverity(models.TextChoices):
    """The most severe first; billing never calls an alert critical."""

    HIGH = "High", "High"
    MEDIUM = "Medium", "Medium"
    LOW = "Low", "Low"


class AlertAction(models.TextChoices):
    """What the button of an alert says."""

    CONTACT_CUSTOMER = "Contact Customer", "Contact Customer"
    REVIEW_INVOICES = "Review Invoices", "Review Invoices"
    INVESTIGATE = "Investigate", "Investigate"
    SEND_REMINDERS = "Send Reminders", "Send Reminders"
