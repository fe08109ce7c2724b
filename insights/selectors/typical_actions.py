"""What is usually done with an account in its state of life, each one click away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from accounts.enums import AccountStatus
from accounts.models import Account
from playbooks.library import LIBRARY


@dataclass(frozen=True, slots=True, kw_only=True)
class _Typical:
    title: str
    why: str
    type: str
    """Of the engagement that it begins with."""
    playbook: str = ""
    """The key of the built-in playbook that carries it on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypicalAction:
    """One thing to do, with where it starts."""

    title: str
    why: str
    url: str
    playbook_number: int = 0
    playbook_title: str = ""
    playbook_url: str = ""


_BUILT_IN = {each.key: (number, each.title) for number, each in enumerate(LIBRARY, start=1)}

TYPICAL: dict[str, tuple[_Typical, ...]] = {
    AccountStatus.ONBOARDING: (
        _Typical(title="Setup call", why="Agree what the first ninety days have to bring.", type="meeting"),
        _Typical(
            title="Training session",
            why="Bring the first users to the point where they come back.",
            type="training",
            playbook="user_training_enablement",
        ),
    ),
    AccountStatus.ACTIVE: (
        _Typical(
            title="Regular check-in",
            why="Hear what has changed before the figures tell.",
            type="call",
            playbook="executive_business_review",
        ),
        _Typical(
            title="Expansion talk",
            why="Ask which team or product comes next.",
            type="meeting",
            playbook="champion_user_program",
        ),
    ),
    AccountStatus.AT_RISK: (
        _Typical(
            title="Intervention campaign",
            why="Bring everybody in whom the renewal depends on.",
            type="meeting",
            playbook="renewal_risk_mitigation",
        ),
        _Typical(
            title="Success planning",
            why="Agree on the few results that would make them stay.",
            type="meeting",
            playbook="quarterly_success_planning",
        ),
    ),
    AccountStatus.CHURNED: (
        _Typical(title="Win-back campaign", why="Tell them what has changed since they left.", type="email"),
        _Typical(title="Exit interview", why="Learn the reason in their own words.", type="call"),
    ),
}


def typical_actions(account: Account) -> list[TypicalAction]:
    """The usual actions for the account's status. No query: a built-in playbook's number is its place."""
    return list(_actions(account))


def _actions(account: Account) -> Iterator[TypicalAction]:
    for each in TYPICAL[account.status]:
        number, title = _BUILT_IN.get(each.playbook, (0, ""))
        yield TypicalAction(
            title=each.title,
            why=each.why,
            url=_start(account, each),
            playbook_number=number,
            playbook_title=title,
            playbook_url=reverse("playbooks:playbook_detail", args=[number]) if number else "",
        )


def _start(account: Account, typical: _Typical) -> str:
    """The form of an engagement, filled in as far as that goes."""
    filled = urlencode({"account": account.number, "type": typical.type, "title": typical.title})
    try:
        return f"{reverse('accounts:engagement_create')}?{filled}"
    except NoReverseMatch:
        return ""
