"""Saying how an account stands, in the eyes of whoever looks after it."""

from __future__ import annotations

from django.db import transaction

from accounts.enums import ActivityKind
from accounts.models import Account
from accounts.services.activity import Happening, record_activity
from csplatform.exceptions import InvalidInput
from csplatform.models import User
from csplatform.periods import today as civil_today
from health.enums import PulseRating
from health.models import Pulse
from health.models.pulse import NOTE_LENGTH
from health.services.override import NotScored
from health.services.scoring import recompute_health


@transaction.atomic
def set_pulse(*, account: Account, rating: int, by: User | None, note: str = "") -> Pulse:
    """Rate an account today, from 1 (bad) to 5 (excellent); a rating of the same day is replaced.

    The account is scored again at once; it counts where the scorecard gives the signal a weight.
    """
    organization, note = account.organization, note.strip()
    today = civil_today(organization)
    problems: dict[str, list[str]] = {}
    if rating not in PulseRating.values:
        problems["rating"] = ["is a whole number from 1 (bad) to 5 (excellent)."]
    if len(note) > NOTE_LENGTH:
        problems["note"] = [f"takes at most {NOTE_LENGTH} characters."]
    if problems:
        raise InvalidInput("The pulse can't be kept.", errors=problems)
    stored = organization.accounts.select_for_update(no_key=True).get(pk=account.pk)
    if stored.is_archived or stored.is_churned:
        raise NotScored
    pulse = stored.pulses.filter(date=today).first() or Pulse(organization=organization, account=stored, date=today)
    pulse.rating, pulse.note, pulse.set_by = rating, note, by
    pulse._history_user = by
    pulse.save()
    recompute_health(organization=organization, today=today, account_ids=[stored.pk])
    title = f"Pulse: {PulseRating(rating).label}, {rating} of 5"
    record_activity(Happening(account=stored, kind=ActivityKind.HEALTH, title=title, text=note, by=by))
    return pulse
