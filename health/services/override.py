"""Setting a health score by hand, for a while; and taking it back."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction

from accounts.enums import ActivityKind
from accounts.models import Account
from accounts.services.activity import Happening, record_activity
from csplatform.exceptions import DomainError, InvalidInput
from csplatform.formatting import date_text, trimmed
from csplatform.models import User
from csplatform.periods import today as civil_today
from health.models import HealthOverride
from health.models.override import REASON_LENGTH
from health.services.scoring import recompute_health

DEFAULT_DAYS = 14
MOST_DAYS = 366
TENTH = Decimal("0.1")


class NotScored(DomainError):
    code = "account_not_scored"
    message = "Churned and archived accounts are no longer scored, so there is nothing to override."


@transaction.atomic
def set_override(
    *,
    account: Account,
    score: Decimal,
    reason: str,
    by: User | None,
    expires_on: date | None = None,
    starts_on: date | None = None,
) -> HealthOverride:
    """Show ``score`` (0-100, one decimal) instead of the computed one, from ``starts_on`` (today) to ``expires_on``.

    Without an end it counts for two weeks. One that counts now is replaced. The account is scored again at once.
    """
    organization = account.organization
    today = civil_today(organization)
    stored = organization.accounts.select_for_update(no_key=True).get(pk=account.pk)
    if stored.is_archived or stored.is_churned:
        raise NotScored
    first = starts_on or today
    last = expires_on or first + timedelta(days=DEFAULT_DAYS)
    _refuse_what_cannot_be(score, reason.strip(), first, last, today=today)
    if first <= today <= last:
        _end(stored, today=today, by=by)
    override = HealthOverride(
        organization=organization,
        account=stored,
        score=score.quantize(TENTH),
        reason=reason.strip(),
        starts_on=first,
        expires_on=last,
        set_by=by,
    )
    override._history_user = by
    override.save()
    recompute_health(organization=organization, today=today, account_ids=[stored.pk])
    record_activity(
        Happening(
            account=stored,
            kind=ActivityKind.HEALTH,
            title=f"Health set to {trimmed(override.score)} by hand until {date_text(last)}",
            text=override.reason,
            by=by,
            subject=override,
        )
    )
    return override


@transaction.atomic
def end_override(*, account: Account, by: User | None) -> bool:
    """Show the computed score again; says whether anything was overridden."""
    organization = account.organization
    today = civil_today(organization)
    stored = organization.accounts.select_for_update(no_key=True).get(pk=account.pk)
    if not _end(stored, today=today, by=by):
        return False
    recompute_health(organization=organization, today=today, account_ids=[stored.pk])
    record_activity(Happening(account=stored, kind=ActivityKind.HEALTH, title="Health is computed again", by=by))
    return True


def _end(account: Account, *, today: date, by: User | None) -> int:
    ended = 0
    for override in account.health_overrides.covering(today):
        override.ended_on = today
        override._history_user = by
        override.save(update_fields=["ended_on", "updated_at"])
        ended += 1
    return ended


def _refuse_what_cannot_be(score: Decimal, reason: str, first: date, last: date, *, today: date) -> None:
    if not 0 <= score <= 100:
        raise InvalidInput(
            "score: takes a number from 0 to 100.", errors={"score": ["takes a number from 0 to 100."]}
        )
    if not reason:
        raise InvalidInput("reason: Say why.", errors={"reason": ["Say why."]})
    if len(reason) > REASON_LENGTH:
        sentence = f"takes at most {REASON_LENGTH} characters."
        raise InvalidInput(f"reason: {sentence}", errors={"reason": [sentence]})
    if first > today:
        raise InvalidInput("starts_on: must not lie ahead.", errors={"starts_on": ["must not lie ahead."]})
    if last < first or last > first + timedelta(days=MOST_DAYS):
        sentence = f"takes a day from {first.isoformat()} to {(first + timedelta(days=MOST_DAYS)).isoformat()}."
        raise InvalidInput(f"expires_on: {sentence}", errors={"expires_on": [sentence]})
