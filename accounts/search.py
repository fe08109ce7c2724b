"""How accounts, contacts and tickets are found."""

from __future__ import annotations

from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse

from accounts.enums import AliasKind
from accounts.models import Account, AccountAlias, Contact, SupportTicket
from accounts.names import name_key
from csplatform.models import Membership
from csplatform.search import Hit, Searcher, register_searcher

DIGITS_OF_BIGINT = 19
IN_USE_FIRST = F("archived_at").asc(nulls_first=True)


def find_accounts(member: Membership, text: str, limit: int) -> list[Hit]:
    """By name, number or external id exactly, by the beginning of the name, by a former name, by any part.

    PERFORMANCE: the first three are looks into indexes; only when they do not fill the list are all names read."""
    organization = member.organization
    key = name_key(text)
    exact = Q(name_key=key) | Q(external_id=text)
    if text.lstrip("#").isascii() and text.lstrip("#").isdigit() and len(text) < DIGITS_OF_BIGINT:
        exact |= Q(number=int(text.lstrip("#")))
    accounts: QuerySet[Account] = organization.accounts.select_related("owner")
    found: dict[int, Hit] = {}
    for condition in (exact, Q(name_key__startswith=key)):
        _add(found, accounts.filter(condition).order_by(IN_USE_FIRST, "name_key"), limit)
    if len(found) < limit:
        _add_former(found, organization.account_aliases.all(), key, text, limit)
    if len(found) < limit:
        _add(found, accounts.filter(name_key__contains=key).order_by(IN_USE_FIRST, "name_key"), limit)
    return list(found.values())


def _add(found: dict[int, Hit], accounts: QuerySet[Account], limit: int) -> None:
    for account in accounts[:limit]:
        if len(found) < limit:
            found.setdefault(account.pk, _account_hit(account))


def _add_former(found: dict[int, Hit], aliases: QuerySet[AccountAlias], key: str, text: str, limit: int) -> None:
    former = Q(kind=AliasKind.NAME, key__startswith=key) | Q(kind=AliasKind.EXTERNAL_ID, key=text)
    for alias in aliases.filter(former).select_related("account__owner").order_by("key")[:limit]:
        if len(found) < limit:
            found.setdefault(alias.account_id, _account_hit(alias.account, formerly=alias.text))


def _account_hit(account: Account, *, formerly: str = "") -> Hit:
    facts = [f"#{account.number}", account.get_status_display()]
    if account.is_archived:
        facts.append("archived")
    if formerly:
        facts.append(f"formerly {formerly}")
    elif account.owner:
        facts.append(account.owner.display_name)
    return Hit(title=account.name, url=account.get_absolute_url(), detail=" · ".join(facts), id=str(account.uuid))


def find_contacts(member: Membership, text: str, limit: int) -> list[Hit]:
    """By the beginning of the name or the address, then by any part of them."""
    contacts: QuerySet[Contact] = member.organization.contacts.filter(
        Q(name__icontains=text) | Q(email__icontains=text.lower())
    )
    begins = Case(
        When(Q(name__istartswith=text) | Q(email__startswith=text.lower()), then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    return [
        Hit(
            title=contact.name,
            url=f"{reverse('accounts:account_contacts', args=[contact.account.number])}#contact-{contact.uuid}",
            detail=" · ".join(filter(None, [contact.account.name, contact.title, contact.email])),
            id=str(contact.uuid),
        )
        for contact in contacts.select_related("account").order_by(begins, "name", "pk")[:limit]
    ]


def find_tickets(member: Membership, text: str, limit: int) -> list[Hit]:
    """By the outside id exactly, then by any part of the subject, the newest first."""
    tickets: QuerySet[SupportTicket] = member.organization.tickets.filter(
        Q(external_id__iexact=text) | Q(subject__icontains=text)
    )
    exact = Case(When(external_id__iexact=text, then=Value(0)), default=Value(1), output_field=IntegerField())
    return [
        Hit(
            title=ticket.subject,
            url=reverse("accounts:ticket_detail", args=[ticket.uuid]),
            detail=" · ".join(filter(None, [ticket.external_id, ticket.account.name, ticket.get_status_display()])),
            id=str(ticket.uuid),
        )
        for ticket in tickets.select_related("account").order_by(exact, "-opened_at", "-pk")[:limit]
    ]


def register_searchers() -> None:
    """Called once, when the room is ready."""
    register_searcher(
        Searcher(
            kind="accounts",
            label="Accounts",
            icon="building",
            find=find_accounts,
            position=10,
            more="accounts:account_list",
        )
    )
    register_searcher(Searcher(kind="contacts", label="Contacts", icon="users", find=find_contacts, position=20))
    register_searcher(
        Searcher(
            kind="tickets",
            label="Tickets",
            icon="ticket",
            find=find_tickets,
            position=40,
            more="accounts:ticket_list",
        )
    )
