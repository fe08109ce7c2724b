"""The people at the demo's accounts, the organisation's own fields, and which accounts form a group."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, Protocol

import numpy as np
from django.db.models import F

from accounts.enums import ContactRole, CustomFieldKind, Segment
from accounts.models import Account, Contact
from accounts.services.custom_fields import create_custom_field
from csplatform import bulk
from csplatform.models import Organization
from insights.demo.portfolio import AccountPlan

ROWS = 5_000
OPENING = time(10)
FIRST_NAMES = (
    "Aarav", "Aditi", "Akash", "Amrita", "Anil", "Anjali", "Arnav", "Bhavna", "Chetan", "Deepa", "Dev", "Divya",
    "Esha", "Farhan", "Gauri", "Harsh", "Ishaan", "Jaya", "Karan", "Kiran", "Lakshmi", "Manish", "Megha", "Mohan",
    "Neha", "Nikhil", "Pooja", "Prakash", "Radha", "Rajesh", "Ritu", "Rohan", "Sameer", "Shreya", "Sunita", "Suresh",
    "Tanvi", "Uma", "Varun", "Vikram", "Yash", "Zoya",
)  # fmt: skip
LAST_NAMES = (
    "Agarwal", "Banerjee", "Bhat", "Chandra", "Chopra", "Das", "Desai", "Deshmukh", "Fernandes", "Ghosh", "Gill",
    "Iyengar", "Jain", "Joshi", "Kapoor", "Khan", "Kulkarni", "Kumar", "Malhotra", "Menon", "Mishra", "Mukherjee",
    "Naidu", "Pandey", "Patel", "Pillai", "Rana", "Reddy", "Saxena", "Sethi", "Shah", "Singh", "Sinha", "Subramanian",
    "Tiwari", "Trivedi", "Varma", "Yadav",
)  # fmt: skip
TITLES: dict[str, tuple[str, ...]] = {
    ContactRole.CHAMPION: ("Head of Infrastructure", "DevOps Lead", "Platform Engineer"),
    ContactRole.DECISION_MAKER: ("CTO", "Head of IT", "VP Engineering"),
    ContactRole.USER: ("System Administrator", "Developer", "IT Executive"),
    ContactRole.BILLING: ("Accounts Manager", "Finance Controller"),
    ContactRole.EXECUTIVE: ("CEO", "Founder", "COO"),
    ContactRole.DETRACTOR: ("Head of Procurement", "Security Officer"),
}
CASTS = (
    (ContactRole.CHAMPION, ContactRole.DECISION_MAKER, ContactRole.BILLING, ContactRole.USER, ContactRole.EXECUTIVE),
    (ContactRole.DECISION_MAKER, ContactRole.USER, ContactRole.BILLING, ContactRole.CHAMPION, ContactRole.USER),
    (ContactRole.USER, ContactRole.BILLING, ContactRole.CHAMPION, ContactRole.USER, ContactRole.DETRACTOR),
    (ContactRole.USER, ContactRole.DECISION_MAKER, ContactRole.DETRACTOR, ContactRole.BILLING, ContactRole.USER),
)
"""Who is there, in order of being met; an account knows the first two to five of one of them."""
LEFT_SHARE, PRIMARY_SHARE = 0.08, 0.88
GROUP_EVERY = 30
"""One account in so many heads a group, of the two that came after it."""
TIERS = {Segment.ENTERPRISE: "Platinum", Segment.MID_MARKET: "Gold", Segment.SMB: "Silver"}
STACKS = ("Compute", "Kubernetes", "Object storage", "Databases", "CDN")


class Placed(Protocol):
    """An account as it was planned and stored."""

    @property
    def plan(self) -> AccountPlan: ...
    @property
    def pk(self) -> int: ...
    @property
    def at(self) -> int: ...


def define_fields(organization: Organization) -> None:
    """What this company keeps of its customers beyond what everybody does."""
    fields: tuple[dict[str, Any], ...] = (
        {"name": "Support tier", "kind": CustomFieldKind.CHOICE, "choices": ["Platinum", "Gold", "Silver"]},
        {"name": "Go-live date", "kind": CustomFieldKind.DATE},
        {"name": "Services in use", "kind": CustomFieldKind.MULTI_CHOICE, "choices": list(STACKS)},
        {"name": "Data must stay in India", "kind": CustomFieldKind.BOOLEAN},
        {"name": "Account plan", "kind": CustomFieldKind.URL, "help_text": "Where the plan is written."},
    )
    for field in fields:
        create_custom_field(organization=organization, by=None, **field)


def custom_values(plan: AccountPlan, *, at: int, seed: int) -> dict[str, Any]:
    """What an account holds in those fields."""
    rng = np.random.default_rng([seed, at, 11])
    values: dict[str, Any] = {
        "support_tier": TIERS[plan.segment],
        "services_in_use": [name for name in STACKS if rng.random() < 0.45] or [STACKS[0]],
        "data_must_stay_in_india": bool(rng.random() < 0.35),
    }
    if rng.random() < 0.8:
        values["go_live_date"] = (plan.started_on + timedelta(days=int(rng.integers(10, 60)))).isoformat()
    if plan.segment is Segment.ENTERPRISE:
        values["account_plan"] = f"https://wiki.example/plans/{_slug(plan.name)}"
    return values


def form_groups(placed: Sequence[Placed]) -> None:
    """Let some accounts belong to another one."""
    children = [
        (placed[head + step].pk, placed[head].pk)
        for head in range(0, len(placed) - 2, GROUP_EVERY)
        for step in (1, 2)
        if not placed[head].plan.churned_on and not placed[head + step].plan.churned_on
    ]
    bulk.update_from(Account, [child for child, _ in children], {"parent_id": [parent for _, parent in children]})


def write_contacts(organization: Organization, placed: Sequence[Placed], *, seed: int, today: date) -> None:
    """Two to five people an account, a few of whom have left; in bulk, so that 10,000 accounts take seconds."""
    rows = _contacts(organization, placed, seed=seed, today=today)
    while some := list(islice(rows, ROWS)):
        columns = {name: [row[name] for row in some] for name in some[0]}
        keys = bulk.insert(Contact, columns, constants={"organization_id": organization.pk})
        bulk.record_history(Contact, keys, kind="+", by=None, reason="Demo data")
    Contact.history.filter(organization=organization).update(history_date=F("created_at"))


def _contacts(
    organization: Organization, placed: Sequence[Placed], *, seed: int, today: date
) -> Iterator[dict[str, Any]]:
    for each in placed:
        rng = np.random.default_rng([seed, each.at, 12])
        cast = CASTS[int(rng.integers(len(CASTS)))][: int(rng.integers(2, 6))]
        names: set[tuple[str, str]] = set()
        has_primary = rng.random() < PRIMARY_SHARE
        for place, role in enumerate(cast):
            name = _name(rng, names)
            days = max(1, (today - each.plan.started_on).days)
            met = each.plan.started_on + timedelta(days=int(rng.integers(days)) if place else 0)
            left = place > 1 and rng.random() < LEFT_SHARE and (today - met).days > 2
            then = datetime.combine(met, OPENING, organization.zone)
            yield {
                "account_id": each.pk,
                "uuid": uuid.UUID(bytes=rng.bytes(16), version=4),
                "name": " ".join(name),
                "email": f"{name[0]}.{name[1]}@{_slug(each.plan.name)}.example".lower(),
                "phone": f"+91 {rng.integers(70000, 99999)} {rng.integers(10000, 99999)}",
                "title": TITLES[role][int(rng.integers(len(TITLES[role])))],
                "role": role.value,
                "is_primary": place == 0 and bool(has_primary),
                "left_on": met + timedelta(days=int(rng.integers(1, (today - met).days))) if left else None,
                "created_at": then,
                "updated_at": then,
            }


def _name(rng: np.random.Generator, taken: set[tuple[str, str]]) -> tuple[str, str]:
    while True:
        name = FIRST_NAMES[int(rng.integers(len(FIRST_NAMES)))], LAST_NAMES[int(rng.integers(len(LAST_NAMES)))]
        if name not in taken:
            taken.add(name)
            return name


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", name.casefold())[:60]
