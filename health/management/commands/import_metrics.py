"""`manage.py import_metrics FILE --organization SLUG`: the import of the page and the API, from the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from csplatform.enums import JobStatus
from csplatform.exceptions import DomainError
from csplatform.imports.enums import DateOrder, ImportSource
from csplatform.imports.progress import watching
from csplatform.imports.report import first_errors
from csplatform.models import Import, Organization
from csplatform.services.imports import ImportOptions, run_import_now, start_import
from csplatform.tenancy import every_organization, organization_scope

BLOCK = 1024 * 1024
BAR_WIDTH = 30
SHOWN_ERRORS = 20


class Command(BaseCommand):
    help = "Import accounts and daily metrics from a CSV file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--organization", metavar="SLUG", required=True)
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, write nothing")
        parser.add_argument("--strict", action="store_true", help="write all rows, or none when one is bad")
        parser.add_argument(
            "--dates", choices=DateOrder.values, default=DateOrder.AUTO, help="how to read dates with slashes"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        organization = self._organization(options["organization"])
        wishes = ImportOptions(
            kind="metrics",
            dry_run=options["dry_run"],
            strict=options["strict"],
            date_order=DateOrder(options["dates"]),
            confirm_new=True,  # scripts rely on it: nobody is there to be asked
            source=ImportSource.COMMAND,
        )
        path: Path = options["file"]
        try:
            of = start_import(
                organization=organization, by=None, filename=path.name, blocks=_blocks(path), options=wishes
            )
        except DomainError as refusal:
            raise CommandError(_as_options(refusal.message)) from refusal
        except OSError as error:
            raise CommandError(f"Cannot read {path}: {error.strerror}.") from error
        with watching(self._show):
            of = run_import_now(of)
        self.stderr.write("")
        self._report(of)

    def _organization(self, slug: str) -> Organization:
        with every_organization(write=False, why="the command is given its organisation by name"):
            found = Organization.objects.filter(slug=slug).first()
        if found is None:
            raise CommandError(f"There is no organisation with the slug {slug!r}.")
        return found

    def _show(self, message: str, done: int, total: int) -> None:
        if not total:
            self.stderr.write(f"\r{message}: {done:,}", ending="")
            return
        filled = BAR_WIDTH * done // total
        bar = "#" * filled + "." * (BAR_WIDTH - filled)
        self.stderr.write(f"\r{message:<18} [{bar}] {done:,} of {total:,}    ", ending="")

    def _report(self, of: Import) -> None:
        if not of.job.is_finished:
            raise CommandError("Another import is running; this one has been queued behind it.")
        with organization_scope(of.organization, write=False):
            errors = first_errors(of)
        self.stdout.write(of.job.message)
        self.stdout.write(
            f"rows {of.rows}, accepted {of.accepted}, rejected {of.rejected}, repeated {of.repeated}, "
            f"created {of.created}, updated {of.updated}, unchanged {of.unchanged}"
        )
        for name, count in sorted(of.details.items()):  # PostgreSQL keeps its own order
            self.stdout.write(f"{name.replace('_', ' ')}: {count}")
        for notice in of.notices:
            self.stdout.write(notice)
        for error in errors[:SHOWN_ERRORS]:
            self.stdout.write(f"{error}.")
        if len(errors) > SHOWN_ERRORS:
            self.stdout.write(f"… the report in the application, import {of.uuid}, has the rest.")
        if of.job.status != JobStatus.SUCCEEDED:
            raise CommandError(_as_options(of.job.error) or "The import was cancelled.")


def _as_options(refusal: str) -> str:
    """A sentence about a parameter of the API, about the option of this command."""
    return refusal.replace("date_order:", "--dates")


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block
