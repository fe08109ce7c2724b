"""Prove that the MRR ledger, tax documents and dashboards add up, each by itself and with each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.selectors.dashboard_checks import dashboard_problems, line_tax_problems
from billing.selectors.document_checks import DOCUMENT_CHECKS
from billing.selectors.ledger import ledger_problems
from billing.selectors.subscription_ledger import subscription_problems
from csplatform.formatting import counted
from csplatform.models import Organization
from csplatform.tenancy import every_organization, organization_scope

CHECKS: tuple[tuple[str, Callable[[Organization], Iterator[str]]], ...] = (
    ("MRR: the ledger is what accounts pay, each day netted", ledger_problems),
    ("MRR: subscriptions, renewals and the ledger tell one story", subscription_problems),
    *DOCUMENT_CHECKS,
    ("GST: every line bears its rate, to the paisa", line_tax_problems),
    ("Dashboard: every sum holds, in each period, today and earlier", dashboard_problems),
)


class Command(BaseCommand):
    help = "Prove that ledger, documents and dashboards add up; exits non-zero and names everything that does not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", metavar="SLUG", help="only this one; all of them by default")

    def handle(self, *args: Any, organization: str | None = None, **options: Any) -> None:
        with every_organization(write=False, why="the list of organisations to check"):
            organizations = list(Organization.objects.filter(**({"slug": organization} if organization else {})))
        if organization and not organizations:
            raise CommandError(f"There is no organisation {organization}.")
        found = sum(self._check(each) for each in organizations)
        if found:
            raise CommandError(f"The ledger does not add up: {counted(found, 'problem')}.")
        self.stdout.write(self.style.SUCCESS(f"The ledger adds up in {counted(len(organizations), 'organisation')}."))

    def _check(self, organization: Organization) -> int:
        """Run every check on one organisation, with a line for each; returns how many problems there are."""
        self.stdout.write(f"{organization} ({organization.slug})")
        total = 0
        with organization_scope(organization, write=False):
            for title, check in CHECKS:
                found = 0
                for problem in check(organization):
                    found += 1
                    self.stderr.write(f"{organization.slug}: {problem}")
                self.stdout.write(f"  {title:<64} {counted(found, 'problem') if found else 'ok'}")
                total += found
        return total
