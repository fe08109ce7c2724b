"""Writing the demo: organisations and people, then accounts, revenue, metrics and scores as they came over time."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

import numpy as np
import pandas as pd
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.enums import ActivityKind
from accounts.models import Account, AccountTag, Tag
from accounts.names import name_key
from accounts.services.account import ACCOUNT_NUMBERS, churn_account
from billing.services.mrr import post_arr_changes
from csplatform import bulk, periods
from csplatform.models import Membership, Organization, User
from csplatform.services.organization import create_organization
from csplatform.services.sequence import take_numbers
from csplatform.services.team import create_team
from csplatform.services.user import create_user
from csplatform.tenancy import organization_scope
from health.models import DailyMetrics
from health.services.scoring import recompute_health, score_rows
from health.values import known_values
from insights.demo import data
from insights.demo.aftermath import write_aftermath
from insights.demo.alerts import look_back, write_alerts
from insights.demo.belongings import write_belongings
from insights.demo.customers import write_tax_profile
from insights.demo.documents import write_documents
from insights.demo.engagements import write_engagements
from insights.demo.morning import write_morning
from insights.demo.people import custom_values, define_fields, form_groups, write_contacts
from insights.demo.plays import write_plays, write_rules
from insights.demo.portfolio import AccountPlan, plan_portfolio
from insights.demo.pulses import write_pulses
from insights.demo.scorecards import draft_scorecards, score_customer_360_beside
from insights.demo.story import measures
from insights.demo.subscriptions import with_contract_life, write_subscriptions
from insights.services.insight import write_account_insight, write_portfolio_insight
from insights.writers.base import Wishes

OTHER_ACCOUNTS = 6
OTHER_DAYS = 120
ROWS = 20_000
"""Metrics rows written together, whatever the size of the demo: memory stays flat."""
OPENING = time(10)
WEEKLY, MONTHLY = timedelta(weeks=1), timedelta(weeks=4)
RECENT_WEEKS = 13
"""Scored weekly; what is older, every four weeks."""

Report = Callable[[float], None]
"""Told how much is done, from 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """An account as it was planned and as it was stored."""

    plan: AccountPlan
    pk: int
    at: int
    """Its place in the portfolio; seeds what is random about it alone."""


@transaction.atomic
def build_demo(*, accounts: int, days: int, seed: int, report: Report) -> list[Organization]:
    """Make both organisations, all or nothing, through the services that real ones use."""
    nimbus = _organization(data.NAME, data.SLUG, data.ADMIN)
    other = _organization(data.OTHER_NAME, data.OTHER_SLUG, data.OTHER_ADMIN)
    with organization_scope(other, write=True):
        _build_portfolio(other, accounts=OTHER_ACCOUNTS, days=OTHER_DAYS, seed=seed + 1, report=lambda _: None)
    with organization_scope(nimbus, write=True):
        _hire(nimbus)
        draft_scorecards(nimbus)
        _build_portfolio(nimbus, accounts=accounts, days=days, seed=seed, report=report)
        _write_insights(nimbus)
    return [nimbus, other]


def _organization(name: str, slug: str, admin: data.Person) -> Organization:
    return create_organization(
        name=name, slug=slug, email=admin.email, user_name=admin.name, password=data.PASSWORD, is_demo=True
    )


def _hire(organization: Organization) -> None:
    members = {}
    for person in data.COLLEAGUES:
        user = User.objects.filter(email=person.email).first() or create_user(
            email=person.email,
            name=person.name,
            # Colleagues without a demo login get a password that nobody knows.
            password=data.PASSWORD if person.may_sign_in else secrets.token_urlsafe(),
        )
        members[person] = Membership.objects.create(organization=organization, user=user, role=person.role)
    for name in dict.fromkeys(data.TEAM_OF_SEGMENT.values()):
        create_team(
            organization=organization,
            name=name,
            members=[member for person, member in members.items() if name in person.teams],
        )


def _write_insights(organization: Organization) -> None:
    """What the CSM kept this morning: about the portfolio, and about the first account."""
    by, now = User.objects.get(email=data.CSM.email), timezone.now()
    write_portfolio_insight(organization=organization, by=by, now=now, wishes=Wishes(), with_model=False)
    first = organization.accounts.get(number=1)
    write_account_insight(organization=organization, account=first, by=by, now=now, wishes=Wishes(), with_model=False)


def _build_portfolio(organization: Organization, *, accounts: int, days: int, seed: int, report: Report) -> None:
    today = periods.today(organization)
    plans = plan_portfolio(accounts=accounts, days=days, seed=seed, today=today)
    planned = _write_accounts(organization, with_contract_life(plans, seed=seed, today=today), seed=seed)
    write_subscriptions(
        organization,
        [(each.pk, each.at, each.plan) for each in planned],
        seed=seed,
        today=today,
        opening=partial(_opening, organization),
    )
    _write_documents(organization, planned, seed=seed, today=today)
    for share in _write_metrics(organization, planned, first=today - timedelta(days=days - 1), seed=seed):
        report(0.6 * share)
    bulk.refresh_statistics(uncommitted=True)
    for share in _live_through(organization, planned, days=days, today=today):
        report(0.6 + 0.4 * share)
    write_engagements(organization, days=days, seed=seed, now=timezone.now())
    write_morning(organization, seed=seed, now=timezone.now())
    write_belongings(organization, seed=seed, now=timezone.now())
    write_pulses(organization, seed=seed)
    bulk.refresh_statistics(uncommitted=True)
    score_customer_360_beside(organization)
    # Once more, now that there are tickets and engagements: they tell of leaving.
    recompute_health(organization=organization, today=today)
    write_alerts(organization, now=timezone.now())
    if organization.slug == data.SLUG:
        write_plays(organization, seed=seed, now=timezone.now())
        write_rules(organization, seed=seed, now=timezone.now())


def _write_documents(organization: Organization, planned: Sequence[Planned], *, seed: int, today: date) -> None:
    """A year of invoices where there is a finance team; elsewhere just the registration to begin with."""
    if organization.slug != data.SLUG:
        write_tax_profile(organization, today=today, with_filings=False)
        return
    write_documents(
        organization,
        [(each.pk, each.at, each.plan) for each in planned],
        seed=seed,
        today=today,
        opening=partial(_opening, organization),
    )
    finance = organization.memberships.filter(user__email="finance@demo.example").select_related("user").first()
    write_aftermath(organization, by=finance.user if finance else None, today=today)


# -- accounts ---------------------------------------------------------------------------------------


def _write_accounts(organization: Organization, plans: Sequence[AccountPlan], *, seed: int) -> list[Planned]:
    """Store the accounts as they stood before anyone left, with their first line of history, tags and revenue."""
    define_fields(organization)
    first = take_numbers(organization, ACCOUNT_NUMBERS, len(plans))
    numbers = range(first, first + len(plans))
    began = [_opening(organization, plan.started_on) for plan in plans]
    owners = dict(User.objects.filter(memberships__organization=organization).values_list("email", "pk"))
    teams = dict(organization.teams.values_list("name", "pk"))
    bulk.insert(
        Account,
        {
            "uuid": [plan.uuid for plan in plans],
            "number": list(numbers),
            "name": [plan.name for plan in plans],
            "name_key": [name_key(plan.name) for plan in plans],
            "external_id": [f"NC-{1000 + number}" for number in numbers],
            "segment": [plan.segment.value for plan in plans],
            "size": [plan.size.value for plan in plans],
            "region": [plan.region for plan in plans],
            "industry": [plan.industry for plan in plans],
            "lead_source": [plan.lead_source for plan in plans],
            "owner_id": [owners.get(plan.owner.email) if plan.owner else None for plan in plans],
            "team_id": [teams.get(plan.team) for plan in plans],
            "status": [plan.status.value for plan in plans],
            "arr": [plan.arr for plan in plans],
            "seats": [plan.seats for plan in plans],
            "contract_start": [plan.contract_start for plan in plans],
            "contract_end": [plan.contract_end for plan in plans],
            "contract_term_months": [12 for _ in plans],
            "custom_fields": [custom_values(plan, at=at, seed=seed) for at, plan in enumerate(plans)],
            "created_at": began,
            "updated_at": [_opening(organization, plan.changed_on) for plan in plans],
        },
        constants={
            "organization_id": organization.pk,
            "churn_reason": "",
            "churn_risk_score": 0,
        },
    )
    keys = dict(organization.accounts.values_list("number", "pk"))
    planned = [
        Planned(plan=plan, pk=keys[number], at=at)
        for at, (plan, number) in enumerate(zip(plans, numbers, strict=True))
    ]
    form_groups(planned)
    _write_first_history(organization, list(keys.values()))
    write_contacts(organization, planned, seed=seed, today=periods.today(organization))
    _write_tags(organization, planned)
    changes = [(each.pk, day, arr) for each in planned for day, arr in each.plan.arr_changes]
    post_arr_changes(organization=organization, changes=changes, cause="Demo data")
    return planned


def _write_first_history(organization: Organization, keys: Sequence[int]) -> None:
    """The first line of each account's history, dated on the day it came."""
    bulk.record_history(Account, keys, kind="+", by=None, reason="Demo data")
    Account.history.filter(organization=organization).update(history_date=F("created_at"))


def _write_tags(organization: Organization, planned: Sequence[Planned]) -> None:
    tags = {name: Tag.objects.create(organization=organization, name=name) for name in data.TAGS}
    AccountTag.objects.bulk_create(
        (
            AccountTag(organization=organization, account_id=each.pk, tag=tags[name])
            for each in planned
            for name in each.plan.tags
        ),
        batch_size=2_000,
    )


def _opening(organization: Organization, day: date) -> datetime:
    return datetime.combine(day, OPENING, organization.zone)


# -- metrics ----------------------------------------------------------------------------------------


def _write_metrics(
    organization: Organization, planned: Sequence[Planned], *, first: date, seed: int
) -> Iterator[float]:
    """Daily rows from `first`, or from when the account came, in pieces of about the same size."""
    frames: list[pd.DataFrame] = []
    for done, each in enumerate(planned, start=1):
        until = each.plan.reported_until or first - timedelta(days=1)
        days = pd.date_range(max(first, each.plan.started_on), until)
        if len(days):
            frames.append(_metrics_of(each, days, np.random.default_rng([seed, each.at])))
        if frames and (sum(map(len, frames)) >= ROWS or done == len(planned)):
            _insert_metrics(organization, pd.concat(frames))
            frames.clear()
            yield done / len(planned)


def _metrics_of(each: Planned, days: pd.DatetimeIndex, rng: np.random.Generator) -> pd.DataFrame:
    frame = measures(each.plan.arc, days, rng)
    arrs = pd.Series({pd.Timestamp(day): float(arr) for day, arr in each.plan.arr_changes})
    frame["arr"] = arrs.reindex(arrs.index.union(days)).ffill().reindex(days)
    return frame.assign(account_id=each.pk, target=each.plan.arc.seats, date=days.strftime("%Y-%m-%d"))


def _insert_metrics(organization: Organization, frame: pd.DataFrame) -> None:
    now = timezone.now()
    bulk.insert(
        DailyMetrics,
        {
            "account_id": frame["account_id"].tolist(),
            "date": frame["date"].tolist(),
            "daily_active_users": _counts(frame["daily_active_users"]),
            "tickets_open": _counts(frame["tickets_open"]),
            **{column: known_values(frame[column]) for column in ("adoption_pct", "nps", "login_rate", "arr")},
            "health_score": known_values(score_rows(frame)),
        },
        constants={"organization_id": organization.pk, "created_at": now, "updated_at": now},
    )


def _counts(column: pd.Series) -> list[int | None]:
    return [None if value is None else int(value) for value in known_values(column)]


# -- time -------------------------------------------------------------------------------------------


def _live_through(
    organization: Organization, planned: Sequence[Planned], *, days: int, today: date
) -> Iterator[float]:
    """Score the portfolio as it stood on past days, oldest first; who left by then is churned before that."""
    leaving = sorted(
        (each for each in planned if each.plan.churned_on), key=lambda each: each.plan.churned_on or today
    )
    dates = list(_scoring_days(days, today))
    for done, day in enumerate(dates, start=1):
        while leaving and leaving[0].plan.churned_on and leaving[0].plan.churned_on <= day:
            _churn(organization, leaving.pop(0))
        present = [each.pk for each in planned if each.plan.started_on <= day]
        recompute_health(organization=organization, today=day, account_ids=present)
        if day < today:
            look_back(organization, at=_opening(organization, day))
        yield done / len(dates)


def _scoring_days(days: int, today: date) -> Iterator[date]:
    first, recent = today - timedelta(days=days - 1), today - RECENT_WEEKS * WEEKLY
    past = [recent - MONTHLY * back for back in range(days // MONTHLY.days, 0, -1)]
    yield from (day for day in past if day > first)
    yield from (recent + WEEKLY * week for week in range(RECENT_WEEKS + 1) if recent + WEEKLY * week > first)


def _churn(organization: Organization, leaving: Planned) -> None:
    plan = leaving.plan
    account = organization.accounts.get(pk=leaving.pk)
    churn_account(account=account, by=None, on=plan.churned_on, reason=plan.churn_reason)
    if plan.churned_on:
        then = _opening(organization, plan.churned_on)
        account.history.filter(history_type="~").update(history_date=then)
        account.activities.filter(kind=ActivityKind.CHURN).update(occurred_at=then, created_at=then)
        organization.accounts.filter(pk=account.pk).update(updated_at=then)
