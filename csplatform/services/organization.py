"""Organisations: how a new one comes to be, with its first administrator."""

from __future__ import annotations

from itertools import count

from django.db import connection, transaction
from django.utils.text import slugify

from csplatform.enums import Role
from csplatform.exceptions import DomainError, InvalidInput
from csplatform.models import Membership, Organization, User
from csplatform.services.user import create_user
from csplatform.signals import organization_created
from csplatform.tenancy import every_organization, organization_scope

FALLBACK_SLUG = "organization"
FIRST_RUN_LOCK = 7_311_402
"""Any number that nothing else on the database locks."""


class AlreadySetUp(DomainError):
    code = "already_set_up"
    message = "This installation is set up already. Sign in, or ask an administrator for an invitation."


def create_organization(
    *,
    name: str,
    email: str,
    user_name: str = "",
    password: str | None = None,
    slug: str = "",
    timezone: str = "",
    is_demo: bool = False,
) -> Organization:
    """Make an organisation and its first admin.

    An address that has a login already keeps it, password included; a new one needs a password. The rooms
    add their built-in scorecards and playbooks before this returns.
    """
    name = " ".join(name.split())
    if not name:
        raise InvalidInput("Give the organisation a name.", errors={"name": ["Give the organisation a name."]})
    with transaction.atomic():
        organization = Organization(name=name, slug=slug or free_slug(name), is_demo=is_demo)
        if timezone:
            organization.timezone = timezone
        organization.full_clean(exclude=["data_version"])
        organization.save()
        with organization_scope(organization, write=True):
            user = User.objects.filter(email__iexact=email).first()
            if user is None:
                if not password:
                    sentence = "Give the first administrator a password."
                    raise InvalidInput(sentence, errors={"password": [sentence]})
                user = create_user(email=email, name=user_name, password=password)
            Membership.objects.create(organization=organization, user=user, role=Role.ADMIN)
            organization_created.send(sender=Organization, organization=organization)
    return organization


def set_up_installation(*, name: str, email: str, user_name: str, password: str, timezone: str) -> Organization:
    """Create the very first organisation; refused from the second on, also when two people press at once."""
    with every_organization(write=True, why="the first organisation of the installation"):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:  # there is no row yet that could be locked
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FIRST_RUN_LOCK])
        if not is_first_run():
            raise AlreadySetUp
        return create_organization(name=name, email=email, user_name=user_name, password=password, timezone=timezone)


def is_first_run() -> bool:
    """Say whether nobody has set up this installation yet."""
    return not Organization.objects.exists()


def free_slug(name: str) -> str:
    """Return a slug for the name that no organisation has: acme, acme-2, acme-3 …"""
    wanted = slugify(name)[:50].strip("-") or FALLBACK_SLUG
    taken = set(Organization.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    if wanted not in taken:
        return wanted
    return next(slug for number in count(2) if (slug := f"{wanted}-{number}") not in taken)
