"""The columns of the accounts import: the fixed ones, and those that an organisation has defined for itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from accounts.enums import AccountSize, AccountStatus, CustomFieldKind, Segment
from accounts.models import CustomField
from accounts.models.account import LONGEST_TERM, MOST_SEATS
from accounts.models.tag import TAG_LENGTH
from accounts.names import NAME_LENGTH
from accounts.services.custom_fields import FALSE, MISSING_WORDS, TRUE, BadCustomValue, stored_value
from csplatform.exports import FORMULA_STARTS
from csplatform.imports import values
from csplatform.imports.columns import Column, ColumnSet
from csplatform.imports.values import BadValue, Locale, Parser
from csplatform.models import Organization

PREFIX = "cf_"
"""In front of a custom field's key: the one heading that always means it."""
IN_A_LIST = re.compile(r"[,;\n]")
STORED = "accounts.Account."
EMPTY_TOO = "NA, null and ? are as good as empty."
GONE = TRUE | {"churned", "left", "exited", "attrited", "attrited customer"}
THERE = FALSE | {"stayed", "retained", "active", "existing", "existing customer", "joined"}
"""How tables of outcomes say who has left and who has not, beside yes and no."""


def as_exported(parse: Parser) -> Parser:
    """Text as our own exports write it: an apostrophe that keeps a spreadsheet from running a cell is none of it."""

    def parsed(text: str, locale: Locale) -> object:
        return parse(text[1:] if text[:1] == "'" and text[1:].startswith(FORMULA_STARTS) else text, locale)

    return parsed


def _words(longest: int) -> Parser:
    return as_exported(values.words(longest))


def _term(text: str, locale: Locale) -> float:
    months = values.whole_number(LONGEST_TERM)(text, locale)
    if not months:
        raise BadValue(f"must lie between 1 and {LONGEST_TERM}")
    return float(str(months))


def _tags(text: str, locale: Locale) -> str:
    """Each tag once, in the order of the alphabet; as text, which a column keeps."""
    tags = sorted({" ".join(each.split()) for each in IN_A_LIST.split(text)} - {""})
    if not tags:
        raise BadValue("names no tag")
    for tag in tags:
        if len(tag) > TAG_LENGTH or not tag.isprintable():
            raise BadValue(f"holds a tag that is longer than {TAG_LENGTH} characters or is not plain text")
    return ", ".join(tags)


def _has_churned(text: str, locale: Locale) -> str:
    """The status that it comes to; no is no word about the status, of which there are several."""
    word = " ".join(text.split()).casefold()
    if word in GONE:
        return AccountStatus.CHURNED
    if word in THERE:
        return ""
    raise BadValue("is not yes or no")


def _one_of(labels: Sequence[str]) -> str:
    return f"One of {', '.join(labels)}."


ACCOUNT_COLUMNS = ColumnSet(
    columns=(
        Column(
            name="account_name",
            takes=f"Text of at most {NAME_LENGTH} characters; case and outer spaces do not matter.",
            stored=f"{STORED}name",
            parse=_words(NAME_LENGTH),
            aliases=("name", "account", "customer", "customer_name", "company", "company_name", "client_name"),
        ),
        Column(
            name="external_id",
            takes="The account's id in your own systems. With it, another name is a new name of the account.",
            stored=f"{STORED}external_id",
            parse=_words(NAME_LENGTH),
            aliases=("account_external_id", "customer_id", "customer_number", "client_id", "clientnum", "crm_id"),
        ),
        Column(
            name="status",
            takes=f"{_one_of(AccountStatus.labels)} Churned ends its ARR.",
            stored=f"{STORED}status",
            parse=values.one_of(dict(AccountStatus.choices)),
            aliases=("account_status", "lifecycle"),
        ),
        Column(
            name="has_churned",
            takes="Yes or no, where a file says it so: yes is the status Churned, no changes nothing.",
            stored=f"{STORED}status",
            parse=as_exported(_has_churned),
            aliases=("churn", "is_churned", "churn_label", "churn_flag", "attrition", "attrition_flag", "exited"),
        ),
        Column(
            name="churned_on",
            takes="Beside the status Churned: the first day without service, up to today; without it, today.",
            stored=f"{STORED}churned_on",
            parse=values.past_day,
            aliases=("churn_date", "churned"),
        ),
        Column(
            name="churn_reason",
            takes="Beside the status Churned: why, in at most 255 characters.",
            stored=f"{STORED}churn_reason",
            parse=_words(255),
        ),
        Column(
            name="segment",
            takes=_one_of(Segment.labels),
            stored=f"{STORED}segment",
            parse=values.one_of(dict(Segment.choices)),
            aliases=("account_segment",),
        ),
        Column(
            name="size",
            takes=_one_of(AccountSize.labels),
            stored=f"{STORED}size",
            parse=values.one_of(dict(AccountSize.choices)),
            aliases=("company_size", "account_size"),
        ),
        Column(
            name="region",
            takes="Text of at most 100 characters.",
            stored=f"{STORED}region",
            parse=_words(100),
            aliases=("geo", "geography", "territory"),
        ),
        Column(
            name="industry",
            takes="Text of at most 100 characters.",
            stored=f"{STORED}industry",
            parse=_words(100),
            aliases=("sector", "vertical"),
        ),
        Column(
            name="lead_source",
            takes="Text of at most 100 characters.",
            stored=f"{STORED}lead_source",
            parse=_words(100),
            aliases=("source", "acquisition_source"),
        ),
        Column(
            name="owner_email",
            takes="The e-mail address of an active member; it counts before the column owner.",
            stored=f"{STORED}owner",
            parse=values.email,
            aliases=("csm_email", "owner_e_mail"),
        ),
        Column(
            name="owner",
            takes="The name or e-mail address of an active member.",
            stored=f"{STORED}owner",
            parse=_words(NAME_LENGTH),
            aliases=("csm", "cs_owner", "account_owner", "account_manager", "owner_name"),
        ),
        Column(
            name="team",
            takes="The name of a team.",
            stored=f"{STORED}team",
            parse=_words(NAME_LENGTH),
            aliases=("team_name",),
        ),
        Column(
            name="tags",
            takes="All tags of the account, divided by commas. Unknown ones are made, others are taken off.",
            stored=f"{STORED}tags",
            parse=as_exported(_tags),
            aliases=("labels", "tag"),
        ),
        Column(
            name="parent",
            takes="The name or external id of the account that it belongs to: one that is there, or in the file.",
            stored=f"{STORED}parent",
            parse=_words(NAME_LENGTH),
            aliases=("parent_account", "parent_name", "parent_external_id", "group"),
        ),
        Column(
            name="arr",
            takes="Rupees a year from today on, to the paisa; ₹ and Indian or Western grouping are fine.",
            stored=f"{STORED}arr",
            parse=values.rupees,
            aliases=("annual_recurring_revenue", "arr_inr", "annual_revenue"),
        ),
        Column(
            name="seats",
            takes=f"A whole number from 0 to {MOST_SEATS:,}: users paid for.",
            stored=f"{STORED}seats",
            parse=values.whole_number(MOST_SEATS),
            aliases=("licenses", "licences", "total_seats", "licensed_users", "seats_purchased"),
        ),
        Column(
            name="contract_start",
            takes="A day, best as 2026-11-20.",
            stored=f"{STORED}contract_start",
            parse=values.day,
            aliases=("contract_start_date", "start_date"),
        ),
        Column(
            name="contract_end",
            takes="A day, best as 2026-11-20, not before the contract starts.",
            stored=f"{STORED}contract_end",
            parse=values.day,
            aliases=("contract_end_date", "end_date", "renewal_date", "renewal"),
        ),
        Column(
            name="contract_term_months",
            takes=f"A whole number from 1 to {LONGEST_TERM}: for how long it renews each time.",
            stored=f"{STORED}contract_term_months",
            parse=_term,
            aliases=("term", "term_months", "contract_term"),
        ),
    ),
    keys=("account_name", "external_id"),
)


# -- the organisation's own -------------------------------------------------------------------------


def heading_of(field: CustomField) -> str:
    """What a custom field is called in a file: its name, unless that means something else there already."""
    return f"{PREFIX}{field.key}" if ACCOUNT_COLUMNS.is_known(field.name) else field.name


def own_columns(organization: Organization) -> list[Column]:
    """A column for each custom field in use."""
    return [
        Column(
            name=f"{PREFIX}{field.key}",
            takes=_takes(field),
            stored=f"{STORED}custom_fields",
            parse=as_exported(_READERS.get(CustomFieldKind(field.kind), _checked)(field)),
            aliases=(field.name, field.key),
            is_date=field.kind == CustomFieldKind.DATE,
        )
        for field in organization.custom_fields.in_use()
    ]


def _takes(field: CustomField) -> str:
    words = {
        CustomFieldKind.NUMBER: f"A number; Indian or Western grouping is fine. {EMPTY_TOO}",
        CustomFieldKind.DATE: f"A day, best as 2026-11-20. {EMPTY_TOO}",
        CustomFieldKind.BOOLEAN: f"Yes or no. {EMPTY_TOO}",
        CustomFieldKind.CHOICE: _one_of(field.choices),
        CustomFieldKind.MULTI_CHOICE: f"Any of {', '.join(field.choices)}, divided by commas.",
        CustomFieldKind.URL: "A web address such as https://example.com.",
    }
    return words.get(CustomFieldKind(field.kind), "Text.")


def _refused(error: BadCustomValue) -> BadValue:
    return BadValue(f"cannot stand here: it {str(error).rstrip('.')}")


def _checked(field: CustomField) -> Parser:
    """As it was typed; what is stored is made of it when it is written."""

    def parse(text: str, locale: Locale) -> str:
        try:
            stored_value(field, text)
        except BadCustomValue as error:
            raise _refused(error) from None
        return text

    return parse


def _number(field: CustomField) -> Parser:
    def parse(text: str, locale: Locale) -> object:
        figure = values.number(text.replace("₹", "").strip(), locale)
        try:
            stored_value(field, figure)
        except BadCustomValue as error:
            raise _refused(error) from None
        return figure

    return parse


def _or_missing(parse: Parser) -> Parser:
    """A word for "not known" is no value, and no reason to refuse the row either."""

    def parsed(text: str, locale: Locale) -> object:
        return None if text.casefold() in MISSING_WORDS else parse(text, locale)

    return parsed


_READERS: dict[CustomFieldKind, Callable[[CustomField], Parser]] = {
    CustomFieldKind.NUMBER: lambda field: _or_missing(_number(field)),
    CustomFieldKind.DATE: lambda field: _or_missing(values.any_day),
    CustomFieldKind.BOOLEAN: lambda field: _or_missing(_checked(field)),
}
