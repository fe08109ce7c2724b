"""Which conditions for an alert hold now: for all open accounts at once, in a constant number of queries.

A condition that an alert stands for already is judged more kindly than a new one, so that a score which swings
around a line rings once: see `_below`, `_fallen`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, Decimal

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from accounts.bands import BANDS, band
from accounts.enums import Band, TicketPriority
from accounts.selectors.engagement_analytics import cadences
from csplatform.formatting import counted, date_text, trimmed
from csplatform.models import Organization
from csplatform.periods import civil_date
from csplatform.periods import today as civil_today
from health.alert_kinds import AlertKind
from health.models import DailyMetrics, HealthSnapshot
from health.risk_factors import RENEWAL_DAYS
from health.selectors.account_records import account_records
from health.selectors.scorecard import health_scorecards

CHANGE_DAYS = 7
MARGIN = Decimal(2)
"""So far past a line a score counts at once; nearer to it, it has to stay across for a second day."""
WORST_FIRST = tuple(reversed([name for _, name in BANDS]))

Key = tuple[int, AlertKind]
Thresholds = Mapping[AlertKind, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One that holds, in figures and in words. `value` is how bad it is, `baseline` what it fell or rose from."""

    value: Decimal
    title: str
    description: str = ""
    baseline: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """An open account as the rules look at it; of a week ago and of yesterday what was shown then."""

    pk: int
    score: Decimal | None
    risk: Decimal
    ends_on: date | None
    made_on: date
    segment: str
    score_then: Decimal | None
    risk_then: Decimal | None
    score_yesterday: Decimal | None
    metrics_on: date | None


def alert_conditions(
    organization: Organization, thresholds: Thresholds, *, held: Mapping[Key, Decimal | None], now: datetime
) -> dict[Key, Condition]:
    """Every condition that holds, by account and kind. `held` are those with an alert already, and their baseline."""
    today = civil_today(organization, now=now)
    weighed_at = organization.churn_weights.values_list("created_at", flat=True).first()
    # Since the weights are others, a rise of the risk may be our own doing.
    is_weighed_anew = weighed_at is not None and civil_date(weighed_at, organization) > today - timedelta(CHANGE_DAYS)
    found: dict[Key, Condition] = {}
    facts = {each.pk: each for each in _facts(organization, today=today)}
    for each in facts.values():
        for kind, condition in _of_health(each, thresholds, held, today=today):
            if is_weighed_anew and kind is AlertKind.CHURN_RISK_JUMP and (each.pk, kind) not in held:
                continue
            found[each.pk, kind] = condition
    for account, count in _escalations(organization).items():
        if account in facts and count >= thresholds[AlertKind.SUPPORT_ESCALATION]:
            text = f"{counted(count, 'open ticket')} critical or escalated"
            found[account, AlertKind.SUPPORT_ESCALATION] = Condition(value=Decimal(count), title=text)
    found |= _gaps(organization, facts, thresholds[AlertKind.ENGAGEMENT_GAP], today=today)
    found |= _data_gaps(facts, thresholds[AlertKind.DATA_GAP], today=today)
    return found


# -- what is asked ----------------------------------------------------------------------------------


def _facts(organization: Organization, *, today: date) -> Iterator[_Facts]:
    counting = {segment: card.pk for segment, card in health_scorecards(organization).by_segment.items()}
    snapshots = HealthSnapshot.objects.primary().filter(account=OuterRef("pk")).order_by("-date")
    shown = JSONObject(score="effective_score", risk="churn_risk", scorecard="scorecard_id")
    week_ago, yesterday = today - timedelta(days=CHANGE_DAYS), today - timedelta(days=1)
    metrics = DailyMetrics.objects.filter(account=OuterRef("pk")).up_to(today).order_by("-date").values("date")
    rows = (
        organization.accounts.open()
        .order_by()
        .values_list(
            "pk",
            "health_score",
            "churn_risk_score",
            "contract_end",
            "created_at",
            "segment",
            Subquery(snapshots.up_to(week_ago).values(row=shown)[:1]),
            Subquery(snapshots.up_to(yesterday).values(row=shown)[:1]),
            Subquery(metrics[:1]),
        )
    )
    for pk, score, risk, ends_on, created_at, segment, *earlier, metrics_on in rows.iterator(chunk_size=5000):
        # By the scorecard that counts now: that we score in another way is no news of an account.
        then, before = (row if row and row["scorecard"] == counting[segment] else None for row in earlier)
        yield _Facts(
            pk=pk,
            score=score,
            risk=Decimal(risk),
            ends_on=ends_on,
            made_on=civil_date(created_at, organization),
            segment=segment,
            score_then=_decimal(then, "score"),
            risk_then=_whole(_decimal(then, "risk")),
            score_yesterday=_decimal(before, "score"),
            metrics_on=metrics_on,
        )


def _decimal(row: Mapping[str, float | None] | None, key: str) -> Decimal | None:
    value = row.get(key) if row else None
    return None if value is None else Decimal(str(value))


def _whole(risk: Decimal | None) -> Decimal | None:
    """As accounts showed it."""
    return None if risk is None else risk.to_integral_value(ROUND_FLOOR)


def _escalations(organization: Organization) -> dict[int, int]:
    grave = Q(priority=TicketPriority.CRITICAL) | Q(is_escalated=True)
    tickets = organization.tickets.open().filter(grave).order_by().values_list("account")
    return dict(tickets.annotate(count=Count("pk")))


# -- what holds -------------------------------------------------------------------------------------


def _of_health(
    each: _Facts, thresholds: Thresholds, held: Mapping[Key, Decimal | None], *, today: date
) -> Iterator[tuple[AlertKind, Condition]]:
    score = each.score
    if score is not None:
        if condition := _below(each, score, thresholds[AlertKind.HEALTH_BELOW], held):
            yield AlertKind.HEALTH_BELOW, condition
        if condition := _fallen(each, score, thresholds[AlertKind.BAND_CHANGE], held):
            yield AlertKind.BAND_CHANGE, condition
        if condition := _dropped(each, score, thresholds[AlertKind.HEALTH_DROP], held):
            yield AlertKind.HEALTH_DROP, condition
        limit = thresholds[AlertKind.RENEWAL_AT_RISK]
        if each.ends_on and 0 <= (each.ends_on - today).days <= RENEWAL_DAYS and score < limit:
            title = f"Renews on {date_text(each.ends_on)} with a health of {trimmed(score)}"
            yield AlertKind.RENEWAL_AT_RISK, Condition(value=limit - score, title=title)
    if condition := _jumped(each, thresholds[AlertKind.CHURN_RISK_JUMP], held):
        yield AlertKind.CHURN_RISK_JUMP, condition


def _below(each: _Facts, score: Decimal, limit: Decimal, held: Mapping[Key, Decimal | None]) -> Condition | None:
    """Two points under the line, or under it for a second day; it ends two points above it, or on a second day."""
    before = each.score_yesterday
    if (each.pk, AlertKind.HEALTH_BELOW) in held:
        holds = score < limit or (score < limit + MARGIN and (before is None or before < limit))
    else:
        holds = score <= limit - MARGIN or (score < limit and before is not None and before < limit)
    return (
        Condition(value=limit - score, title=f"Health is {trimmed(score)}, under {trimmed(limit)}") if holds else None
    )


def _fallen(each: _Facts, score: Decimal, margin: Decimal, held: Mapping[Key, Decimal | None]) -> Condition | None:
    """A worse band than a week ago. Once raised it lasts until the old band is reached again."""
    key = (each.pk, AlertKind.BAND_CHANGE)
    then = held.get(key, each.score_then)
    was, now = band(then), band(score)
    if then is None or was is None or now is None or WORST_FIRST.index(now) >= WORST_FIRST.index(was):
        return None
    edge = Decimal(_floor(was))
    stayed = each.score_yesterday is not None and each.score_yesterday < edge
    if key not in held and score > edge - margin and not stayed:
        return None
    title = f"Fell from {was.label} to {now.label}"
    return Condition(value=edge - score, title=title, description=_from_to(then, score), baseline=then)


def _dropped(each: _Facts, score: Decimal, limit: Decimal, held: Mapping[Key, Decimal | None]) -> Condition | None:
    """As many points as the rule says within a week. Once raised it lasts until half of them are made up for."""
    key = (each.pk, AlertKind.HEALTH_DROP)
    then = held.get(key, each.score_then)
    if then is None or then - score < (limit / 2 if key in held else limit):
        return None
    return Condition(
        value=then - score,
        title=f"Health fell {trimmed(then - score)} points",
        description=_from_to(then, score),
        baseline=then,
    )


def _jumped(each: _Facts, limit: Decimal, held: Mapping[Key, Decimal | None]) -> Condition | None:
    """The same for the churn risk, upwards."""
    key = (each.pk, AlertKind.CHURN_RISK_JUMP)
    then = held.get(key, each.risk_then)
    if then is None or each.risk - then < (limit / 2 if key in held else limit):
        return None
    rise = each.risk - then
    title = f"Churn risk rose {trimmed(rise)} points"
    return Condition(value=rise, title=title, description=_from_to(then, each.risk), baseline=then)


def _gaps(
    organization: Organization, facts: Mapping[int, _Facts], limit: Decimal, *, today: date
) -> dict[Key, Condition]:
    """None where the organisation writes no engagements down: nobody would know of one."""
    if not organization.engagements.exists():
        return {}
    allowed = cadences(organization)
    records = account_records(organization, organization.accounts.open(), today=today)
    silent = dict(zip(records.index.tolist(), records["days_without_engagement"].tolist(), strict=True))
    found: dict[Key, Condition] = {}
    for pk, days in silent.items():
        if pk not in facts:
            continue
        cadence = allowed[facts[pk].segment]
        if days > cadence * limit:
            times = Decimal(str(round(days / cadence, 2)))
            title = f"Nobody in touch for {counted(int(days), 'day')}"
            said = f"The cadence of its segment is {counted(cadence, 'day')}."
            found[pk, AlertKind.ENGAGEMENT_GAP] = Condition(value=times, title=title, description=said)
    return found


def _data_gaps(facts: Mapping[int, _Facts], limit: Decimal, *, today: date) -> dict[Key, Condition]:
    """Since the last metrics, or since the account came; none where no account has any."""
    if not any(each.metrics_on for each in facts.values()):
        return {}
    found: dict[Key, Condition] = {}
    for pk, each in facts.items():
        days = (today - (each.metrics_on or each.made_on)).days
        if days > limit:
            last = f"The last are of {date_text(each.metrics_on)}." if each.metrics_on else "There never were any."
            title = f"No metrics for {counted(days, 'day')}"
            found[pk, AlertKind.DATA_GAP] = Condition(value=Decimal(days), title=title, description=last)
    return found


def _floor(name: Band) -> int:
    return next(floor for floor, each in BANDS if each == name)


def _from_to(before: Decimal, now: Decimal) -> str:
    return f"From {trimmed(before)} to {trimmed(now)}."
