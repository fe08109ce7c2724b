"""Accounts, their tags and the people at them."""

from __future__ import annotations

from typing import Any

import factory

from accounts.models import Account, Contact, CustomField, Tag
from accounts.names import name_key
from accounts.services.account import ACCOUNT_NUMBERS
from csplatform.services.sequence import take_numbers
from tests.factories.csplatform import OrganizationFactory


class AccountFactory(factory.django.DjangoModelFactory[Account]):
    """A bare row with the next number; its ARR is not in the ledger (use `create_account` for that)."""

    class Meta:
        model = Account

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Account {n:04}")

    @classmethod
    def _create(cls, model_class: type[Account], *args: Any, **kwargs: Any) -> Account:
        organization = kwargs["organization"]
        kwargs.setdefault("number", take_numbers(organization, ACCOUNT_NUMBERS))
        kwargs.setdefault("name_key", name_key(kwargs["name"]))
        return super()._create(model_class, *args, **kwargs)


class TagFactory(factory.django.DjangoModelFactory[Tag]):
    class Meta:
        model = Tag

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"tag-{n}")


class ContactFactory(factory.django.DjangoModelFactory[Contact]):
    class Meta:
        model = Contact

    account = factory.SubFactory(AccountFactory)
    organization = factory.SelfAttribute("account.organization")
    name = factory.Sequence(lambda n: f"Contact {n:04}")
    email = factory.Sequence(lambda n: f"contact{n}@customer.example")


class CustomFieldFactory(factory.django.DjangoModelFactory[CustomField]):
    class Meta:
        model = CustomField

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Field {n}")
    key = factory.Sequence(lambda n: f"field_{n}")
    kind = "text"
