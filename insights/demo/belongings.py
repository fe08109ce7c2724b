"""What hangs on the demo's accounts: tickets, products and their use, goals, referrals and testimonials."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from django.db.models import F

from accounts.enums import GoalMetric, GoalPeriod, ReferralStatus, TestimonialStatus, TicketPriority, TicketStatus
from accounts.models import (
    AccountProduct,
    Goal,
    GoalMilestone,
    GoalReading,
    ProductUsage,
    Referral,
    SupportTicket,
    Testimonial,
)
from accounts.services.activity import record_activities
from accounts.services.goal import refresh_goals
from accounts.services.ticket import opened_line
from csplatform import bulk
from csplatform.models import Organization
from csplatform.periods import add_months, civil_date, end_of_day

SUBJECTS = (
    "VM unreachable after resize", "Slow disk on the database node", "Bill shows a stopped instance",
    "Kubernetes upgrade stuck", "Load balancer answers 502", "Restore a snapshot", "Bandwidth above the plan",
    "Access for a new colleague", "Object storage rejects large files", "Certificate could not be renewed",
    "Question about the invoice", "Private network between two regions",
)  # fmt: skip
PRIORITY_SHARES = (0.11, 0.18, 0.44, 0.27)
"""Critical to low."""
SHARES = {
    "cloud_instances": (0.986, 0.87),
    "kubernetes": (0.605, 0.65),
    "databases": (0.639, None),
    "object_storage": (0.517, 0.59),
    "load_balancers": (0.286, None),
    "other_services": (0.231, None),
}
"""Of all accounts those that have the product; of these those active on it, where its use is measured."""
USAGE_MONTHS = 6
GOALS: tuple[tuple[str, GoalMetric, str], ...] = (
    ("Raise feature adoption", GoalMetric.ADOPTION, "%"),
    ("Grow the number of seats", GoalMetric.SEAT_COUNT, "users"),
    ("Bring the health score up", GoalMetric.HEALTH_SCORE, "points"),
    ("Improve NPS", GoalMetric.NPS, ""),
    ("Expand the contract", GoalMetric.ARR, "₹"),
    ("Move workloads to Kubernetes", GoalMetric.CUSTOM, "services"),
    ("Fewer open tickets", GoalMetric.CUSTOM, "tickets"),
)
PROSPECTS = (
    "Nova Retail",
    "Blue Harbour Logistics",
    "Kaveri Foods",
    "Aarav Textiles",
    "Zenith Clinics",
    "Orbit Media",
)
QUOTES = (
    "We moved in one weekend and nobody noticed. That is the best thing I can say about a migration.",
    "Support answers as if it were their own outage.",
    "The bill is the one we expected, every month.",
    "Their team told us to buy less. We have stayed since.",
    "Scaling for the sale season took four clicks.",
)


def write_belongings(organization: Organization, *, seed: int, now: datetime) -> None:
    """Believable and the same every time; a constant number of statements."""
    rng = np.random.default_rng([seed, 17])
    today = civil_date(now, organization)
    fields = ("pk", "created_at", "churned_on", "seats", "arr", "health_score")
    accounts = list(organization.accounts.order_by("number").values_list(*fields))
    _write_tickets(organization, accounts, rng, now=now)
    _write_products(organization, accounts, rng, today=today)
    _write_goals(organization, accounts, rng, today=today, now=now)
    _write_advocacy(organization, accounts, rng, today=today)


def _write_tickets(
    organization: Organization, accounts: Sequence[tuple[Any, ...]], rng: np.random.Generator, *, now: datetime
) -> None:
    rows: dict[str, list[Any]] = {name: [] for name in ("account_id", "subject", "priority", "opened_at", "health")}
    for key, since, churned_on, _, _, health in accounts:
        many = 1.0 if health is None else 5.0 - float(health) / 25
        for _ in range(int(rng.poisson(many))):
            opened = now - timedelta(hours=float(rng.exponential(24 * 45)) + 3)
            if opened <= since or (churned_on and opened.date() >= churned_on):
                continue
            rows["account_id"].append(key)
            rows["subject"].append(SUBJECTS[int(rng.integers(len(SUBJECTS)))])
            rows["priority"].append(TicketPriority.values[int(rng.choice(4, p=PRIORITY_SHARES))])
            rows["opened_at"].append(opened)
            rows["health"].append(health)
    count = len(rows["opened_at"])
    if not count:
        return
    ages = [(now - opened) / timedelta(days=1) for opened in rows["opened_at"]]
    is_open = [bool(rng.random() < (0.92 if age < 3 else 0.5 if age < 12 else 0.06)) for age in ages]
    answered = [opened + timedelta(hours=float(rng.gamma(2, 2.1))) for opened in rows["opened_at"]]
    resolved = [
        min(now - timedelta(minutes=5), answer + timedelta(hours=float(rng.gamma(2, 14)))) for answer in answered
    ]
    answered = [min(answer, now - timedelta(minutes=10)) for answer in answered]
    ids = bulk.insert(
        SupportTicket,
        {
            "uuid": [uuid.UUID(bytes=rng.bytes(16), version=4) for _ in range(count)],
            "account_id": rows["account_id"],
            "external_id": [f"N{7876700 + n}" for n in range(count)],
            "subject": rows["subject"],
            "priority": rows["priority"],
            "is_escalated": [
                bool(rng.random() < (0.25 if priority == TicketPriority.CRITICAL else 0.05))
                for priority in rows["priority"]
            ],
            "opened_at": rows["opened_at"],
            "first_response_at": answered,
            "due_at": [opened + timedelta(days=5) for opened in rows["opened_at"]],
            "created_at": rows["opened_at"],
            "updated_at": rows["opened_at"],
        },
        constants={"organization_id": organization.pk, "description": "", "status": TicketStatus.OPEN},
    )
    bulk.record_history(SupportTicket, ids, kind="+", by=None, reason="Demo data")
    tickets = dict(organization.tickets.order_by().values_list("external_id", "pk"))
    keys = [tickets[f"N{7876700 + n}"] for n in range(count)]
    done = [n for n in range(count) if not is_open[n]]
    bulk.update_from(
        SupportTicket,
        [keys[n] for n in done],
        {
            "status": [TicketStatus.CLOSED if ages[n] > 20 else TicketStatus.RESOLVED for n in done],
            "resolved_at": [max(resolved[n], answered[n]) for n in done],
            "csat": [int(rng.choice([5, 4, 3, 2], p=[0.55, 0.27, 0.12, 0.06])) if n % 3 else None for n in done],
            "updated_at": [max(resolved[n], answered[n]) for n in done],
        },
    )
    bulk.record_history(SupportTicket, [keys[n] for n in done], kind="~", by=None, reason="Demo data")
    history = SupportTicket.history.filter(organization=organization)
    history.filter(history_type="+").update(history_date=F("opened_at"))
    history.filter(history_type="~").update(history_date=F("resolved_at"))
    record_activities(organization, [opened_line(each) for each in organization.tickets.open().for_list()[:400]])


def _write_products(
    organization: Organization, accounts: Sequence[tuple[Any, ...]], rng: np.random.Generator, *, today: date
) -> None:
    products = {each.key: each.pk for each in organization.products.exclude(key="")}
    held: dict[str, list[Any]] = {name: [] for name in ("account_id", "product_id", "seats", "starts_on", "ends_on")}
    used: dict[str, list[Any]] = {
        name: [] for name in ("account_id", "product_id", "used_on", "active_users", "usage", "plan")
    }
    days = [add_months(today, -back) - timedelta(days=2) for back in reversed(range(USAGE_MONTHS))]
    for key, since, churned_on, seats, _, _ in accounts:
        start = since.date()
        for product, (share, active) in SHARES.items():
            if rng.random() > share or product not in products:
                continue
            held["account_id"].append(key)
            held["product_id"].append(products[product])
            held["seats"].append(seats if product == "cloud_instances" else None)
            held["starts_on"].append(start)
            held["ends_on"].append(churned_on)
            if active is None:
                continue
            works = rng.random() < active
            size, grows = (
                float(rng.gamma(2, 12)) + 1,
                float(rng.choice([0.0, 0.02, 0.05, 0.24], p=[0.4, 0.3, 0.2, 0.1])),
            )
            load = float(rng.choice([0.2, 0.6, 0.85, 1.1, 1.3], p=[0.12, 0.38, 0.3, 0.12, 0.08]))
            for n, day in enumerate(days):
                if day <= start or (churned_on and day >= churned_on):
                    continue
                now_used = size * load * (1 + grows) ** (n - USAGE_MONTHS + 1) if works or n < 3 else 0.0
                used["account_id"].append(key)
                used["product_id"].append(products[product])
                used["used_on"].append(day)
                used["active_users"].append(
                    int((seats or 20) * min(1.0, 0.35 + load / 2) * (1 if now_used else 0))
                    if product == "cloud_instances"
                    else None
                )
                used["usage"].append(_quantities(product, now_used))
                used["plan"].append(_quantities(product, size))
    stamps = {
        "organization_id": organization.pk,
        "created_at": _noon(organization),
        "updated_at": _noon(organization),
    }
    held["uuid"] = [uuid.UUID(bytes=rng.bytes(16), version=4) for _ in held["account_id"]]
    ids = bulk.insert(AccountProduct, held, constants=stamps)
    bulk.record_history(AccountProduct, ids, kind="+", by=None, reason="Demo data")
    bulk.insert(ProductUsage, used, constants=stamps)


def _quantities(product: str, size: float) -> dict[str, float]:
    match product:
        case "cloud_instances":
            return {"vms": round(size), "storage_gb": round(size * 17), "bandwidth_tb": round(size * 0.42, 1)}
        case "kubernetes":
            return {"nodes": round(size * 0.6)}
        case _:
            return {"storage_tb": round(size * 0.3, 1)}


def _write_goals(
    organization: Organization,
    accounts: Sequence[tuple[Any, ...]],
    rng: np.random.Generator,
    *,
    today: date,
    now: datetime,
) -> None:
    goals: list[Goal] = []
    for n, (key, since, churned_on, seats, arr, health) in enumerate(accounts):
        if churned_on or n % 4 or since.date() > today - timedelta(days=120):
            continue
        title, metric, unit = GOALS[(n // 4) % len(GOALS)]
        starts, ends = (
            today - timedelta(days=int(rng.integers(40, 110))),
            today + timedelta(days=int(rng.integers(20, 120))),
        )
        baseline, target, current = _numbers(title, metric, seats, arr, health, rng)
        if (n // 4) % 9 == 8:
            ends = today - timedelta(days=12)  # its day has passed
        goals.append(
            Goal(
                organization=organization,
                account_id=key,
                uuid=uuid.UUID(bytes=rng.bytes(16), version=4),
                title=title,
                metric_type=metric,
                unit=unit,
                baseline_value=baseline,
                current_value=current,
                target_value=target,
                measurement_period=GoalPeriod.MONTHLY,
                starts_on=starts,
                target_date=ends,
                original_target_date=ends,
            )
        )
    made = Goal.objects.bulk_create(goals, batch_size=1_000)
    bulk.record_history(Goal, [each.pk for each in made], kind="+", by=None, reason="Demo data")
    Goal.objects.filter(organization=organization).update(created_at=now - timedelta(days=60))
    Goal.history.filter(organization=organization).update(history_date=now - timedelta(days=60))
    milestones = [
        GoalMilestone(
            organization=organization,
            goal=each,
            uuid=uuid.UUID(bytes=rng.bytes(16), version=4),
            title=title,
            due_on=each.starts_on + timedelta(days=offset),
            target_value=value,
        )
        for each in made
        for title, offset, value in (
            ("Agree on how it is measured", 7, None),
            ("Halfway", 45, (each.baseline_value + each.target_value) / 2),
        )
    ]
    rows = GoalMilestone.objects.bulk_create(milestones, batch_size=1_000)
    GoalMilestone.objects.filter(organization=organization, target_value=None).update(
        reached_on=today - timedelta(days=30)
    )
    bulk.record_history(GoalMilestone, [each.pk for each in rows], kind="+", by=None, reason="Demo data")
    GoalReading.objects.bulk_create(
        [
            GoalReading(
                organization=organization,
                goal=each,
                read_on=each.starts_on + (today - each.starts_on) * step / 5,
                value=round(each.baseline_value + (each.current_value - each.baseline_value) * step / 5, 2),
            )
            for each in made
            for step in range(5)
        ],
        batch_size=2_000,
    )
    refresh_goals(organization, now=now)


def _numbers(
    title: str,
    metric: GoalMetric,
    seats: int | None,
    arr: Decimal | None,
    health: Decimal | None,
    rng: np.random.Generator,
) -> tuple[Decimal, Decimal, Decimal]:
    """Baseline, target and value now, so that some goals are ahead, some behind and some reached."""
    reach = Decimal(str(round(float(rng.choice([0.25, 0.7, 1.0])), 2)))
    match metric:
        case GoalMetric.SEAT_COUNT:
            now, step = Decimal(seats or 20), Decimal(10)
        case GoalMetric.ARR:
            now, step = Decimal(arr or 120_000), Decimal(60_000)
        case GoalMetric.HEALTH_SCORE:
            now, step = Decimal(health or 60), Decimal(12)
        case GoalMetric.CUSTOM if "Fewer" in title:
            return Decimal(12), Decimal(3), 12 - 9 * reach
        case GoalMetric.CUSTOM:
            return Decimal(2), Decimal(12), 2 + 10 * reach
        case _:
            now, step = Decimal(50), Decimal(15)
    baseline = max(Decimal(0), now - step * reach)
    return baseline, (baseline + step).quantize(Decimal(1)), now


def _write_advocacy(
    organization: Organization, accounts: Sequence[tuple[Any, ...]], rng: np.random.Generator, *, today: date
) -> None:
    happy = [row for row in accounts if row[5] is not None and row[5] >= 75 and not row[2]]
    statuses = [*ReferralStatus.values, ReferralStatus.NEW, ReferralStatus.IN_CONTACT, ReferralStatus.INTERESTED]
    referrals = []
    for n in range(min(len(happy), max(2, len(accounts) // 5))):
        status = statuses[n % len(statuses)]
        opened = today - timedelta(days=int(rng.integers(1, 90)))
        place = "" if n < len(PROSPECTS) else f" {n // len(PROSPECTS) + 1}"
        referrals.append(
            Referral(
                organization=organization,
                account_id=happy[n % len(happy)][0],
                uuid=uuid.UUID(bytes=rng.bytes(16), version=4),
                referred_company=f"{PROSPECTS[n % len(PROSPECTS)]}{place}",
                status=status,
                potential_mrr=Decimal(int(rng.integers(2, 16)) * 5_000),
                opened_on=opened,
                closed_on=today if status in (ReferralStatus.WON, ReferralStatus.LOST) else None,
            )
        )
    made = Referral.objects.bulk_create(referrals, batch_size=1_000)
    bulk.record_history(Referral, [each.pk for each in made], kind="+", by=None, reason="Demo data")
    history = Referral.history.filter(organization=organization)
    for day in {each.opened_on for each in made}:
        history.filter(opened_on=day).update(history_date=end_of_day(day, organization))
    best = sorted(happy, key=lambda row: (-row[5], row[0]))  # they are asked first
    people: dict[int, int] = {}
    for account, contact in organization.contacts.order_by("pk").values_list("account", "pk"):
        people.setdefault(account, contact)
    words = []
    for n in range(min(len(happy), max(2, len(accounts) // 10))):
        status = TestimonialStatus.values[n % 3]
        words.append(
            Testimonial(
                organization=organization,
                account_id=best[n][0],
                contact_id=people.get(best[n][0]),
                uuid=uuid.UUID(bytes=rng.bytes(16), version=4),
                quote=QUOTES[n % len(QUOTES)],
                note="Said in the last review." if n % 2 else "",
                has_consent=status != TestimonialStatus.DRAFT,
                status=status,
                published_on=today - timedelta(days=20) if status == TestimonialStatus.PUBLISHED else None,
            )
        )
    kept = Testimonial.objects.bulk_create(words, batch_size=1_000)
    bulk.record_history(Testimonial, [each.pk for each in kept], kind="+", by=None, reason="Demo data")
    said_at = end_of_day(today - timedelta(days=20), organization)
    Testimonial.objects.filter(organization=organization).update(created_at=said_at)
    Testimonial.history.filter(organization=organization).update(created_at=said_at, history_date=said_at)


def _noon(organization: Organization) -> datetime:
    return datetime(2026, 1, 1, 12, tzinfo=organization.zone)
