"""Forgetting a person leaves nothing of them, and everybody else as they were."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import reverse

from accounts.models import Contact
from accounts.services.contact import create_contact, update_contact
from accounts.services.erasure import ERASED, erase_contact
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory, ContactFactory
from tests.factories.engagements import EngagementFactory, FollowUpFactory
from tests.factories.tickets import TicketFactory

pytestmark = pytest.mark.django_db
WORDS = ("Zelda", "zelda", "98450")


def everything_stored() -> str:
    """All text of the database, history tables too."""
    texts = []
    for model in apps.get_models(include_auto_created=True):
        fields = [
            field.attname
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField)
        ]
        if fields:
            texts += [str(row) for row in model._base_manager.values_list(*fields)]
    return "\n".join(texts)


def test_nothing_of_them_is_left_anywhere(amir: Membership) -> None:
    account = AccountFactory(organization=amir.organization)
    contact = create_contact(
        account=account, by=amir.user, name="Zelda Rao", email="zelda@customer.example", phone="+91 98450 12345"
    )
    contact = update_contact(contact=contact, by=amir.user, name="Zelda Iyer", title="Head of Zeldas")
    others = ContactFactory(account=account, name="Ola Other", email="ola@customer.example")
    engagement = EngagementFactory(
        account=account,
        title="Call with Zelda Iyer",
        description="Zelda Rao said: write to zelda@customer.example or call +91 98450 12345.",
        attendees=[
            {"name": "Zelda Iyer", "email": "Zelda@customer.example", "role": "Head of Zeldas"},
            {"name": "Ola Other", "email": "ola@customer.example", "role": ""},
        ],
    )
    engagement.save()  # a second line of history
    FollowUpFactory(account=account, description="Ask Zelda Iyer")
    TicketFactory(account=account, subject="Zelda Iyer cannot log in")
    there = everything_stored()

    record = erase_contact(contact=contact, by=amir.user)

    left = everything_stored()
    assert all(word in there for word in WORDS)  # it was there to be erased
    assert [word for word in ("Zelda Iyer", "Zelda Rao", "zelda@", "98450") if word in left] == []
    engagement.refresh_from_db()
    contact.refresh_from_db()
    others.refresh_from_db()
    assert (contact.name, contact.email, contact.phone, contact.title) == (ERASED, "", "", "")
    assert engagement.title == f"Call with {ERASED}"
    assert [each["name"] for each in engagement.attendees] == [ERASED, "Ola Other"]
    assert (others.name, others.email) == ("Ola Other", "ola@customer.example")
    assert (record.what, record.subject_id, record.by) == ("contact", contact.uuid, amir.user)


def test_a_namesake_at_another_account_stays(amir: Membership) -> None:
    one, other = AccountFactory.create_batch(2, organization=amir.organization)
    contact = ContactFactory(account=one, name="Zelda Rao")
    namesake = ContactFactory(account=other, name="Zelda Rao")
    ticket = TicketFactory(account=other, subject="Zelda Rao again")

    erase_contact(contact=contact, by=amir.user)

    namesake.refresh_from_db()
    ticket.refresh_from_db()
    assert (namesake.name, ticket.subject) == ("Zelda Rao", "Zelda Rao again")


def test_the_page_is_for_admins(
    client_for: Callable[[Membership], Client], amir: Membership, mona: Membership
) -> None:
    account = AccountFactory(organization=amir.organization)
    contact = ContactFactory(account=account, name="Zelda Rao")
    url = reverse("accounts:contact_erase", args=[account.number, contact.uuid])

    refused = client_for(mona).post(url).status_code
    shown = client_for(amir).get(url)
    untouched = Contact.objects.get(pk=contact.pk).name
    client_for(amir).post(url)

    assert (refused, shown.status_code, untouched) == (403, 200, "Zelda Rao")
    assert Contact.objects.get(pk=contact.pk).name == ERASED
