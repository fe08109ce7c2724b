"""`manage.py remove_demo`: take the demo away again, and nothing else."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from csplatform.tenancy import every_organization
from insights.demo.removal import demo_organizations, remove_demo


class Command(BaseCommand):
    help = "Delete the demo organisations, everything in them and the demo logins."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, yes: bool = False, **options: Any) -> None:
        with every_organization(write=False, why="the demo organisations are looked for"):
            names = list(demo_organizations().values_list("name", flat=True))
        if not names:
            self.stdout.write("There is no demo to remove.")
            return
        if not yes and not self._confirmed(names):
            raise CommandError("Nothing was removed.")
        with every_organization(write=True, why="the demo organisations go, with everything of theirs"):
            organizations, users = remove_demo()
        self.stdout.write(f"Removed {organizations} demo organisations and {users} demo logins.")

    def _confirmed(self, names: list[str]) -> bool:
        question = f"Delete {' and '.join(names)} with everything in them, for good? Type yes: "
        try:
            return input(question).strip().lower() == "yes"
        except EOFError:
            return False
