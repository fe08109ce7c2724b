"""The people at a customer: one primary, each address once, who left stays."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import IntegrityError, transaction

from accounts.exceptions import AccountArchived, ContactChangedMeanwhile
from accounts.models import Account, Contact
from accounts.services.account import archive_account
from accounts.services.contact import (
    bring_back,
    create_contact,
    delete_contact,
    make_primary,
    mark_left,
    update_contact,
)
from csplatform.exceptions import InvalidInput
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory, ContactFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _noon() -> object:
    with time_machine.travel(datetime(2026, 11, 20, 6, 30, tzinfo=UTC), tick=True) as clock:
        yield clock


@pytest.fixture
def acme(alice: Membership) -> Account:
    return AccountFactory(organization=alice.organization, name="Acme", owner=alice.user)


def titles(account: Account) -> list[str]:
    return list(account.activities.order_by("pk").values_list("title", flat=True))


def test_a_contact_is_stored_tidily_with_history_and_a_line_in_the_timeline(acme: Account, alice: Membership) -> None:
    contact = create_contact(
        account=acme,
        by=alice.user,
        name="  Priya Sharma ",
        email=" Priya@Customer.Example ",
        phone=" +91  98450  00000 ",
        title="CTO",
        role="champion",
    )

    stored = alice.organization.contacts.get()
    assert (stored.name, stored.email, stored.phone) == ("Priya Sharma", "priya@customer.example", "+91 98450 00000")
    assert (stored.history.get().history_user, stored.is_primary) == (alice.user, False)
    line = acme.activities.get()
    assert (line.title, line.kind, line.subject_kind, line.subject_id, line.actor) == (
        "Contact added: Priya Sharma, CTO, champion",
        "contact",
        "contact",
        contact.uuid,
        alice.user,
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "  "),
        ("name", "Priya\x00"),
        ("name", "x" * 256),
        ("email", "not an address"),
        ("email", "a@b"),
        ("email", f"{'x' * 250}@a.example"),
        ("phone", "0" * 41),
        ("title", "bell\x07"),
        ("title", "x" * 256),
        ("role", "boss"),
        ("left_on", date(2026, 11, 21)),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(acme: Account, alice: Membership, field: str, value: object) -> None:
    facts = {"name": "Priya"} | {field: value}

    with pytest.raises(InvalidInput) as refusal:
        create_contact(account=acme, by=alice.user, **facts)

    assert list(refusal.value.errors or {}) == [field]
    assert not acme.contacts.exists()


def test_an_address_is_had_once_among_those_who_are_there(acme: Account, alice: Membership) -> None:
    gone = create_contact(account=acme, by=alice.user, name="Priya", email="ops@customer.example")
    with pytest.raises(InvalidInput) as refusal:
        create_contact(account=acme, by=alice.user, name="Ravi", email="OPS@customer.example")
    mark_left(contact=gone, by=alice.user)
    create_contact(account=acme, by=alice.user, name="Ravi", email="OPS@customer.example")

    with pytest.raises(InvalidInput):
        bring_back(contact=gone, by=alice.user)

    assert refusal.value.errors == {"email": ["Priya of this account has the address ops@customer.example."]}
    assert [each.name for each in acme.contacts.with_email(" Ops@Customer.Example ", "").order_by("name")] == [
        "Priya",
        "Ravi",
    ]


def test_the_same_person_may_work_for_two_accounts(acme: Account, alice: Membership) -> None:
    other = AccountFactory(organization=alice.organization)

    for account in (acme, other):
        create_contact(account=account, by=alice.user, name="Priya", email="priya@group.example")

    assert alice.organization.contacts.with_email("priya@group.example").count() == 2


def test_a_new_primary_contact_takes_the_place_of_the_old_one(acme: Account, alice: Membership) -> None:
    priya = create_contact(account=acme, by=alice.user, name="Priya", is_primary=True)
    ravi = create_contact(account=acme, by=alice.user, name="Ravi")

    make_primary(contact=ravi, by=alice.user)

    assert list(acme.contacts.primary()) == [ravi]
    newest = priya.history.first()
    assert (newest.is_primary, newest.history_change_reason, newest.history_user) == (
        False,
        "Ravi is the primary contact now",
        alice.user,
    )


def test_the_database_itself_keeps_one_primary_who_is_there(acme: Account) -> None:
    ContactFactory(account=acme, is_primary=True)

    for facts in ({"is_primary": True}, {"is_primary": True, "left_on": TODAY, "account": AccountFactory()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ContactFactory(**({"account": acme} | facts))


def test_who_leaves_stays_in_the_books_but_is_not_primary(acme: Account, alice: Membership) -> None:
    priya = create_contact(account=acme, by=alice.user, name="Priya", is_primary=True)

    mark_left(contact=priya, by=alice.user)
    mark_left(contact=priya, by=alice.user)
    bring_back(contact=priya, by=alice.user)

    stored = acme.contacts.get()
    assert (stored.left_on, stored.is_primary) == (None, False)
    assert titles(acme) == ["Contact added: Priya", "Priya has left", "Priya is back"]
    assert [row.left_on for row in stored.history.order_by("history_id")] == [None, TODAY, None]


def test_somebody_who_left_cannot_be_made_primary(acme: Account, alice: Membership) -> None:
    gone = ContactFactory(account=acme, left_on=TODAY)

    with pytest.raises(InvalidInput) as refusal:
        make_primary(contact=gone, by=alice.user)

    assert list(refusal.value.errors or {}) == ["is_primary"]


def test_of_two_editors_the_second_is_told(acme: Account, alice: Membership, bob: Membership) -> None:
    seen = ContactFactory(account=acme, title="CTO")
    update_contact(contact=seen, by=alice.user, title="CEO")

    with pytest.raises(ContactChangedMeanwhile):
        update_contact(contact=seen, by=bob.user, seen_at=seen.updated_at, title="CFO")

    assert acme.contacts.get().title == "CEO"


def test_saving_what_is_stored_writes_nothing(acme: Account, alice: Membership) -> None:
    contact = ContactFactory(account=acme, name="Priya", email="p@customer.example")

    update_contact(contact=contact, by=alice.user, name=" Priya ", email="P@customer.example")

    stored = acme.contacts.get()
    assert (stored.updated_at, stored.history.count()) == (contact.updated_at, 1)


def test_an_archived_accounts_contacts_stay_as_they_are(acme: Account, alice: Membership) -> None:
    contact = ContactFactory(account=acme)
    archive_account(account=acme, by=alice.user)

    for write in (
        lambda: create_contact(account=acme, by=alice.user, name="Ravi"),
        lambda: make_primary(contact=contact, by=alice.user),
        lambda: delete_contact(contact=contact, by=alice.user),
    ):
        with pytest.raises(AccountArchived):
            write()

    assert list(acme.contacts.values_list("is_primary", flat=True)) == [False]


def test_a_deleted_contacts_history_says_who_deleted_it(acme: Account, alice: Membership) -> None:
    contact = ContactFactory(account=acme)

    delete_contact(contact=contact, by=alice.user)

    assert not acme.contacts.exists()
    assert [(row.history_type, row.history_user) for row in Contact.history.all()] == [("-", alice.user), ("+", None)]


def test_the_important_ones_come_first_and_who_left_last(acme: Account) -> None:
    facts = [("Zoe", {"is_primary": True}), ("Amit", {}), ("Old", {"left_on": date(2025, 1, 1)})]
    facts += [("Recent", {"left_on": TODAY}), ("Bela", {})]
    for name, more in facts:
        ContactFactory(account=acme, name=name, **more)

    assert [each.name for each in acme.contacts.by_importance()] == ["Zoe", "Amit", "Bela", "Recent", "Old"]
    assert [each.name for each in acme.contacts.current().search("AMI")] == ["Amit"]
