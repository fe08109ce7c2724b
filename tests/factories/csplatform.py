"""Organisations, people, teams and keys."""

from __future__ import annotations

from typing import Any

import factory
from django.utils import timezone

from csplatform.enums import KeyScope, Role
from csplatform.keys import SHOWN_CHARACTERS, keyed_hash, new_api_key
from csplatform.models import ApiKey, Job, Membership, Organization, Team, User

PASSWORD = "correct-horse-battery"


class OrganizationFactory(factory.django.DjangoModelFactory[Organization]):
    class Meta:
        model = Organization

    name = factory.Sequence(lambda n: f"Organisation {n}")
    slug = factory.Sequence(lambda n: f"organisation-{n}")


class UserFactory(factory.django.DjangoModelFactory[User]):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    name = factory.Sequence(lambda n: f"Person {n}")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        password = kwargs.pop("password", PASSWORD)
        return model_class.objects.create_user(*args, password=password, **kwargs)


class MembershipFactory(factory.django.DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    organization = factory.SubFactory(OrganizationFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.CSM


class TeamFactory(factory.django.DjangoModelFactory[Team]):
    class Meta:
        model = Team

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Team {n}")


class ApiKeyFactory(factory.django.DjangoModelFactory[ApiKey]):
    """The key itself is on the object as `secret`."""

    class Meta:
        model = ApiKey

    membership = factory.SubFactory(MembershipFactory)
    organization = factory.SelfAttribute("membership.organization")
    name = factory.Sequence(lambda n: f"Key {n}")
    scope = KeyScope.READ_WRITE

    @classmethod
    def _create(cls, model_class: type[ApiKey], *args: Any, **kwargs: Any) -> ApiKey:
        secret = new_api_key()
        key = super()._create(model_class, *args, prefix=secret[:SHOWN_CHARACTERS], hash=keyed_hash(secret), **kwargs)
        key.secret = secret
        return key


class JobFactory(factory.django.DjangoModelFactory[Job]):
    class Meta:
        model = Job

    organization = factory.SubFactory(OrganizationFactory)
    kind = "test"
    run_after = factory.LazyFunction(timezone.now)
