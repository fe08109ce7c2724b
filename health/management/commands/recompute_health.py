"""`manage.py recompute_health`: score the open accounts of one organisation, or of all."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from csplatform import periods
from csplatform.models import Organization
from csplatform.tenancy import every_organization, organization_scope
from health.services.recompute import count_open_accounts, recompute_steps
from health.services.scoring import Recomputed

BAR_WIDTH = 30


class Command(BaseCommand):
    help = "Score every open account from its newest metrics and keep a snapshot of what changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", metavar="SLUG", help="only this organisation; all without it")

    def handle(self, *args: Any, organization: str | None = None, **options: Any) -> None:
        for found in self._organizations(organization):
            self._recompute(found)

    def _organizations(self, slug: str | None) -> list[Organization]:
        with every_organization(write=False, why="the command scores every organisation in turn"):
            found = list(Organization.objects.filter(**({"slug": slug} if slug else {})).order_by("slug"))
        if slug and not found:
            raise CommandError(f"There is no organisation with the slug {slug!r}.")
        return found

    def _recompute(self, organization: Organization) -> None:
        def enter(_: list[int]) -> AbstractContextManager[object]:
            return organization_scope(organization, write=True)

        done, total, recomputed = 0, count_open_accounts(organization), Recomputed()
        for step in recompute_steps(organization, today=periods.today(organization), enter=enter):
            recomputed += step.recomputed
            done += step.accounts
            self._show(organization.slug, done, total)
        if total:
            self.stderr.write("")
        self.stdout.write(
            f"{organization.slug}: {recomputed.scored} scored, {recomputed.changed} changed, "
            f"{recomputed.snapshots_created} snapshots."
        )

    def _show(self, slug: str, done: int, total: int) -> None:
        filled = BAR_WIDTH * done // max(done, total)
        bar = "#" * filled + "." * (BAR_WIDTH - filled)
        self.stderr.write(f"\r{slug} [{bar}] {done} of {total}", ending="")
