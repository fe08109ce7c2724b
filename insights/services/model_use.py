"""May the language model be asked, and what did it use: one row a wish, tokens set aside before they are spent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.models import Account
from csplatform.exceptions import InvalidInput
from csplatform.models import Organization, User
from csplatform.periods import civil_date, day_bounds, month_start
from insights.enums import CallOutcome, InsightKind
from insights.models import ModelCall, ModelSettings
from insights.models.model_use import MOST_DAILY_TOKENS


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUse:
    """Tokens of today and of this month, in the organisation's zone."""

    today: int
    month: int
    daily_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be written, for whom."""

    organization: Organization
    kind: InsightKind
    account: Account | None
    by: User | None
    prompt_version: str


def model_is_set_up() -> bool:
    """Whether whoever runs the installation has named a provider."""
    return bool(settings.OPENAI_API_KEY)


def model_settings(organization: Organization) -> ModelSettings:
    """The organisation's, or the usual ones that are not stored."""
    return ModelSettings.objects.filter(organization=organization).first() or ModelSettings(organization=organization)


def model_is_on(organization: Organization) -> bool:
    return model_is_set_up() and model_settings(organization).is_on


@transaction.atomic
def change_model_settings(*, organization: Organization, by: User, is_on: bool, daily_tokens: int) -> ModelSettings:
    """Switch the model on or off, and say how much it may use a day."""
    if not 0 <= daily_tokens <= MOST_DAILY_TOKENS:
        sentence = f"Takes 0 to {MOST_DAILY_TOKENS:,} tokens a day."
        raise InvalidInput(sentence, errors={"daily_tokens": [sentence]})
    found = model_settings(organization)
    found.is_on, found.daily_tokens, found._history_user = is_on, daily_tokens, by
    found.save()
    return found


@transaction.atomic
def set_aside(wish: Wish, *, tokens: int, now: datetime) -> ModelCall:
    """Write the call down before it is made, with an estimate of what it will use; over the budget it is not made."""
    held, _ = ModelSettings.objects.get_or_create(organization=wish.organization)
    held = ModelSettings.objects.select_for_update().get(pk=held.pk)
    opening = day_bounds(civil_date(now, wish.organization), wish.organization)[0]
    used = wish.organization.model_calls.tokens_since(opening)
    if used + tokens > held.daily_tokens:
        return note(wish, CallOutcome.BUDGET, now=now)
    return _write(wish, now=now, tokens_in=tokens)


def note(wish: Wish, outcome: CallOutcome, *, now: datetime) -> ModelCall:
    """Write down that nobody was asked, and why."""
    return _write(wish, now=now, outcome=outcome)


def settle(
    call: ModelCall, outcome: str, *, tokens_in: int, tokens_out: int, dropped: int = 0, milliseconds: int
) -> None:
    """What became of it, and what it really used."""
    call.outcome, call.tokens_in, call.tokens_out = outcome, tokens_in, tokens_out
    call.dropped, call.milliseconds = dropped, milliseconds
    call.save(update_fields=["outcome", "tokens_in", "tokens_out", "dropped", "milliseconds"])


def model_use(organization: Organization, *, now: datetime) -> ModelUse:
    today = civil_date(now, organization)
    calls = organization.model_calls
    return ModelUse(
        today=calls.tokens_since(day_bounds(today, organization)[0]),
        month=calls.tokens_since(day_bounds(month_start(today), organization)[0]),
        daily_tokens=model_settings(organization).daily_tokens,
    )


def _write(
    wish: Wish, *, now: datetime, outcome: CallOutcome = CallOutcome.UNDER_WAY, tokens_in: int = 0
) -> ModelCall:
    return ModelCall.objects.create(
        organization=wish.organization,
        kind=wish.kind,
        account=wish.account,
        by=wish.by,
        model=settings.OPENAI_MODEL,
        prompt_version=wish.prompt_version,
        outcome=outcome,
        tokens_in=tokens_in,
        created_at=now,
    )
