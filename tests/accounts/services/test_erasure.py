"""Forgetting a person leaves nothing of them, and everybody else as they were."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import reverse

from accounts.enums import ActivityKind
from accounts.models import Contact
from accounts.services.activity import Happening, record_activity
from accounts.services.contact import create_contact, update_contact
from accounts.services.erasure import ERASED, erase_contact
from accounts.services.goal import create_goal, update_goal
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory, ContactFactory
from tests.factories.advocacy import QuoteFactory, ReferralFactory
from tests.factories.engagements import AttachmentFactory, CommitmentFactory, EngagementFactory, FollowUpFactory
from tests.factories.health import HealthOverrideFactory
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


NAME = "Ypsilonia Qvist-Łazar"
"""Stands in nothing else; with letters that JSON escapes."""


def test_a_canary_is_found_in_no_table_afterwards(amir: Membership, bob: Membership) -> None:
    """Named in every kind of text that hangs on an account, by hand and through services, then searched for."""
    organization, saying = amir.organization, f"{NAME.upper()} wants it; write to {NAME}."
    account = AccountFactory(
        organization=organization, churn_reason=saying, custom_fields={"who": [NAME]}, owner=bob.user
    )
    contact = create_contact(account=account, by=amir.user, name=NAME, email="ypsi@customer.example")
    engagement = EngagementFactory(account=account, title=saying, description=saying, competitor=NAME)
    engagement.attendees = [{"name": NAME, "email": "ypsi@customer.example", "role": "Boss"}]
    engagement.save()
    CommitmentFactory(engagement=engagement, name=NAME, what=saying)
    FollowUpFactory(account=account, task_type=f"Ask {NAME}", description=saying, department=NAME).save()
    TicketFactory(account=account, subject=saying, description=saying)
    goal = create_goal(
        organization=organization,
        by=amir.user,
        account=account,
        title=f"Make {NAME} happy",
        metric_type="custom",
        target_value=Decimal(100),
        measurement_period="monthly",
        description=saying,
        milestones=[{"title": saying}],
    )
    update_goal(goal=goal, by=amir.user, target_date=date(2099, 1, 1), reason=saying)
    update_goal(goal=goal, by=amir.user, current_value=Decimal(100))  # news for the owner
    QuoteFactory(account=account, contact=contact, quote=saying, note=saying).save()
    ReferralFactory(account=account, contact_name=NAME, contact_email="ypsi@customer.example", note=saying)
    AttachmentFactory(account=account, upload__filename=f"{NAME}.txt")
    HealthOverrideFactory(account=account, reason=saying)
    record_activity(
        Happening(account=account, kind=ActivityKind.NOTE, title=saying, text=saying, details={"who": NAME})
    )
    organization.notifications.create(membership=amir, kind="goal_achieved", title=saying)
    organization.idempotency_keys.create(membership=amir, key="1", body=saying, locked_until="2026-01-01T00:00Z")
    there = everything_stored()
    said = there.count(NAME) + there.count(json.dumps(NAME)[1:-1])

    record = erase_contact(contact=contact, by=amir.user)

    left = everything_stored()
    assert said > 30  # it was there to be erased
    for word in (NAME, NAME.upper(), NAME.lower(), json.dumps(NAME)[1:-1], "ypsi@", "Ypsilonia"):
        assert word not in left, left[max(0, left.find(word) - 200) : left.find(word) + 60]
    assert set(record.counts) >= {"goal", "goalmilestone", "goaldatechange", "testimonial", "referral", "commitment"}
    assert set(record.counts) >= {"historicalfollowup", "historicalgoal", "activity", "notification", "upload"}
    engagement.refresh_from_db()
    assert engagement.title == f"{ERASED} wants it; write to {ERASED}."


def test_parts_of_other_words_and_the_names_of_companies_stay(amir: Membership) -> None:
    account = AccountFactory(organization=amir.organization, name="Anna Bakery")
    contact = ContactFactory(account=account, name="Anna")
    ticket = TicketFactory(account=account, subject="Annas invoice, savannah, ANNA: anna", external_id="anna")

    erase_contact(contact=contact, by=amir.user)

    account.refresh_from_db()
    ticket.refresh_from_db()
    assert (account.name, ticket.external_id) == ("Anna Bakery", "anna")
    assert ticket.subject == f"Annas invoice, savannah, {ERASED}: {ERASED}"


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
