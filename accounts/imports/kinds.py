"""The columns of the contacts import, and its registration with the engine."""

from __future__ import annotations

from accounts.enums import ContactRole
from accounts.imports.contacts import ContactsLoader
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


def register_kinds() -> None:
    """Offer the room's imports; called when the app is ready."""
    register(
        ImportKind(
            name="contacts",
            label="Contacts",
            description="One row per person at an account that is there. New people are added, known ones changed.",
            columns=CONTACT_COLUMNS,
            loader=ContactsLoader,
            template="samples/contacts-template.csv",
            sample="samples/contacts-sample.csv",
            records_url_name="accounts:account_list",
            records_label="Show accounts",
        )
    )
