"""The sidebar as data: which pages there are, in which order, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.urls import NoReverseMatch, reverse

from csplatform.models import Membership
from csplatform.permissions import Action, can


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationItem:
    label: str
    url_name: str
    icon: str
    section: str
    active_prefix: str
    """Pages whose path starts with this belong to the item; the longest such prefix wins."""
    go_key: str = ""
    """The letter that opens the page after `g`."""
    needs: Action = Action.READ
    is_one_page: bool = False
    """No page below its address is the item's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationLink:
    item: NavigationItem
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationSection:
    title: str
    links: tuple[NavigationLink, ...]


ITEMS = (
    NavigationItem(
        label="Today",
        url_name="insights:today",
        icon="home",
        section="",
        active_prefix="/dashboard",
        is_one_page=True,
        go_key="t",
    ),
    NavigationItem(
        label="Portfolio",
        url_name="insights:portfolio",
        icon="chart-donut",
        section="",
        active_prefix="/dashboard/portfolio",
        go_key="p",
    ),
    NavigationItem(
        label="Accounts",
        url_name="accounts:account_list",
        icon="building",
        section="Customers",
        active_prefix="/dashboard/accounts",
        go_key="a",
    ),
    NavigationItem(
        label="Health",
        url_name="health:overview",
        icon="heartbeat",
        section="Customers",
        active_prefix="/dashboard/health",
        go_key="h",
    ),
    NavigationItem(
        label="Alerts",
        url_name="health:alerts",
        icon="bell",
        section="Customers",
        active_prefix="/dashboard/alerts",
        go_key="l",
    ),
    NavigationItem(
        label="Renewals",
        url_name="insights:renewals",
        icon="calendar-event",
        section="Customers",
        active_prefix="/dashboard/renewals",
        go_key="r",
    ),
    NavigationItem(
        label="Team",
        url_name="insights:team",
        icon="users",
        section="Customers",
        active_prefix="/dashboard/team",
        needs=Action.ASSIGN_OWNERS,
    ),
    NavigationItem(
        label="Engagements",
        url_name="accounts:engagement_list",
        icon="messages",
        section="Work",
        active_prefix="/dashboard/engagements",
    ),
    NavigationItem(
        label="Follow-ups",
        url_name="accounts:follow_up_list",
        icon="checkbox",
        section="Work",
        active_prefix="/dashboard/follow-ups",
    ),
    NavigationItem(
        label="Timeline",
        url_name="accounts:timeline",
        icon="history",
        section="Work",
        active_prefix="/dashboard/timeline",
    ),
    NavigationItem(
        label="Goals",
        url_name="accounts:goal_list",
        icon="target",
        section="Work",
        active_prefix="/dashboard/goals",
    ),
    NavigationItem(
        label="Tickets",
        url_name="accounts:ticket_list",
        icon="ticket",
        section="Work",
        active_prefix="/dashboard/tickets",
    ),
    NavigationItem(
        label="Advocacy",
        url_name="accounts:advocacy",
        icon="speakerphone",
        section="Work",
        active_prefix="/dashboard/advocacy",
    ),
    NavigationItem(
        label="Playbooks",
        url_name="playbooks:playbook_list",
        icon="book-2",
        section="Work",
        active_prefix="/dashboard/playbooks",
    ),
    NavigationItem(
        label="Automation",
        url_name="playbooks:automation",
        icon="bolt",
        section="Work",
        active_prefix="/dashboard/automation",
    ),
    NavigationItem(
        label="Insights",
        url_name="insights:insight_list",
        icon="sparkles",
        section="Work",
        active_prefix="/dashboard/insights",
    ),
    NavigationItem(
        label="Billing",
        url_name="billing:dashboard",
        icon="receipt-rupee",
        section="Money",
        active_prefix="/dashboard/billing",
        go_key="b",
    ),
    NavigationItem(
        label="Revenue",
        url_name="billing:revenue",
        icon="trending-up",
        section="Money",
        active_prefix="/dashboard/revenue",
    ),
    NavigationItem(
        label="Imports",
        url_name="csplatform:import_list",
        icon="database-import",
        section="Data",
        active_prefix="/dashboard/imports",
    ),
    NavigationItem(
        label="Jobs",
        url_name="csplatform:job_list",
        icon="activity",
        section="Data",
        active_prefix="/dashboard/jobs",
    ),
    NavigationItem(
        label="Settings",
        url_name="csplatform:settings",
        icon="settings",
        section="Data",
        active_prefix="/dashboard/settings",
        go_key="s",
    ),
)


def navigation_for(member: Membership, path: str) -> list[NavigationSection]:
    """The sections of the sidebar, with the item marked that the page at this path belongs to."""
    shown = [(item, url) for item, url in reachable_items() if can(member, item.needs)]
    current = max(
        (item for item, _ in shown if owns(item, path)),
        key=lambda item: len(item.active_prefix),
        default=None,
    )
    sections: dict[str, list[NavigationLink]] = {}
    for item, url in shown:
        link = NavigationLink(item=item, url=url, is_current=item is current)
        sections.setdefault(item.section, []).append(link)
    return [NavigationSection(title=title, links=tuple(links)) for title, links in sections.items()]


def owns(item: NavigationItem, path: str) -> bool:
    return path == item.active_prefix if item.is_one_page else belongs(path, item.active_prefix)


def belongs(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")


@cache
def reachable_items() -> tuple[tuple[NavigationItem, str], ...]:
    """The items whose page exists; a room that is not built yet has no URL and no place in the menu."""
    return tuple(resolvable(ITEMS))


def resolvable(items: tuple[NavigationItem, ...]) -> Iterator[tuple[NavigationItem, str]]:
    for item in items:
        try:
            yield item, reverse(item.url_name)
        except NoReverseMatch:
            continue
