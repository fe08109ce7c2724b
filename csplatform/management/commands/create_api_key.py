"""Make an API key from the shell and print it, alone, so that a script can read it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from csplatform.enums import KeyScope
from csplatform.exceptions import DomainError
from csplatform.models import Membership
from csplatform.services.api_key import create_api_key, scopes_for
from csplatform.tenancy import organization_scope


class Command(BaseCommand):
    help = (
        "Create an API key for a member and print it, alone, on standard output. "
        "It may read and write; a viewer's only reads."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True, help="the member the key acts as")
        parser.add_argument("--name", default="Made on the command line", help="what will use the key")
        parser.add_argument("--organization", default="", help="its slug, if the member belongs to several")
        parser.add_argument("--read-only", action="store_true", help="the key may only read")

    def handle(self, *args: Any, **options: Any) -> None:
        membership = find_membership(options["email"].strip(), slug=options["organization"])
        may_write = not options["read_only"] and KeyScope.READ_WRITE in scopes_for(membership)
        scope = KeyScope.READ_WRITE if may_write else KeyScope.READ
        try:
            with organization_scope(membership.organization, write=True, touch=False):
                _, secret = create_api_key(
                    membership=membership, name=options["name"], scope=scope, by=membership.user
                )
        except DomainError as error:
            details = " ".join(sentence for sentences in (error.errors or {}).values() for sentence in sentences)
            raise CommandError(details or error.message) from error
        self.stdout.write(secret)


def find_membership(email: str, *, slug: str) -> Membership:
    """Find the one active membership that is meant, or say what is missing."""
    found = Membership.objects.active().filter(user__email__iexact=email).select_related("user", "organization")
    if slug:
        found = found.filter(organization__slug=slug)
    memberships = list(found.order_by("organization__slug"))
    if not memberships:
        where = f" of {slug}" if slug else ""
        raise CommandError(f"{email} is no active member{where}.")
    if len(memberships) > 1:
        slugs = ", ".join(each.organization.slug for each in memberships)
        raise CommandError(f"{email} belongs to several organisations; say which with --organization: {slugs}.")
    return memberships[0]
