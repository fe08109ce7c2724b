"""A small book of business, in whole numbers, for tests of the dashboard's figures."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import time_machine

from accounts.models import Account, SupportTicket
from accounts.services.account import churn_account, create_account, update_account
from accounts.services.advocacy import create_referral, create_testimonial
from accounts.services.engagement import log_engagement
from accounts.services.follow_up import open_follow_up
from accounts.services.ticket import open_ticket
from csplatform.models import Membership
from health.models import HealthSnapshot
from health.services.override import set_override

NOON = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
"""Twelve o'clock in Kolkata."""
TODAY = date(2026, 11, 20)


def at(day: date) -> time_machine.travel:
    """Noon of a day, by the clock on the wall."""
    return time_machine.travel(NOON + timedelta(days=(day - TODAY).days), tick=False)


def an_account(
    member: Membership, name: str, score: str | None, *, mrr: int, risk: int = 0, **facts: object
) -> Account:
    """A customer with a score set by hand, and the likelihood to leave that a model gave it."""
    account = create_account(
        organization=member.organization,
        by=member.user,
        name=name,
        arr=Decimal(mrr * 12),
        **facts,  # type: ignore[arg-type]
    )
    if score is not None:
        set_override(account=account, score=Decimal(score), reason="A test says so", by=member.user)
    at_risk_of(account, risk)
    return account


def at_risk_of(account: Account, risk: int) -> None:
    Account.objects.filter(pk=account.pk).update(churn_risk_score=risk)
    HealthSnapshot.objects.filter(account=account).update(churn_risk=risk)


def a_ticket(account: Account, number: str, subject: str, priority: str, *, opened: datetime) -> SupportTicket:
    return open_ticket(
        organization=account.organization,
        by=None,
        account=account,
        external_id=number,
        subject=subject,
        priority=priority,
        opened_at=opened,
    )


def a_book(member: Membership, *, owner: Membership | None = None, suffix: str = "") -> dict[str, Account]:
    """Four customers, one of whom left on 18 November, and the work about them.

    | name           | MRR      | score | risk | renews      | source   |
    | Acme Corp      | 2,50,000 | 85    | 10   | 15 Feb 2027 | Referral |
    | Beta Solutions | 1,20,000 | 45.9  | 80   | 15 Dec 2026 | Website  |
    | Gamma Tech     | 65,000   | 32    | 60   |             | Website  |
    | Epsilon        | 60,000 until 18 November | | | |
    """
    organization, user = member.organization, member.user
    with at(date(2026, 8, 3)):
        acme = an_account(
            member, f"Acme Corp{suffix}", "85", mrr=250_000, risk=10, segment="Enterprise", lead_source="Referral",
            contract_end=date(2027, 2, 15), owner=owner.user if owner else None,
        )  # fmt: skip
        beta = an_account(
            member, f"Beta Solutions{suffix}", "45.9", mrr=100_000, risk=80, size="large", lead_source="Website",
            contract_end=date(2026, 12, 15),
        )  # fmt: skip
        gamma = an_account(member, f"Gamma Tech{suffix}", "32", mrr=65_000, risk=60, lead_source="Website")
        epsilon = an_account(member, f"Epsilon{suffix}", "70", mrr=60_000)
    with at(date(2026, 11, 5)):
        update_account(account=beta, by=user, arr=Decimal(120_000 * 12))
        log_engagement(by=user, account=beta, type="call", title="Touch base")
    with at(date(2026, 11, 18)):
        churn_account(account=epsilon, by=user)
        a_ticket(
            beta, f"N7876768{suffix}", "VM resource increased", "critical", opened=NOON - timedelta(days=2, hours=3)
        )
        a_ticket(acme, f"N7867838{suffix}", "Domain help", "medium", opened=NOON - timedelta(days=2, hours=5))
    with at(TODAY):
        open_follow_up(
            by=user, account=acme, task_type="Renewal QBR", description="Discuss Q4",
            priority="high", due_at=NOON + timedelta(minutes=35),
        )  # fmt: skip
        open_follow_up(
            by=user, account=beta, task_type="Check in", priority="low",
            due_at=NOON + timedelta(days=1),
        )  # fmt: skip
        create_referral(
            organization=organization, by=user, account=acme, referred_company="NewTech Solutions",
            potential_mrr=Decimal(150_000), status="interested",
        )  # fmt: skip
        create_testimonial(
            organization=organization, by=user, account=acme, quote="Wow", has_consent=True, status="approved"
        )
    return {"acme": acme, "beta": beta, "gamma": gamma, "epsilon": epsilon}
