"""The columns of the contacts import, and its registration with the engine."""

from __future__ import annotations

from accounts.enums import ContactRole, TicketPriority, TicketStatus
from accounts.imports.account_columns import ACCOUNT_COLUMNS, own_columns
from accounts.imports.accounts import ROWS_AT_ONCE, AccountsLoader
from accounts.imports.contacts import ContactsLoader
from accounts.imports.new_fields import NEW_FIELDS
from accounts.imports.tickets import TicketsLoader, TicketsUndo
from accounts.imports.undo import AccountsUndo
from accounts.models.contact import PHONE_LENGTH
from accounts.names import NAME_LENGTH
from csplatform.imports import values
from csplatform.imports.columns import Column, ColumnSet
from csplatform.imports.registry import ImportKind, register

YES_NO = {"yes": "Yes", "no": "No", "true": "True", "false": "False", "1": "1", "0": "0"}

CONTACT_COLUMNS = ColumnSet(
    columns=(
        Column(
            name="account_name",
            takes="The name of an account that is there; case and outer spaces do not matter.",
            stored="accounts.Contact.account",
            parse=values.words(NAME_LENGTH),
            aliases=("account", "customer", "customer_name", "company", "company_name"),
        ),
        Column(
            name="external_id",
            takes="The account's id in your own systems, exactly as it is there.",
            stored="accounts.Contact.account",
            parse=values.words(NAME_LENGTH),
            aliases=("account_external_id", "customer_id", "crm_id", "account_id"),
        ),
        Column(
            name="name",
            takes=f"The person's name, at most {NAME_LENGTH} characters.",
            stored="accounts.Contact.name",
            parse=values.words(NAME_LENGTH),
            aliases=("contact_name", "contact", "full_name", "person"),
            missing="is empty; every contact needs a name",
        ),
        Column(
            name="email",
            takes="An e-mail address; people are found by it, else by their name.",
            stored="accounts.Contact.email",
            parse=values.email,
            aliases=("contact_email", "email_address", "mail"),
        ),
        Column(
            name="phone",
            takes=f"At most {PHONE_LENGTH} characters.",
            stored="accounts.Contact.phone",
            parse=values.words(PHONE_LENGTH),
            aliases=("contact_phone", "mobile", "telephone", "phone_number"),
        ),
        Column(
            name="title",
            takes=f"What their card says, at most {NAME_LENGTH} characters.",
            stored="accounts.Contact.title",
            parse=values.words(NAME_LENGTH),
            aliases=("job_title", "position", "designation"),
        ),
        Column(
            name="role",
            takes=f"One of {', '.join(ContactRole.labels)}.",
            stored="accounts.Contact.role",
            parse=values.one_of(dict(ContactRole.choices)),
            aliases=("contact_role",),
        ),
        Column(
            name="is_primary",
            takes="Yes or no. Yes makes them the account's primary contact instead of whoever was.",
            stored="accounts.Contact.is_primary",
            parse=values.one_of(YES_NO),
            aliases=("primary", "primary_contact"),
        ),
        Column(
            name="left_on",
            takes="A day up to today, best as 2026-11-20: the first day without them.",
            stored="accounts.Contact.left_on",
            parse=values.past_day,
            aliases=("left", "left_at", "departed_on"),
        ),
    ),
    keys=("account_name", "external_id"),
)


TICKET_COLUMNS = ColumnSet(
    columns=(
        Column(
            name="external_id",
            takes="The ticket's id in the support system, exactly as it is there, at most 100 characters.",
            stored="accounts.SupportTicket.external_id",
            parse=values.words(100),
            aliases=("ticket_id", "ticket", "ticket_number", "case_id", "id", "key"),
            missing="is empty; every ticket needs its id in the support system",
        ),
        Column(
            name="account_name",
            takes="The name of an account that is there; case and outer spaces do not matter.",
            stored="accounts.SupportTicket.account",
            parse=values.words(NAME_LENGTH),
            aliases=("account", "customer", "customer_name", "company", "company_name", "organisation"),
        ),
        Column(
            name="account_external_id",
            takes="The account's id in your own systems, exactly as it is there.",
            stored="accounts.SupportTicket.account",
            parse=values.words(NAME_LENGTH),
            aliases=("customer_id", "crm_id", "account_id"),
        ),
        Column(
            name="subject",
            takes="What it is about, at most 255 characters; a new ticket needs it.",
            stored="accounts.SupportTicket.subject",
            parse=values.words(255),
            aliases=("title", "summary", "ticket_subject"),
        ),
        Column(
            name="description",
            takes="Text of at most 20,000 characters.",
            stored="accounts.SupportTicket.description",
            parse=values.words(20_000),
            aliases=("body", "details"),
        ),
        Column(
            name="status",
            takes=f"One of {', '.join(TicketStatus.labels)}.",
            stored="accounts.SupportTicket.status",
            parse=values.one_of(dict(TicketStatus.choices)),
            aliases=("ticket_status", "state"),
        ),
        Column(
            name="priority",
            takes=f"One of {', '.join(TicketPriority.labels)}.",
            stored="accounts.SupportTicket.priority",
            parse=values.one_of(dict(TicketPriority.choices)),
            aliases=("ticket_priority", "urgency"),
        ),
        Column(
            name="severity",
            takes="The same words; used where the row has no priority.",
            stored="accounts.SupportTicket.priority",
            parse=values.one_of(dict(TicketPriority.choices)),
            aliases=("ticket_severity", "impact"),
        ),
        Column(
            name="is_escalated",
            takes="Yes or no.",
            stored="accounts.SupportTicket.is_escalated",
            parse=values.one_of(YES_NO),
            aliases=("escalated", "escalation"),
        ),
        Column(
            name="opened_at",
            takes="A moment such as 2026-11-20 14:30, in the organisation's time unless it says another.",
            stored="accounts.SupportTicket.opened_at",
            parse=values.moment,
            aliases=("created", "created_at", "opened", "created_time", "date_opened"),
        ),
        Column(
            name="first_response_at",
            takes="A moment, not before it was opened.",
            stored="accounts.SupportTicket.first_response_at",
            parse=values.moment,
            aliases=("first_response", "first_reply_at", "first_responded_at"),
        ),
        Column(
            name="due_at",
            takes="Until when it was promised to be resolved.",
            stored="accounts.SupportTicket.due_at",
            parse=values.moment,
            aliases=("due", "due_by", "sla_due"),
        ),
        Column(
            name="resolved_at",
            takes="A moment, beside the status Resolved or Closed; without a status it means Resolved.",
            stored="accounts.SupportTicket.resolved_at",
            parse=values.moment,
            aliases=("resolved", "closed_at", "solved_at", "resolution_time"),
        ),
        Column(
            name="csat",
            takes="The customer's answer, 1 to 5.",
            stored="accounts.SupportTicket.csat",
            parse=values.whole_number(5),
            aliases=("satisfaction", "csat_score", "rating"),
        ),
    ),
    keys=("external_id",),
)


def register_kinds() -> None:
    """Offer the room's imports; called when the app is ready."""
    register(
        ImportKind(
            name="accounts",
            label="Accounts",
            description="One row per account: its facts, without daily metrics. Accounts that are new are made.",
            units="accounts",
            columns=ACCOUNT_COLUMNS,
            own_columns=own_columns,
            new_columns=NEW_FIELDS,
            loader=AccountsLoader,
            rows_at_once=ROWS_AT_ONCE,
            template="samples/accounts-template.csv",
            sample="samples/accounts-sample.csv",
            records_url_name="accounts:account_list",
            records_label="Show accounts",
            undo=AccountsUndo,
        )
    )
    register(
        ImportKind(
            name="contacts",
            label="Contacts",
            description="One row per person at an account that is there. New people are added, known ones changed.",
            units="contacts",
            columns=CONTACT_COLUMNS,
            loader=ContactsLoader,
            template="samples/contacts-template.csv",
            sample="samples/contacts-sample.csv",
            records_url_name="accounts:account_list",
            records_label="Show accounts",
        )
    )
    register(
        ImportKind(
            name="tickets",
            label="Support tickets",
            description="One row per ticket, found by its id in the support system: new ones are opened, known ones"
            " brought up to date.",
            units="tickets",
            columns=TICKET_COLUMNS,
            loader=TicketsLoader,
            rows_at_once=1_000,
            template="samples/tickets-template.csv",
            sample="samples/tickets-sample.csv",
            records_url_name="accounts:ticket_list",
            records_label="Show tickets",
            undo=TicketsUndo,
        )
    )
