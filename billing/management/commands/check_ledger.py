"""Prove that the MRR ledger adds up to what accounts pay and subscribed to, and documents to what settled them."""

from __future__ import annotations

from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.selectors.document_checks import document_problems
from billing.selectors.ledger import ledger_problems
from billing.selectors.subscription_ledger import subscription_problems
from csplatform.models import Organization
from csplatform.tenancy import every_organization, organization_scope


class Command(BaseCommand):
    help = "Compare the MRR ledger with the accounts; exits non-zero and names each account that differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", metavar="SLUG", help="only this one; all of them by default")

    def handle(self, *args: Any, organization: str | None = None, **options: Any) -> None:
        with every_organization(write=False, why="the list of organisations to check"):
            organizations = list(Organization.objects.filter(**({"slug": organization} if organization else {})))
        if organization and not organizations:
            raise CommandError(f"There is no organisation {organization}.")
        found = 0
        for each in organizations:
            with organization_scope(each, write=False):
                for problem in chain(ledger_problems(each), subscription_problems(each), document_problems(each)):
                    found += 1
                    self.stderr.write(f"{each.slug}: {problem}")
        if found:
            raise CommandError(f"The ledger does not add up: {found} problems.")
        self.stdout.write(self.style.SUCCESS(f"The ledger adds up in {len(organizations)} organisations."))
