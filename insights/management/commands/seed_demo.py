"""`manage.py seed_demo`: load a believable portfolio to look around in."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from csplatform.models import Organization
from csplatform.tenancy import every_organization
from insights.demo import data
from insights.demo.build import build_demo
from insights.demo.removal import demo_organizations

BAR_WIDTH = 30


class Command(BaseCommand):
    help = "Load the demo: a cloud provider's customers with a year of metrics, the same for the same seed and day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--accounts", type=_at_least(1), default=147, help="how many accounts (147)")
        parser.add_argument("--seed", type=_at_least(0), default=7, help="another number gives another portfolio (7)")
        parser.add_argument("--days", type=_at_least(1), default=365, help="how many days of metrics (365)")
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing where there is an organisation already"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with every_organization(write=True, why="the demo makes organisations of its own"):
            if options["if_empty"] and Organization.objects.exists():
                self._print_logins(only_if=demo_organizations().exists())
                return
            if Organization.objects.filter(slug__in=[data.SLUG, data.OTHER_SLUG]).exists():
                raise CommandError("The demo is loaded already; `manage.py remove_demo` takes it away.")
            self._show(0)
            build_demo(accounts=options["accounts"], days=options["days"], seed=options["seed"], report=self._show)
        self.stderr.write("")
        self.stdout.write(
            f"{data.NAME}: {options['accounts']} accounts with {options['days']} days of metrics. "
            f"{data.OTHER_NAME}: a second organisation beside it."
        )
        self._print_logins(only_if=True)

    def _show(self, share: float) -> None:
        filled = round(BAR_WIDTH * share)
        bar = "#" * filled + "." * (BAR_WIDTH - filled)
        self.stderr.write(f"\rLoading the demo [{bar}] {share:4.0%}", ending="")
        self.stderr.flush()

    def _print_logins(self, *, only_if: bool) -> None:
        if not only_if:
            return
        self.stdout.write(f"\nDemo logins, each with the password {data.PASSWORD}:")
        for person in data.LOGINS:
            place = data.OTHER_NAME if person is data.OTHER_ADMIN else data.NAME
            self.stdout.write(f"  {person.email:22} {person.role.label} of {place}")


def _at_least(least: int) -> Any:
    def number(text: str) -> int:
        if not text.isascii() or not text.isdigit() or int(text) < least:
            raise ArgumentTypeError(f"{text!r} is not a whole number from {least} up")
        return int(text)

    return number
