"""The frame that every page of one account is drawn in: its tabs and what may be done to it."""

from __future__ import annotations

from typing import TypedDict

from django import template
from django.template.context import Context
from django.urls import NoReverseMatch, reverse

from accounts.head_facts import ScoreMove, score_move
from accounts.models import Account
from accounts.permissions import can_edit_account

register = template.Library()

TABS = (
    ("Overview", "insights:account_overview"),
    ("Timeline", "accounts:account_timeline"),
    ("Health", "health:account_health"),
    ("Goals", "accounts:account_goals"),
    ("Contacts", "accounts:account_contacts"),
    ("Tickets", "accounts:account_tickets"),
    ("Billing", "billing:account_billing"),
    ("Usage", "accounts:account_usage"),
    ("Playbooks", "playbooks:account_playbooks"),
    ("Files", "accounts:account_files"),
    ("History", "accounts:account_history"),
)
"""Label and page of each tab, in order. The pages belong to the rooms that own their facts."""


STARTS = (
    ("Log engagement", "accounts:engagement_create", "message-circle"),
    ("Add follow-up", "accounts:follow_up_create", "checkbox"),
    ("Start playbook", "playbooks:run_create", "player-play"),
)
"""What is begun from an account's head; each takes `account`, and stands there once its page exists."""


class Start(TypedDict):
    label: str
    url: str
    icon: str


class Tab(TypedDict):
    label: str
    url: str
    is_current: bool


@register.simple_tag(takes_context=True)
def account_tabs(context: Context, account: Account) -> list[Tab]:
    """The tabs whose page exists, the one that is being looked at marked: `{% account_tabs account as tabs %}`."""
    pages = [(label, url) for label, name in TABS if (url := _page(name, account))]
    path = context["request"].path
    open_pages = [url for _, url in pages if path == url or path.startswith(f"{url}/")]
    current = max(open_pages, key=len, default=pages[0][1] if pages else "")
    return [{"label": label, "url": url, "is_current": url == current} for label, url in pages]


def _page(url_name: str, account: Account) -> str:
    try:
        return reverse(url_name, args=[account.number])
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def may_edit(context: Context, account: Account) -> bool:
    """Whether the member looking at the page may change the account; asked once a request."""
    request = context["request"]
    asked: dict[int, bool] = request.__dict__.setdefault("_may_edit", {})
    if account.pk not in asked:
        asked[account.pk] = can_edit_account(request.member, account)
    return asked[account.pk]


@register.simple_tag
def account_starts(account: Account) -> list[Start]:
    """What can be begun with the account: `{% account_starts account as starts %}`."""
    found: list[Start] = []
    for label, name, icon in STARTS:
        try:
            found.append({"label": label, "url": f"{reverse(name)}?account={account.number}", "icon": icon})
        except NoReverseMatch:
            continue
    return found


@register.simple_tag(takes_context=True)
def score_moved(context: Context, account: Account) -> ScoreMove:
    """By how much the score moved in thirty days: `{% score_moved account as moved %}`. A page that knows already
    puts it into its context as `score_move`."""
    known: ScoreMove | None = context.get("score_move")
    return known or score_move(account)
