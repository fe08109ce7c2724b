"""Writing one day of one account, as integrations report it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TypedDict, Unpack

from django.db import transaction
from django.utils import timezone

from accounts.models import Account
from csplatform.exceptions import InvalidInput
from csplatform.models import User
from csplatform.periods import today as civil_today
from health.models import DailyMetrics
from health.scoring import score_one
from health.services.override import set_override
from health.services.scorecard import scorecards_to_score_by
from health.services.scoring import recompute_health

OVERRIDE_REASON = "Posted as the overall health score of {day}"


class Measures(TypedDict, total=False):
    """What was measured; what is left out stays as it was."""

    logins: int | None
    adoption_pct: float | None
    tickets_open: int | None
    training_completion_pct: Decimal | None


@transaction.atomic
def report_day(
    *,
    account: Account,
    day: date,
    by: User | None,
    overall_score: Decimal | None = None,
    **measures: Unpack[Measures],
) -> tuple[DailyMetrics, bool]:
    """Write what was measured on a day, scored; returns the row and whether it is new.

    ``overall_score`` is somebody's own judgement: it is kept as an override from that day on, for two weeks.
    """
    organization = account.organization
    today = civil_today(organization)
    if day > today:
        sentence = f"must not lie ahead; today is {today.isoformat()}."
        raise InvalidInput(f"metric_date: {sentence}", errors={"metric_date": [sentence]})
    # The account is locked first, as everywhere: two posts of one day wait for each other here.
    organization.accounts.select_for_update(no_key=True).values_list("pk").get(pk=account.pk)
    row = account.daily_metrics.filter(date=day).first()
    is_new = row is None
    row = row or DailyMetrics(organization=organization, account=account, date=day)
    for name, value in measures.items():
        setattr(row, name, value)
    rules = scorecards_to_score_by(organization, now=timezone.now()).of(account).rules
    values: dict[str, float | None] = {key: getattr(row, key) for key in rules.columns}
    target = float(account.seats or organization.active_users_target)
    score = score_one(values | {"target": target}, rules).score
    row.health_score = None if score is None else Decimal(str(score))
    row.save()
    if overall_score is not None:
        reason = OVERRIDE_REASON.format(day=day.isoformat())
        set_override(account=account, score=overall_score, reason=reason, by=by, starts_on=day)
    else:
        recompute_health(organization=organization, today=today, account_ids=[account.pk])
    return row, is_new
