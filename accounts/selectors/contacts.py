"""Who is known at an account, and what is missing there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from accounts.enums import ContactRole
from accounts.models import Account, Contact


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactWarning:
    """Something about the people at an account that a renewal may founder on."""

    code: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountContacts:
    """The people at one account, the important ones first."""

    current: Sequence[Contact]
    left: Sequence[Contact]
    warnings: Sequence[ContactWarning]


def account_contacts(account: Account) -> AccountContacts:
    """Everybody at an account with the warnings that follow. One query."""
    contacts = list(account.contacts.by_importance())
    for contact in contacts:
        contact.account = account
    current = [contact for contact in contacts if not contact.has_left]
    return AccountContacts(
        current=current,
        left=[contact for contact in contacts if contact.has_left],
        warnings=[] if account.is_churned or account.is_archived else list(contact_warnings(current)),
    )


def contact_warnings(current: Sequence[Contact]) -> Iterator[ContactWarning]:
    """What is wrong with the people who are there now; of a churned account nobody needs to be told."""
    roles = {contact.role for contact in current}
    if not current:
        yield ContactWarning(
            code="nobody", title="Nobody is known here", text="Add the person you speak with, and who decides."
        )
        return
    if len(current) == 1:
        yield ContactWarning(
            code="single_threaded",
            title="Single-threaded",
            text=f"Only {current[0].name} is known. Win a second voice before they leave.",
        )
    if ContactRole.DECISION_MAKER not in roles:
        yield ContactWarning(
            code="no_decision_maker", title="No decision maker", text="Find out who signs the renewal."
        )
    if ContactRole.CHAMPION not in roles:
        yield ContactWarning(code="no_champion", title="No champion", text="Nobody is known to speak for you inside.")
    if not any(contact.is_primary for contact in current):
        yield ContactWarning(code="no_primary", title="No primary contact", text="Say whom to call first.")
