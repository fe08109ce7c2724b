"""How likely a customer is to speak for us."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from functools import lru_cache
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery

from accounts.advocacy_scores import Standing
from accounts.enums import TestimonialStatus
from accounts.models import Testimonial
from accounts.querysets import AccountQuerySet
from accounts.score_records import score_on
from accounts.selectors.support import open_on
from csplatform.history import states_at
from csplatform.models import Organization
from csplatform.periods import day_bounds, end_of_day, today
from health.models import DailyMetrics

HEALTH, NPS, TENURE, REFERENCES = 40, 30, 15, 15
LATE_DAYS, TENURE_DAYS = 30, 365
USABLE = (TestimonialStatus.APPROVED, TestimonialStatus.PUBLISHED)


def advocacy_scores(organization: Organization, accounts: AccountQuerySet, as_of: date) -> Sequence[Standing]:
    """40 for health, 30 for the NPS answer, 15 for more than a year with us, 15 for having been a reference.

    What is unknown brings nothing. Accounts with an escalated ticket open, or an invoice more than 30 days late, are
    not asked. Of a past day: entries dated up to it, and states as recorded at its close.

    PERFORMANCE: one query, whatever the number of accounts. Who is a reference, escalated or late is asked as a set,
    which the database works out once; their NPS answer is one look into an index each.
    """
    rows = accounts.order_by().annotate(
        shown_then=score_on(organization, as_of),
        nps_then=_newest_answer(as_of),
        is_tenured=_holds(_with_us_since_before(organization, as_of - timedelta(days=TENURE_DAYS))),
        is_reference=_holds(_references(organization, as_of)),
        is_escalated=_holds(Q(pk__in=_escalated(organization, as_of))),
        is_late=_holds(Q(pk__in=_late(organization, as_of))),
    )
    columns = ("shown_then", "nps_then", "is_tenured", "is_reference", "is_escalated", "is_late")
    found = []
    for key, name_key, shown, answer, is_tenured, is_reference, is_escalated, is_late in rows.values_list(
        "pk", "name_key", *columns
    ):
        health, nps = _health_points(shown), _nps_points(answer)
        tenure, reference = TENURE if is_tenured else 0, REFERENCES if is_reference else 0
        excluded = ""
        if is_escalated:
            excluded = "Escalated ticket open"
        elif is_late:
            excluded = f"Invoice more than {LATE_DAYS} days late"
        score = min(100, _floor(health + nps + tenure + reference))
        found.append(Standing(key, name_key, score, _floor(health), _floor(nps), tenure, reference, excluded))
    return found


# Scores have one decimal and answers are few: most accounts share theirs with others.


@lru_cache(maxsize=2048)
def _health_points(shown: Decimal | None) -> Decimal:
    return Decimal(shown or 0) * HEALTH / 100


@lru_cache(maxsize=2048)
def _nps_points(answer: float | None) -> Decimal:
    return Decimal(0) if answer is None else (Decimal(str(answer)) + 100) * NPS / 200


@lru_cache(maxsize=8192)
def _floor(points: Decimal) -> int:
    return int(points.to_integral_value(ROUND_FLOOR))


def _holds(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, output_field=BooleanField())


def _newest_answer(as_of: date) -> Subquery:
    answers = DailyMetrics.objects.filter(account=OuterRef("pk"), nps__isnull=False).up_to(as_of)
    return Subquery(answers.order_by("-date").values("nps")[:1])


def _with_us_since_before(organization: Organization, day: date) -> Q:
    """The contract's dates are those of its present term; who was here before has been with us longer."""
    return Q(contract_start__lt=day) | Q(created_at__lt=day_bounds(day, organization)[0])


def _references(organization: Organization, as_of: date) -> Q:
    """Accounts that have named a company, or whose words might be quoted at the close of the day."""
    referrers = organization.referrals.filter(opened_on__lte=as_of).order_by().values("account_id")
    usable = Q(status__in=USABLE)
    quotes: QuerySet[Any] = organization.testimonials.filter(usable).order_by()
    if as_of < today(organization):
        quotes = states_at(Testimonial, organization, end_of_day(as_of, organization), where=usable)
    return Q(pk__in=referrers) | Q(pk__in=quotes.values("account_id"))


def _escalated(organization: Organization, as_of: date) -> QuerySet[Any]:
    return open_on(organization, as_of, is_escalated=True).values("account_id")


def _late(organization: Organization, as_of: date) -> QuerySet[Any]:
    """PERFORMANCE: what was settled by the day is passed over before balances are worked out, in a query of its own:
    the index of what is open finds it."""
    unsettled = Q(settled_on=None) | Q(settled_on__gt=as_of)
    due = organization.invoices.filter(unsettled, due_date__lt=as_of - timedelta(days=LATE_DAYS)).order_by()
    owed = organization.invoices.standing_on(as_of).filter(pk__in=due.values("pk"))
    owed = owed.with_balance_on(as_of, today=today(organization)).filter(Q(balance__gt=0))
    return owed.order_by().values("account_id")
