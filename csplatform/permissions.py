"""Who may do what: the one table that pages, API and admin ask."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from csplatform.enums import Role

if TYPE_CHECKING:
    from csplatform.models import Membership


class Action(StrEnum):
    """Something a member may be allowed to do in their organisation."""

    READ = "read"
    CREATE_ACCOUNTS = "create accounts"
    EDIT_OWN_ACCOUNTS = "edit accounts they own or that are their team's"
    EDIT_ACCOUNTS = "edit any account"
    ASSIGN_OWNERS = "change who owns an account"
    WRITE_BILLING = "write billing"
    WORK_RENEWALS = "work on renewals"
    BRING_FILES = "import files"
    """Enter at all; each kind of file asks for one of the next two."""
    RUN_IMPORTS = "import accounts and metrics"
    RUN_BILLING_IMPORTS = "import invoices and payments"
    RECOMPUTE_HEALTH = "recompute health"
    EDIT_SCORECARDS = "edit scorecards"
    EDIT_PLAYBOOKS = "edit playbooks"
    EDIT_FORECAST = "change what the renewal forecast assumes"
    RUN_PLAYBOOKS = "run playbooks"
    OWN_SETTINGS = "change their own settings"
    SHARE_VIEWS = "share saved views"
    OWN_KEYS = "make API keys of their own"
    MANAGE_KEYS = "see and revoke everybody's API keys"
    MANAGE_MEMBERS = "manage members and teams"
    MANAGE_ORGANIZATION = "change the organisation's settings"


_EVERYONE = {Action.READ, Action.OWN_SETTINGS, Action.OWN_KEYS}
_CSM = _EVERYONE | {
    Action.CREATE_ACCOUNTS,
    Action.EDIT_OWN_ACCOUNTS,
    Action.RUN_PLAYBOOKS,
    Action.WORK_RENEWALS,
    Action.SHARE_VIEWS,
}
_FINANCE = {
    Action.WRITE_BILLING,
    Action.WORK_RENEWALS,
    Action.BRING_FILES,
    Action.RUN_BILLING_IMPORTS,
    Action.SHARE_VIEWS,
}
_MANAGER = _CSM | {
    Action.EDIT_ACCOUNTS,
    Action.ASSIGN_OWNERS,
    Action.BRING_FILES,
    Action.RUN_IMPORTS,
    Action.RECOMPUTE_HEALTH,
    Action.EDIT_SCORECARDS,
    Action.EDIT_PLAYBOOKS,
    Action.EDIT_FORECAST,
}

TABLE: dict[Role, frozenset[Action]] = {
    Role.ADMIN: frozenset(Action),
    Role.MANAGER: frozenset(_MANAGER),
    Role.CSM: frozenset(_CSM),
    Role.FINANCE: frozenset(_EVERYONE | _FINANCE),
    Role.VIEWER: frozenset(_EVERYONE),
}


def can(member: Membership | None, action: Action) -> bool:
    """Say whether the member's role covers the action; nobody may do nothing."""
    return member is not None and action in TABLE[Role(member.role)]
