"""Make an organisation with its first admin, from the shell; the first-run page does the same."""

from __future__ import annotations

import getpass
import secrets
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from csplatform.exceptions import DomainError
from csplatform.models import User
from csplatform.services.organization import create_organization


class Command(BaseCommand):
    help = (
        "Create an organisation and its first admin. An address that has a login keeps its password; a new one is "
        "asked for a password, or gets a random one, printed once, where nobody can be asked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="the organisation's name")
        parser.add_argument("--email", required=True, help="its first admin's e-mail address")
        parser.add_argument("--user-name", default="", help="the admin's own name")
        parser.add_argument("--slug", default="", help="the short name in addresses; made from the name if left out")
        parser.add_argument("--timezone", default="", help="such as Asia/Kolkata, the default")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        is_new = not User.objects.filter(email__iexact=email).exists()
        can_ask = sys.stdin.isatty()
        password = (ask_password(email) if can_ask else secrets.token_urlsafe(15)) if is_new else None
        try:
            validate_email(email)
            organization = create_organization(
                name=options["name"],
                email=email,
                user_name=options["user_name"],
                password=password,
                slug=options["slug"],
                timezone=options["timezone"],
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"Created {organization} ({organization.slug}). {email} is its admin.")
        if password and not can_ask:
            self.stdout.write(f"Password, shown this once: {password}")


def ask_password(email: str) -> str:
    """Ask twice, and again until it is good enough."""
    while True:
        password = getpass.getpass(f"Password for {email}: ")
        if password != getpass.getpass("Again: "):
            print("They differ; try again.", file=sys.stderr)  # noqa: T201  (beside the prompt, not in the output)
            continue
        try:
            validate_password(password, User(email=email))
        except ValidationError as error:
            print(" ".join(error.messages), file=sys.stderr)  # noqa: T201  (as above)
            continue
        return password
