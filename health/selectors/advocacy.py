"""How likely a customer is to speak for us."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal

from django.db.models import Q

from accounts.advocacy_scores import Advocate
from accounts.enums import TestimonialStatus
from accounts.querysets import AccountQuerySet
from accounts.score_records import score_on
from accounts.selectors.support import open_tickets_by_account
from csplatform.models import Organization
from csplatform.periods import civil_date, end_of_day, today
from health.models import DailyMetrics

HEALTH, NPS, TENURE, REFERENCES = 40, 30, 15, 15
LATE_DAYS = 30


def advocacy_scores(organization: Organization, accounts: AccountQuerySet, as_of: date) -> Sequence[Advocate]:
    """40 for health, 30 for the NPS answer, 15 for more than a year with us, 15 for having been a reference.

    What is unknown brings nothing. Accounts with an escalated ticket open, or an invoice more than 30 days late, are
    not asked. A constant number of queries.
    """
    rows = list(accounts.select_related("owner"))
    scores = dict(accounts.order_by().annotate(_shown=score_on(organization, as_of)).values_list("pk", "_shown"))
    answers = dict(
        DailyMetrics.objects.up_to(as_of)
        .filter(nps__isnull=False)
        .newest_of(accounts)
        .order_by()
        .values_list("account_id", "nps")
    )
    references = _references(organization, as_of)
    escalated = open_tickets_by_account(organization, as_of=as_of, escalated=True)
    late = _late(organization, as_of)
    found = []
    for account in rows:
        health = Decimal(scores.get(account.pk) or 0) * HEALTH / 100
        answer = answers.get(account.pk)
        nps = Decimal(0) if answer is None else (Decimal(str(answer)) + 100) * NPS / 200
        # The contract's dates are those of its present term; who was here before has been with us longer.
        since = min(account.contract_start or date.max, civil_date(account.created_at, organization))
        tenure = TENURE if since + timedelta(days=365) < as_of else 0
        reference = REFERENCES if account.pk in references else 0
        excluded = ""
        if account.pk in escalated:
            excluded = "Escalated ticket open"
        elif account.pk in late:
            excluded = f"Invoice more than {LATE_DAYS} days late"
        found.append(
            Advocate(
                account=account,
                score=min(100, _floor(health + nps + tenure + reference)),
                health_points=_floor(health),
                nps_points=_floor(nps),
                tenure_points=tenure,
                reference_points=reference,
                excluded=excluded,
            )
        )
    return found


def _references(organization: Organization, as_of: date) -> set[int]:
    """Accounts that have named a company, or whose words may be quoted."""
    end = end_of_day(as_of, organization)
    referrers = organization.referrals.filter(opened_on__lte=as_of).order_by().values_list("account_id", flat=True)
    usable = [TestimonialStatus.APPROVED, TestimonialStatus.PUBLISHED]
    quoted = organization.testimonials.filter(status__in=usable, created_at__lte=end).order_by()
    return {*referrers, *quoted.values_list("account_id", flat=True)}


def _late(organization: Organization, as_of: date) -> set[int]:
    invoices = organization.invoices.standing_on(as_of).with_balance_on(as_of, today=today(organization))
    late = invoices.filter(due_date__lt=as_of - timedelta(days=LATE_DAYS)).filter(Q(balance__gt=0))
    return set(late.order_by().values_list("account_id", flat=True))


def _floor(points: Decimal | int) -> int:
    return int(Decimal(points).to_integral_value(ROUND_FLOOR))
