"""The frame that every page of one account is drawn in: its tabs and what may be done to it."""

from __future__ import annotations

from typing import TypedDict

from django import template
from django.template.context import Context
from django.urls import NoReverseMatch, reverse

from accounts.models import Account
from accounts.permissions import can_edit_account

register = template.Library()

TABS = (("overview", "Overview", "insights:account_overview"), ("health", "Health", "health:account_health"))
"""Key, label and page of each tab, in order. The pages belong to the rooms that own their facts."""


class Tab(TypedDict):
    label: str
    url: str
    is_current: bool


@register.simple_tag
def account_tabs(account: Account, current: str) -> list[Tab]:
    """The tabs whose page exists: `{% account_tabs account "health" as tabs %}`."""
    tabs: list[Tab] = []
    for key, label, url_name in TABS:
        try:
            url = reverse(url_name, args=[account.number])
        except NoReverseMatch:
            continue
        tabs.append({"label": label, "url": url, "is_current": key == current})
    return tabs


@register.simple_tag(takes_context=True)
def may_edit(context: Context, account: Account) -> bool:
    """Whether the member looking at the page may change the account."""
    return can_edit_account(context["request"].member, account)
