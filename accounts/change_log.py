"""Whose histories an account's History tab shows.

The accounts room's own models are named here; rooms to the right register theirs when they are ready. Each has a
history (django-simple-history) and, but for the account itself, a foreign key `account`."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models

from accounts.models import Account, Contact, Engagement, FollowUp, Goal, SupportTicket

NEVER_TOLD = frozenset(
    {
        "id", "uuid", "number", "organization", "account", "created_at", "updated_at", "created_by", "form_token",
        "name_key", "last_known_health_score", "health_score", "health_coverage", "churn_risk_score", "measured_at",
    }
)  # fmt: skip
"""Bookkeeping, and scores, which have a history of their own."""


@dataclass(frozen=True, slots=True)
class Logged:
    """A model whose changes are told, and what one of its rows is called."""

    model: type[models.Model]
    what: str
    title: str = ""
    """The field that names a row."""

    @property
    def key(self) -> str:
        return self.model._meta.model_name or ""


_logged: list[Logged] = [
    Logged(Account, "Account"),
    Logged(Contact, "Contact", "name"),
    Logged(Engagement, "Engagement", "title"),
    Logged(FollowUp, "Follow-up", "task_type"),
    Logged(Goal, "Goal", "title"),
    Logged(SupportTicket, "Ticket", "subject"),
]


def register_logged(model: type[models.Model], what: str, title: str = "") -> None:
    """Let changes of a model of another room be told, too."""
    if all(each.model is not model for each in _logged):
        _logged.append(Logged(model, what, title))


def logged_models() -> list[Logged]:
    return list(_logged)
